"""How do a model's own tables leave the page? Each as a CSV and as its trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models import tables, traces
from models.traces import NeighbourTrace, PositionTrace, Source, TableTrace, Trace
from viz import page


def origin(source: Source) -> list[str]:
    """Which model, and by what it was read."""
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return [source.model, f"revision {source.revision[:12]}", *versions]


def save_neighbours(trace: NeighbourTrace) -> None:
    """The buttons below the neighbours."""
    _save("neighbours", trace, lambda: neighbours_csv(trace))


def save_table(trace: TableTrace) -> None:
    """The buttons below the lengths."""
    _save("lengths", trace, lambda: lengths_csv(trace))


def save_positions(trace: PositionTrace, names: Sequence[str]) -> None:
    """The buttons below the positions."""
    _save("positions", trace, lambda: positions_csv(trace, names))


def _save(name: str, trace: Trace, csv: Callable[[], bytes]) -> None:
    page.downloads(
        (
            ("CSV", f"orrery-{name}.csv", "text/csv", csv),
            ("Trace", f"orrery-{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def neighbours_csv(trace: NeighbourTrace) -> bytes:
    """One row for each neighbour of each token."""
    own = trace.token_table
    rows = (
        (place, own.texts[place], int(own.ids[place]), float(trace.norms[place]), rank + 1, *entry)
        for place in range(len(own))
        for rank, entry in enumerate(
            zip(
                trace.texts[place],
                trace.pieces[place],
                trace.ids[place].tolist(),
                trace.cosines[place].tolist(),
                strict=True,
            )
        )
    )
    columns = ("token", "text", "id", "length", "rank", "neighbour", "neighbour_piece", "neighbour_id", "cosine")
    return tables.csv(_header(trace.source), columns, rows)


def lengths_csv(trace: TableTrace) -> bytes:
    """One row for each entry of the vocabulary; the cosine is that with its row of an untied head."""
    norms = trace.norms.tolist()
    cosines = trace.head_cosines.tolist() or [None] * len(norms)
    header = _header(trace.source) | {"head": trace.head}
    return tables.csv(header, ("id", "length", "head_cosine"), zip(range(len(norms)), norms, cosines, strict=True))


def positions_csv(trace: PositionTrace, names: Sequence[str]) -> bytes:
    """One row for every two positions of every kind of layer."""
    rows = (
        (name, first, second, float(value))
        for name, one in zip(names, trace.similarity, strict=True)
        for (first, second), value in np.ndenumerate(one.astype(float))
        if first <= second
    )
    return tables.csv(_header(trace.source) | {"kind": trace.kind}, ("layers", "position", "other", "similarity"), rows)


def _header(source: Source) -> dict[str, str]:
    return {"model": f"{source.model}, revision {source.revision}", "text": source.text}
