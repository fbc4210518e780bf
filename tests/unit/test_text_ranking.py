"""What travels to a ranking of texts: numbers as they are, texts cut, places counted from 1."""

from __future__ import annotations

import json
from typing import Any

from models import sentence_sets
from viz.components.text_ranking import LONGEST, Group, Row, pack


def packed(*values: float, text: str = "a") -> dict[str, Any]:
    group = Group("g", [Row([(4, text), (0, "b")], value, "note") for value in values], "about", ["w"])
    blob = pack([group], title="t", facts=["f"], measure="cosine", lead=["l"])
    return json.loads(b"{" + blob + b"}")["data"]


def test_rows_travel_as_they_are() -> None:
    data = packed(0.25, 0.125)
    assert data["groups"][0]["rows"][1] == {"texts": [[5, "a"], [1, "b"]], "value": 0.125, "note": "note"}
    assert (data["low"], data["high"], data["measure"]) == (0, 1, "cosine")


def test_bars_begin_at_the_least_number_below_zero() -> None:
    assert packed(0.5, -0.25)["low"] == -0.25
    assert json.loads(b"{" + pack([], title="", facts=[], measure="") + b"}")["data"]["low"] == 0


def test_a_long_text_is_cut() -> None:
    (first, _) = packed(0.5, text="x" * 10_000)["groups"][0]["rows"][0]["texts"]
    assert first == [5, "x" * LONGEST + "…"]


def test_the_example_is_four_topics_of_ten_different_sentences() -> None:
    lines = sentence_sets.EXAMPLE.split("\n")
    assert len(set(lines)) == len(lines) == len(sentence_sets.EXAMPLE_LABELS) == 40
    for number, line in enumerate(lines):
        assert line in sentence_sets.TOPICS[sentence_sets.EXAMPLE_LABELS[number]]
    given = list(sentence_sets.FIRST_LABELS.values())
    assert [given.count(topic) for topic in sentence_sets.TOPICS] == [3, 3, 3, 3]
