"""Where do words lie on one map? Computed ahead: `python -m models.stored_map`.

The most frequent words are laid out by UMAP of their unit vectors, so that its distances go by the angle between words.
All the others are then placed on that map by UMAP's own `transform`: each begins at the mean of its nearest frequent
words, weighted by nearness, and a short optimization follows in which the frequent words stay where they are.

The clusters are k-means' of the frequent words' unit vectors (Lloyd), each named by the words whose vectors point most
nearly where its centre does; another word belongs to the cluster with the nearest centre. It takes minutes, and the
same libraries make the same files again.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import projection, traces, vector_catalog, word_vectors
from models.progress import Progress
from models.traces import InputError, WordMap
from models.word_vectors import WordVectors

STORED: Final = Path(__file__).parent / "stored" / "map"
WORDS: Final = 50_000  # that the layout is made of
ALL: Final = 400_000
FILES: Final[Mapping[int, str]] = {WORDS: "glove-6b-50d.safetensors", ALL: "glove-6b-50d-all.safetensors"}
CLUSTERS: Final = 40
NAME: Final = 3  # words in the name of a cluster
SEED: Final = 0
STEPS: Final = 2**16 - 1


def build(
    table: WordVectors, words: int = WORDS, clusters: int = CLUSTERS, progress: Progress | None = None
) -> tuple[WordMap, WordMap]:
    """The map of the `words` most frequent words of a table, and that of all, on which these lie in the same places.

    Raises:
        InputError: there are not more words than that, or fewer than clusters, or too many clusters to number.
    """
    if not clusters <= words < len(table) or not 1 <= clusters <= 256:
        raise InputError(f"{words:,} words in {clusters} clusters can't be had from {len(table):,} words.")
    report = progress or _silent
    points = _layout(table.units, words, report)
    report("Finding clusters", None)
    cluster_of, names = _clusters(table, words, clusters)
    report("Measuring how far the maps can be trusted", None)
    corner = points.min(axis=0)
    extent = points.max(axis=0) - corner
    settings = projection.DEFAULTS["umap"]
    versions = {package: version(package) for package in projection.PACKAGES["umap"]}

    def of(count: int, parameters: dict[str, Any]) -> WordMap:
        return WordMap(
            source=replace(table.source(), versions=versions),
            places=np.round((points[:count] - corner) / extent * STEPS).astype(np.uint16),
            corner=corner,
            extent=extent,
            clusters=cluster_of[:count],
            names=names,
            quality=projection.quality(table.units[:count], points[:count]),
            seed=SEED,
            parameters=parameters,
        )

    return of(words, settings), of(len(table), settings | {"fitted words": words})


def _layout(units: NDArray[np.float32], words: int, report: Progress) -> NDArray[np.float32]:
    """[word, 2] the places of all; those of the `words` first as `projection.project` has them."""
    report(f"UMAP of {words:,} words", None)
    import umap

    # With a seed it uses one thread; saying so keeps it from warning.
    fitted = umap.UMAP(random_state=SEED, transform_seed=SEED, n_jobs=1, **projection.DEFAULTS["umap"])
    frequent = fitted.fit_transform(units[:words])
    report(f"Placing the other {len(units) - words:,}", None)
    return np.concatenate([frequent, fitted.transform(units[words:])]).astype(np.float32, copy=False)


def _clusters(table: WordVectors, words: int, clusters: int) -> tuple[NDArray[np.uint8], tuple[tuple[str, ...], ...]]:
    """[word] its cluster, that with the most of the frequent words being 0; and [cluster] its most central words."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    units = table.units[:words]
    # Several threads add up in the order in which they end, and the last digits of a centre decide ties.
    with threadpool_limits(1):
        fitted: Any = KMeans(clusters, random_state=SEED, n_init=1).fit(units)
        others = fitted.predict(table.units[words:])
    order = np.argsort(-np.bincount(fitted.labels_, minlength=clusters), kind="stable")
    number = np.empty(clusters, dtype=np.uint8)
    number[order] = np.arange(clusters)
    names: list[tuple[str, ...]] = []
    for cluster in order:
        members = np.flatnonzero(fitted.labels_ == cluster)
        central = word_vectors.best(units[members] @ fitted.cluster_centers_[cluster], NAME)
        names.append(tuple(table.words[place] for place in members[central]))
    return number[np.concatenate([fitted.labels_, others])], tuple(names)


@functools.lru_cache(maxsize=len(FILES))
def stored(words: int = WORDS) -> WordMap:
    """The map of GloVe's `words` most frequent words that was computed ahead; no library is needed to read it."""
    found = traces.from_bytes((STORED / FILES[words]).read_bytes())
    if not isinstance(found, WordMap):
        raise TypeError(f"the stored map of {words:,} words is a {type(found).__name__}")
    return found


def main() -> None:
    """Writes the maps of GloVe's words."""
    maps = build(vector_catalog.load(), progress=_tell)
    STORED.mkdir(exist_ok=True)
    for found in maps:
        path = STORED / FILES[len(found.places)]
        temporary = path.with_suffix(".part")
        temporary.write_bytes(traces.to_bytes(found))
        temporary.replace(path)
        print(f"{path.name}  {path.stat().st_size / 1e3:.1f} KB")  # noqa: T201


def _tell(sentence: str, _share: float | None) -> None:
    print(sentence, flush=True)  # noqa: T201


def _silent(_sentence: str, _share: float | None) -> None:
    """For whoever doesn't ask for progress."""


if __name__ == "__main__":
    main()
