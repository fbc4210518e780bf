"""The view "table" of the page of embeddings: a model's own vectors for tokens and for positions."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults
from models.engine import Request
from models.traces import NeighbourTrace, PositionTrace, TableTrace
from pages.parts.embeddings import table_files, table_norms, table_positions
from pages.parts.running import answer
from viz import page, state
from viz.components import token_neighbours
from viz.embedding_words import table as words

SHOWS: Final = ("neighbours", "norms", "positions")


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            request = ask()
        trace = answer(request)
        if isinstance(trace, NeighbourTrace):
            _neighbours(trace, complaints)
        elif isinstance(trace, TableTrace):
            table_norms.show(trace)
        elif isinstance(trace, PositionTrace):
            table_positions.show(trace, complaints)


def ask() -> Request:
    """What of which model, chosen in the current container."""
    wish = page.choose("Show", SHOWS, key="show", help=words.SHOW)
    offered = sorted((entry.key for entry in catalog.available()), key=lambda key: key != defaults.DECODER)
    model = page.choose("Model", offered, key="model", free=catalog.is_open(), help=words.MODEL)
    if wish == "norms":
        return Request("table", model)
    if wish == "positions":
        count = page.number("Positions", (2, 512), 128, key="places", step=64, help=words.PLACES)
        return Request("positions", model, settings=(("count", str(count)),))
    text = page.type_text("Text", defaults.LOOKED_UP, key="text", help=words.TEXT_HELP)
    return Request("neighbours", model, text, settings=(("count", str(defaults.NEIGHBOURS)),))


def _neighbours(trace: NeighbourTrace, complaints: list[str]) -> None:
    """Each token of the text beside its neighbours."""
    view, wrong = state.read(token_neighbours.parameters(trace), st.query_params)
    complaints += wrong
    title = f"Neighbours in the table of {catalog.resolve(trace.source.model).title}"
    packed = token_neighbours.pack(trace, title=title, facts=[words.COSINE, *table_files.origin(trace.source)])
    token_neighbours.token_neighbours(packed, key="token neighbours", state=view)
    page.facts(words.COSINE)
    page.source(trace.source, len(trace.token_table))
    table_files.save_neighbours(trace)
