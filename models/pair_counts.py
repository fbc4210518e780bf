"""Which pair of neighbouring symbols is merged next, by count and by likelihood?

Words are kept as sequences of symbol numbers with their counts; a merge touches only the words that hold the pair.
Pairs live in growing NumPy columns, so that at each step both criteria rank all of them at once:

    count(ab)                          BPE (Sennrich et al. 2016), and the `tokenizers` library's WordPieceTrainer
    count(ab) / (count(a) count(b))    WordPiece as it is described (Schuster and Nakajima 2012)

Worked example: "low" 5 times, "lower" twice. l,##o stands 7 times, and so does each of its symbols: its score is 1/7.
##e,##r stands twice, each of its symbols twice: 1/2. Count merges l,##o first, the score ##e,##r.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces import PairRanking

if TYPE_CHECKING:
    from collections.abc import Mapping

_Pair = tuple[tuple[str, str], int, float]  # its two symbols, count, score


def words_of(corpus: str, pre_tokenizer: Any) -> Counter[str]:
    """How often each word stands in the corpus, cut line by line by a pre-tokenizer of `tokenizers`."""
    words: Counter[str] = Counter()
    for line in corpus.splitlines():
        words.update(word for word, _ in pre_tokenizer.pre_tokenize_str(line))
    return words


def rank_by_count(words: Mapping[str, int], ids: Mapping[str, int], prefix: str, size: int) -> PairRanking:
    """The merges by count until the vocabulary has `size` entries or nothing is left to merge.

    Args:
        words: count of each word.
        ids: number of each single character, with the prefix where it stands inside a word; ties go by these.
        prefix: what marks a symbol inside a word.
        size: vocabulary entries to stop at, those of `ids` among them.
    """
    return _Table(words, ids, prefix).run(size, "count")


def rank_by_likelihood(words: Mapping[str, int], ids: Mapping[str, int], prefix: str, size: int) -> PairRanking:
    """As `rank_by_count`, merging by the likelihood score; with it a pair seen once can come first."""
    return _Table(words, ids, prefix).run(size, "score")


class _Table:
    """The words, their pairs and all counts at one moment of training."""

    def __init__(self, words: Mapping[str, int], ids: Mapping[str, int], prefix: str) -> None:
        self.prefix = prefix
        self.names = [""] * (max(ids.values()) + 1)
        for name, number in ids.items():
            self.names[number] = name
        self.numbers = dict(ids)
        self.words = [[ids[prefix + c if place else c] for place, c in enumerate(word)] for word in words]
        self.weights = list(words.values())
        self.symbols = np.zeros(1024, dtype=np.int64)  # [symbol] count in the corpus
        self.pairs: dict[tuple[int, int], int] = {}  # pair -> its place in the columns
        self.columns = np.zeros((3, 1024), dtype=np.int64)  # left, right, count
        self.where: list[set[int]] = []  # [pair] words that hold it, or held it once
        for word in range(len(self.words)):
            self._add(word, 1)

    def _add(self, word: int, sign: int) -> None:
        """Count a word's symbols and pairs in (1) or out (-1)."""
        symbols, weight = self.words[word], sign * self.weights[word]
        for symbol in symbols:
            if symbol >= len(self.symbols):
                self.symbols = np.concatenate([self.symbols, np.zeros(symbol, dtype=np.int64)])
            self.symbols[symbol] += weight
        for pair in itertools.pairwise(symbols):
            place = self.pairs.get(pair)
            if place is None:
                place = self.pairs[pair] = len(self.pairs)
                self.where.append(set())
                if place == self.columns.shape[1]:
                    self.columns = np.concatenate([self.columns, np.zeros_like(self.columns)], axis=1)
                self.columns[:2, place] = pair
            self.columns[2, place] += weight
            if sign > 0:
                self.where[place].add(word)

    def run(self, size: int, by: Literal["count", "score"]) -> PairRanking:
        """Merge until the vocabulary has `size` entries."""
        merged: list[_Pair] = []
        rivals: list[_Pair] = []
        ranks: list[int] = []
        while len(self.numbers) < size:
            left, right, counts = self.columns[:, : len(self.pairs)]
            alive = np.flatnonzero(counts > 0)
            if not len(alive):
                break
            left, right, counts = left[alive], right[alive], counts[alive]
            scores = counts / (self.symbols[left] * self.symbols[right])
            most, best = _first(counts, left, right), _first(scores, left, right)
            mine, rival, others = (most, best, scores) if by == "count" else (best, most, counts)
            ranks.append(int((others > others[mine]).sum()))
            for place, kept in ((mine, merged), (rival, rivals)):
                names = (self.names[left[place]], self.names[right[place]])
                kept.append((names, int(counts[place]), float(scores[place])))
            self._merge(int(alive[mine]))
        return PairRanking(
            pairs=tuple(names for names, _, _ in merged),
            counts=np.array([count for _, count, _ in merged], dtype=np.int64),
            scores=np.array([score for _, _, score in merged], dtype=np.float64),
            rivals=tuple(names for names, _, _ in rivals),
            rival_counts=np.array([count for _, count, _ in rivals], dtype=np.int64),
            rival_scores=np.array([score for _, _, score in rivals], dtype=np.float64),
            ranks=np.array(ranks, dtype=np.int64),
        )

    def _merge(self, place: int) -> None:
        """Put the pair's symbols together in every word that holds them."""
        left, right = (int(symbol) for symbol in self.columns[:2, place])
        name = self.names[left] + self.names[right].removeprefix(self.prefix)
        # Two pairs can spell the same piece: the later one takes the number that is there.
        number = self.numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        touched, self.where[place] = self.where[place], set()
        for word in touched:
            self._add(word, -1)
            self.words[word] = _joined(self.words[word], left, right, number)
            self._add(word, 1)


def _joined(symbols: list[int], left: int, right: int, number: int) -> list[int]:
    """`[1, 2, 1, 2, 3]` with 1, 2 as 9 -> `[9, 9, 3]`; from the left, without overlap."""
    result: list[int] = []
    for symbol in symbols:
        if symbol == right and result and result[-1] == left:
            result[-1] = number
        else:
            result.append(symbol)
    return result


def _first(values: NDArray[Any], left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    """The place of the largest value; among equals that of the smallest pair of numbers."""
    best = np.flatnonzero(values == values.max())
    return int(best[np.lexsort((right[best], left[best]))[0]])
