"""What do the analyses of attention hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, TokenKind, Tokens


@dataclass(frozen=True)
class AttentionTrace:
    """Every attention weight of one forward pass."""

    name: ClassVar[str] = "attention"

    source: Source
    token_table: Tokens
    weights: NDArray[np.float32]  # [layer, head, query, key]; every row over `key` sums to 1
    causal: bool  # True: a query sees no key after itself
    windows: NDArray[np.int64]  # [layer] how many keys back (itself included) a query sees; 0: no limit
    key_value_heads: NDArray[np.int64]  # [head] which key/value head the query head reads

    def __post_init__(self) -> None:
        if self.weights.ndim != 4 or self.weights.dtype != np.float32:
            raise ValueError(f"weights must be float32 [layer, head, query, key], not {self.weights.shape}")
        layers, heads, queries, keys = self.weights.shape
        if not queries == keys == len(self.token_table):
            raise ValueError(f"{queries} queries and {keys} keys for {len(self.token_table)} tokens")
        if self.windows.shape != (layers,) or self.key_value_heads.shape != (heads,):
            raise ValueError(f"windows {self.windows.shape}, key_value_heads {self.key_value_heads.shape}")

    @property
    def tokens(self) -> tuple[str, ...]:
        """[token] what a person reads."""
        return self.token_table.texts

    @property
    def kinds(self) -> tuple[TokenKind, ...]:
        """[token] "text" or "special"."""
        return self.token_table.kinds

    @property
    def layers(self) -> int:
        return self.weights.shape[0]

    @property
    def heads(self) -> int:
        return self.weights.shape[1]

    def visible(self, layer: int) -> NDArray[np.bool_]:
        """[query, key] True where the mask of `layer` lets the query see the key."""
        position = np.arange(len(self.token_table))
        back = position[:, None] - position[None, :]  # how far the key lies behind the query
        window = int(self.windows[layer])
        seen = back >= 0 if self.causal else np.ones_like(back, dtype=bool)
        return seen & (np.abs(back) < window) if window else seen


@dataclass(frozen=True)
class InductionTrace:
    """How strongly each head repeats: its attention, on a repeated random sequence, to what came next last time."""

    name: ClassVar[str] = "induction"

    source: Source
    scores: NDArray[np.float32]  # [layer, head] mean weight on the token after the query's earlier occurrence, 0 to 1
    length: int  # tokens in the random sequence, before it is repeated
    seed: int

    def __post_init__(self) -> None:
        if self.scores.ndim != 2 or self.scores.dtype != np.float32:
            raise ValueError(f"scores must be float32 [layer, head], not {self.scores.shape}")
