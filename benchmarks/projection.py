"""What does a projection cost above the library's own call?

The vectors are 20 groups of points with noise. Ours and the library's alternate in one process, both warm: UMAP's first
fit in a process compiles for many seconds, which is the library's. Ours checks the vectors and tells its progress; the
quality is computed when it is asked for, and has a row of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import umap
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from benchmarks.engine import milliseconds
from benchmarks.row import Row
from models import projection

PCA_ROUNDS = 21
UMAP_ROUNDS = 3


def groups(count: int, width: int = 384) -> NDArray[np.float32]:
    source = np.random.default_rng(0)
    centres = 2 * source.normal(size=(20, width))
    return (centres[source.integers(0, 20, count)] + source.normal(size=(count, width))).astype(np.float32)


def alternating(rounds: int, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians, in ms, of two that take turns."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            took[side].append(milliseconds((ours, theirs)[side]))
    return statistics.median(took[0]), statistics.median(took[1])


def told(_sentence: str, _share: float | None) -> None:
    """A listener, so that progress is paid for."""


def rows() -> Iterable[Row]:
    vectors = groups(10_000)
    fit = partial(projection.project, vectors, "pca", progress=told)
    ours, theirs = alternating(PCA_ROUNDS, fit, lambda: PCA(2, random_state=0).fit_transform(vectors))
    yield Row("PCA of 10,000 x 384", ours, "ms", theirs, "scikit-learn's own call", 1.3)
    points = fit().points
    quality = statistics.median(milliseconds(lambda: projection.quality(vectors, points)) for _ in range(5))
    yield Row(f"quality of 10,000 x 384, {projection.SAMPLE:,} points asked", quality, "ms")

    vectors = groups(5_000)
    fit = partial(projection.project, vectors, "umap", progress=told)
    fit()
    plain = umap.UMAP(random_state=0, n_jobs=1)
    ours, theirs = alternating(UMAP_ROUNDS, fit, lambda: plain.fit_transform(vectors))
    yield Row("UMAP of 5,000 x 384, with progress", ours, "ms", theirs, "umap-learn's own fit", 1.2)
