"""In which order do the merges of a BPE join the letters of one word?

Of all neighbours that may be merged, those whose merge was learnt first (the lowest rank) go first, and among equals
the leftmost; the new token makes new neighbours, and so on until no two neighbours may be merged. A heap holds the
candidates, as the library's does (`Word::merge_all` in the source of `tokenizers`): n letters cost n log n steps.

Nodes number what there was: the n letters are 0 to n - 1, and the j-th merge makes the node n + j.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rule = tuple[int, int]  # (rank, id of the token that the merge makes)


@dataclass(frozen=True)
class Merging:
    """All that happened to one word."""

    merges: list[tuple[int, int, int, int]]  # [merge] (left node, right node, rank, id of the new token)
    rivals: list[tuple[int, int, int]]  # [pair] (left node, right node, rank): all neighbours that ever could be merged
    last: list[int]  # [token] the nodes that are left, in order


def merge(letters: Sequence[int], rule: Callable[[int, int], Rule | None]) -> Merging:
    """Merges a word until nothing is left to merge.

    Args:
        letters: ids of the letters.
        rule: the rank and the new token of a pair of ids; None where the pair may not be merged.
    """
    count = len(letters)
    symbol = list(letters)
    node = list(range(count))
    after = list(range(1, count + 1))
    before = list(range(-1, count - 1))
    alive = [True] * count
    heap: list[tuple[int, int, int]] = []  # (rank, place of the left half, id of the new token)
    merges: list[tuple[int, int, int, int]] = []
    rivals: list[tuple[int, int, int]] = []

    def offer(left: int, right: int) -> None:
        found = rule(symbol[left], symbol[right])
        if found is not None:
            heapq.heappush(heap, (found[0], left, found[1]))
            rivals.append((node[left], node[right], found[0]))

    for place in range(count - 1):
        offer(place, place + 1)

    while heap:
        _, place, new = heapq.heappop(heap)
        second = after[place]
        if not alive[place] or second >= count:
            continue
        found = rule(symbol[place], symbol[second])
        if found is None or found[1] != new:  # the neighbours have changed since the pair was offered
            continue
        merges.append((node[place], node[second], found[0], new))
        symbol[place] = new
        node[place] = count + len(merges) - 1
        alive[second] = False
        after[place] = after[second]
        if after[place] < count:
            before[after[place]] = place
        for left, right in ((before[place], place), (place, after[place])):
            if left >= 0 and right < count:
                offer(left, right)
    return Merging(merges, rivals, [node[place] for place in range(count) if alive[place]])
