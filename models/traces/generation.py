"""What does generating a text hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source


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
