"""How is a projection had? It was stored, or is known, or else it is computed, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from models import background, projection, traces
from models.engine import STORED
from models.projection import Projection
from models.traces import ProjectionTrace
from pages.parts.embeddings.projection_settings import Settings
from viz import embedding_words as words
from viz import page

AT_ONCE: Final = 500  # points: of more, UMAP and t-SNE are computed at a click

Projected = Projection | ProjectionTrace


def get(content: str, vectors: Callable[[], NDArray[Any]], points: int, settings: Settings) -> Projected | None:
    """A projection that is known, or else computed; None if it isn't to be, or the visitor stopped it."""
    if "agreed projections" not in st.session_state:
        st.session_state["agreed projections"] = {_wish(settings, points)}  # the link's
    given = (settings.method, settings.dimensions, settings.seed, settings.parameters)
    key = projection.content_id(content, *given)
    quick = settings.method == "pca" and points <= AT_ONCE
    lane = background.QUICK if quick else background.LONG
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        known: Projected | None = lane.peek(key) or stored(key)
        if known is not None:
            return known
        if settings.method != "pca" and not _agreed(settings, points):
            return None
        work = lane.watch(
            key,
            lambda report: projection.project(vectors(), *given, progress=report),
            f"{projection.TITLES[settings.method]} of {points:,} points",
        )
        return page.wait(work, key)


@st.cache_resource(max_entries=16, show_spinner=False)
def stored(key: str) -> ProjectionTrace | None:
    """One that was computed ahead, for the page's first picture."""
    path = STORED / f"{key}.safetensors"
    found = traces.from_bytes(path.read_bytes()) if path.exists() else None
    return found if isinstance(found, ProjectionTrace) else None


def _wish(settings: Settings, points: int) -> str:
    """What a click agrees to: few points under any parameters, many under these."""
    return str(settings) if points > AT_ONCE else settings.method


def _agreed(settings: Settings, points: int) -> bool:
    """Whether the visitor has set the parameters and clicked, or come by a link that names them."""
    agreed: set[str] = st.session_state["agreed projections"]
    wish = _wish(settings, points)
    if wish not in agreed:
        st.info(page.plain(words.COMPUTE.format(settings=settings)), icon=":material/tune:")
        st.button(
            f"Compute {projection.TITLES[settings.method]} of {points:,} points",
            on_click=agreed.add,
            args=(wish,),
            type="primary",
        )
    return wish in agreed
