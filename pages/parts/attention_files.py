"""How do the attention weights leave the page, and what does bertviz make of them?"""

from __future__ import annotations

import streamlit as st

from models import bertviz_page, export, traces
from models.traces import AttentionTrace
from viz import attention_words as words
from viz import page
from viz.components.attention_explorer import standalone_html


def save(trace: AttentionTrace, layer: int, drawn: bytes) -> None:
    """The numbers in float32 as files, and the figure as one page that works offline."""
    with page.drawer("Save the numbers", key="save") as is_open:
        if not is_open:
            return
        chosen = st.number_input("Layer for CSV and JSON", 0, trace.layers - 1, min(layer, trace.layers - 1))
        page.downloads(
            (
                ("CSV, one layer", export.filename(trace, "csv"), "text/csv", lambda: export.csv(trace, chosen)),
                (
                    "JSON, one layer",
                    export.filename(trace, "json"),
                    "application/json",
                    lambda: export.json_(trace, chosen),
                ),
                ("NumPy, all layers", export.filename(trace, "npz"), "application/zip", lambda: export.npz(trace)),
                (
                    "Trace, all layers",
                    export.filename(trace, "safetensors"),
                    "application/octet-stream",
                    lambda: traces.to_bytes(trace),
                ),
                (
                    "This figure, one page",
                    export.filename(trace, "html"),
                    "text/html",
                    lambda: standalone_html(drawn).encode(),
                ),
            )
        )
        st.caption(words.FILES)


def bertviz(trace: AttentionTrace) -> None:
    """Show what bertviz itself draws, without a network; over the size limit it says what it would have sent."""
    chosen = st.segmented_control(
        "bertviz", ("off", "head", "model"), default="off", key="bertviz", bind="query-params", help=words.BERTVIZ
    )
    if chosen in (None, "off"):
        return
    with page.guarded():
        view: bertviz_page.View = "head" if chosen == "head" else "model"
        fitting = bertviz_page.fitting(trace, view, range(trace.layers))
        low, high = 0, max(fitting - 1, 0)
        if trace.layers > 1:
            low, high = st.slider("Layers that bertviz draws", 0, trace.layers - 1, (low, high))
        layers = range(low, high + 1)
        if view == "head":
            document = bertviz_page.head_view(trace, layers)
        else:
            document = bertviz_page.model_view(trace, layers, dark=st.context.theme.type == "dark")
        st.iframe(document, height=700)
