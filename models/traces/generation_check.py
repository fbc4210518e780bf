"""What does checking a written text against transformers hand to a page?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source


@dataclass(frozen=True)
class GenerationCheckTrace:
    """A text that was written token by token with a cache, beside what transformers says of it."""

    name: ClassVar[str] = "generation check"

    source: Source  # its text is all that the model read
    tokens: NDArray[np.int64]  # [step] ids of the text that is checked
    given: int  # how many of them were laid down, not drawn
    taken: NDArray[np.int64]  # [step] ids that the same numbers take by transformers' own processors
    chances: NDArray[np.float64]  # [step] what those give to the token of the text
    generated: NDArray[np.int64]  # [step] of the first ones: what `generate` writes; none where it wasn't asked

    def __post_init__(self) -> None:
        if not self.tokens.shape == self.taken.shape == self.chances.shape:
            raise ValueError(f"tokens {self.tokens.shape}, taken {self.taken.shape}, chances {self.chances.shape}")

    @property
    def agreeing(self) -> int:
        """How many of the tokens that were drawn are those that transformers' processors take."""
        return int((self.tokens[self.given :] == self.taken[self.given :]).sum())

    @property
    def drawn(self) -> int:
        """How many tokens were drawn."""
        return len(self.tokens) - self.given

    @property
    def as_generated(self) -> bool:
        """Whether the text begins with what `generate` writes."""
        return np.array_equal(self.generated, self.tokens[: len(self.generated)])
