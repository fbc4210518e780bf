"""Which texts does the visitor mean: pasted lines, a column of a CSV file, or vectors that they already have?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import background, csv_reading, sentence_sets, sentences
from models.csv_reading import CsvTable
from models.traces import InputError
from viz import page
from viz.embedding_words import sentences as words

LINES, COLUMN, VECTORS = "lines", "a CSV column", "vectors in a CSV"
HEADERS: Final[dict[str, bool | None]] = {"found out": None, "names the columns": True, "is data": False}
NO_COLUMN: Final = "no column"
LONG_LINK: Final = 60_000  # characters


@dataclass(frozen=True)
class Texts:
    """What the visitor brings."""

    title: str
    lines: tuple[str, ...]
    places: NDArray[np.int64]  # [text] where each stands: its line or row, from 0
    known: Mapping[int, str] = field(default_factory=dict)  # labels that came with the texts
    given: Mapping[int, str] = field(default_factory=dict)  # those of them that the classifier begins with
    vectors: NDArray[np.float32] | None = None  # [text, dimension] where they came, too
    origin: str = LINES  # lines, or which columns of which file: labels given to the ones are none of the others'


def choose() -> str:
    """Where the texts come from, chosen in the current container."""
    return page.choose("Texts from", (LINES, COLUMN, VECTORS), key="texts", help=words.TEXTS)


def get(kind: str) -> Texts:
    """The texts, asked for in the current container.

    Raises:
        InputError: there are none, or the file can't be used.
    """
    return _pasted() if kind == LINES else _file(kind)


def _pasted() -> Texts:
    text = page.type_text("Texts, one a line", sentence_sets.EXAMPLE, key="text", help=words.LINES)
    lines = tuple(sentences.lines_of(text))
    if not lines:
        raise InputError("There is no text; paste some, one a line.")
    size = len(quote(text))
    if size > LONG_LINK:
        st.caption(words.LONG_LINK.format(size=size / 1000))
    places = np.arange(len(lines))
    if "\n".join(lines) != sentence_sets.EXAMPLE:
        return Texts(f"{len(lines):,} pasted {'lines' if len(lines) > 1 else 'line'}", lines, places)
    return Texts(words.EXAMPLE, lines, places, sentence_sets.EXAMPLE_LABELS, sentence_sets.FIRST_LABELS)


def _file(kind: str) -> Texts:
    megabytes = csv_reading.MAX_BYTES // 1_000_000
    file = st.file_uploader(
        "CSV file", ["csv", "tsv", "txt"], key="csv file", max_upload_size=megabytes, help=words.FILE
    )
    header = page.choose("The first row", tuple(HEADERS), key="header", help=words.HEADER_ROW)
    if file is None:
        raise InputError(
            f"Choose a CSV file of up to {megabytes} MB and {csv_reading.MAX_ROWS:,} rows; a link can't carry it."
        )
    table = _read(file, HEADERS[header])
    if table is None:
        raise InputError("The file hasn't been read; run it again, or choose another one.")
    for note in table.notes:
        st.caption(page.plain(note))
    return _column(table, file.name) if kind == COLUMN else _vectors(table, file.name)


def _read(file: Any, header: bool | None) -> CsvTable | None:
    csv_reading.check_size(file.size)
    blob: bytes = file.getvalue()
    key = f"csv {hashlib.sha256(blob).hexdigest()} {header}"
    work = background.QUICK.submit(key, lambda: csv_reading.read(blob, header=header), "Reading the file")
    return page.wait(work, key)


def _column(table: CsvTable, name: str) -> Texts:
    """One column's texts, and the labels in another."""
    wordy = max(table.columns, key=lambda column: _letters(table, column))
    columns = sorted(table.columns, key=lambda column: column != wordy)
    column = page.choose("Column of texts", columns, key="field")
    beside = [other for other in table.columns if other not in (column, NO_COLUMN)]
    labels = page.choose("Column of labels", (NO_COLUMN, *beside), key="label_field", help=words.LABEL_FIELD)
    rows, texts = csv_reading.texts(table, column)
    lines = tuple(" ".join(text.splitlines()).strip() for text in texts)
    if len(rows) < len(table.rows):
        st.caption(f"{len(table.rows) - len(rows):,} of {len(table.rows):,} rows have nothing there and are left out.")
    known: dict[int, str] = {}
    if labels in table.columns and labels != column:
        of, names = csv_reading.texts(table, labels)
        named = dict(zip(of.tolist(), names, strict=True))
        known = {number: named[row].strip() for number, row in enumerate(rows.tolist()) if row in named}
    title = f"{len(lines):,} rows of {name}, column {column}"
    return Texts(title, lines, rows, known, known, origin=repr((name, column, labels)))


def _vectors(table: CsvTable, name: str) -> Texts:
    """The numbers in a file, and what the points are called."""
    numbers = csv_reading.numeric(table)
    if not numbers:
        raise InputError(
            "No column of this file holds numbers such as 1.5, with a point and no comma; for texts, choose "
            "“a CSV column”."
        )
    others = [column for column in table.columns if column not in {*numbers, NO_COLUMN}]
    column = page.choose("Column of names", (*others, NO_COLUMN), key="field", help=words.NAMES)
    vectors = csv_reading.vectors(table, numbers)
    place = table.columns.index(column) if column in table.columns else None
    cells: Sequence[str] = ["" if place is None else " ".join(row[place].split()) for row in table.rows]
    lines = tuple(cell or f"row {number + 1:,}" for number, cell in enumerate(cells))
    title = f"{len(lines):,} vectors of {len(numbers):,} numbers from {name}"
    return Texts(title, lines, np.arange(len(lines)), vectors=vectors, origin=name)


def _letters(table: CsvTable, column: str) -> int:
    """How much text stands in a column, and numbers are none."""
    place = table.columns.index(column)
    return sum(map(str.isalpha, "".join(cells[place] for cells in table.rows[:200])))
