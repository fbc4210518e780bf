"""Padding: what a batch with a longer text makes of a shorter one."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, traces
from models.engine import Request
from models.traces import PaddedTrace
from pages.parts.inside import asking, norms_files
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import padded_batch
from viz.inside_words import masks as words

GOOD: Final = 1e-4  # of the largest number; rounding is far below


def show(controls: DeltaGenerator, complaints: list[str]) -> None:
    """Controls and figure."""
    with controls:
        model, text = asking.model(writes=False), asking.text(defaults.ANSWERED)
        other = page.type_text("Second text", defaults.LONGER, key="other", help=words.SECOND_HELP)
    trace = answer(Request("padded", model, text, other))
    if not isinstance(trace, PaddedTrace):
        return
    view, wrong = state.read(padded_batch.PARAMETERS, page.linked())
    complaints += wrong
    facts = [words.FILLED.format(padding=trace.padding_text), *norms_files.origin(trace.source)]
    padded_batch.padded_batch(padded_batch.pack(trace, facts), key="padded batch", state=view)
    masked = float(trace.differences[:, 1, 1].max())
    page.badge(
        words.MASKED.format(difference=theme.power(masked)),
        good=masked < GOOD,
        explanation=words.MASKED_CHECK,
    )
    st.caption(
        words.PADDING.format(
            padding=page.plain(trace.padding_text),
            id=trace.padding,
            borrowed=words.BORROWED if trace.padding_borrowed else "",
            side=trace.padding_side,
        )
    )
    page.source(trace.source, len(trace.token_table))
    page.downloads(
        (
            ("Ways, CSV", "orrery-padding.csv", "text/csv", lambda: norms_files.padded_csv(trace)),
            ("Trace", "orrery-padding.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )
