"""What do positions hand to a picture: what they are, what they do to two vectors, and a text without them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens, divergence


@dataclass(frozen=True)
class WayTrace:
    """The way in which a model knows positions, and how far the formulas of the other ways are from transformers'."""

    name: ClassVar[str] = "ways"

    source: Source
    kind: Literal["learned", "rotary", "alibi"]
    heads: int  # query heads of a layer
    reach: int  # positions that the model is made for; 0: it doesn't say
    table: NDArray[np.float32]  # [position, dimension] the first rows of its table; [0, 0] where it has none
    frequencies: NDArray[
        np.float32
    ]  # [pair] angle in radians from one position to the next; [0] where it turns nothing
    base: float  # of these frequencies, by its config; 0: it doesn't say
    turned: float  # share of a head's dimensions that are turned
    sinusoidal: float  # largest difference of a table of sines from transformers' own
    alibi: float  # largest difference of ALiBi's slopes from transformers' own


@dataclass(frozen=True)
class RotatedTrace:
    """One token's queries and another's keys, of every layer and head, before they are turned by their positions."""

    name: ClassVar[str] = "rotated"

    source: Source
    token_table: Tokens
    token: int  # whose queries
    key: int  # whose keys
    frequencies: NDArray[np.float32]  # [pair] of dimensions i and i + pairs
    scaling: float  # what cosines and sines are multiplied by, where the angles are stretched for long texts
    scales: NDArray[np.float64]  # [layer] what the products are multiplied by
    softcap: float  # 0: none
    queries: NDArray[np.float32]  # [layer, head, size]
    keys: NDArray[np.float32]  # [layer, key/value head, size]
    scores: NDArray[np.float32]  # [layer, head] the model's own, at the positions that the tokens have
    difference: float  # of the formula's scores at all distances from those of transformers' rotary module, relative
    shifted: float  # of transformers' scores from themselves when both positions move, relative
    own: float  # of the formula's scores from the model's own, relative

    def __post_init__(self) -> None:
        layers, heads, size = self.queries.shape
        if self.keys.shape[::2] != (layers, size) or heads % self.keys.shape[1] or self.scores.shape != (layers, heads):
            raise ValueError(f"queries {self.queries.shape}, keys {self.keys.shape}, scores {self.scores.shape}")

    def by_distance(self, count: int) -> NDArray[np.float64]:
        """[layer, head, distance] the score of the query and the key if they stood so far apart, before any cap.

        Pair (a, b) of the query and (c, d) of the key, turned by m and n times the frequency f, have the product
        (ac + bd) cos((m - n) f) + (ad - bc) sin((m - n) f).
        """
        pairs = len(self.frequencies)
        queries = self.queries.astype(np.float64)
        keys = np.repeat(self.keys.astype(np.float64), queries.shape[1] // self.keys.shape[1], axis=1)
        a, b, rest = queries[..., :pairs], queries[..., pairs : 2 * pairs], queries[..., 2 * pairs :]
        c, d = keys[..., :pairs], keys[..., pairs : 2 * pairs]
        angles = self.frequencies.astype(np.float64)[:, None] * np.arange(count)  # [pair, distance]
        found = (a * c + b * d) @ np.cos(angles) + (a * d - b * c) @ np.sin(angles)
        plain = (rest * keys[..., 2 * pairs :]).sum(axis=-1, keepdims=True)
        scores: NDArray[np.float64] = (found * self.scaling**2 + plain) * self.scales[:, None, None]
        return scores


Way = Literal["learned", "rotary", "alibi", "unknown"]
Run = Literal["written", "shuffled", "shifted", "unplaced", "unplaced shuffled"]


@dataclass(frozen=True)
class ShuffledTrace:
    """A text as it is written, with its words in another order, with its positions moved, and with none."""

    name: ClassVar[str] = "shuffled"

    source: Source
    token_table: Tokens  # as it is written
    words: tuple[tuple[int, int], ...]  # [word] its first token, and the one behind its last
    way: Way  # in which the model knows positions
    causal: bool
    seed: int
    by: int  # places that the positions are moved
    runs: tuple[Run, ...]  # the first is the text as it is written
    orders: NDArray[np.int64]  # [run, place] which token of the text stands there
    places: NDArray[np.int64]  # [run, place] the position id that it is given
    vectors: NDArray[np.float32]  # [run, token, dimension] behind the last layer; by the token, wherever it stands
    logits: NDArray[np.float32]  # [run, vocabulary] behind the last token; [run, 0] of a model that predicts none
    likely: NDArray[np.int64]  # [run, rank] the likeliest next tokens; [run, 0] of a model that predicts none
    texts: tuple[tuple[str, ...], ...]  # [run, rank] what a person reads of each
    difference: float  # of the first run's vectors from those of a plain pass, relative

    def __post_init__(self) -> None:
        count = len(self.runs)
        if not count == len(self.orders) == len(self.places) == len(self.vectors) == len(self.logits):
            raise ValueError(f"{count} runs, vectors {self.vectors.shape}, logits {self.logits.shape}")

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """[run, rank] of the likeliest next tokens."""
        if not self.logits.shape[1]:
            return np.empty(self.likely.shape)
        logs = self.logits.astype(np.float64)
        powers = np.exp(logs - logs.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = np.take_along_axis(powers / powers.sum(axis=1, keepdims=True), self.likely, axis=1)
        return found

    def lost(self, run: int, against: int = 0) -> float:
        """Kullback-Leibler divergence of one run's next token from another's, in bits."""
        return max(0.0, divergence(self.logits[[against, run]])) if self.logits.shape[1] else float("nan")

    def cosines(self, run: int, against: int = 0) -> NDArray[np.float64]:
        """[token] between each token's vectors in two runs."""
        first, second = (self.vectors[number].astype(np.float64) for number in (against, run))
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
        products = (first * second).sum(axis=1)
        found = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
        return np.clip(found, -1.0, 1.0)
