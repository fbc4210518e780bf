"""How does the map leave the page?"""

from __future__ import annotations

from models import tables, traces, vector_catalog
from models.traces import WordMap
from viz import page


def save(found: WordMap) -> None:
    """The coordinates and the trace, as files."""
    name = f"orrery-map-{len(found.places)}"
    page.downloads(
        (
            ("Coordinates as CSV", f"{name}.csv", "text/csv", lambda: csv(found)),
            ("Trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
        )
    )


def csv(found: WordMap) -> bytes:
    """One line for each word."""
    count, names = len(found.places), [", ".join(name) for name in found.names]
    origin = {
        "vectors": f"{found.source.model}, revision {found.source.revision}",
        "projection": f"UMAP {found.parameters} seed {found.seed} versions {found.source.versions}",
    }
    of = found.clusters.tolist()
    columns = (vector_catalog.words()[:count], range(1, count + 1), of, (names[cluster] for cluster in of))
    rows = zip(*columns, *found.points.astype(float).T.tolist(), strict=True)
    return tables.csv(origin, ("word", "rank", "cluster", "cluster_words", "x", "y"), rows)
