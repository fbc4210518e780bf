"""What happens to each word of a text in the course of a training of BPE?

The tokens of a word after k merges are those that the first k merges make of it (models/bpe_merging.py). They need not
be found anew for each k: lowest ranks go first, so that a word is cut as after k merges just before the first merge of
rank k or more, and all that happens later stands on that one. With

    step(node) = max(rank of the merge that makes it, step(left), step(right))      step(letter) = -1

the nodes with step < k are those there are after k merges, and one tree for each word holds all steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.bpe_merging import merge
from models.traces import BpeTrees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.bpe_merging import Rule


def build(
    letters: Sequence[NDArray[np.int64]],
    occurrences: NDArray[np.int64],
    spans: NDArray[np.int64],
    rules: Mapping[tuple[int, int], Rule],
) -> BpeTrees:
    """The trees of the words in a part of a text.

    Args:
        letters: [word] ids of the letters of every distinct word of the whole text.
        occurrences: [occurrence] which word stands at each place of the part.
        spans: [occurrence, 2] the characters it covers, end exclusive.
        rules: the rank of each pair of ids that is merged, and the id of what that makes.
    """
    distinct, words = np.unique(occurrences, return_inverse=True)
    shown = [letters[word] for word in distinct.tolist()]
    trees = [_tree(word.tolist(), rules) for word in shown]
    return BpeTrees(
        start=int(spans[0, 0]) if len(spans) else 0,
        end=int(spans[-1, 1]) if len(spans) else 0,
        letters=np.concatenate([*shown, np.zeros(0, dtype=np.int64)]),
        letter_ends=np.cumsum([0, *map(len, shown)]),
        merges=np.array([node for tree in trees for node in tree], dtype=np.int64).reshape(-1, 4),
        merge_ends=np.cumsum([0, *map(len, trees)]),
        words=words,
        spans=spans,
    )


def _tree(letters: list[int], rules: Mapping[tuple[int, int], Rule]) -> list[tuple[int, int, int, int]]:
    """(left node, right node, id, step) of each merge of a word."""
    steps = [-1] * len(letters)
    tree: list[tuple[int, int, int, int]] = []
    for left, right, rank, made in merge(letters, lambda *pair: rules.get(pair)).merges:
        steps.append(max(rank, steps[left], steps[right]))
        tree.append((left, right, made, steps[-1]))
    return tree
