"""How fast is it? `python -m benchmarks [MODULE ...]` measures, and prints one table.

Each module of this folder that has a `rows()` is measured, in alphabetical order: add a file, and it is in the table.
A ratio is ours over a reference that was measured beside it in the same run, so that it holds on other machines too.
The exit status is 1 if a target is missed or a module can't be measured.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

from benchmarks.row import Row
from models import engine

HEAD = ("what", "ours", "reference", "ratio", "target", "")


def cells(row: Row) -> tuple[str, ...]:
    """The row as the table shows it."""
    reference = "" if row.reference is None else f"{row.reference:.4g} {row.unit} ({row.against})"
    target = "" if row.at_most is None else f"≤ {row.at_most:g}" + (f" {row.unit}" if row.ratio is None else "")
    mark = {None: "", True: "met", False: "MISSED"}[row.met]
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
    return row.name, f"{row.ours:.4g} {row.unit}", reference, ratio, target, mark


def main(wanted: list[str]) -> int:
    """Measures the modules named, or all of them; the number of targets missed and modules failed."""
    engine.current()  # sets the process up as the app does, before any module imports torch
    missed = 0
    table: list[tuple[str, ...]] = [HEAD]
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem.startswith("_") or file.stem == "row" or (wanted and file.stem not in wanted):
            continue
        print(f"measuring {file.stem} ...", file=sys.stderr, flush=True)
        try:
            for row in importlib.import_module(f"benchmarks.{file.stem}").rows():
                missed += row.met is False
                table.append(cells(row))
        except Exception:  # the other modules' figures are wanted all the same
            traceback.print_exc()
            missed += 1
            table.append((f"{file.stem}: could not be measured", "", "", "", "", "FAILED"))
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    for number, line in enumerate(table):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    return missed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
