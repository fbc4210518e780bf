"""Truncation: what is cut of a text that is too long, on the left or on the right, and what is predicted then."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, tables
from models.engine import Request
from models.traces import SurpriseTrace, WindowTrace
from pages.parts.inside import asking, norms_files
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import cut_text
from viz.components.links import links
from viz.inside_words import masks as words


def show(controls: DeltaGenerator, complaints: list[str]) -> None:
    """Controls and figure."""
    with controls:
        model, text = asking.model(), asking.text(defaults.WINDOWED)
    predicted = answer(Request("surprise", model, text))  # refuses a text that is too long to be run
    windows = answer(Request("window", model, text))
    if not isinstance(windows, WindowTrace) or not isinstance(predicted, SurpriseTrace):
        return
    view, wrong = state.read(cut_text.parameters(windows), page.linked())
    complaints += wrong
    reach = f"its own limit: {windows.reach:,} tokens" if windows.reach else "its config names no limit"
    packed = cut_text.pack(windows, predicted, [reach, *norms_files.origin(windows.source)])
    cut_text.cut_text(packed, key="cut text", state=view, defaults=cut_text.defaults(windows))
    page.badge(
        words.CUT.format(difference=theme.power(windows.difference)),
        good=windows.difference < 1e-4,
        explanation=words.CUT_CHECK,
    )
    page.facts(reach)
    st.caption(words.SIDES)
    page.source(windows.source, len(windows.token_table))
    address = urlencode({"view": "window", "model": model, "text": text})
    links([(words.WINDOW, words.WINDOW_WHAT, f"next-token?{address}")], key="to the window")
    page.downloads(
        (("Predictions, CSV", "orrery-truncation.csv", "text/csv", lambda: _csv(windows, predicted)),),
    )


def _csv(windows: WindowTrace, predicted: SurpriseTrace) -> bytes:
    """One row for each of the likeliest next tokens, for each limit and side."""
    rows = []
    for place, limit in enumerate(windows.windows.tolist()):
        best = windows.likely[place][: cut_text.SHOWN]
        rows += [("left", limit, windows.texts[i], float(windows.probabilities[place, i])) for i in best]
        if limit < len(windows.token_table):
            at = limit - predicted.first
            pairs = zip(predicted.likely_texts[at], predicted.likely_probabilities[at], strict=True)
            rows += [("right", limit, text, float(p)) for text, p in list(pairs)[: cut_text.SHOWN]]
    source = windows.source
    header = {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
    return tables.csv(header, ("cut on the", "limit", "next token", "probability"), rows)
