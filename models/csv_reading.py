"""What is in a CSV file that somebody brings?

Texts in rows and columns, and nothing else: a cell that begins with = + - or @, which a spreadsheet would take for a
formula, is the text that it is. Programs write CSV in many ways (RFC 4180 says how it should be), so what is not
written in the file is found out, and `notes` says what was:

    encoding     a byte-order mark, else UTF-8 if it is that, else the guess of charset-normalizer among `UNMARKED`,
                 or Windows-1252, the most frequent of them, where that reads as much like a language
    separator    a first line such as "sep=;" (Excel's), else that of tab ; | , which cuts the most rows, nearly all at
                 least, into the same number of cells, the most of them, two at least; a comma between digits is a
                 decimal one where another separator does it. Where none does, each row (or, where quotes make no sense
                 either, each line) is one text
    header       a first row of short names, all different and no numbers, over a column that is of another kind: of
                 numbers, of values that come again, or of texts twice as long as the name. Less than half of the
                 names may be missing, as pandas leaves out that of its index
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from models.traces import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BYTES: Final = 20_000_000
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 2_000
SEPARATORS: Final = "\t;|,"  # of two that cut equally well the earlier, which is rarer inside texts
SAMPLE: Final = 200  # rows from which the separator is told
LONG: Final = 60  # characters; the names in a header are shorter
ONE_CELL: Final = "\x1f"  # no text holds this character, so that nothing is cut
GIVEN: Final = re.compile(r"sep=([,;\t|])[ \t]*(?=[\r\n])", re.IGNORECASE)
ORIGIN: Final = re.compile(r"(?:# [\w ]+: [^\r\n]*(?:\r\n|\r|\n))+")  # what `models.tables` writes above its columns
NOTHING: Final = {"", "nan", "na", "n/a", "null", "none"}  # how programs write that a cell has no value
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN: Final = "cp1252"
# What spreadsheets write without a mark, by country and system; more of them would only mislead the guess.
UNMARKED: Final = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "koi8_r", "mac_roman"),
    *("cp932", "cp949", "big5", "gb18030", "utf_16_le", "utf_16_be"),
]
# How files begin that a spreadsheet or a statistics program may have written instead.
OTHERS: Final = (
    (b"PK\x03\x04", "a spreadsheet or another zip file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "packed (gzip)"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True)
class CsvTable:
    """A CSV file as texts."""

    columns: tuple[str, ...]  # the header's names, or "Column 1" and so on
    rows: tuple[tuple[str, ...], ...]  # [row][column]
    first_line: int  # of the file, from 1, in which the first of `rows` stands
    notes: tuple[str, ...]  # sentences: what was found out and not written in the file


def check_size(size: int) -> None:
    """Refuse a file by its size in bytes, before it is read.

    Raises:
        InputError: it is too large.
    """
    if size > MAX_BYTES:
        raise InputError(
            f"This file has {size / 1e6:,.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read, so save a part of it."
        )


def read(blob: bytes, *, header: bool | None = None) -> CsvTable:
    """The rows of a CSV file.

    Args:
        blob: the file.
        header: whether its first row names the columns; None: find out.

    Raises:
        InputError: it is too large, no text, empty, or not cut into cells evenly.
    """
    check_size(len(blob))
    text, encoding = _decode(blob)
    origin = ORIGIN.match(text)
    if origin:  # the empty lines that stay keep the lines' numbers
        text = "\n" * len(origin[0].splitlines()) + text[origin.end() :]
    if given := GIVEN.match(text):
        separator, quoting = given[1], True
        text = text[given.end() :]  # the empty line that stays keeps the lines' numbers
    else:
        separator, quoting = _separator(text)
    records = _records(text, separator, quoting, limit=MAX_ROWS + 2)  # with a header, one row too many
    if origin:
        records = [(line, [_unquoted(cell) for cell in cells]) for line, cells in records]
    if not records:
        raise InputError("This file is empty; it needs one row at least.")
    widths = Counter(len(cells) for _, cells in records)
    width = widths.most_common(1)[0][0]
    if width > MAX_COLUMNS:
        raise InputError(f"This file has {width:,} columns; at most {MAX_COLUMNS:,} are read.")
    for line, cells in records:
        if len(cells) != width:
            raise InputError(
                f"Line {line:,} has {len(cells):,} cells and most others have {width:,}; "
                "put a cell that holds a separator or a line break in double quotes."
            )
    notes = ["The first lines, which begin with #, say where the file is from, and are left out."] if origin else []
    if encoding not in {"utf-8", *(name for _, name in MARKS)}:  # written in the file, or as good as that
        notes.append(
            f"The file is not in UTF-8; it was read as {encoding}, by a guess. "
            "If letters look wrong, save it as CSV in UTF-8."
        )
    if not quoting:
        notes.append("The double quotes in this file don't match, so each line is one text.")
    guessed = header is None
    if _has_header([cells for _, cells in records]) if header is None else header:
        columns = _names(records.pop(0)[1])
    else:
        columns = tuple(f"Column {number + 1}" for number in range(width))
        if guessed:
            notes.append("The first row looks like data, so the columns are numbered.")
    if not records:
        raise InputError("This file has a header and no rows below it; it needs one at least.")
    if len(records) > MAX_ROWS:
        raise InputError(f"This file has more than {MAX_ROWS:,} rows, which are all that is read; save a part of them.")
    return CsvTable(columns, tuple(tuple(cells) for _, cells in records), records[0][0], tuple(notes))


def texts(table: CsvTable, column: str) -> tuple[NDArray[np.int64], list[str]]:
    """One column's texts, and the rows that they stand in; cells without a value (empty, NaN) are left out.

    Raises:
        InputError: there is no such column, or nothing in it.
    """
    place = _column(table, column)
    cells = [(row, cells[place]) for row, cells in enumerate(table.rows) if cells[place].strip().lower() not in NOTHING]
    if not cells:
        raise InputError(f"The column {_shown(column)} has no texts; choose another one.")
    return np.array([row for row, _ in cells], dtype=np.int64), [text for _, text in cells]


def numeric(table: CsvTable) -> list[str]:
    """The columns that hold numbers in most of their rows; a missing one (NaN) counts, for `vectors` to tell where."""
    return [
        name
        for place, name in enumerate(table.columns)
        if 2 * sum(_is_number(cells[place]) for cells in table.rows) > len(table.rows)
    ]


def vectors(table: CsvTable, columns: list[str]) -> NDArray[np.float32]:
    """float32 [row, column] the numbers in some columns.

    Raises:
        InputError: a cell holds no number, or one that is not finite.
    """
    places = [_column(table, column) for column in columns]
    found = np.empty((len(table.rows), len(places)), dtype=np.float64)
    for row, cells in enumerate(table.rows):
        for number, place in enumerate(places):
            try:
                found[row, number] = float(cells[place])
            except ValueError:
                found[row, number] = math.nan
            if not abs(found[row, number]) <= np.finfo(np.float32).max:
                raise InputError(
                    f"Row {row + 1:,} has {_shown(cells[place])} in the column {_shown(columns[number])}, "
                    "which is no finite number; correct it or leave the row out."
                )
    return found.astype(np.float32)


def _unquoted(cell: str) -> str:
    """The text in a cell that `models.tables` wrote: as JSON, so that no spreadsheet takes it for a formula."""
    if not cell.startswith('"'):
        return cell
    try:
        text = json.loads(cell)
    except ValueError:
        return cell
    return text if isinstance(text, str) else cell


def _decode(blob: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding."""
    for beginning, what in OTHERS:
        if blob.startswith(beginning):
            raise InputError(f"This file is {what}, not CSV; save it as CSV in UTF-8.")
    encoding = next((name for mark, name in MARKS if blob.startswith(mark)), "utf-8")
    try:
        return _clean(blob.decode(encoding)), encoding
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(f"This file begins as {encoding} and isn't that; save it as CSV in UTF-8.") from error
    from charset_normalizer import from_bytes

    guesses = from_bytes(blob, cp_isolation=UNMARKED)
    best = guesses.best()
    if best is None:
        raise InputError("This file's letters can't be told from its bytes; save it as CSV in UTF-8.")
    western = next((guess for guess in guesses if WESTERN in guess.could_be_from_charset), None)
    if western is not None and western.coherence >= best.coherence:
        return _clean(str(western)), WESTERN
    return _clean(str(best)), best.encoding


def _clean(text: str) -> str:
    if "\0" in text:
        raise InputError("This file holds characters that are no text (NUL); save it as CSV in UTF-8.")
    return text


def _separator(text: str) -> tuple[str, bool]:
    """The separator, by the rule in this module's head, and whether double quotes enclose cells."""
    found: dict[str, tuple[float, int]] = {}  # separator -> share of the rows that it cuts evenly, cells of each
    for separator in SEPARATORS:
        widths = _widths(text, separator)
        width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
        if width > 1 and count >= 0.9 * len(widths):
            found[separator] = (count / len(widths), width)
    if len(found) > 1 and not re.search(r"(?<!\d),|,(?!\d)", text):
        found.pop(",", None)
    if found:
        return max(found, key=found.__getitem__), True
    return ONE_CELL, bool(_widths(text, ONE_CELL) or not text.strip())


def _widths(text: str, separator: str) -> list[int]:
    """[row] cells in each of the first rows; none where double quotes stand in the way."""
    try:
        return [len(cells) for _, cells in _records(text, separator, quoting=True, limit=SAMPLE)]
    except InputError:
        return []


def _records(text: str, separator: str, quoting: bool, limit: int | None = None) -> list[tuple[int, list[str]]]:
    """The rows that aren't empty, each with the line of the file in which it begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
        strict=True,
    )
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line, cells))
            line = reader.line_num + 1
            if limit is not None and len(records) == limit:
                break
    except csv.Error as error:
        raise InputError(
            f"Line {line:,} can't be read as CSV: a cell is too long, or its double quotes don't match; "
            "write a double quote inside a cell twice."
        ) from error
    return records


def _has_header(records: list[list[str]]) -> bool:
    """Whether the first row names the columns, by the rule in this module's head."""
    names = [name for cell in records[0] if (name := cell.strip())]
    if 2 * len(names) <= len(records[0]) or len(set(names)) < len(names):
        return False
    if any(len(name) > LONG or _is_number(name) for name in names):
        return False
    for name, *cells in zip(*records, strict=True):
        filled = [cell.strip() for cell in cells if cell.strip().lower() not in NOTHING]
        if not name.strip() or name.strip() in filled or not filled:
            continue
        if all(map(_is_number, filled)) or len(set(filled)) <= len(filled) / 2:
            return True
        if sum(map(len, filled)) > 2 * len(name.strip()) * len(filled):
            return True
    return False


def _names(header: list[str]) -> tuple[str, ...]:
    """The columns' names, each other than all before it, so that every column can be asked for."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = once = cell.strip() or f"Column {number}"
        count = 1
        while name in names:
            count += 1
            name = f"{once} ({count})"
        names.append(name)
    return tuple(names)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column(table: CsvTable, column: str) -> int:
    if column not in table.columns:
        raise InputError(f"There is no column {_shown(column)}; this file has: {', '.join(table.columns[:10])}.")
    return table.columns.index(column)


def _shown(text: str) -> str:
    """A short quotation in a sentence."""
    short = text if len(text) <= LONG else text[:LONG] + "\N{HORIZONTAL ELLIPSIS}"
    return f"\N{LEFT DOUBLE QUOTATION MARK}{short}\N{RIGHT DOUBLE QUOTATION MARK}"
