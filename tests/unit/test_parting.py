"""The tree of texts, and how long they agree, against counting by hand and against a distribution that is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models import parting
from models.parting import Branch
from models.traces import GenerationTrace, InputError, Source, Tokens


def text(tokens: list[int], chances: list[float] | None = None) -> GenerationTrace:
    """A text of these tokens; all that the tree doesn't read is empty."""
    steps = len(tokens)
    values = np.array(chances or [0.5] * steps, dtype=np.float32)
    none = np.zeros((steps, 0), dtype=np.float32)
    return GenerationTrace(
        source=Source("m", "r", "p"),
        token_table=Tokens(np.zeros(0, dtype=np.int64), (), (), (), (), (), (), ()),
        given=0,
        tokens=np.array(tokens, dtype=np.int64),
        texts=tuple(map(str, tokens)),
        text=" ".join(map(str, tokens)),
        probabilities=values,
        chances=values,
        kept=np.ones(steps, dtype=np.int64),
        entropies=values,
        likely=none.astype(np.int64),
        likely_texts=((),) * steps,
        likely_probabilities=none,
        likely_chances=none,
        ended="length",
        seconds=0.0,
    )


def test_what_texts_share_stands_once() -> None:
    found = [text([1, 2, 3]), text([1, 4, 5]), text([1, 2, 6]), text([1, 2, 3])]
    assert parting.tree(found) == Branch(
        0,
        1,
        (0, 1, 2, 3),
        (Branch(1, 2, (0, 2, 3), (Branch(2, 3, (0, 3), ()), Branch(2, 3, (2,), ()))), Branch(1, 3, (1,), ())),
    )
    assert parting.leaves(found) == [None, 1, 2, None]


def test_each_text_is_the_way_to_one_leaf() -> None:
    chosen = np.random.RandomState(0)
    found = [text(chosen.randint(0, 2, size=chosen.randint(1, 7)).tolist()) for _ in range(20)]
    ways: dict[int, list[int]] = {}

    def walk(branch: Branch, before: list[int]) -> None:
        for number in branch.texts:
            own = found[number].tokens.tolist()
            so_far = [*before, *own[branch.start : branch.stop]]
            assert own[: branch.stop] == so_far
            ways[number] = so_far
        for after in branch.after:
            walk(after, so_far[: branch.stop] if branch.stop else [])

    walk(parting.tree(found), [])
    assert {number: own.tokens.tolist() for number, own in enumerate(found)} == ways


def test_pairs_that_agree_are_counted() -> None:
    found = [text([1, 2, 3]), text([1, 4, 5]), text([1, 2, 3]), text([7])]
    counted, _ = parting.agreement(found)
    pairs = list(itertools.combinations([own.tokens.tolist() for own in found], 2))
    by_hand = [sum(one[:k] == other[:k] for one, other in pairs) / len(pairs) for k in range(4)]
    assert counted.tolist() == pytest.approx(by_hand)


def test_the_expected_agreement_is_that_of_a_known_distribution() -> None:
    """Three tokens that come independently: two texts agree over k of them with the chance (sum p^2)^k."""
    chances = np.array([0.6, 0.3, 0.1])
    drawn = np.random.RandomState(1).choice(3, size=(4000, 3), p=chances)
    found = [text(row.tolist(), chances[row].tolist()) for row in drawn]
    estimated = np.mean([np.cumprod([1.0, *trace.chances]) for trace in found], axis=0)
    _, expected = parting.agreement(found[:50])
    assert expected == pytest.approx(np.mean([np.cumprod([1.0, *trace.chances]) for trace in found[:50]], axis=0))
    assert estimated == pytest.approx(np.square(chances).sum() ** np.arange(4), rel=0.03)


def test_requests_are_one_a_seed_and_the_first_again() -> None:
    requests = parting.requests("m", "p", chain=[("top_k", 5)], seed=2**32 - 1, tokens=3, times=3)
    assert [dict(request.settings)["seed"] for request in requests] == ["4294967295", "0", "1", "4294967295"]
    assert len({request.settings for request in requests}) == 4
    with pytest.raises(InputError, match="20 texts of 300 tokens are 6,000 together; at most 1,000"):
        parting.requests("m", "p", chain=[], seed=0, tokens=300, times=20)
