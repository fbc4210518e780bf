"""How often did each pair of neighbours stand in the corpus, before every merge of a training?

A trainer of BPE (Sennrich et al. 2016, arXiv:1508.07909) keeps one table, pair -> count, and changes it in place:
when the most frequent pair (l, r) becomes the token n, then for every place `a l r b` of the corpus

    count(a, l) and count(r, b) fall by the word's frequency,   count(a, n) and count(n, b) rise by it.

Here the merges are known, the trainer found them, so the same changes are made again and written down in one log. The
table before merge k is the table before the first one plus all that the log says up to k: one `bincount`, with a full
table kept every `STRIDE` entries to begin from. No step is stored whole, and any step opens at once.

Only the words that contain a pair are touched: each is a linked list in flat arrays, and `places` says where the pairs
that will be merged stand.
"""

from __future__ import annotations

import itertools
from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import BpeWindow

if TYPE_CHECKING:
    from collections.abc import Sequence

STRIDE: Final = 2_000_000  # log entries from one full table to the next: about 15 ms to add up
EDGE: Final = -1  # stands between words
GONE: Final = -2  # was the right half of a merge


@dataclass(frozen=True)
class PairHistory:
    """The table of pairs at every step, as a first table and a log of changes."""

    pairs: NDArray[np.int64]  # [pair, 2] ids (left, right), in ascending order: the order that breaks ties
    start: NDArray[np.int64]  # [pair] count before the first merge
    places: NDArray[np.int32]  # [entry] which pair an entry of the log changes
    changes: NDArray[np.int64]  # [entry] by how much
    ends: NDArray[np.int64]  # [step + 1] entries written before the step
    tables: NDArray[np.int64]  # [table, pair] counts after the first `kept[table]` steps
    kept: NDArray[np.int64]  # [table]
    winners: NDArray[np.int64]  # [step] count of the pair that was merged, just before it was
    tokens: NDArray[np.int64]  # [step + 1] tokens in the corpus before the step

    def __post_init__(self) -> None:
        steps = len(self.winners)
        if len(self.ends) != steps + 1 or len(self.tokens) != steps + 1:
            raise ValueError(f"{len(self.ends)} ends and {len(self.tokens)} token counts for {steps} steps")
        if len(self.places) != len(self.changes) or self.ends[-1] != len(self.changes):
            raise ValueError(f"{len(self.places)} places, {len(self.changes)} changes, {self.ends[-1]} of them used")
        if self.pairs.shape != (len(self.start), 2) or self.tables.shape != (len(self.kept), len(self.start)):
            raise ValueError(f"pairs {self.pairs.shape} and tables {self.tables.shape} for {len(self.start)} counts")

    def counts(self, step: int) -> NDArray[np.int64]:
        """[pair] how often each pair stands in the corpus after `step` merges."""
        table = int(np.searchsorted(self.kept, step, side="right")) - 1
        first, last = self.ends[self.kept[table]], self.ends[step]
        return self.tables[table] + _added(self.places[first:last], self.changes[first:last], len(self.start))

    def window(self, first: int, last: int, top: int) -> BpeWindow:
        """The `top` most frequent pairs at each of the steps `first` to `last`, both included.

        Of the pairs whose counts stay as they are all the way, only the `top` most frequent can ever be among them:
        besides those, each step looks at nothing but the pairs that the log changes. For some hundred steps at once.
        """
        table = self.counts(first)
        moving = np.zeros(len(table), dtype=bool)
        moving[self.places[self.ends[first] : self.ends[last]]] = True
        still = np.where(moving, 0, table)
        best = leaders(still, top)
        most = int(still[best[0]]) if len(best) else 0
        moving[best] = True
        seen = np.flatnonzero(moving)  # in order, which breaks ties
        unseen = np.where(moving, 0, table)
        unseen_ties, unseen_pairs = int((unseen == most).sum()), np.count_nonzero(unseen)
        counts = table[seen]

        steps = last - first + 1
        pair_rows = np.full((steps, top, 2), -1, dtype=np.int64)
        count_rows = np.zeros((steps, top), dtype=np.int64)
        ties = np.zeros(steps, dtype=np.int64)
        distinct = np.zeros(steps, dtype=np.int64)
        for row in range(steps):
            if row:
                logged = slice(self.ends[first + row - 1], self.ends[first + row])
                # A step has one entry for each pair that it changes.
                counts[np.searchsorted(seen, self.places[logged])] += self.changes[logged]
            found = leaders(counts, top)
            pair_rows[row, : len(found)] = self.pairs[seen[found]]
            count_rows[row, : len(found)] = counts[found]
            distinct[row] = unseen_pairs + np.count_nonzero(counts)
            if len(found):
                highest = counts[found[0]]
                ties[row] = (counts == highest).sum() + (unseen_ties if highest == most else 0)
        return BpeWindow(first, pair_rows, count_rows, ties, distinct)


def leaders(counts: NDArray[np.int64], top: int) -> NDArray[np.int64]:
    """The places of the `top` highest counts, none of them 0, the highest first and among equals the lowest place."""
    first = np.flatnonzero(counts)
    if len(first) > top:
        least = np.partition(counts[first], len(first) - top)[len(first) - top]
        first = first[counts[first] >= least]
    # Pairs are in order of their ids, so that a stable sort by count leaves ties as the library breaks them.
    return first[np.argsort(-counts[first], kind="stable")][:top]


def build(words: Sequence[NDArray[np.int64]], frequencies: NDArray[np.int64], merges: NDArray[np.int64]) -> PairHistory:
    """The history of a training whose merges are known.

    Args:
        words: [word] the ids of each distinct word's letters.
        frequencies: [word] how often it stands in the corpus.
        merges: [step, 3] ids (left, right, new), in the order in which they were made.
    """
    symbols, weights = _flat(words, frequencies)
    size = int(max(symbols.max(initial=0), merges.max(initial=0))) + 1
    shift = size.bit_length()  # pairs are keys, left << shift | right

    whole = (symbols[:-1] != EDGE) & (symbols[1:] != EDGE)
    keys = ((symbols[:-1] << shift) | symbols[1:])[whole]
    first_keys, inverse = np.unique(keys, return_inverse=True)
    first_counts = _added(inverse, weights[:-1][whole], len(first_keys))

    log_keys, log_changes, ends, removed = _replay(symbols, weights, merges, shift, np.flatnonzero(whole), inverse)
    all_keys, places = np.unique(np.concatenate([first_keys, log_keys]), return_inverse=True)
    start = np.zeros(len(all_keys), dtype=np.int64)
    start[places[: len(first_keys)]] = first_counts
    logged = places[len(first_keys) :].astype(np.int32)

    # The last entry of each step takes the merged pair itself off the table; only now is its count known.
    own = ends[1:] - 1
    gained = start + _added(logged, log_changes, len(start))  # every other entry about that pair lies before its merge
    winners = gained[logged[own]]
    log_changes[own] = -winners

    kept = [0]
    for step in range(1, len(ends)):
        if ends[step] - ends[kept[-1]] >= STRIDE:
            kept.append(step)
    tables = np.empty((len(kept), len(start)), dtype=np.int64)
    tables[0] = start
    for table in range(1, len(kept)):
        part = slice(ends[kept[table - 1]], ends[kept[table]])
        tables[table] = tables[table - 1] + _added(logged[part], log_changes[part], len(start))

    before = int((symbols != EDGE) @ weights)
    return PairHistory(
        pairs=np.stack([all_keys >> shift, all_keys & ((1 << shift) - 1)], axis=1),
        start=start,
        places=logged,
        changes=log_changes,
        ends=ends,
        tables=tables,
        kept=np.array(kept, dtype=np.int64),
        winners=winners,
        tokens=before - np.concatenate([[0], np.cumsum(removed)]),
    )


def _added(places: NDArray[np.integer], changes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """[place] the sum of the changes at each place; exact, since float64 holds every integer below 2^53."""
    return np.bincount(places, weights=changes, minlength=size).astype(np.int64)


def _flat(
    words: Sequence[NDArray[np.int64]], frequencies: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All words in one array, an EDGE before, between and after them; and each place's frequency."""
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    symbols = np.full(int(lengths.sum()) + len(words) + 1, EDGE, dtype=np.int64)
    weights = np.zeros_like(symbols)
    inside = np.arange(int(lengths.sum())) + np.repeat(np.arange(len(words)), lengths) + 1
    symbols[inside] = np.concatenate(words)
    weights[inside] = np.repeat(frequencies, lengths)
    return symbols, weights


def _replay(
    flat: NDArray[np.int64],
    flat_weights: NDArray[np.int64],
    merges: NDArray[np.int64],
    shift: int,
    where: NDArray[np.int64],
    pair_of: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The log (keys, changes, ends) of all merges, and how many tokens fewer the corpus has after each.

    `where` are the places in `flat` at which a pair begins, and `pair_of` numbers these pairs in order of their keys.
    """
    symbol = flat.tolist()
    weight = flat_weights.tolist()
    after = list(range(1, len(symbol) + 1))
    before = list(range(-1, len(symbol) - 1))

    wanted = {(left << shift) | right for left, right, _ in merges.tolist()}
    places: dict[int, list[int]] = {key: [] for key in wanted}
    order = np.argsort(pair_of, kind="stable")
    edges = np.flatnonzero(np.diff(pair_of[order], prepend=-1, append=-1)).tolist()
    ordered = where[order]
    for start, end in itertools.pairwise(edges):
        place = ordered[start]
        key = int((flat[place] << shift) | flat[place + 1])
        if key in wanted:
            places[key] = ordered[start:end].tolist()

    keys = array("q")
    changes = array("q")
    ends = array("q", [0])
    removed = array("q")
    for left, right, new in merges.tolist():
        own = (left << shift) | right
        change: dict[int, int] = defaultdict(int)
        gone = 0
        for place in places.pop(own):
            if symbol[place] != left:
                continue
            second = after[place]
            if symbol[second] != right:
                continue
            frequency = weight[place]
            gone += frequency
            previous, following = before[place], after[second]
            symbol[place], symbol[second] = new, GONE
            after[place], before[following] = following, place
            neighbour = symbol[previous]
            if neighbour != EDGE:
                change[neighbour << shift | left] -= frequency
                key = neighbour << shift | new
                change[key] += frequency
                if key in wanted:
                    places[key].append(previous)
            neighbour = symbol[following]
            if neighbour != EDGE:
                change[right << shift | neighbour] -= frequency
                key = new << shift | neighbour
                change[key] += frequency
                if key in wanted:
                    places[key].append(place)
        change.pop(own, None)  # a run of one letter: what the merge does to its own pair is in the last entry
        keys.extend(change.keys())
        changes.extend(change.values())
        keys.append(own)
        changes.append(0)
        ends.append(len(keys))
        removed.append(gone)
    arrays = [np.array(log, dtype=np.int64) for log in (keys, changes, ends, removed)]
    return arrays[0], arrays[1], arrays[2], arrays[3]
