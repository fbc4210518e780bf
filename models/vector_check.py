"""Do the numbers of an analysis of word vectors follow from the vectors as their file holds them?

Each number is computed again from its definition, x . y / (|x| |y|), in double precision and word by word; what comes
back is the largest difference. The analyses take another way: all words at once, in single precision.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.traces import Analogy, Neighbours, OddOneOut, Scale
from models.word_vectors import WordVectors

Vectors = NDArray[np.float64]


def neighbours(found: Neighbours) -> float:
    """Of the cosines."""
    asked, *nearest = found.vectors.astype(np.float64)
    return _largest(found.cosines, [_cosine(asked, vector) for vector in nearest])


def analogy(table: WordVectors, found: Analogy) -> float:
    """Of the scores by 3CosAdd."""
    a, b, c = (_direction(vector) for vector in _vectors(table, found.terms))
    candidates = _vectors(table, found.words[0])
    return _largest(found.scores[0], [_cosine(b - a + c, vector) for vector in candidates])


def odd_one_out(table: WordVectors, found: OddOneOut) -> float:
    """Of the cosines with the mean."""
    vectors = [_direction(vector) for vector in _vectors(table, found.words)]
    mean = np.mean(vectors, axis=0)
    return _largest(found.cosines, [_cosine(mean, vector) for vector in vectors])


def scale(table: WordVectors, found: Scale) -> float:
    """Of the positions."""
    low, high = (
        np.mean([_direction(vector) for vector in _vectors(table, pole)], axis=0) for pole in (found.low, found.high)
    )
    return _largest(found.positions, [_cosine(high - low, vector) for vector in _vectors(table, found.words)])


def _vectors(table: WordVectors, words: tuple[str, ...]) -> Vectors:
    return table.vectors[[table.place(word) for word in words]].astype(np.float64)


def _cosine(left: Vectors, right: Vectors) -> float:
    lengths = np.linalg.norm(left) * np.linalg.norm(right)
    return float(left @ right / lengths) if lengths else 0.0


def _direction(vector: Vectors) -> Vectors:
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def _largest(ours: NDArray[np.float32], again: list[float]) -> float:
    return float(np.abs(ours - np.array(again)).max())
