"""How alike are two positions of a text to a model?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from models import catalog
from models.traces import PositionTrace
from pages.parts.embeddings import table_files
from viz import page, state, table_charts, theme
from viz.components import similarity
from viz.embedding_words import table as words


def show(trace: PositionTrace, complaints: list[str]) -> None:
    """A picture for each kind of layer, and the curve by distance."""
    count = trace.similarity.shape[-1]
    view, wrong = state.read(similarity.parameters(len(trace.kinds), count, count), st.query_params)
    complaints += wrong
    title = words.POSITIONS[trace.kind].format(model=catalog.resolve(trace.source.model).title)
    names = tuple(kind.replace("_", " ") for kind in trace.kinds)
    facts = table_files.origin(trace.source)
    packed = similarity.pack(
        np.clip(trace.similarity, -1, 1),
        [f"position {place}" for place in range(count)],
        titles=names,
        title=title,
        facts=facts,
        low=-1,
        high=1,
    )
    similarity.similarity(packed, key="positions", state=view)
    if trace.kind == "rotary":
        off = formula_off(trace)
        page.badge(f"The formula agrees within {theme.power(off)}", good=off < 1e-4, explanation=words.CHECK)
    st.caption(words.MEANS[trace.kind].format(turned=trace.turned, pairs=trace.frequencies.shape[1]))
    dark = st.context.theme.type == "dark"
    st.plotly_chart(table_charts.distances(trace, names, dark=dark), config=table_charts.CONFIG, theme=None)
    page.facts(*facts)
    table_files.save_positions(trace, names)


def formula_off(trace: PositionTrace) -> float:
    """How far mean cos(distance * frequency) is from what the model's own cosines and sines give."""
    distance = np.arange(trace.similarity.shape[-1])[:, None]
    expected = [np.cos(distance * frequencies.astype(np.float64)).mean(axis=-1) for frequencies in trace.frequencies]
    return float(np.abs(trace.by_distance - expected).max())
