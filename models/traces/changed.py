"""What do passes with parts switched off hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens, divergence


@dataclass(frozen=True)
class ChangedTrace:
    """What a model does with a text as it is, and with parts of it switched off, scaled or cut: [before, after]."""

    name: ClassVar[str] = "changed"

    source: Source
    token_table: Tokens  # of the whole text
    parts: tuple[str, ...]  # as models/switched_off.py writes them
    logits: NDArray[np.float32]  # [before, after] [vocabulary] behind the last token
    first: int  # the first token whose attention is here
    weights: NDArray[np.float32]  # [before, after] [layer, head, query, key] of the tokens from `first` on
    answers: NDArray[np.int64]  # [before, after] the id of the likeliest token
    lens_ids: NDArray[np.int64]  # [before, after] [layer + 1, k] what the last position says behind each layer
    lens_probabilities: NDArray[np.float32]  # the same, their probabilities
    lens_answers: NDArray[np.float32]  # [before, after] [answer, layer + 1] the two answers' probabilities there
    entries: NDArray[np.int64]  # [entry] the ids of all tokens that are named here, ascending
    texts: tuple[str, ...]  # [entry] what a person can read of them

    def __post_init__(self) -> None:
        if self.logits.ndim != 2 or not len(self.logits) == len(self.weights) == len(self.lens_ids) == 2:
            raise ValueError(f"logits {self.logits.shape}, weights {self.weights.shape}, lens {self.lens_ids.shape}")
        if self.first + self.weights.shape[-1] > len(self.token_table) or len(self.entries) != len(self.texts):
            raise ValueError(f"{len(self.token_table)} tokens, {len(self.texts)} texts")

    @property
    def divergence(self) -> float:
        """Kullback-Leibler divergence of the next token after from before, in bits."""
        return divergence(self.logits)


@dataclass(frozen=True)
class EachOffTrace:
    """What becomes of the next token when each part of a model alone is switched off.

    A column is a head; behind the heads come the layer's attention, its MLP, and the whole layer.
    """

    name: ClassVar[str] = "each off"

    source: Source
    token_table: Tokens
    heads: int
    divergences: NDArray[np.float64]  # [layer, column] Kullback-Leibler divergence from before, in bits
    answers: NDArray[np.int64]  # [layer, column] the id of the likeliest token
    probabilities: NDArray[np.float32]  # [layer, column] its probability
    answer: int  # the likeliest token with nothing switched off
    kept: NDArray[np.float32]  # [layer, column] that token's probability
    probability: float  # the same with nothing switched off
    entries: NDArray[np.int64]  # [entry] the ids of all tokens that are named here, ascending
    texts: tuple[str, ...]  # [entry] what a person can read of them
    checked: tuple[str, ...]  # [check] parts that were switched off once more, each in a pass of its own
    alone: NDArray[np.float64]  # [check] and their divergences

    def __post_init__(self) -> None:
        if self.divergences.ndim != 2 or self.divergences.shape[1] != self.heads + 3:
            raise ValueError(f"divergences {self.divergences.shape} for {self.heads} heads")
