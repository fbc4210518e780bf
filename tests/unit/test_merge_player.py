"""What the player of merges sends and understands: small enough to travel, and never believed without a look."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import bpe
from models.tokens import grapheme_edges
from tests.unit.test_bpe import english
from viz.components import merge_player
from viz.components.merge_player import Around


def travelling(training: bpe.BpeTraining, step: int, start: int, full: bool) -> bytes:
    """The data for a place in a training, as the page packs them."""
    trees = training.trees(start, start + bpe.SHOWN_TEXT)
    part = training.text[trees.start : trees.end]
    of_all = merge_player.whole(
        title="a text",
        facts=["one line"],
        unit=training.unit,
        mark="",
        characters=len(training.text),
        alphabet=training.pieces[: len(training.pieces) - len(training.merges)],
        rules=training.rules,
        counts=training.winner_counts,
        corpus_tokens=training.corpus_tokens,
        vocabulary_sizes=training.vocabulary_sizes,
    )
    tables = training.window(*merge_player.window(step, len(training.merges)))
    near = merge_player.near(tables, trees, part, grapheme_edges(part))
    return merge_player.pack("key", start, start, of_all if full else None, near)


@pytest.mark.parametrize("merges", [0, 1, 40])
def test_what_travels_is_the_training(merges: int) -> None:
    training = bpe.train("e\u0301 👩\u200d👧 low lower lowest " * 3, merges)
    data: dict[str, Any] = json.loads(b"{" + travelling(training, 0, 0, full=True) + b"}")["data"]
    whole = data["whole"]
    assert [
        list(rule) for rule in zip(whole["left"], whole["right"], whole["made"], strict=True)
    ] == training.rules.tolist()
    assert [bytes.fromhex(piece) for piece in whole["alphabet"]] == list(training.pieces[: len(whole["alphabet"])])
    assert whole["tokens"] == training.corpus_tokens.tolist()
    assert len(data["window"]["counts"]) == len(training.merges) + 1
    part = data["part"]
    assert part["text"] == training.text[part["start"] : part["end"]]
    assert [part["text"][start : start + size] for start, size in part["wide"][:2]] == ["e\u0301", "👩\u200d👧"]


def test_a_large_training_is_less_than_a_megabyte() -> None:
    training = bpe.train(english(), 8000)
    first = zlib.compress(travelling(training, 4000, 100_000, full=True), 6)
    later = zlib.compress(travelling(training, 4000, 100_000, full=False), 6)
    assert len(first) < 1_000_000
    assert len(later) < len(first) / 3


@given(last=st.integers(0, 5000), share=st.floats(0, 1))
def test_a_window_holds_its_step_and_what_comes_next(last: int, share: float) -> None:
    step = round(last * share)
    first, end = merge_player.window(step, last)
    assert 0 <= first <= max(step - 100, 0)
    assert min(step + 100, last) <= end <= last
    assert end - first <= merge_player.WINDOW


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        "x",
        [],
        {},
        {"training": "k"},
        {"training": 1, "step": 2, "from": 3},
        {"training": "k", "step": "2", "from": 3},
    ],
)
def test_what_no_player_sends_is_not_read(sent: object) -> None:
    assert Around.read(sent) is None


@pytest.mark.parametrize(
    ("training", "step", "start", "within"),
    [
        ("k", 0, 0, True),
        ("k", 9, 99, True),
        ("other", 0, 0, False),
        ("k", 10, 0, False),
        ("k", -1, 0, False),
        ("k", 0, 100, False),
        ("k", 0, merge_player.SEEK, False),
        ("k", 1, merge_player.SEEK, True),
        ("k", 1, -2, False),
    ],
)
def test_places_outside_of_a_training_are_not_believed(training: str, step: int, start: int, within: bool) -> None:
    around = Around.read({"training": training, "step": step, "from": start})
    assert around is not None
    assert around.is_within("k", 9, 100) is within
