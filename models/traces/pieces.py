"""What do WordPiece and Unigram, which choose pieces rather than merges, hand to a picture?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class WordPieceWord:
    """One word of a text under WordPiece: where each longest match was looked for, and what was found."""

    text: str  # as the model sees it, normalized
    span: tuple[int, int]  # characters of the original text, end exclusive
    starts: NDArray[np.int64]  # [match] character of `text` where the search begins
    ends: NDArray[np.int64]  # [match] where the match ends; equal to the start where even one character has no match
    pieces: tuple[str, ...]  # [token] what the word becomes
    ids: NDArray[np.int64]  # [token]
    outcome: Literal["matched", "unknown", "too long", "added"]  # too long: never looked at; added: split off before

    def __post_init__(self) -> None:
        if self.starts.shape != self.ends.shape or len(self.pieces) != len(self.ids):
            raise ValueError(f"{len(self.starts)} starts, {len(self.ends)} ends, {len(self.pieces)} pieces")

    def candidates(self, match: int, prefix: str) -> list[str]:
        """The strings looked up for one match, longest first; `prefix` marks those inside a word ("##")."""
        start, end = int(self.starts[match]), int(self.ends[match])
        mark = prefix if start else ""
        return [mark + self.text[start:stop] for stop in range(len(self.text), max(end, start + 1) - 1, -1)]


@dataclass(frozen=True)
class WordPieceReplay:
    """A whole text under WordPiece, without the special tokens that a template adds around it."""

    text: str
    words: tuple[WordPieceWord, ...]  # [word]
    prefix: str  # what marks a piece inside a word

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] the same as the library's."""
        return np.array([number for word in self.words for number in word.ids], dtype=np.int64)


@dataclass(frozen=True)
class PairRanking:
    """Every merge of one training run, with the rival that the other criterion ranks first at the same moment."""

    pairs: tuple[tuple[str, str], ...]  # [step] the pair that was merged
    counts: NDArray[np.int64]  # [step] how often it stood in the corpus
    scores: NDArray[np.float64]  # [step] count(ab) / (count(a) count(b))
    rivals: tuple[tuple[str, str], ...]  # [step] the pair that the other criterion would have merged
    rival_counts: NDArray[np.int64]  # [step]
    rival_scores: NDArray[np.float64]  # [step]
    ranks: NDArray[np.int64]  # [step] place of the merged pair under the other criterion, from 0

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, part.name)) for part in dataclasses.fields(self)}
        if len(lengths) != 1:
            raise ValueError(f"a ranking's columns have lengths {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True)
class WordPieceTraining:
    """A WordPiece vocabulary as the library trains it, by count, and the merges that the likelihood would choose."""

    vocabulary: tuple[str, ...]  # [id] the library's
    alphabet: int  # how many of its first entries are single characters and special tokens
    by_count: PairRanking  # the library's merges
    by_likelihood: PairRanking  # ours, on the same corpus to the same size
    asked: int  # the vocabulary size asked for; the corpus may hold fewer
    tokenizer: str  # the library's tokenizer.json


@dataclass(frozen=True)
class UnigramLattice:
    """Every way to cut one text into pieces: edges between the gaps of its characters, each a piece."""

    text: str
    normalized: str  # what the model sees
    spans: NDArray[np.int64]  # [character of normalized, 2] characters of `text` it comes from, end exclusive
    splits: NDArray[np.int64]  # [split, 2] stretches of `normalized` that no piece crosses, end exclusive
    starts: NDArray[np.int64]  # [edge] ascending
    ends: NDArray[np.int64]  # [edge]
    edge_ids: NDArray[np.int64]  # [edge] the piece's id, or the unknown piece's
    edge_pieces: tuple[str, ...]  # [edge] the characters covered
    scores: NDArray[np.float64]  # [edge] log-probability, natural; of an unknown character a penalty
    unknown: NDArray[np.bool_]  # [edge] one character that no piece covers
    shares: NDArray[np.float64]  # [edge] probability that a segmentation, drawn as the model says, uses it; 0 to 1
    log_total: float  # log of the summed probability of all segmentations
    best: NDArray[np.int64]  # [step] the edges of the Viterbi path
    unknown_id: int  # the unknown piece's; -1: there is none
    byte_ids: tuple[int, ...]  # [256] pieces that spell unknown characters, -1: there is none; empty: no byte fallback

    def __post_init__(self) -> None:
        count = len(self.starts)
        for name in ("ends", "edge_ids", "edge_pieces", "scores", "unknown", "shares"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {count} edges")
        if self.spans.shape != (len(self.normalized), 2):
            raise ValueError(f"spans {self.spans.shape} for {len(self.normalized)} characters")


@dataclass(frozen=True)
class Segmentation:
    """One path through a lattice."""

    edges: NDArray[np.int64]  # [step] indices into the lattice's edges
    pieces: tuple[str, ...]  # [token] unknown characters side by side are one token, or one a byte
    ids: NDArray[np.int64]  # [token]
    borders: tuple[tuple[int, int], ...]  # [token] characters of the normalized text it covers, end exclusive
    log_probability: float  # sum of the edges' scores
    share: float  # of the probability of all segmentations, 0 to 1


@dataclass(frozen=True)
class UnigramTraining:
    """A unigram vocabulary as sentencepiece trains it, and the pruning rounds of training, computed again."""

    model: bytes  # sentencepiece's own file
    pieces: tuple[str, ...]  # [id] the library's vocabulary
    scores: NDArray[np.float32]  # [id] its log-probabilities
    candidates: tuple[str, ...]  # [candidate] every piece that training begins with
    candidate_counts: NDArray[np.int64]  # [candidate] how often each stands in the corpus
    log_probabilities: NDArray[np.float32]  # [round, candidate] after the round's EM; NaN once it is pruned
    losses: NDArray[np.float32]  # [round, candidate] what the log-likelihood of a word loses without it; NaN: not asked
    log_likelihoods: NDArray[np.float64]  # [round, EM step] mean log-likelihood of a word, before the step
    tokens: NDArray[np.int64]  # [round] tokens in the corpus along the Viterbi paths after the round's EM
    final: tuple[str, ...]  # [piece] what our rounds end with, most probable first
    agreement: float  # share of the library's pieces that are in `final` too, 0 to 1

    def __post_init__(self) -> None:
        rounds = len(self.log_likelihoods)
        shape = (rounds, len(self.candidates))
        if self.log_probabilities.shape != shape or self.losses.shape != shape or self.tokens.shape != (rounds,):
            raise ValueError(f"rounds {self.log_probabilities.shape}, {self.losses.shape}, not {shape}")

    @property
    def sizes(self) -> NDArray[np.int64]:
        """[round] pieces alive after the round's EM."""
        return np.isfinite(self.log_probabilities).sum(axis=1)

    def kept(self, number: int) -> NDArray[np.int64]:
        """[piece] the candidates that round `number` asked for their loss and kept, the largest loss first."""
        losses = np.where(np.isfinite(self.log_probabilities[number + 1]), self.losses[number], np.nan)
        return np.argsort(-losses, kind="stable")[: np.isfinite(losses).sum()]

    def lost(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The candidates that end with a round, by why they do.

        Returns:
            [piece] pruned for their loss, the smallest first; [piece] without a loss, since they stand on no best path
            or are better spelled in parts; [piece] kept, but expected less than 1/2 time by the next round's EM.
        """
        losses, kept = self.losses[number], self.kept(number)
        gone = np.isfinite(self.log_probabilities[number]) & np.isnan(self.log_probabilities[number + 1])
        asked = np.isfinite(losses)
        line = losses[kept[-1]] if len(kept) else np.inf
        ranked = np.argsort(losses, kind="stable")
        pruned = ranked[(gone & asked & (losses < line))[ranked]]
        forgotten = ranked[(gone & asked & (losses >= line))[ranked]]
        return pruned, np.flatnonzero(gone & ~asked), forgotten
