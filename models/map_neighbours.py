"""Does a map keep a word's neighbours beside it? Those by cosine and those on the map, each with its rank in the other.

Both are looked for among the words on the map. Its distances are those of the places as they are stored, and so as
they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models import word_vectors
from models.traces import InputError, WordMap
from models.word_vectors import WordVectors

SHOWN: Final = 10


@dataclass(frozen=True)
class Near:
    """The words nearest to one, by one of the two measures."""

    places: NDArray[np.int64]  # [neighbour] the nearest first; 0 is the most frequent word
    cosines: NDArray[np.float32]  # [neighbour]
    elsewhere: NDArray[np.int64]  # [neighbour] its rank by the other measure, from 1

    def kept(self, count: int) -> int:
        """How many of them are among the `count` nearest by the other measure, too."""
        return int((self.elsewhere <= count).sum())


def compare(table: WordVectors, found: WordMap, place: int, count: int = SHOWN) -> tuple[Near, Near]:
    """The `count` nearest of a word in the vectors, and on the map.

    Args:
        table: whose words the map shows.
        found: the map.
        place: of the word.
        count: how many.

    Raises:
        InputError: the word isn't on the map, or the map has not so many others.
    """
    shown = len(found.places)
    if not 0 <= place < shown:
        raise InputError(f"There is no word {place} on this map; its words are numbered 0 to {shown - 1:,}.")
    if not 1 <= count < shown:
        raise InputError(f"{count:,} neighbours can't be shown; this map has {shown - 1:,} other words.")
    cosines = table.units[:shown] @ table.units[place]
    steps = found.places.astype(np.int64)
    offsets = (steps - steps[place]) * found.extent.astype(np.float64)
    nearness = -(offsets**2).sum(axis=1)
    in_vectors, on_map = (_others(scores, place, count) for scores in (cosines, nearness))
    return (
        Near(in_vectors, cosines[in_vectors], _ranks(nearness, in_vectors, place)),
        Near(on_map, cosines[on_map], _ranks(cosines, on_map, place)),
    )


def _others(scores: NDArray[np.floating], place: int, count: int) -> NDArray[np.int64]:
    """[count] places of the highest scores but for one word, which need not have the highest itself."""
    best = word_vectors.best(scores, count + 1)
    return best[best != place][:count]


def _ranks(scores: NDArray[np.floating], asked: NDArray[np.int64], place: int) -> NDArray[np.int64]:
    """[asked] the rank of each among all words but one, from 1; of equals the same."""
    others = np.delete(scores, place)
    return np.array([1 + np.count_nonzero(others > scores[one]) for one in asked], dtype=np.int64)
