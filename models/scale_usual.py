"""Where do most words lie on a scale between two poles?

A position says little by itself: on the line from "he" to "she" the middle of all frequent words is well on one side
of 0. So each word is compared with the most frequent ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.traces import Scale
from models.word_vectors import WordVectors

FREQUENT: Final = 10_000
SHARES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Usual:
    """The most frequent words of a table on a scale, and a few words among them."""

    words: int  # how many
    quantiles: tuple[float, float, float]  # their positions: a twentieth lies below the first, half below the second
    below: NDArray[np.float64]  # [word of the scale] share of them that lies nearer to the low pole


def usual(table: WordVectors, scale: Scale) -> Usual:
    """The 10,000 most frequent words on the axis of a scale."""
    positions = np.sort(table.units[:FREQUENT] @ scale.axis)
    low, middle, high = np.quantile(positions, SHARES).tolist()
    below = np.searchsorted(positions, scale.positions) / len(positions)
    return Usual(len(positions), (low, middle, high), below)
