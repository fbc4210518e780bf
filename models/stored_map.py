"""Where do the most frequent words lie on one map? Computed ahead: `python -m models.stored_map`.

The layout is UMAP's of the unit vectors, so that its distances go by the angle between words; the clusters are k-means'
of the same vectors (Lloyd), each named by the words whose vectors point most nearly where its centre does. It takes
minutes, and the same libraries make the same file again.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import projection, traces, vector_catalog, word_vectors
from models.progress import Progress
from models.traces import InputError, WordMap
from models.word_vectors import WordVectors

STORED: Final = Path(__file__).parent / "stored" / "map"
WORDS: Final = 50_000
CLUSTERS: Final = 40
NAME: Final = 3  # words in the name of a cluster
SEED: Final = 0
STEPS: Final = 2**16 - 1


def build(
    table: WordVectors, words: int = WORDS, clusters: int = CLUSTERS, progress: Progress | None = None
) -> WordMap:
    """The map of the `words` most frequent words of a table.

    Raises:
        InputError: there are fewer words than that, or than clusters, or too many clusters to number.
    """
    if not clusters <= words <= len(table) or not 1 <= clusters <= 256:
        raise InputError(f"{words:,} words in {clusters} clusters can't be had from {len(table):,} words.")
    units = table.units[:words]
    layout = projection.project(units, "umap", 2, SEED, progress=progress)
    corner = layout.points.min(axis=0)
    extent = layout.points.max(axis=0) - corner
    cluster_of, names = _clusters(table, units, clusters)
    return WordMap(
        source=table.source(),
        places=np.round((layout.points - corner) / extent * STEPS).astype(np.uint16),
        corner=corner,
        extent=extent,
        clusters=cluster_of,
        names=names,
        quality=layout.quality,
        seed=SEED,
        parameters=layout.parameters,
    )


def _clusters(
    table: WordVectors, units: NDArray[np.float32], clusters: int
) -> tuple[NDArray[np.uint8], tuple[tuple[str, ...], ...]]:
    """[word] its cluster, the largest cluster being 0; and [cluster] its most central words."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Several threads add up in the order in which they end, and the last digits of a centre decide ties.
    with threadpool_limits(1):
        fitted: Any = KMeans(clusters, random_state=SEED, n_init=1).fit(units)
    order = np.argsort(-np.bincount(fitted.labels_, minlength=clusters), kind="stable")
    number = np.empty(clusters, dtype=np.uint8)
    number[order] = np.arange(clusters)
    names: list[tuple[str, ...]] = []
    for cluster in order:
        members = np.flatnonzero(fitted.labels_ == cluster)
        central = word_vectors.best(units[members] @ fitted.cluster_centers_[cluster], NAME)
        names.append(tuple(table.words[place] for place in members[central]))
    return number[fitted.labels_], tuple(names)


@functools.lru_cache(maxsize=1)
def stored(key: str = vector_catalog.GLOVE) -> WordMap:
    """The map that was computed ahead; no library is needed to read it."""
    found = traces.from_bytes((STORED / f"{key}.safetensors").read_bytes())
    if not isinstance(found, WordMap):
        raise TypeError(f"the stored map of {key} is a {type(found).__name__}")
    return found


def main() -> None:
    """Writes the map of GloVe's most frequent words."""
    table = vector_catalog.load()
    blob = traces.to_bytes(build(table, progress=_told()))
    STORED.mkdir(exist_ok=True)
    path = STORED / f"{table.name}.safetensors"
    temporary = path.with_suffix(".part")
    temporary.write_bytes(blob)
    temporary.replace(path)
    print(f"\n{path.name}  {len(blob) / 1e3:.1f} KB")  # noqa: T201


def _told() -> Progress:
    def tell(sentence: str, _share: float | None) -> None:
        print(f"\r{sentence:60}", end="", flush=True)  # noqa: T201

    return tell


if __name__ == "__main__":
    main()
