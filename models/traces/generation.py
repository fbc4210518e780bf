"""What does generating a text hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens

Ended = Literal["length", "token", "text", "unfinished"]
# How a text is computed: alone with the cache, alone without, in a batch of itself twice, in a batch with seven other
# texts, with products of matrices in 16 bits.
Way = Literal["cache", "whole", "twins", "batch", "float16", "bfloat16"]


@dataclass(frozen=True)
class GenerationTrace:
    """A text that a model wrote, token by token, with what it could have written instead."""

    name: ClassVar[str] = "generation"

    source: Source  # its text is all that the model read: of a chat, what the template wrote
    token_table: Tokens  # of the prompt
    given: int  # how many of the new tokens were laid down beforehand, not drawn
    tokens: NDArray[np.int64]  # [step] ids of the new tokens
    texts: tuple[str, ...]  # [step] what a person reads of each
    text: str  # all of them together
    probabilities: NDArray[np.float32]  # [step] that the model gave to the token taken
    chances: NDArray[np.float32]  # [step] that it had to be drawn: behind the samplers; 0 where one laid down was cut
    kept: NDArray[np.int64]  # [step] tokens that could be drawn
    entropies: NDArray[np.float32]  # [step] of the model's distribution, in bits
    likely: NDArray[np.int64]  # [step, rank] ids of the most probable ones
    likely_texts: tuple[tuple[str, ...], ...]  # [step][rank]
    likely_probabilities: NDArray[np.float32]  # [step, rank]
    likely_chances: NDArray[np.float32]  # [step, rank] behind the samplers; 0: cut
    ended: Ended  # by the most tokens asked for, an end-of-text token, or the stop text; or not yet
    seconds: float  # that writing took

    def __post_init__(self) -> None:
        steps = len(self.tokens)
        for name in ("texts", "probabilities", "chances", "kept", "entropies", "likely", "likely_texts"):
            if len(getattr(self, name)) != steps:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {steps} steps")
        if not self.likely.shape == self.likely_probabilities.shape == self.likely_chances.shape:
            raise ValueError(f"likely {self.likely.shape}, {self.likely_probabilities.shape}")

    @property
    def bits(self) -> float:
        """log2 p of the whole text: the sum over its tokens; what float32 can't tell from 0 counts as its smallest."""
        least = np.finfo(np.float32).smallest_subnormal
        return float(np.log2(np.maximum(self.probabilities, least, dtype=np.float64)).sum())

    @property
    def perplexity(self) -> float:
        """2^(mean surprisal): as surprised as by a fair choice among so many."""
        return float(2 ** (-self.bits / len(self.tokens)))


@dataclass(frozen=True)
class BeamTrace:
    """A beam search, step by step: every continuation that was looked at, and what became of it."""

    name: ClassVar[str] = "beam search"

    source: Source  # its text is all that the model read: of a chat, what the template wrote
    token_table: Tokens  # of the prompt
    beams: int
    length_penalty: float
    parents: NDArray[np.int64]  # [step, candidate] the beam, of those kept in the step before, that it continues
    tokens: NDArray[np.int64]  # [step, candidate] the token that it adds
    texts: tuple[tuple[str, ...], ...]  # [step][candidate] what a person reads of that
    raw: tuple[tuple[str, ...], ...]  # [step][candidate] its UTF-8 bytes in hexadecimal: a letter can be several tokens
    scores: NDArray[np.float32]  # [step, candidate] sum of ln p of all its tokens, the best first
    ended: NDArray[np.bool_]  # [step, candidate] by an end-of-text token, or at the last step
    kept: NDArray[np.int64]  # [step, beam] the candidates that are continued, the best first
    finished: tuple[tuple[int, ...], ...]  # [text] tokens of the finished ones, the best first; no prompt
    final_scores: NDArray[np.float32]  # [text] score / length^length_penalty

    def __post_init__(self) -> None:
        if not self.parents.shape == self.tokens.shape == self.scores.shape == self.ended.shape:
            raise ValueError(f"parents {self.parents.shape}, tokens {self.tokens.shape}, scores {self.scores.shape}")
        if self.kept.shape != (len(self.parents), self.beams) or len(self.finished) != len(self.final_scores):
            raise ValueError(f"kept {self.kept.shape}, {len(self.finished)} texts, scores {self.final_scores.shape}")

    @property
    def ids(self) -> tuple[int, ...]:
        """Of the best text."""
        return self.finished[0]

    def paths(self) -> tuple[tuple[int, ...], ...]:
        """[text][token] which candidate, of each step, a finished text goes through."""
        ways: dict[tuple[int, ...], tuple[int, ...]] = {(): ()}  # tokens so far -> candidates
        found: dict[tuple[int, ...], tuple[int, ...]] = {}
        alive: list[tuple[int, ...]] = [()] * self.beams
        for step in range(len(self.tokens)):
            grown = [
                (*alive[parent], token)
                for parent, token in zip(self.parents[step].tolist(), self.tokens[step].tolist(), strict=True)
            ]
            here = {
                text: (*ways[alive[parent]], rank)
                for rank, (text, parent) in enumerate(zip(grown, self.parents[step].tolist(), strict=True))
            }
            found |= {text: way for text, way in here.items() if self.ended[step][way[-1]]}
            alive = [grown[candidate] for candidate in self.kept[step].tolist()]
            ways = here
        return tuple(found[ids] for ids in self.finished)


@dataclass(frozen=True)
class BeamCheckTrace:
    """What transformers' own beam search writes."""

    name: ClassVar[str] = "beam check"

    source: Source
    ids: NDArray[np.int64]  # [token] the new ones


@dataclass(frozen=True)
class VariationTrace:
    """One text, always the most probable token, computed in several ways by the same weights."""

    name: ClassVar[str] = "variation"

    source: Source  # its text is all that the model read
    token_table: Tokens  # of the prompt
    ways: tuple[Way, ...]  # [way] the first is what the others are compared with
    skipped: tuple[tuple[Way, str], ...]  # those that can't be had here, and why, in a sentence
    best: NDArray[np.int64]  # [way, step, 2] the tokens with the two largest logits, the first one taken; -1: ended
    best_texts: tuple[tuple[tuple[str, ...], ...], ...]  # [way][step] what a person reads of the two; none: ended
    best_logits: NDArray[np.float32]  # [way, step, 2] theirs; NaN: ended
    differences: NDArray[np.float32]  # [way, step] largest of any logit from the first way's; NaN: other tokens before
    seconds: NDArray[np.float32]  # [way] that it took

    def __post_init__(self) -> None:
        shape = (len(self.ways), self.best.shape[1])
        if self.best.shape != (*shape, 2) or self.best_logits.shape != (*shape, 2) or self.differences.shape != shape:
            raise ValueError(f"best {self.best.shape}, logits {self.best_logits.shape}, {self.differences.shape}")

    @property
    def tokens(self) -> NDArray[np.int64]:
        """[way, step] ids of the text; -1 behind its end."""
        return self.best[..., 0]

    @property
    def margins(self) -> NDArray[np.float32]:
        """[way, step] by how much the best token's logit is above the second's; NaN behind the end of a text."""
        return self.best_logits[..., 0] - self.best_logits[..., 1]

    @property
    def parted(self) -> tuple[int | None, ...]:
        """[way] the first step at which its text differs from the first way's; None: it is the same."""
        apart = self.tokens != self.tokens[0]
        return tuple(int(row.argmax()) if row.any() else None for row in apart)
