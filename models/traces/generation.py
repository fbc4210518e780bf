"""What does generating a text hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens

Ended = Literal["length", "token", "text", "context"]


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
    ended: Ended  # by the most tokens asked for, an end-of-text token, the stop text, or the end of what fits
    seconds: float  # that writing took

    def __post_init__(self) -> None:
        steps = len(self.tokens)
        for name in ("texts", "probabilities", "chances", "kept", "entropies", "likely", "likely_texts"):
            if len(getattr(self, name)) != steps:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {steps} steps")
        if not self.likely.shape == self.likely_probabilities.shape == self.likely_chances.shape:
            raise ValueError(f"likely {self.likely.shape}, {self.likely_probabilities.shape}")


@dataclass(frozen=True)
class BeamTrace:
    """A beam search, step by step: every continuation that was looked at, and what became of it."""

    name: ClassVar[str] = "beam search"

    source: Source  # its text is the prompt
    beams: int
    length_penalty: float
    parents: NDArray[np.int64]  # [step, candidate] the beam, of those kept in the step before, that it continues
    tokens: NDArray[np.int64]  # [step, candidate] the token that it adds
    texts: tuple[tuple[str, ...], ...]  # [step][candidate] what a person reads of that
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
