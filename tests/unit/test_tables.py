"""A table leaves for a spreadsheet and comes back as it was, and no cell of it is a formula."""

from __future__ import annotations

import io
import json

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models import tables

CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(st.integers(-(2**53), 2**53), CELLS, st.floats(allow_nan=False)), min_size=1, max_size=5))
def test_what_is_written_is_read_back(rows: list[tuple[int, str, float]]) -> None:
    blob = tables.csv({"text": "a,\n#b"}, ("number", "words", "value"), rows)
    table = pd.read_csv(io.BytesIO(blob), skiprows=1)
    assert table["number"].tolist() == [row[0] for row in rows]
    assert [json.loads(cell) for cell in table["words"]] == [row[1] for row in rows]
    assert table["value"].astype(float).tolist() == [row[2] for row in rows]
    lines = blob.decode().split("\n")
    assert lines[0] == '# text: "a\\u002c\\n#b"'
    assert len(lines) == len(rows) + 3  # the origin, the columns, and nothing after the last end of a line


def test_no_cell_is_a_formula_and_none_is_empty() -> None:
    blob = tables.csv({}, ("a", "b"), [("=1+1", None), ("+x;@y,z", 1)]).decode()
    lines = blob.splitlines()
    assert lines[1] == '"""=1+1""",'
    assert lines[2] == '"""+x\\u003b@y\\u002cz""",1'
