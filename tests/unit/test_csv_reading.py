"""CSV comes back as it was written, by whichever program; what is no CSV is refused in a sentence."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import csv_reading, tables
from models.traces import InputError

PLAIN = "text,label\nI love this film so much,good\nThe plot is a long and dull mess,bad\nWhat a lovely day,good\n"


def test_a_usual_file() -> None:
    table = csv_reading.read(PLAIN.encode())
    assert table.columns == ("text", "label")
    assert table.rows[1] == ("The plot is a long and dull mess", "bad")
    assert (table.first_line, table.notes) == (2, ())
    rows, texts = csv_reading.texts(table, "text")
    assert rows.tolist() == [0, 1, 2]
    assert texts[2] == "What a lovely day"


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    st.lists(st.tuples(cells, cells.filter(str.strip), cells), min_size=1, max_size=8),
    st.sampled_from([("excel", ","), ("excel", ";"), ("excel-tab", "\t"), ("unix", "|")]),
)
@settings(max_examples=150, deadline=None)
def test_what_pythons_writer_writes_comes_back(rows: list[tuple[str, str, str]], how: tuple[str, str]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, dialect=how[0], delimiter=how[1], quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two", "three"])
    writer.writerows(rows)
    table = csv_reading.read(file.getvalue().encode(), header=True)
    assert table.columns == ("one", "two", "three")
    assert table.rows == tuple(rows)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings(encoding: str) -> None:
    assert (
        csv_reading.read(("name,size\n" + "Gr\u00fc\u00dfe,1\n" * 3).encode(encoding)).rows[0][0] == "Gr\u00fc\u00dfe"
    )


def test_an_unmarked_encoding_is_guessed_and_said() -> None:
    text = (
        "Satz;Art\n"
        + "Die Bäume blühen schön im Frühling, wie früher;gut\nÜber Nacht fiel überall Schnee;schlecht\n" * 5
    )
    table = csv_reading.read(text.encode("cp1252"))
    assert table.rows[0] == ("Die Bäume blühen schön im Frühling, wie früher", "gut")
    assert len(table.notes) == 1
    assert "not in UTF-8" in table.notes[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Le café est fermé.,oui\nJ'ai très mal à la tête.,oui\nÇa ne va pas être facile.,non\n", "cp1252"),
        ("Não sei o que são.,a\nA ação não é fácil.,b\nOs pães estão à mesa.,a\nVocê já comeu maçã?,b\n", "cp1252"),
        ("La città è così bella.,a\nPerché non c'è più caffè?,b\nÈ già lunedì.,a\n", "latin-1"),
        ("Han får øl på båden.,a\nDet er køligt ude.,b\nÆbler og pærer.,a\n", "cp1252"),
        ("It’s “great” – really…,a\nI didn’t like it.,b\n", "cp1252"),
        ("Příliš žluťoučký kůň.,a\nČeská řeka.,b\n", "cp1250"),
        ("Сегодня идёт дождь.,a\nЯ люблю сыр.,b\n", "cp1251"),
        ("今日は雨が降っています,a\nラーメンが食べたい,b\n", "shift_jis"),
        ("今天下雨了,a\n我想吃面,b\n", "gb18030"),
        ("Übermäßig schön,a\nGrüße aus Köln,b\n", "utf-16-le"),
    ],
)
def test_letters_of_many_countries_come_back(text: str, encoding: str) -> None:
    table = csv_reading.read(text.encode(encoding), header=False)
    assert "".join(f"{','.join(row)}\n" for row in table.rows) == text


@pytest.mark.parametrize(
    ("text", "columns", "notes"),
    [
        ("I love it\nGreat film\nNot for me\n", ("Column 1",), 1),
        ("text\nI love it, really\nGreat film\n", ("text",), 0),
        ("1,2\n3,4\n", ("Column 1", "Column 2"), 1),
        ("x,y\n3,4\n", ("x", "y"), 0),
        ("good,bad\n", ("Column 1", "Column 2"), 1),
        ("good,I love it\ngood,I like it\nbad,I hate it\n", ("Column 1", "Column 2"), 1),
        ("x,x\n1,2\n", ("Column 1", "Column 2"), 1),
    ],
)
def test_whether_there_is_a_header(text: str, columns: tuple[str, ...], notes: int) -> None:
    table = csv_reading.read(text.encode())
    assert table.columns == columns
    assert len(table.notes) == notes
    assert len(csv_reading.read(text.encode(), header=False).rows) == len(text.splitlines())


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ("text;label\n" + "Well, it is;good\nNo, not I;bad\n" * 20, ("text", "label"), ("Well, it is", "good")),
        ("Well, it is\tgood\nNo, not I\tbad\n" * 20, ("Column 1", "Column 2"), ("Well, it is", "good")),
        ("1,5;2,3\n1,7;2,9\n" * 20, ("Column 1", "Column 2"), ("1,5", "2,3")),
        ("1,5\n2,3\n" * 20, ("Column 1", "Column 2"), ("1", "5")),
        ("sep=;\ntext;label\nhello, there my friend;a\nbye;b\n", ("text", "label"), ("hello, there my friend", "a")),
        ("sep=;\nhello, there;a\nbye, you;b\n", ("Column 1", "Column 2"), ("hello, there", "a")),
    ],
)
def test_the_separator_is_that_which_cuts_most_evenly(
    text: str, columns: tuple[str, ...], first: tuple[str, ...]
) -> None:
    table = csv_reading.read(text.encode())
    assert table.columns == columns
    assert table.rows[0] == first
    assert text.splitlines()[table.first_line - 1].startswith(first[0])


def test_a_table_as_pandas_writes_it_with_its_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["I like it very much", "A bad film", "Good"], "label": ["good", "bad", "good"]})
    table = csv_reading.read(frame.to_csv().encode())
    assert table.columns == ("Column 1", "text", "label")
    assert csv_reading.texts(table, "text")[1] == frame["text"].tolist()


def test_columns_of_one_name_can_each_be_asked_for() -> None:
    table = csv_reading.read(b"a,a,,a (2)\nw,x,y,z\n", header=True)
    assert table.columns == ("a", "a (2)", "Column 3", "a (2) (2)")
    assert [csv_reading.texts(table, name)[1] for name in table.columns] == [["w"], ["x"], ["y"], ["z"]]


def test_quotes_that_make_no_sense_are_said() -> None:
    table = csv_reading.read(b'text,label\n"fine",a\n"bad"x,b\n')
    assert len(table.rows[0]) == 1
    assert any("quotes" in note for note in table.notes)


def test_lines_of_text_are_one_column_even_with_commas_and_quotes() -> None:
    text = 'Well, yes, it is.\n"No," he said, "never".\nWhy not\n'
    assert [cells for (cells,) in csv_reading.read(text.encode()).rows] == text.splitlines()


def test_a_formula_is_a_text_and_leaves_as_one() -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    table = csv_reading.read(("text,label\n" + "".join(f'"{cell}",x\n' for cell in formulas)).encode())
    assert csv_reading.texts(table, "text")[1] == formulas
    written = tables.csv({"file": "=1"}, ["text"], [[cell] for cell in formulas]).decode()
    for line, cell in zip(written.splitlines()[2:], formulas, strict=True):
        (inside,) = next(csv.reader([line]))
        assert inside.startswith('"')  # JSON's quotation mark: no spreadsheet takes it for a formula
        assert json.loads(inside) == cell


def test_cells_without_a_value_are_left_out() -> None:
    table = csv_reading.read(b"text,label\nhello there,a\nNaN,a\n,b\nnone,b\nhi again,b\n")
    rows, texts = csv_reading.texts(table, "text")
    assert rows.tolist() == [0, 4]
    assert texts == ["hello there", "hi again"]
    with pytest.raises(InputError, match="has no texts"):
        csv_reading.texts(csv_reading.read(b"text,label\n,a\nNaN,a\n"), "text")


def test_numbers_are_vectors() -> None:
    table = csv_reading.read(b"word,a,b\nking,1,-2.5\nqueen,1e3,0\n")
    found = csv_reading.vectors(table, ["a", "b"])
    assert found.dtype == np.float32
    assert found.tolist() == [[1, -2.5], [1000, 0]]


def test_columns_of_numbers_are_found_missing_ones_included() -> None:
    table = csv_reading.read(b"word,a,year,b\nking,1,1900s,nan\nqueen,x,1901,2\nhen,3,,4\n", header=True)
    assert csv_reading.numeric(table) == ["a", "b"]


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e39", "x", ""])
def test_what_is_no_finite_number_is_no_vector(cell: str) -> None:
    table = csv_reading.read(f"word,a\nking,1\nqueen,{cell}\n".encode(), header=True)
    with pytest.raises(InputError, match=r"Row 2 has .* in the column “a”"):
        csv_reading.vectors(table, ["a"])


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"", "empty"),
        (b"\n \n\r\n", "empty"),
        (b"PK\x03\x04rest", "spreadsheet or another zip"),
        (b"%PDF-1.7", "a PDF"),
        (b"text\0more\n", "NUL"),
        (b"\xff\xfea", "begins as utf-16"),
        (bytes(np.random.default_rng(0).integers(1, 256, 5_000, np.uint8)), "can't be told from its bytes"),
        (b"a,b\n1,2\n" * 20 + b"1,2,3\n", "Line 41 has 3 cells and most others have 2"),
        (b"a,b\n" + b"1,2\n" * 300 + b'1,"2\n', "Line 302 can't be read as CSV"),
        (b"a,b\n" + b"1,2\n" * 10_001, "more than 10,000 rows"),
        (b"x" * 20_000_001, "at most 20 MB"),
        (",".join("abc" for _ in range(3_000)).encode(), "3,000 columns"),
    ],
)
def test_what_is_no_csv_is_refused_in_a_sentence(blob: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        csv_reading.read(blob)


def test_a_header_alone_is_refused() -> None:
    with pytest.raises(InputError, match="no rows below"):
        csv_reading.read(b"a,b\n", header=True)


def test_a_gigabyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError, match="1,000 MB"):
        csv_reading.check_size(10**9)


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(InputError, match="no column “nothing”; this file has: text, label"):
        csv_reading.texts(csv_reading.read(PLAIN.encode()), "nothing")


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_table_or_a_sentence(blob: Any) -> None:
    try:
        table = csv_reading.read(blob)
    except InputError:
        return
    assert {len(cells) for cells in table.rows} == {len(table.columns)}


def test_our_own_files_are_read_again() -> None:
    written = tables.csv({"model": "smollm2-135m", "text": "a, b"}, ["text", "group"], [["one", "x"], ["=two", "x"]])
    found = csv_reading.read(written)
    assert (found.columns, found.rows) == (("text", "group"), (("one", "x"), ("=two", "x")))
    assert any("begin with #" in note for note in found.notes)
    hashtags = csv_reading.read(b"#happy day\n#sad day\n")
    assert [row[0] for row in hashtags.rows] == ["#happy day", "#sad day"]
