"""What do a training and a replay of BPE hand to a picture?"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Tokens


@dataclass(frozen=True)
class BpeSegmentation:
    """A part of a training text, cut up as BPE cuts it after some merges."""

    step: int  # merges made
    start: int  # first character of the text, where a word begins
    end: int  # the character after the last one
    token_table: Tokens  # id -1: white space that the pre-tokenizer drops
    words: NDArray[np.int64]  # [token] which word of the text it is a part of; -1 for dropped white space

    def __post_init__(self) -> None:
        if self.words.shape != (len(self.token_table),):
            raise ValueError(f"{self.words.shape} words for {len(self.token_table)} tokens")


@dataclass(frozen=True)
class BpeState:
    """One step of a training of BPE."""

    step: int  # merges made
    pairs: tuple[tuple[bytes, bytes], ...]  # [pair] the most frequent, in the order in which the library prefers them
    pair_ids: NDArray[np.int64]  # [pair, 2] the same as ids
    counts: NDArray[np.int64]  # [pair] how often each stands in the whole corpus; the first is merged next
    ties: int  # pairs that have the first one's count, itself included: over 1, the lowest ids decided
    distinct_pairs: int  # pairs that stand anywhere in the corpus
    new_token: bytes  # what the last merge made; b"" before the first
    new_id: int  # -1 before the first
    vocabulary_size: int
    corpus_tokens: int
    segmentation: BpeSegmentation

    def __post_init__(self) -> None:
        if self.pair_ids.shape != (len(self.pairs), 2) or self.counts.shape != (len(self.pairs),):
            raise ValueError(f"{len(self.pairs)} pairs, ids {self.pair_ids.shape}, counts {self.counts.shape}")


@dataclass(frozen=True)
class BpeWindow:
    """The most frequent pairs at neighbouring steps of a training, as `BpeState` has them for one."""

    first: int  # merges made before the first of these steps
    pairs: NDArray[np.int64]  # [step, pair, 2] ids, the pair that is merged next first; -1 where there are fewer
    counts: NDArray[np.int64]  # [step, pair] how often each stands in the whole corpus; 0 where there are fewer
    ties: NDArray[np.int64]  # [step] pairs that have the first one's count, itself included
    distinct_pairs: NDArray[np.int64]  # [step] pairs that stand anywhere in the corpus

    def __post_init__(self) -> None:
        steps, top = self.counts.shape
        if self.pairs.shape != (steps, top, 2) or not len(self.ties) == len(self.distinct_pairs) == steps:
            raise ValueError(f"pairs {self.pairs.shape} and {len(self.ties)} ties for counts {self.counts.shape}")


@dataclass(frozen=True)
class BpeTrees:
    """A part of a training text with every merge that ever happens in it: enough to cut it as it is at any step.

    A word with n letters has the nodes 0 to n - 1 for these, and n + j for what its merge j makes. After k merges of
    the training, a node stands where its own step is below k (a letter always stands) and that of no node over it is.
    """

    start: int  # first character of the text, where a word begins
    end: int  # the character after the last one
    letters: NDArray[np.int64]  # [letter] ids, those of all distinct words one after another
    letter_ends: NDArray[np.int64]  # [word + 1] a word's letters are letter_ends[word] to letter_ends[word + 1]
    merges: NDArray[np.int64]  # [merge, 4] left node, right node, id of what is made, step that makes it, from 0
    merge_ends: NDArray[np.int64]  # [word + 1]
    words: NDArray[np.int64]  # [occurrence] which distinct word stands there
    spans: NDArray[np.int64]  # [occurrence, 2] characters of the whole text; white space between them was dropped

    def __post_init__(self) -> None:
        if self.letters.shape != (self.letter_ends[-1],) or self.merges.shape != (self.merge_ends[-1], 4):
            raise ValueError(f"{self.letters.shape} letters and {self.merges.shape} merges end elsewhere")
        if self.spans.shape != (len(self.words), 2):
            raise ValueError(f"spans {self.spans.shape} for {len(self.words)} occurrences")


@dataclass(frozen=True)
class BpeMoment:
    """One word between two merges."""

    nodes: tuple[int, ...]  # [piece] what the word consists of now
    rivals: tuple[tuple[int, int], ...]  # [pair] (rank, piece that is its left half), in the order of preference
    reason: Literal["only", "rank", "leftmost", "done"]  # why the first rival wins; "leftmost": another has its rank


@dataclass(frozen=True)
class BpeWord:
    """One word of a text and the merges that make its tokens: a tree for each token.

    Nodes 0 to letters - 1 are what the word begins as; node letters + j is what merge j makes.
    """

    text: str  # as the model sees it, normalized
    span: tuple[int, int]  # characters of the original text, end exclusive
    pieces: tuple[str, ...]  # [node] the entry in the vocabulary
    raw: tuple[bytes, ...]  # [node] the bytes that it stands for, a space for U+2581
    node_ids: NDArray[np.int64]  # [node]
    merges: NDArray[np.int64]  # [merge, 3] left node, right node, rank
    rivals: NDArray[np.int64]  # [pair, 3] left node, right node, rank: all neighbours that could ever be merged
    roots: tuple[int, ...]  # [token] nodes left at the end
    outcome: Literal["merged", "whole", "added"]  # whole: in the vocabulary, merges ignored; added: split off before

    def __post_init__(self) -> None:
        nodes = len(self.node_ids)
        if len(self.pieces) != nodes or len(self.raw) != nodes or self.merges.shape != (nodes - self.letters, 3):
            raise ValueError(f"{nodes} nodes: {len(self.pieces)} pieces, {len(self.raw)} raw, {self.merges.shape}")
        if self.rivals.ndim != 2 or self.rivals.shape[1] != 3:
            raise ValueError(f"rivals must be [pair, 3], not {self.rivals.shape}")

    @property
    def letters(self) -> int:
        """What the word begins as: so many single letters, bytes or unknown stretches."""
        return len(self.node_ids) - len(self.merges)

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] what the word becomes."""
        return self.node_ids[list(self.roots)]

    def at(self, k: int) -> BpeMoment:
        """The word after `k` of its merges, and which neighbours compete for the next one."""
        if not 0 <= k <= len(self.merges):
            raise ValueError(f"a word with {len(self.merges)} merges has no step {k}")
        first_letter = list(range(self.letters + k))  # [node]
        standing = {letter: letter for letter in range(self.letters)}  # first letter -> node that stands there
        for made, (left, right, _) in enumerate(self.merges[:k].tolist(), start=self.letters):
            del standing[first_letter[right]]
            first_letter[made] = first_letter[left]
            standing[first_letter[made]] = made
        nodes = tuple(standing[letter] for letter in sorted(standing))
        place = {(left, right): number for number, (left, right) in enumerate(itertools.pairwise(nodes))}
        rivals = sorted(
            (rank, place[left, right]) for left, right, rank in self.rivals.tolist() if (left, right) in place
        )
        if not rivals:
            return BpeMoment(nodes, (), "done")
        tied = len(rivals) > 1 and rivals[1][0] == rivals[0][0]
        return BpeMoment(nodes, tuple(rivals), "leftmost" if tied else "rank" if len(rivals) > 1 else "only")


@dataclass(frozen=True)
class BpeStep:
    """One merge in a text."""

    word: int
    merge: int  # which of the word's merges
    left: str  # vocabulary entries
    right: str
    made: str
    rank: int
    token: int  # id of what is made


@dataclass(frozen=True)
class BpeReplay:
    """A whole text under BPE, without the special tokens that a template adds around it."""

    text: str
    words: tuple[BpeWord, ...]  # [word]
    library_ids: NDArray[np.int64]  # [token] what the library itself says

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] all words' tokens."""
        return np.array([number for word in self.words for number in word.ids.tolist()], dtype=np.int64)

    @property
    def matches(self) -> bool:
        """Whether ours are the library's ids."""
        return np.array_equal(self.ids, self.library_ids)

    @property
    def steps(self) -> tuple[BpeStep, ...]:
        """[merge] all merges, word by word."""
        return tuple(
            BpeStep(
                word=number,
                merge=merge,
                left=word.pieces[left],
                right=word.pieces[right],
                made=word.pieces[word.letters + merge],
                rank=rank,
                token=int(word.node_ids[word.letters + merge]),
            )
            for number, word in enumerate(self.words)
            for merge, (left, right, rank) in enumerate(word.merges.tolist())
        )
