"""How much of the map is chance? The same words laid out under the next seed, ahead: `python -m models.map_twin`.

The second layout is turned, mirrored, scaled and moved onto the first (Procrustes), all words together; of what comes
of it, the places of the most frequent words are kept, and how far all of them moved on average.
"""

from __future__ import annotations

import functools
from typing import Final

from models import projection, stored_map, traces, vector_catalog
from models.traces import MapTwin, WordMap
from models.word_vectors import WordVectors

SEED: Final = stored_map.SEED + 1
LINKED: Final = 1_000  # words whose second places are kept: links of more can't be told apart
FILE: Final = f"glove-6b-50d-seed{SEED}.safetensors"


def build(table: WordVectors, first: WordMap, linked: int = LINKED) -> MapTwin:
    """The second places of the most frequent words of a map.

    Args:
        table: the words.
        first: the map, of the most frequent of them.
        linked: how many places are kept.
    """
    second = projection.project(table.units[: len(first.places)], "umap", 2, SEED, first.parameters)
    twins = projection.compare(first.points, second.points)
    return MapTwin(
        source=table.source(),
        seed=SEED,
        places=twins.aligned[:linked],
        words=len(first.places),
        displacement=float(twins.displacements.mean()),
        disparity=twins.disparity,
    )


@functools.cache
def stored() -> MapTwin:
    """The twin that was computed ahead; no library is needed to read it."""
    found = traces.from_bytes((stored_map.STORED / FILE).read_bytes())
    if not isinstance(found, MapTwin):
        raise TypeError(f"the stored twin of the map is a {type(found).__name__}")
    return found


def main() -> None:
    """Writes the twin of the map of GloVe's words."""
    found = build(vector_catalog.load(), stored_map.stored())
    path = stored_map.STORED / FILE
    path.write_bytes(traces.to_bytes(found))
    print(f"{path.name}  {path.stat().st_size / 1e3:.1f} KB  moved by {found.displacement:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
