"""How does a page show vectors in two or three dimensions? Beside the panel that says how far to trust the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from models import projection
from models.projection import Projection
from models.traces import Source
from pages.parts.embeddings import honesty, projection_files, projection_work, twins
from pages.parts.embeddings.projection_settings import Settings, ask
from pages.parts.embeddings.projection_work import Projected
from viz import state
from viz.components import point_cloud
from viz.components.point_cloud import Groups, Magnitude

__all__ = ["Settings", "ask", "show"]


def show(
    name: str,
    vectors: Callable[[], NDArray[Any]],
    labels: Sequence[str],
    settings: Settings,
    *,
    content: str,
    title: str,
    facts: Sequence[str],
    source: Source,
    complaints: list[str],
    colour: Groups | Magnitude | None = None,
    links: Sequence[tuple[int, int]] = (),
    arrows: bool = False,
    columns: Mapping[str, Sequence[str | int | float]] | None = None,
) -> None:
    """The picture, its panel, and the files to take away.

    Args:
        name: for the files, and the figure's place in the page.
        vectors: [point, dimension], called only where the projection isn't known yet.
        labels: [point]
        settings: from `ask`.
        content: identifies the vectors.
        title: what the picture shows, for people.
        facts: where the vectors come from.
        source: the same, for the trace.
        complaints: gets what the link asks for in vain.
        colour: what colours show.
        links: pairs of points to connect.
        arrows: whether each link points at its second point.
        columns: what else the table of coordinates holds of each point.

    Raises:
        InputError: the vectors can't be projected so.
    """
    left, right = st.columns([3, 1], gap="large")
    with right:
        linked = twins.asked()
    view, wrong = state.read(
        point_cloud.parameters(2 * twins.count(len(labels)) if linked else len(labels)), st.query_params
    )
    complaints += wrong
    with left:
        found = projection_work.get(content, vectors, len(labels), settings)
        if found is None:
            return
        other = None
        if linked:
            other = projection_work.get(content, vectors, len(labels), replace(settings, seed=settings.seed + 1))
        compared = None if other is None else projection.compare(found.points, other.points)
        told = [*facts, str(settings)]
        if compared is None:
            packed = point_cloud.pack(
                found.points, labels, title=title, facts=told, colour=colour, links=links, arrows=arrows
            )
        else:
            packed = twins.pack(compared.points, compared.aligned, labels, seed=settings.seed, title=title, facts=told)
        point_cloud.point_cloud(packed, key=f"cloud {name}", state=view)
    with right:
        if compared is not None:
            twins.say(float(compared.displacements.mean()), len(labels), settings.seed)
        honesty.panel(projection.TITLES[found.method], found.quality, _details(found), _notes(found))
    trace = found.trace(source) if isinstance(found, Projection) else found
    projection_files.save(name, trace, labels, columns or {})


def _details(found: Projected) -> dict[str, str]:
    """How it was made."""
    count, width = found.vectors.shape if isinstance(found, Projection) else found.shape
    details = {
        f"{count:,} points": f"of {width} dimensions",
        **{name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in found.parameters.items()},
        "seed": str(found.seed),
        "computed in": f"{found.seconds:.2g} s",
    }
    package = "umap-learn" if found.method == "umap" else "scikit-learn"
    return details | {package: found.versions[package]}


def _notes(found: Projected) -> list[str]:
    notes = list(found.notes)
    if found.duplicates:
        notes.append(f"{found.duplicates:,} of the points have the same vector as another.")
    return notes
