"""What are all segmentations of all words of a corpus, summed and maximized at once?

The lattices of many short units (the words of a corpus, or pieces to be spelled by other pieces) lie side by side in
flat arrays: node numbers run through all units, an edge goes from node `starts` to node `ends` and is piece `ids`.
Edges are sorted by how far into its unit each ends, so that one NumPy step advances all units by one character
(forward algorithm, Viterbi; Rabiner 1989), and an E step over a corpus takes as many steps as its longest word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

LONGEST: Final = 16  # characters of a piece; sentencepiece's default
SPACE: Final = "\u2581"
LINE_END: Final = "\0"
CORPUS_END: Final = "\1"
# Scripts in use today; all others count as one. A piece holds letters of one script only.
SCRIPTS: Final = (
    "Latin Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu "
    "Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Hangul Ethiopic Cherokee Khmer Mongolian Bopomofo Yi "
    "Coptic Nko Tifinagh Javanese Balinese Braille"
).split()


@dataclass(frozen=True)
class Lattices:
    """Many lattices side by side."""

    starts: NDArray[np.int64]  # [edge] node
    ends: NDArray[np.int64]  # [edge] node
    ids: NDArray[np.int64]  # [edge] piece; -1: a character that is none
    units: NDArray[np.int64]  # [edge]
    first: NDArray[np.int64]  # [unit] its first node
    last: NDArray[np.int64]  # [unit] its last node
    weights: NDArray[np.float64]  # [unit] how often it stands in the corpus

    @classmethod
    def of(
        cls,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        ids: NDArray[np.int64],
        units: NDArray[np.int64],
        first: NDArray[np.int64],
        last: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> Lattices:
        """Lattices from edges in any order."""
        order = np.lexsort((starts, ends, ends - first[units]))
        return cls(starts[order], ends[order], ids[order], units[order], first, last, weights)

    @cached_property
    def single(self) -> NDArray[np.bool_]:
        """[edge] whether it is one character."""
        return self.ends - self.starts == 1

    @cached_property
    def _depths(self) -> NDArray[np.int64]:
        """[edge] characters from the unit's beginning to the edge's end; ascending."""
        return self.ends - self.first[self.units]

    @cached_property
    def _backwards(self) -> NDArray[np.int64]:
        """[edge] the edges by how far before the unit's end each begins, nearest first."""
        return np.lexsort((self.ends, self.starts, self.last[self.units] - self.starts))

    def posteriors(self, usable: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """[edge] how often it is used, expected over all segmentations; and the corpus' log-likelihood.

        Args:
            usable: [edge] whether it is there.
            scores: [edge] log-probability.
        """
        kept = np.flatnonzero(usable)
        forward = self._sums(kept, self._depths[kept], self.starts, self.ends, self.first, scores)
        kept = self._backwards[usable[self._backwards]]
        heights = self.last[self.units[kept]] - self.starts[kept]
        backward = self._sums(kept, heights, self.ends, self.starts, self.last, scores)
        totals = forward[self.last]
        through = forward[self.starts] + scores + backward[self.ends] - totals[self.units]
        posteriors = np.where(usable, np.exp(np.where(usable, through, 0.0)), 0.0) * self.weights[self.units]
        return posteriors, float((totals * self.weights).sum())

    def _sums(
        self,
        kept: NDArray[np.int64],
        levels: NDArray[np.int64],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        roots: NDArray[np.int64],
        scores: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """[node] log of the summed probability of all paths to it from its unit's root."""
        sums = np.full(int(self.last.max()) + 1, -np.inf)
        sums[roots] = 0.0
        for edges, groups in _steps(kept, levels, targets):
            reached = sums[sources[edges]] + scores[edges]
            highest = np.maximum.reduceat(reached, groups)
            sizes = np.diff(groups, append=len(edges))
            rest = np.add.reduceat(np.exp(reached - np.repeat(highest, sizes)), groups)
            sums[targets[edges[groups]]] = highest + np.log(rest)
        return sums

    def viterbi(
        self, usable: NDArray[np.bool_], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """[unit] score of its best path, and the edges of all best paths; among equals the longest last piece."""
        best = np.full(int(self.last.max()) + 1, -np.inf)
        back = np.full(len(best), -1, dtype=np.int64)
        best[self.first] = 0.0
        kept = np.flatnonzero(usable)
        for edges, groups in _steps(kept, self._depths[kept], self.ends):
            reached = best[self.starts[edges]] + scores[edges]
            highest = np.maximum.reduceat(reached, groups)
            sizes = np.diff(groups, append=len(edges))
            place = np.where(reached == np.repeat(highest, sizes), np.arange(len(edges)), len(edges))
            chosen = edges[np.minimum.reduceat(place, groups)]
            best[self.ends[chosen]], back[self.ends[chosen]] = highest, chosen
        found: list[NDArray[np.int64]] = []
        nodes = self.last
        while len(nodes):
            taken = back[nodes]
            found.append(taken)
            nodes = self.starts[taken]
            nodes = nodes[back[nodes] >= 0]
        return best[self.last], np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _steps(
    kept: NDArray[np.int64], levels: NDArray[np.int64], targets: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The edges of one level after another, and where each group with one target begins among them."""
    for edges in np.split(kept, np.flatnonzero(np.diff(levels)) + 1):
        if len(edges):
            yield edges, np.flatnonzero(np.diff(targets[edges], prepend=-1))


@dataclass(frozen=True)
class Candidates:
    """The pieces that training begins with, and where each lies in the words."""

    pieces: tuple[str, ...]  # [candidate] characters by count, then longer ones by count times length
    counts: NDArray[np.int64]  # [candidate] how often it stands in the corpus
    sizes: NDArray[np.int64]  # [candidate] its characters
    frequencies: NDArray[np.float64]  # [word] how often it stands in the corpus
    table: NDArray[np.int32]  # [node, size - 1] the candidate of that size that begins there; -1: none
    nodes: NDArray[np.int64]  # [candidate] where one of its occurrences begins
    word_of: NDArray[np.int64]  # [node]
    first: NDArray[np.int64]  # [word] its first node
    last: NDArray[np.int64]  # [word] the node after its last character

    def words(self) -> Lattices:
        """The lattice of every word."""
        starts, sizes = np.nonzero(self.table >= 0)
        inside = np.ones(len(self.word_of), dtype=np.bool_)
        inside[self.last] = False
        lone = np.flatnonzero(inside & (self.table[:, 0] < 0))  # characters that are no candidate
        ids = np.concatenate([self.table[starts, sizes].astype(np.int64), np.full(len(lone), -1, dtype=np.int64)])
        begin = np.concatenate([starts, lone])
        end = np.concatenate([starts + sizes + 1, lone + 1])
        return Lattices.of(begin, end, ids, self.word_of[begin], self.first, self.last, self.frequencies)

    def inside(self, chosen: NDArray[np.int64]) -> Lattices:
        """The lattice of every chosen candidate, without the edge that is the candidate itself."""
        sizes = self.sizes[chosen]
        base = np.concatenate([[0], np.cumsum(sizes + 1)])
        columns: list[tuple[NDArray[np.int64], ...]] = []
        for offset in range(LONGEST):
            for size in range(1, LONGEST - offset + 1):
                units = np.flatnonzero((sizes >= offset + size) & (sizes > size))
                ids = self.table[self.nodes[chosen[units]] + offset, size - 1].astype(np.int64)
                units, ids = units[ids >= 0], ids[ids >= 0]
                columns.append((base[units] + offset, base[units] + offset + size, ids, units))
        starts, ends, ids, units = (np.concatenate(column) for column in zip(*columns, strict=True))
        return Lattices.of(starts, ends, ids, units, base[:-1], base[1:] - 1, np.ones(len(chosen)))


def candidates_of(words: Mapping[tuple[str, str], int], *, reserved: str) -> Candidates:
    """Every character, and every longer string that sentencepiece would begin with.

    Those of 2 to 16 characters inside one word, of one script, without the reserved character, whose next character
    begins with two different UTF-8 bytes at least: the branching nodes of the suffix tree of the corpus' bytes.

    Args:
        words: count of each word with the character that follows it: SPACE, LINE_END or CORPUS_END.
        reserved: a character that no piece holds.
    """
    text = "".join(word + follower for word, follower in words)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    lengths = np.array([len(word) for word, _ in words], dtype=np.int64)
    last = np.cumsum(lengths + 1) - 1
    first = last - lengths
    word_of = np.repeat(np.arange(len(lengths)), lengths + 1)
    frequencies = np.array(list(words.values()), dtype=np.int64)
    alphabet, codes = np.unique(codes, return_inverse=True)
    letters = [chr(code) for code in alphabet]
    scripts = _scripts(letters)[codes]
    lead = np.array([letter.encode()[0] for letter in letters])[codes]
    refused = np.array([letter in (reserved, LINE_END, CORPUS_END) for letter in letters])[codes]
    inside = np.ones(len(codes), dtype=np.bool_)
    inside[last] = False

    positions = np.flatnonzero(inside & ~refused)
    groups = codes[positions]  # [position] which string of the present size begins there
    script = scripts[positions]  # [position] the script so far; -1: none yet
    table = np.full((len(codes), LONGEST), -1, dtype=np.int32)
    found: list[tuple[int, int, int]] = []  # node, size, count
    for size in range(1, LONGEST + 1):
        _, representative, groups = np.unique(groups, return_index=True, return_inverse=True)
        counts = np.bincount(groups, frequencies[word_of[positions]]).astype(np.int64)
        following = codes[positions + size]
        _, pair_of = np.unique(groups * len(letters) + following, return_inverse=True)
        leads = np.unique(groups * 256 + lead[positions + size])
        branches = np.bincount(leads // 256, minlength=len(counts))
        chosen = np.flatnonzero(branches > 1) if size > 1 else np.arange(len(counts))
        numbers = np.full(len(counts), -1, dtype=np.int64)
        numbers[chosen] = np.arange(len(found), len(found) + len(chosen))
        table[positions, size - 1] = numbers[groups]
        found.extend(
            zip(positions[representative[chosen]].tolist(), [size] * len(chosen), counts[chosen].tolist(), strict=True)
        )
        # One character more, where the word has it, its script fits and the string isn't the only one of its kind.
        after = positions + size
        next_script = np.where(scripts[after] == -1, script, scripts[after])
        fits = inside[after] & ~refused[after] & ((script == -1) | (next_script == script))
        fits &= (codes[after] != letters.index(SPACE)) if SPACE in letters else True
        fits &= np.bincount(pair_of, frequencies[word_of[positions]])[pair_of] > 1
        positions, groups, script = positions[fits], pair_of[fits], next_script[fits]
        if not len(positions):
            break
    return _sorted(found, text, table, frequencies, word_of, first, last)


def _sorted(
    found: list[tuple[int, int, int]],
    text: str,
    table: NDArray[np.int32],
    frequencies: NDArray[np.int64],
    word_of: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> Candidates:
    """The candidates in sentencepiece's order: characters first, each kind by count times length."""
    strings = [text[node : node + size] for node, size, _ in found]
    order = sorted(range(len(found)), key=lambda n: (found[n][1] > 1, -found[n][1] * found[n][2], strings[n]))
    renumbered = np.full(len(found) + 1, -1, dtype=np.int32)  # the last entry is that of -1
    renumbered[order] = np.arange(len(found), dtype=np.int32)
    columns = np.array(found, dtype=np.int64)[order]
    return Candidates(
        pieces=tuple(strings[number] for number in order),
        counts=columns[:, 2],
        sizes=columns[:, 1],
        frequencies=frequencies.astype(np.float64),
        table=renumbered[table],
        nodes=columns[:, 0],
        word_of=word_of,
        first=first,
        last=last,
    )


def _scripts(letters: list[str]) -> NDArray[np.int64]:
    """[letter] a number for its script; -1 for those that take the script before them, and for the space mark.

    Han, Hiragana and Katakana are one, as sentencepiece has it; what belongs to no script is one of its own.
    """
    kinds = ["[\\p{Han}\\p{Hiragana}\\p{Katakana}\u30fc]", "\\p{Common}", *(f"\\p{{{name}}}" for name in SCRIPTS)]
    numbers = np.full(len(letters), len(kinds), dtype=np.int64)
    joined = "".join(letters)
    for number, kind in reversed(list(enumerate(kinds))):
        numbers[[match.start() for match in regex.finditer(kind, joined)]] = number
    numbers[[match.start() for match in regex.finditer(f"[\\p{{Inherited}}{SPACE}]", joined)]] = -1
    return numbers
