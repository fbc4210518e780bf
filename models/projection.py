"""How do vectors of many dimensions look in two or three, and how far can that picture be trusted?

    pca    the directions of largest variance (Pearson 1901; scikit-learn, signs by its `svd_flip`)
    umap   keeps fuzzy neighbourhoods (McInnes, Healy and Melville 2018, arXiv:1802.03426; umap-learn)
    tsne   keeps neighbour probabilities (van der Maaten and Hinton 2008; Barnes-Hut, scikit-learn)

Each is the library's own call with the parameters shown, and with the seed the same each time on one machine.

Of point i, let r(i, j) be the rank of j among all other points by distance in the vectors, and N(i) the k points
nearest to it in the picture, of n points in all:

    trustworthiness          1 - 2 / (n k (2n - 3k - 1)) * sum over i, and j in N(i), of max(0, r(i, j) - k)
    neighbour preservation   the mean over i of the share of j in N(i) with r(i, j) <= k

(Venna and Kaski 2001; scikit-learn's `trustworthiness`.) Of more than SAMPLE points, the mean over i is that over a
random SAMPLE of them, fixed by a seed of its own; their neighbours are still looked for among all points.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from numbers import Integral
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from models.progress import Progress
from models.traces import (
    InputError,
    JointProjection,
    ProjectionComparison,
    ProjectionMethod,
    ProjectionTrace,
    Quality,
    Source,
)

METHODS: Final[tuple[ProjectionMethod, ...]] = get_args(ProjectionMethod)
TITLES: Final[dict[ProjectionMethod, str]] = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
DEFAULTS: Final[dict[ProjectionMethod, dict[str, Any]]] = {
    "pca": {},
    "umap": {"n_neighbors": 15, "min_dist": 0.1, "metric": "euclidean"},
    "tsne": {"perplexity": 30.0, "metric": "euclidean"},
}
METRICS: Final = ("euclidean", "cosine")
MOST_POINTS: Final[dict[ProjectionMethod, int]] = {"pca": 1_000_000, "umap": 100_000, "tsne": 5_000}
PACKAGES: Final[dict[ProjectionMethod, tuple[str, ...]]] = {
    "pca": ("numpy", "scikit-learn"),
    "umap": ("numpy", "numba", "scikit-learn", "umap-learn"),
    "tsne": ("numpy", "scikit-learn"),
}
NEIGHBOURS: Final = 10  # the k of the quality
SAMPLE: Final = 1_000
SAMPLE_SEED: Final = 0
CHUNK: Final = 4_000_000  # distances held at once
LARGEST: Final = 1e12  # number in a vector
SMALLEST: Final = 1e-12  # difference between two vectors in the dimension where they differ most
NOWHERE: Final = Source("", "", "")

# numba's threads must not be started by two of ours at a time: with some of its threading layers that ends the process.
_umap_is_running = threading.Lock()


@dataclass(frozen=True, eq=False)
class Projection:
    """One projection, with the vectors it is of; what takes longer than looking at it is computed when asked for."""

    vectors: NDArray[np.floating]  # [point, dimension]
    points: NDArray[np.float32]  # [point, 2 or 3]
    method: ProjectionMethod
    seed: int
    parameters: dict[str, Any]  # as they were used
    notes: tuple[str, ...]  # sentences: what is other than was asked
    explained: tuple[float, ...] | None  # PCA: share of the variance along each axis
    seconds: float  # that the method took
    versions: dict[str, str]  # package -> version

    @functools.cached_property
    def quality(self) -> Quality | None:
        """How far the neighbourhoods can be trusted; None for fewer than four points."""
        return quality(self.vectors, self.points, self.parameters.get("metric", "euclidean"), self.explained)

    @functools.cached_property
    def duplicates(self) -> int:
        """How many points have the vector of an earlier one."""
        return len(self.vectors) - len({row.tobytes() for row in self.vectors})

    def trace(self, source: Source) -> ProjectionTrace:
        """What a picture needs, without the vectors; `source` says where they come from."""
        return ProjectionTrace(
            source=source,
            method=self.method,
            points=self.points,
            quality=self.quality,
            seed=self.seed,
            parameters=self.parameters,
            notes=self.notes,
            duplicates=self.duplicates,
            shape=(self.vectors.shape[0], self.vectors.shape[1]),
            seconds=self.seconds,
            versions=self.versions,
        )


def project(
    vectors: NDArray[Any],
    method: ProjectionMethod = "pca",
    dimensions: int = 2,
    seed: int = 0,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Projection:
    """The vectors as points in two or three dimensions.

    Args:
        vectors: [point, dimension]; computed in double precision if that is what they are, else in single.
        method: "pca", "umap" or "tsne".
        dimensions: 2 or 3.
        seed: for what is random in the method.
        parameters: those in DEFAULTS that are to be other. A number of neighbours or a perplexity that is too large
            for the points is made smaller, and `notes` says so.
        progress: called between the steps and, by UMAP, during the layout; what it raises ends the computation.

    Raises:
        InputError: too few or too many points, all the same, not finite, or an impossible setting.
    """
    if method not in METHODS:
        raise InputError(f'There is no projection "{str(method)[:20]}"; choose one of: {", ".join(METHODS)}.')
    if not isinstance(seed, Integral) or not 0 <= seed < 2**32:
        raise InputError(f"The seed is {str(seed)[:20]}; it must be a whole number from 0 to {2**32 - 1:,}.")
    checked = _checked(vectors, method, dimensions)
    used, notes = _settings(method, parameters or {}, len(checked))
    report = progress or _silent
    report(f"Preparing {TITLES[method]}", None)
    _import(method)  # once in a process; it isn't the method's time
    report(f"{TITLES[method]} of {len(checked):,} points", None)
    started = time.perf_counter()
    explained: tuple[float, ...] | None = None
    if method == "pca":
        points, explained, notes = _pca(checked, dimensions, seed)
    elif method == "umap":
        points = _umap(checked, dimensions, seed, used, report)
    else:
        points = _tsne(checked, dimensions, seed, used)
    seconds = time.perf_counter() - started
    points = np.ascontiguousarray(points, dtype=np.float32)
    return Projection(checked, points, method, seed, used, notes, explained, seconds, _versions(method))


def content_id(
    content: str, method: ProjectionMethod, dimensions: int, seed: int, parameters: Mapping[str, Any]
) -> str:
    """Identifies a projection by all that decides it: 64 hexadecimal digits.

    Args:
        content: identifies the vectors.
        method: as in `project`, and so are the others.
    """
    settings = (content, method, dimensions, seed, sorted((DEFAULTS[method] | dict(parameters)).items()))
    return hashlib.sha256(json.dumps([settings, _versions(method)]).encode()).hexdigest()


def quality(
    vectors: NDArray[np.floating],
    points: NDArray[np.floating],
    metric: str = "euclidean",
    explained: tuple[float, ...] | None = None,
) -> Quality | None:
    """How far the neighbourhoods of a picture can be trusted; None for fewer than four points, which have none.

    Args:
        vectors: [point, dimension]
        points: [point, 2 or 3] the same points in the picture, where distance is euclidean.
        metric: of the vectors, "cosine" or "euclidean".
        explained: passed on.
    """
    count = len(vectors)
    k = min(NEIGHBOURS, (count - 1) // 2)  # more would be more than half of the others
    if count < 4:
        return None
    asked = np.arange(count)
    if count > SAMPLE:
        asked = np.sort(np.random.default_rng(SAMPLE_SEED).choice(count, SAMPLE, replace=False))
    ranks = _ranks(vectors, points, asked, k, metric)
    excess = np.maximum(0, ranks - k).sum() / len(asked)
    return Quality(
        k=k,
        trustworthiness=float(1 - 2 * excess / (k * (2 * count - 3 * k - 1))),
        neighbour_preservation=float((ranks <= k).mean()),
        points=len(asked),
        explained=explained,
    )


def joint(
    vectors: Sequence[NDArray[Any]] | NDArray[Any], dimensions: int = 2, *, source: Source = NOWHERE
) -> JointProjection:
    """The same points at every layer along one basis: PCA of all points at all layers, so that motion means something.

    Args:
        vectors: [layer, point, dimension]
        dimensions: 2 or 3.
        source: where the vectors come from, for the trace.

    Raises:
        InputError: as `project`, or layers of different shapes.
    """
    if len({np.shape(layer) for layer in vectors}) != 1 or np.ndim(vectors[0]) != 2:
        raise InputError("The layers have vectors of different shapes, so no axes can be the same for all of them.")
    stacked = np.stack(list(vectors))
    layers, count, width = stacked.shape
    flat = _checked(stacked.reshape(-1, width), "pca", dimensions)
    from sklearn.decomposition import PCA

    started = time.perf_counter()
    fitted = PCA(dimensions, random_state=0)
    points = fitted.fit_transform(flat)
    seconds = time.perf_counter() - started
    explained = fitted.explained_variance_ratio_
    by_layer = points.reshape(layers, count, -1).var(axis=1, dtype=np.float64).sum(axis=-1)
    whole = flat.reshape(layers, count, -1).var(axis=1, dtype=np.float64).sum(axis=-1)
    return JointProjection(
        source=source,
        points=np.ascontiguousarray(points.reshape(layers, count, -1), dtype=np.float32),
        components=fitted.components_.astype(np.float32),
        mean=fitted.mean_.astype(np.float32),
        explained=explained.astype(np.float32),
        explained_by_layer=np.divide(by_layer, whole, out=np.zeros(layers), where=whole > 0).astype(np.float32),
        quality=quality(flat, points, "euclidean", tuple(explained.tolist())),
        seconds=seconds,
    )


def compare(first: NDArray[np.floating], second: NDArray[np.floating]) -> ProjectionComparison:
    """Two pictures of the same points, the second turned, mirrored, scaled and moved onto the first (Procrustes).

    Args:
        first: [point, 2 or 3]
        second: the same points in the same order, under another seed, say.

    Raises:
        InputError: they aren't of the same points and dimensions, or one of them has all its points in one place.
    """
    if first.shape != second.shape:
        raise InputError(f"These are pictures of {first.shape} and {second.shape}; compare two of the same points.")
    from scipy.spatial import procrustes  # type: ignore[import-untyped]

    try:
        standard, aligned, disparity = procrustes(first, second)
    except ValueError as error:
        raise InputError("One of the pictures has all points in one place; there is nothing to compare.") from error
    mean = first.mean(axis=0, dtype=np.float64)
    norm = np.linalg.norm(first - mean)  # what scipy divided by
    return ProjectionComparison(
        points=first.astype(np.float32),
        aligned=(aligned * norm + mean).astype(np.float32),
        displacements=(np.linalg.norm(aligned - standard, axis=1) * np.sqrt(len(first))).astype(np.float32),
        disparity=float(disparity),
    )


def _checked(vectors: NDArray[Any], method: ProjectionMethod, dimensions: int) -> NDArray[np.floating]:
    """The vectors as a method takes them, if it can."""
    if not isinstance(dimensions, Integral) or dimensions not in (2, 3):
        raise InputError(f"A picture has 2 or 3 dimensions, not {str(dimensions)[:20]}.")
    given = np.asarray(vectors)
    if given.ndim != 2 or given.dtype.kind not in "fiu":
        raise InputError("Vectors to project must be rows of numbers, all of the same length.")
    floats = given if given.dtype == np.float64 else given.astype(np.float32, copy=False)
    count, width = floats.shape
    title = TITLES[method]
    if width < dimensions:
        raise InputError(
            f"These vectors have {width} {'number' if width == 1 else 'numbers'} each; "
            f"a picture in {dimensions} dimensions takes {dimensions} or more."
        )
    # scikit-learn has no more principal components than points; UMAP starts from `dimensions` eigenvectors of a matrix
    # as wide as there are points, less one, and scikit-learn's t-SNE from principal components.
    least = {"pca": dimensions, "umap": dimensions + 2, "tsne": dimensions + 1}[method]
    if count < least:
        have = "There is 1 point" if count == 1 else f"There are {count} points"
        simpler = "" if method == "pca" or count < dimensions else ", or choose PCA"
        raise InputError(f"{have}, and {title} in {dimensions} dimensions takes {least} or more; add some{simpler}.")
    if count > MOST_POINTS[method]:
        raise InputError(
            f"{title} takes {MOST_POINTS[method]:,} points here and these are {count:,}; "
            f"use fewer{'' if method == 'pca' else ', or choose PCA'}."
        )
    low, high = floats.min(axis=0), floats.max(axis=0)
    if not np.isfinite([low, high]).all():
        bad = np.flatnonzero(~np.isfinite(floats).all(axis=1))
        raise InputError(
            f"{len(bad):,} of the {count:,} vectors hold a number that is missing (NaN) or infinite, "
            f"point {bad[0] + 1:,} first; leave them out."
        )
    spread, largest = float((high - low).max()), float(np.abs([low, high]).max())
    if spread == 0:
        raise InputError(f"All {count:,} vectors are the same, so there is nothing to tell apart; add different ones.")
    # Beyond these, squares leave single precision, and scikit-learn's t-SNE then ends the process.
    if largest > LARGEST or spread < SMALLEST:
        what = f"as large as {largest:.0e}" if largest > LARGEST else f"no further apart than {spread:.0e}"
        raise InputError(f"The numbers in these vectors are {what}; divide or multiply them all by the same number.")
    return floats


def _settings(
    method: ProjectionMethod, parameters: Mapping[str, Any], count: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The parameters that can be used for `count` points, and sentences about those that were changed."""
    known = DEFAULTS[method]
    if unknown := set(parameters) - set(known):
        takes = f"takes {', '.join(known)}" if known else "has no parameters"
        raise InputError(f"{TITLES[method]} {takes}, not {str(min(unknown))[:40]!r}.")
    used = known | dict(parameters)
    notes: list[str] = []
    if used.get("metric", METRICS[0]) not in METRICS:
        raise InputError(f"The metric is {str(used['metric'])[:40]!r}; choose one of: {', '.join(METRICS)}.")
    for name, least, most in (
        ("n_neighbors", 2, count - 1),
        ("min_dist", 0.0, 1.0),
        ("perplexity", 1.0, (count - 1) / 3),
    ):
        if name not in used:
            continue
        value = used[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= sys.float_info.max:
            raise InputError(f"{name} is {str(value)[:40]}; it must be a number, {least:g} or more.")
        if name == "min_dist" and value > most:
            raise InputError(f"min_dist is {value:g}; it must be from 0 to 1.")
        if value > most:
            # Below 4 points even the least perplexity is above this.
            used[name] = max(least, most)
            notes.append(f"{name} is {used[name]:.3g}, not {value:g}, since there are only {count:,} points.")
    if "n_neighbors" in used:
        used["n_neighbors"] = int(used["n_neighbors"])
    return used, tuple(notes)


def _import(method: ProjectionMethod) -> None:
    if method == "umap":
        import umap  # noqa: F401
    else:
        import sklearn.decomposition
        import sklearn.manifold  # noqa: F401


def _pca(
    vectors: NDArray[np.floating], dimensions: int, seed: int
) -> tuple[NDArray[np.floating], tuple[float, ...], tuple[str, ...]]:
    """Points, the share of the variance along each axis, and a sentence if the axes were not found exactly."""
    from sklearn.decomposition import PCA

    fitted = PCA(dimensions, random_state=seed)
    points = fitted.fit_transform(vectors)
    random = fitted._fit_svd_solver == "randomized"
    notes = ("Of so many numbers the axes are found by random projections: nearly, not exactly.",) if random else ()
    return points, tuple(fitted.explained_variance_ratio_.tolist()), notes


def _umap(
    vectors: NDArray[np.floating], dimensions: int, seed: int, parameters: dict[str, Any], report: Progress
) -> NDArray[np.floating]:
    while not _umap_is_running.acquire(timeout=0.2):
        report("Waiting until another UMAP has ended", None)
    try:
        import umap

        report(f"UMAP looks for the neighbours of {len(vectors):,} points", None)
        umap.layouts.tqdm = _epochs
        bar = {"report": report, "disable": False}
        # With a seed it uses one thread; saying so keeps it from warning.
        settings = {"n_components": dimensions, "random_state": seed, "n_jobs": 1, "tqdm_kwds": bar}
        points: NDArray[np.floating] = umap.UMAP(**settings, **parameters).fit_transform(vectors)
        return points
    finally:
        _umap_is_running.release()


def _epochs(epochs: range, *, report: Progress | None = None, **bar: Any) -> Iterable[int]:
    """Stands in for the progress bar that UMAP puts round its epochs: a callback for each epoch is not to be had.

    Raising from inside a real bar, to cancel, would leave tqdm's lock taken for the whole process: its `refresh` has
    no `finally`. Whoever calls UMAP without our `report` gets the bar.
    """
    if report is None:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]

        yield from tqdm(epochs, **bar)
        return
    for epoch in epochs:
        yield epoch
        report(f"UMAP's layout: epoch {epoch + 1:,} of {len(epochs):,}", (epoch + 1) / len(epochs))


def _tsne(
    vectors: NDArray[np.floating], dimensions: int, seed: int, parameters: dict[str, Any]
) -> NDArray[np.floating]:
    from sklearn.manifold import TSNE

    points: NDArray[np.floating] = TSNE(dimensions, init="pca", random_state=seed, **parameters).fit_transform(vectors)
    return points


def _ranks(
    vectors: NDArray[np.floating], points: NDArray[np.floating], asked: NDArray[np.int64], k: int, metric: str
) -> NDArray[np.int64]:
    """[asked, k] for each of its k nearest in the picture, the rank from 1 by distance in the vectors."""
    from sklearn.metrics import pairwise_distances
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=k + 1).fit(points).kneighbors(points[asked], return_distance=False)
    # Of points in one place, a point itself need not come first, nor be found at all.
    itself = near == asked[:, None]
    itself[~itself.any(axis=1), -1] = True
    near = near[~itself].reshape(len(asked), k)
    step = max(1, CHUNK // len(vectors))
    ranks = np.empty((len(asked), k), dtype=np.int64)
    for start in range(0, len(asked), step):
        rows = slice(start, start + step)
        distances = pairwise_distances(vectors[asked[rows]], vectors, metric=metric)
        np.put_along_axis(distances, asked[rows, None], np.inf, axis=1)
        for neighbour in range(k):
            to_it = np.take_along_axis(distances, near[rows, neighbour, None], axis=1)
            ranks[rows, neighbour] = 1 + (distances < to_it).sum(axis=1)
    return ranks


@functools.cache
def _versions(method: ProjectionMethod) -> dict[str, str]:
    """Package -> version, of what decides a method's points; each is a file to be read."""
    return {package: version(package) for package in PACKAGES[method]}


def _silent(_sentence: str, _fraction: float | None) -> None:
    """For whoever doesn't ask for progress."""
