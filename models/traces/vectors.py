"""What do the analyses of word vectors, and the projections of any vectors, hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source

AnalogyMethod = Literal["3CosAdd", "3CosMul"]
ANALOGY_METHODS: tuple[AnalogyMethod, ...] = ("3CosAdd", "3CosMul")

ProjectionMethod = Literal["pca", "umap", "tsne"]


@dataclass(frozen=True)
class Neighbours:
    """The words whose vectors point most nearly where another does."""

    name: ClassVar[str] = "word neighbours"

    source: Source  # its text is the word asked about; "" for a vector that is no word's
    words: tuple[str, ...]  # [neighbour] the nearest first
    places: NDArray[np.int64]  # [neighbour] place in the table; 0 is the most frequent word
    cosines: NDArray[np.float32]  # [neighbour] descending
    vectors: NDArray[np.float32]  # [1 + neighbour, dimension] as the table holds them; what was asked about comes first

    def __post_init__(self) -> None:
        count = len(self.words)
        if self.places.shape != (count,) or self.cosines.shape != (count,) or len(self.vectors) != 1 + count:
            raise ValueError(f"{count} words, places {self.places.shape}, vectors {self.vectors.shape}")

    @property
    def angles(self) -> NDArray[np.float32]:
        """[neighbour] degrees between its vector and the one asked about."""
        return np.degrees(np.arccos(np.clip(self.cosines, -1, 1)))


@dataclass(frozen=True)
class Analogy:
    """The words that answer "a is to b as c is to what?" best, and where an expected one really ranks."""

    name: ClassVar[str] = "analogy"

    source: Source
    terms: tuple[str, str, str]  # a, b, c
    expected: str | None
    words: tuple[tuple[str, ...], ...]  # [method of ANALOGY_METHODS][candidate] the best first, a, b and c among them
    scores: NDArray[np.float32]  # [method, candidate]
    given: NDArray[np.bool_]  # [method, candidate] whether it is a, b or c, which are usually left out
    ranks: NDArray[np.int64]  # [method, 2] the expected word's, from 1: with a, b, c left out, and among all; 0: none
    drawn: tuple[str, ...]  # [word] a, b, c, the expected one, the candidates of 3CosAdd; each once
    vectors: NDArray[np.float32]  # [word + 1, dimension] of length 1, those of `drawn`; the last is b - a + c, as it is

    def __post_init__(self) -> None:
        if not self.scores.shape == self.given.shape == (len(self.words), len(self.words[0])):
            raise ValueError(f"scores {self.scores.shape}, given {self.given.shape}")
        if len(self.vectors) != len(self.drawn) + 1:
            raise ValueError(f"{len(self.vectors)} vectors for {len(self.drawn)} words and what they make")

    def answer(self, method: AnalogyMethod) -> str:
        """The best candidate that is neither a, b nor c."""
        row = ANALOGY_METHODS.index(method)
        return next(word for word, given in zip(self.words[row], self.given[row], strict=True) if not given)


@dataclass(frozen=True)
class OddOneOut:
    """Which of some words goes least with the others."""

    name: ClassVar[str] = "odd one out"

    source: Source
    words: tuple[str, ...]
    cosines: NDArray[np.float32]  # [word] with the mean of all their unit vectors
    pairwise: NDArray[np.float32]  # [word, word] cosine

    def __post_init__(self) -> None:
        count = len(self.words)
        if self.cosines.shape != (count,) or self.pairwise.shape != (count, count):
            raise ValueError(f"{count} words, cosines {self.cosines.shape}, pairwise {self.pairwise.shape}")

    @property
    def odd(self) -> int:
        """Which word it is."""
        return int(self.cosines.argmin())

    @property
    def with_others(self) -> NDArray[np.float32]:
        """[word] mean cosine with the other words; their order is that of `cosines`."""
        count = len(self.words)
        return (self.pairwise.sum(axis=1) - self.pairwise.diagonal()) / (count - 1)


@dataclass(frozen=True)
class Scale:
    """Words laid along the direction from one pole to another."""

    name: ClassVar[str] = "scale"

    source: Source
    words: tuple[str, ...]
    low: tuple[str, ...]  # the words that make the low pole
    high: tuple[str, ...]
    positions: NDArray[np.float32]  # [word] cosine with the axis: -1 to 1, low to high
    low_positions: NDArray[np.float32]  # [word of the low pole]
    high_positions: NDArray[np.float32]  # [word of the high pole]
    axis: NDArray[np.float32]  # [dimension] of length 1

    def __post_init__(self) -> None:
        for words, positions in (
            (self.words, self.positions),
            (self.low, self.low_positions),
            (self.high, self.high_positions),
        ):
            if positions.shape != (len(words),):
                raise ValueError(f"{positions.shape} positions for {len(words)} words")


@dataclass(frozen=True)
class AnalogyAccuracy:
    """How many questions of a published list the vectors answer as the list does, category by category."""

    name: ClassVar[str] = "analogy accuracy"

    source: Source  # its text is the list's name
    sections: tuple[str, ...]  # the categories as the list calls them
    correct: NDArray[np.int64]  # [section]
    asked: NDArray[np.int64]  # [section]
    skipped: NDArray[np.int64]  # [section] questions with a word that isn't among the candidates
    candidates: int  # the most frequent words, which may be an answer

    def __post_init__(self) -> None:
        if not self.correct.shape == self.asked.shape == self.skipped.shape == (len(self.sections),):
            raise ValueError(f"{len(self.sections)} sections, {self.correct.shape}, {self.asked.shape}")

    @property
    def shares(self) -> NDArray[np.float64]:
        """[section] correct of those asked; NaN where none could be asked."""
        with np.errstate(invalid="ignore"):
            return self.correct / self.asked

    @property
    def total(self) -> float:
        """Correct of all those asked."""
        return float(self.correct.sum() / self.asked.sum())


@dataclass(frozen=True)
class Quality:
    """How far a projection's neighbourhoods can be trusted."""

    k: int  # neighbours of each point looked at
    trustworthiness: float  # 0 to 1; 1: who is near in the picture is near in the vectors
    neighbour_preservation: float  # share of the k nearest in the vectors that are among the k nearest in the picture
    points: int  # how many points were asked: all, or a random sample, each among all points
    explained: tuple[float, ...] | None  # PCA: share of the variance along each axis


@dataclass(frozen=True)
class ProjectionTrace:
    """Points in 2 or 3 dimensions in place of vectors of many."""

    name: ClassVar[str] = "projection"

    source: Source  # of the vectors
    method: ProjectionMethod
    points: NDArray[np.float32]  # [point, 2 or 3]
    quality: Quality | None  # None: too few points to have neighbours
    seed: int
    parameters: dict[str, Any]  # as they were used
    notes: tuple[str, ...]  # sentences: what is other than was asked
    duplicates: int  # points whose vector an earlier point has too
    shape: tuple[int, int]  # of the vectors: points, dimensions
    seconds: float  # that the method took
    versions: dict[str, str]  # package -> version

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.dtype != np.float32 or len(self.points) != self.shape[0]:
            raise ValueError(f"points must be float32 [point, 2 or 3], not {self.points.dtype} {self.points.shape}")


@dataclass(frozen=True)
class JointProjection:
    """The same points at many layers, all seen along the same axes."""

    name: ClassVar[str] = "joint projection"

    source: Source  # of the vectors
    points: NDArray[np.float32]  # [layer, point, 2 or 3]
    components: NDArray[np.float32]  # [axis, dimension] the one basis, of length 1 each
    mean: NDArray[np.float32]  # [dimension] of all points at all layers
    explained: NDArray[np.float32]  # [axis] share of the variance of all points at all layers
    explained_by_layer: NDArray[np.float32]  # [layer] share of that layer's own variance that the axes show
    quality: Quality | None
    seconds: float  # that the PCA took

    def __post_init__(self) -> None:
        layers, _, axes = self.points.shape
        if self.components.shape != (axes, *self.mean.shape) or self.explained_by_layer.shape != (layers,):
            raise ValueError(f"points {self.points.shape}, components {self.components.shape}, mean {self.mean.shape}")


@dataclass(frozen=True)
class ProjectionComparison:
    """Two projections of the same vectors, the second turned, mirrored, scaled and moved onto the first."""

    points: NDArray[np.float32]  # [point, 2 or 3] of the first, as they were
    aligned: NDArray[np.float32]  # [point, 2 or 3] of the second, in the first one's coordinates
    displacements: NDArray[
        np.float32
    ]  # [point] distance between the two, in units of the first one's root mean squared radius
    disparity: float  # 0 to 1; 0: the same but for turning, mirroring, scaling and moving

    def __post_init__(self) -> None:
        if self.points.shape != self.aligned.shape or self.displacements.shape != self.points.shape[:1]:
            raise ValueError(f"points {self.points.shape}, aligned {self.aligned.shape}")


@dataclass(frozen=True)
class WordMap:
    """The most frequent words of a table laid out in the plane; the words themselves are the table's."""

    name: ClassVar[str] = "word map"

    source: Source
    places: NDArray[np.uint16]  # [word, 2] in steps of 1/65,535 of the map's width and height
    corner: NDArray[np.float32]  # [2] where place 0, 0 is
    extent: NDArray[np.float32]  # [2] width and height
    clusters: NDArray[np.uint8]  # [word]
    names: tuple[tuple[str, ...], ...]  # [cluster] its most central words
    quality: Quality | None
    seed: int
    parameters: dict[str, Any]

    def __post_init__(self) -> None:
        if self.places.shape != (len(self.clusters), 2) or self.places.dtype != np.uint16:
            raise ValueError(f"places {self.places.dtype} {self.places.shape} for {len(self.clusters)} words")
        if len(self.clusters) and self.clusters.max() >= len(self.names):
            raise ValueError(f"{len(self.names)} names of clusters, and words of cluster {self.clusters.max()}")

    @property
    def points(self) -> NDArray[np.float32]:
        """[word, 2] where the words are, to half a step."""
        return self.corner + self.places.astype(np.float32) * (self.extent / np.float32(2**16 - 1))


@dataclass(frozen=True)
class MapTwin:
    """Where the most frequent words of a map lie under another seed, in the map's coordinates."""

    name: ClassVar[str] = "map twin"

    source: Source
    seed: int
    places: NDArray[np.float32]  # [word, 2]
    words: int  # that were laid out, and compared
    displacement: float  # of all of them on average, in units of the map's root mean squared radius
    disparity: float  # of all of them; 0: the same but for turning, mirroring, scaling and moving

    def __post_init__(self) -> None:
        if self.places.ndim != 2 or self.places.shape[1] != 2 or len(self.places) > self.words:
            raise ValueError(f"places {self.places.shape} of {self.words} words")
