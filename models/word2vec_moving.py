"""How do the words move while they are trained, and who is near whom after each epoch?

Places are those of one PCA of the most frequent words after all epochs together, so that a word that moves in the
picture has moved. Neighbours are by cosine, in all dimensions, among the words whose vectors are kept.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models import projection
from models.traces import JointProjection, Source, Word2VecTraining

WORDS: Final = 100  # in the picture: the most frequent
LOOKS: Final = 24  # epochs that a picture of a training on its way is made of
PAUSE: Final = 0.5  # seconds from one such picture to the next, at least


@dataclass(frozen=True)
class Seen:
    """A training on its way, as it was at one moment."""

    words: tuple[str, ...]  # [word]
    epochs: tuple[int, ...]  # [look] after how many epochs; the last is now
    losses: tuple[float, ...]  # [epoch] so far; NaN where nothing was trained
    points: NDArray[np.float32]  # [look, word, 2] along the same axes


class Live:
    """What is known so far of one training: written by a `Recorder`, read by all who wait for it."""

    def __init__(self) -> None:
        self.seen: Seen | None = None


class Recorder:
    """The `on_epoch` of one training; one that begins anew, after a stop, has its own."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._vectors: list[NDArray[np.float32]] = []
        self._losses: list[float] = []
        self._last: Seen | None = None
        self._drawn = -math.inf

    def __call__(self, words: tuple[str, ...], epoch: int, loss: float, vectors: NDArray[np.float32]) -> None:
        """After each epoch, and before the first (0)."""
        if epoch:
            self._losses.append(loss)
        self._vectors.append(vectors[:WORDS].copy())
        if time.monotonic() - self._drawn >= PAUSE:
            self._live.seen = self._last = self._look(words[:WORDS])
            self._drawn = time.monotonic()

    def _look(self, words: tuple[str, ...]) -> Seen:
        done = len(self._vectors)
        epochs = sorted(set(np.linspace(0, done - 1, LOOKS).round().astype(int).tolist()))
        points = projection.joint([self._vectors[epoch] for epoch in epochs]).points
        if self._last is not None:  # no axis points the other way from one picture to the next
            sides = np.where((points[0] * self._last.points[0]).sum(axis=0) < 0, -1, 1).astype(np.float32)
            points = points * sides
        return Seen(words, tuple(epochs), tuple(self._losses), points)


def moving(training: Word2VecTraining, name: str) -> JointProjection:
    """[epoch + 1, word, 2] where the `WORDS` most frequent words are; `name` says what was trained.

    Raises:
        InputError: the vectors have grown beyond all numbers, or all are the same.
    """
    return projection.joint(training.vectors[:, :WORDS], source=Source(name, "", ""))


def near(training: Word2VecTraining, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Who is nearest to each of the `WORDS` most frequent words after each epoch, the nearest first.

    Args:
        training: where the vectors come from.
        count: neighbours; fewer where there are fewer other words.

    Returns:
        [epoch + 1, word, neighbour] places among the training's words, and cosines; a vector of length 0 has none, and
        its cosines are 0.
    """
    asked, count = min(WORDS, training.kept), min(count, training.kept - 1)
    places = np.empty((training.epochs + 1, asked, count), dtype=np.int64)
    found = np.empty(places.shape, dtype=np.float32)
    for epoch, vectors in enumerate(training.vectors):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        units = vectors / np.where(lengths > 0, lengths, 1)
        cosines = units[:asked] @ units.T
        np.fill_diagonal(cosines, -np.inf)
        places[epoch] = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        found[epoch] = np.take_along_axis(cosines, places[epoch], axis=1)
    return places, found


@dataclass(frozen=True)
class NearCheck:
    """Our neighbours after the last epoch, against gensim's `most_similar`."""

    words: int  # looked at
    same: int  # of these, whose neighbours are gensim's, in its order
    difference: float  # largest one between two cosines


def check(training: Word2VecTraining, places: NDArray[np.int64], cosines: NDArray[np.float32]) -> NearCheck:
    """Whether `near` after the last epoch is what gensim finds; neighbours equally near may change places."""
    from gensim.models import KeyedVectors

    table = KeyedVectors(training.final.shape[1])
    table.add_vectors(list(training.words[: training.kept]), training.vectors[-1])
    same, difference = 0, 0.0
    for word, (ours, our_cosines) in enumerate(zip(places[-1], cosines[-1], strict=True)):
        theirs = table.most_similar(training.words[word], topn=len(ours))
        difference = max(difference, float(np.abs([cosine for _, cosine in theirs] - our_cosines).max()))
        ranks = [table.key_to_index[other] for other, _ in theirs]
        own = table.cosine_similarities(table.vectors[word], table.vectors[ours])  # gensim's, of our neighbours
        same += bool(((ours == ranks) | (np.abs(own - [cosine for _, cosine in theirs]) < 1e-6)).all())
    return NearCheck(len(places[-1]), same, difference)
