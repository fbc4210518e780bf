"""The mask, lifted or put on: what the model makes of a text if later tokens aren't hidden, or are."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, traces
from models.engine import Request
from models.traces import UnmaskedTrace
from pages.parts.inside import asking, norms_files
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import lifted_mask
from viz.components.links import links
from viz.inside_words import masks as words


def show(controls: DeltaGenerator, complaints: list[str]) -> None:
    """Controls and figure."""
    with controls:
        model, text = asking.model(writes=False), asking.text(defaults.TEXT)
    link, first = page.linked(), asking.first()
    request = Request("unmasked", model, text, settings=(("first", str(first)),))
    trace = answer(request)
    if not isinstance(trace, UnmaskedTrace):
        return
    count = len(trace.token_table)
    with controls:
        asking.window(count)
    if count > asking.MOST:
        end = trace.first + trace.weights.shape[-1]
        page.facts(inside_words.SHOWN.format(count=count, first=trace.first, last=end - 1))
    view, wrong = state.read(lifted_mask.parameters(trace), link)
    complaints += wrong
    facts = [words.LIFTED if trace.causal else words.PUT_ON, *norms_files.origin(trace.source)]
    lifted_mask.lifted_mask(lifted_mask.pack(trace, facts), key="lifted mask", state=view)
    st.caption(words.HONEST if trace.causal else words.ENCODER)
    page.badge(
        words.SAME.format(difference=theme.power(trace.difference)),
        good=trace.difference < 1e-5,
        explanation=words.CHECK,
    )
    page.source(trace.source, count)
    links([(words.EXPLORER, words.EXPLORER_WHAT, _explorer(request))], key="to the explorer")
    page.downloads(
        (
            ("Tokens, CSV", "orrery-mask.csv", "text/csv", lambda: norms_files.leak_csv(trace)),
            ("Heads, CSV", "orrery-mask-heads.csv", "text/csv", lambda: norms_files.heads_csv(trace)),
            ("Trace", "orrery-mask.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def _explorer(request: Request) -> str:
    return f"attention?{urlencode({'model': request.model, 'text': request.text})}"
