"""What travels to the rows of chips is the comparison, whole; a link's token and price are checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from models import comparison, simple_tokenizers
from models.traces import Comparison, Tokens
from tests.unit.test_comparison import ALL, ANY, HARD
from viz import state
from viz.components import token_rows


def unpacked(found: Comparison) -> dict[str, Any]:
    headings = [token_rows.Heading(row.key, True) for row in found.rows]
    packed = token_rows.pack(found, headings, ["a fact"], note="a note")
    data: dict[str, Any] = json.loads("{" + packed.decode() + "}")["data"]
    return data


def decoded(row: dict[str, Any], text: str) -> dict[str, list[Any]]:
    """The columns as the browser's script reads them (1_columns.js)."""
    starts, ends, end = [], [], 0
    for gap, length in zip(row["gaps"], row["lengths"], strict=True):
        starts.append(end + gap)
        end += gap + length
        ends.append(end)
    entries = row["entries"]
    shared = {first + k: (k, count, seen) for first, count, seen in row["shared"] for k in range(count)}
    pieces = [entries["pieces"][entry] for entry in row["which"]]
    texts = [text[start:stop] or piece for start, stop, piece in zip(starts, ends, pieces, strict=True)]
    return {
        "ids": [entries["ids"][entry] for entry in row["which"]],
        "pieces": pieces,
        "texts": [shared[i][2] if i in shared else seen for i, seen in enumerate(texts)],
        "raw": [bytes.fromhex(entries["hex"][entry]) for entry in row["which"]],
        "kinds": ["special" if entry in entries["special"] else "text" for entry in row["which"]],
        "spans": list(zip(starts, ends, strict=True)),
        "parts": [shared[i][:2] if i in shared else (0, 1) for i in range(len(starts))],
    }


def columns(table: Tokens) -> dict[str, list[Any]]:
    return {
        "ids": table.ids.tolist(),
        **{name: list(getattr(table, name)) for name in ("pieces", "texts", "raw", "kinds", "spans", "parts")},
    }


@settings(max_examples=150, deadline=None)
@given(text=HARD | ANY)
def test_the_columns_hold_every_token(text: str) -> None:
    found = comparison.compare(text, ALL)
    data = unpacked(found)
    assert data["text"] == text
    assert (data["words"], data["graphemes"], data["bytes"]) == (found.words, found.graphemes, found.bytes)
    for row, sent in zip(found.rows, data["rows"], strict=True):
        assert decoded(sent, text) == columns(row.token_table)


def test_a_token_that_comes_again_travels_once() -> None:
    found = comparison.compare("la " * 5_000, {"words": simple_tokenizers.words})
    (row,) = unpacked(found)["rows"]
    assert len(row["which"]) == 5_000
    assert row["entries"]["pieces"] == ["la"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("token", "0,3"), ("token", "2,0"), ("token", "1"), ("token", "-1,0"), ("token", "0,0,0"), ("token", "<b>"),
     ("price", "-1"), ("price", "nan"), ("price", "1e9"), ("spaces", "2")],
)  # fmt: skip
def test_what_a_link_cannot_ask_for(name: str, text: str) -> None:
    found = comparison.compare("a b c", {"words": simple_tokenizers.words, "bytes": simple_tokenizers.utf8_bytes})
    values, complaints = state.read(token_rows.parameters(found), {name: text})
    assert values == {}
    assert len(complaints) == 1


def test_what_a_link_can_ask_for() -> None:
    found = comparison.compare("a b c", {"words": simple_tokenizers.words, "bytes": simple_tokenizers.utf8_bytes})
    values, complaints = state.read(
        token_rows.parameters(found), {"token": "1,4", "price": "0.15", "spaces": "1", "other": "x"}
    )
    assert complaints == []
    assert values == {"token": "1,4", "price": 0.15, "spaces": 1}
    assert state.read(token_rows.parameters(found), {"token": ""}) == ({"token": ""}, [])
