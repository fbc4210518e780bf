"""How does a table leave for a spreadsheet?

As CSV in UTF-8 below lines with "#" that say where it comes from. A text is written as JSON writes it
(`export.quoted`), so that no cell is taken for a formula and `json.loads` of the cell gives the text back exactly.

    pandas.read_csv(file, comment="#")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models.export import quoted


def csv(origin: Mapping[str, str], columns: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    """One line for each row; None is an empty cell."""
    lines = [f"# {name}: {quoted(value)}" for name, value in origin.items()]
    lines.append(",".join(columns))
    lines += [",".join(map(_cell, row)) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return '"' + quoted(value).replace('"', '""') + '"'
    return "" if value is None else repr(value)
