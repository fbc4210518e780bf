"""How does a whole vocabulary leave? As CSV for a spreadsheet, as JSON for a script: every entry, every byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from models import tables
from models.traces import Vocabulary

COLUMNS: Final = ("id", "piece", "bytes", "text", "characters", "kind", "script", "reachable")

Row = tuple[int, str, str, str, int, str, str, bool | None]


def csv(vocabulary: Vocabulary, origin: Mapping[str, str]) -> bytes:
    """One line for each entry; bytes in hexadecimal, `reachable` 1, 0, or empty where it isn't a BPE."""
    rows = ((*row[:-1], None if row[-1] is None else int(row[-1])) for row in _rows(vocabulary))
    return tables.csv(origin, COLUMNS, rows)


def json_(vocabulary: Vocabulary, origin: Mapping[str, str]) -> bytes:
    """`{"made by": ..., "columns": [...], "entries": [[...], ...]}`."""
    document = {"made by": "Orrery", **origin, "columns": COLUMNS, "entries": list(_rows(vocabulary))}
    return json.dumps(document, separators=(",", ":")).encode()


def _rows(vocabulary: Vocabulary) -> Iterator[Row]:
    never = None if vocabulary.unreachable is None else set(vocabulary.unreachable.tolist())
    columns = (vocabulary.ids.tolist(), vocabulary.pieces, vocabulary.raw, vocabulary.texts)
    rest = (vocabulary.characters.tolist(), vocabulary.kinds, vocabulary.scripts)
    for number, piece, raw, text, characters, kind, script in zip(*columns, *rest, strict=True):
        yield number, piece, raw.hex(), text, characters, kind, script, None if never is None else number not in never
