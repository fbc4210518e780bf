"""What does a comparison of writing with and without a cache hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class CachingTrace:
    """A text written token by token, once with the keys and values kept, and once with all of it read at each step."""

    name: ClassVar[str] = "caching"

    source: Source
    token_table: Tokens  # of the prompt
    written: NDArray[np.int64]  # [step] what is written with the cache; step 0 reads the prompt, with or without
    texts: tuple[str, ...]  # [step] what a person reads of each
    ended: bool  # whether the last token is one that ends a text
    choices: NDArray[np.int64]  # [step] what is written behind the same tokens when all of them are read anew
    differences: NDArray[np.float64]  # [step] largest |logit with - logit without|, as a share of the largest |logit|
    products: NDArray[np.int64]  # [with, without] [step] multiplications, as torch's table of formulas counts them
    kept: NDArray[np.int64]  # [step, layer] tokens whose keys and values the cache holds after the step
    bytes: NDArray[np.int64]  # [step, layer] of these tensors
    heads: int  # of queries
    key_heads: NDArray[np.int64]  # [layer] by the configuration: heads of keys and values,
    sizes: NDArray[np.int64]  # [layer, 2] numbers in a key and in a value of one head,
    windows: NDArray[np.int64]  # [layer] and tokens that the layer attends to; 0: no limit
    number: int  # bytes of one number
    weights: int  # bytes of all weights
    reach: int  # tokens that the model itself takes, by its config; 0: it doesn't say
    # [layer] largest difference of the prompt's keys and values, read alone and at the beginning of the longer text,
    # as a share of the largest number among them
    key_changes: NDArray[np.float64]
    value_changes: NDArray[np.float64]

    def __post_init__(self) -> None:
        steps, layers = len(self.written), len(self.key_heads)
        if not len(self.texts) == len(self.choices) == len(self.differences) == steps:
            raise ValueError(f"{steps} tokens, {len(self.texts)} texts, {len(self.choices)} choices")
        if self.products.shape != (2, steps) or not self.kept.shape == self.bytes.shape == (steps, layers):
            raise ValueError(f"products {self.products.shape}, kept {self.kept.shape}, bytes {self.bytes.shape}")

    @property
    def reading(self) -> NDArray[np.int64]:
        """[with, without] [step] tokens that the model reads."""
        prompt, steps = len(self.token_table), len(self.written)
        return np.stack([np.array([prompt] + [1] * (steps - 1)), prompt + np.arange(steps)])

    @property
    def token_bytes(self) -> int:
        """Bytes that one token adds, by the configuration, while no layer's window is full."""
        return int(self.number * (self.key_heads * self.sizes.sum(axis=1)).sum())

    @property
    def same(self) -> int:
        """How many tokens both ways write alike before they part: all, as a rule."""
        apart = np.flatnonzero(self.written != self.choices)
        return int(apart[0]) if len(apart) else len(self.written)


@dataclass(frozen=True)
class CacheTimesTrace:
    """How long each step of a `CachingTrace` took on one machine at one moment."""

    name: ClassVar[str] = "cache times"

    source: Source
    seconds: NDArray[np.float64]  # [with, without] [round, step]
    when: str  # the moment in UTC, as ISO 8601 writes it
    processor: str
    threads: int  # of torch, on a processor

    def __post_init__(self) -> None:
        if self.seconds.ndim != 3 or len(self.seconds) != 2:
            raise ValueError(f"seconds {self.seconds.shape}")

    @property
    def medians(self) -> NDArray[np.float64]:
        """[with, without] [step] seconds."""
        found: NDArray[np.float64] = np.median(self.seconds, axis=1)
        return found


@dataclass(frozen=True)
class RereadTrace:
    """How the vectors of a text's beginning change in an encoder when the text has one token more."""

    name: ClassVar[str] = "reread"

    source: Source
    token_table: Tokens  # of the longer text
    added: int  # the position of the token that the shorter text lacks
    changes: NDArray[np.float64]  # [layer] largest difference of what enters it, as a share of the largest number there
    cosines: NDArray[np.float64]  # [layer] the least similarity of a token's two vectors

    def __post_init__(self) -> None:
        if self.changes.shape != self.cosines.shape:
            raise ValueError(f"changes {self.changes.shape}, cosines {self.cosines.shape}")
