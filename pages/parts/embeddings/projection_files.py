"""How do the points of a projection leave the page?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from models import tables, traces
from models.traces import ProjectionTrace
from viz import page

AXES: Final = "xyz"

Columns = Mapping[str, Sequence[str | int | float]]


def save(name: str, trace: ProjectionTrace, labels: Sequence[str], columns: Columns) -> None:
    """Buttons for the table of coordinates and for the trace."""
    page.downloads(
        (
            ("Coordinates as CSV", f"orrery-{name}.csv", "text/csv", lambda: csv(trace, labels, columns)),
            ("Trace", f"orrery-{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def csv(trace: ProjectionTrace, labels: Sequence[str], columns: Columns) -> bytes:
    """A point a line: its label, what else is known of it, where it is."""
    origin = {
        "vectors": f"{trace.source.model}, revision {trace.source.revision}",
        "projection": f"{trace.method} {trace.parameters} seed {trace.seed}",
    }
    rows = zip(labels, *columns.values(), *trace.points.astype(float).T.tolist(), strict=True)
    return tables.csv(origin, ("label", *columns, *AXES[: trace.points.shape[1]]), rows)
