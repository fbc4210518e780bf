"""The player over a training of BPE: windows and trees hold what opening every step by itself would give."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import bpe, bpe_trees
from models.bpe import Pretokenizer, Unit
from models.bpe_merging import merge
from models.traces import BpeTrees
from tests.unit.test_bpe import OPTIONS, chinese, english


@pytest.mark.parametrize("corpus", [english, chinese])
def test_a_window_is_its_steps(corpus: Any) -> None:
    training = bpe.train(corpus()[:60_000], 900)
    last = len(training.merges)
    assert last == 900
    for first in (0, 1, 437, last - 9):
        for top in (1, 12):
            window = training.window(first, first + 30, top)
            assert len(window.counts) == min(first + 30, last) - first + 1
            for row, (pairs, counts) in enumerate(zip(window.pairs, window.counts, strict=True)):
                state = training.state(window.first + row, top=top)
                np.testing.assert_array_equal(pairs, state.pair_ids)
                np.testing.assert_array_equal(counts, state.counts)
                assert (window.ties[row], window.distinct_pairs[row]) == (state.ties, state.distinct_pairs)


def cut(trees: BpeTrees, k: int) -> list[int]:
    """The ids of the shown words after k merges: from each root down to the nodes that stand."""
    ids: list[int] = []
    for word in trees.words.tolist():
        letters = trees.letters[trees.letter_ends[word] : trees.letter_ends[word + 1]].tolist()
        merges = trees.merges[trees.merge_ends[word] : trees.merge_ends[word + 1]].tolist()
        count = len(letters)
        under = {half for left, right, _, _ in merges for half in (left, right)}
        waiting = [node for node in range(count + len(merges)) if node not in under]
        first_letter = list(range(count))
        for left, _, _, _ in merges:
            first_letter.append(first_letter[left])
        waiting.sort(key=lambda node: -first_letter[node])
        while waiting:
            node = waiting.pop()
            if node < count:
                ids.append(letters[node])
            elif merges[node - count][3] < k:
                ids.append(merges[node - count][2])
            else:
                waiting.extend((merges[node - count][1], merges[node - count][0]))
    return ids


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.sampled_from([*"aaabb \n\t", "é", "猫", "😀", "ab", "aba"]), min_size=1, max_size=80).map("".join),
    options=st.sampled_from(OPTIONS),
    end_of_word=st.booleans(),
    window=st.tuples(st.integers(0, 80), st.integers(0, 80)),
)
def test_trees_and_windows_hold_every_step(
    text: str, options: tuple[Unit, Pretokenizer], end_of_word: bool, window: tuple[int, int]
) -> None:
    unit, words = options
    if words == "whitespace" and not text.split():
        return
    training = bpe.train(text, 40, unit=unit, pretokenizer=words, end_of_word=end_of_word)
    trees = training.trees(*sorted(window))
    rows = training.window(-5, 1_000, top=5)
    assert len(rows.counts) == len(training.merges) + 1
    for k in range(len(training.merges) + 1):
        state = training.state(k, start=min(window), end=max(window), top=5)
        part = state.segmentation
        assert (trees.start, trees.end) == (part.start, part.end)
        shown = part.token_table.ids
        assert cut(trees, k) == shown[shown >= 0].tolist()
        missing = 5 - len(state.counts)
        assert rows.pairs[k].tolist() == state.pair_ids.tolist() + [[-1, -1]] * missing
        assert rows.counts[k].tolist() == state.counts.tolist() + [0] * missing
        assert (rows.ties[k], rows.distinct_pairs[k]) == (state.ties, state.distinct_pairs)
    covered = {place for start, end in trees.spans.tolist() for place in range(start, end)}
    assert "".join(text[place] for place in range(trees.start, trees.end) if place not in covered).strip() == ""


PIECES = ["".join(letters) for length in range(1, 9) for letters in itertools.product("ab", repeat=length)]
HALF = st.sampled_from(PIECES[:30])  # up to four letters: what two of them make is a piece, too
RULES = st.lists(st.tuples(HALF, HALF), max_size=12, unique=True)
WORD = st.text("ab", min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(WORD, min_size=1, max_size=3), made=RULES)
def test_trees_hold_for_rules_that_no_training_finds(texts: list[str], made: list[tuple[str, str]]) -> None:
    """A token can be made in two ways, so that an early merge comes after a late one."""
    number = {piece: place for place, piece in enumerate(PIECES)}
    rules = {(number[left], number[right]): (rank, number[left + right]) for rank, (left, right) in enumerate(made)}
    words = [np.array([number[letter] for letter in text]) for text in texts]
    numbers = np.arange(len(words))
    trees = bpe_trees.build(words, numbers, np.stack([numbers, numbers + 1], axis=1), rules)
    for k in range(len(made) + 1):
        expected: list[int] = []
        for word in words:
            early = {pair: rule for pair, rule in rules.items() if rule[0] < k}
            merging = merge(word.tolist(), lambda *pair, early=early: early.get(pair))
            ids = [*word.tolist(), *(new for *_, new in merging.merges)]
            expected.extend(ids[node] for node in merging.last)
        assert cut(trees, k) == expected
