"""The view "norms" of the page of the inside: a norm on a real vector, the mask lifted, padding, and truncation."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, traces
from models.engine import Request
from models.traces import NormalisedTrace
from pages.parts.inside import asking, masks, masks_padding, masks_truncation, norms_files
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import norm_steps
from viz.components.links import links
from viz.inside_words import norms as words

SHOWS: Final = ("norm", "mask", "padding", "truncation")
KEY: Final = "norm steps"
GOOD: Final = 1e-5  # of the largest number; float32 has seven digits


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            wish = page.choose("Show", SHOWS, key="show", help=words.SHOW)
        if wish == "mask":
            masks.show(controls, complaints)
        elif wish == "padding":
            masks_padding.show(controls, complaints)
        elif wish == "truncation":
            masks_truncation.show(controls, complaints)
        else:
            _norm(controls, complaints)


def _norm(controls: DeltaGenerator, complaints: list[str]) -> None:
    """One norm on the vector of one token."""
    with controls:
        model, text = asking.model(writes=False), asking.text(defaults.ANSWERED)
    link = page.linked()
    asked = dict((st.session_state.get(KEY) or {}).get("asked") or {})
    position = asked.get("token") if asked.get("text") == text and asked.get("model") == model else None
    if position is None:
        position = state.read({"token": state.Whole(10**6)}, link)[0].get("token", -1)
    # The last token answers for one that the text hasn't got, and the figure's own reading of the link says so.
    trace = answer(Request("normalised", model, text, settings=(("position", str(position)),)))
    if not isinstance(trace, NormalisedTrace):
        return
    count = len(trace.token_table)
    with controls:
        window = asking.window(count)
    if count > asking.MOST:
        page.facts(inside_words.SHOWN.format(count=count, first=window[0], last=window[1] - 1))
    view, wrong = state.read(norm_steps.parameters(trace), link)
    complaints += wrong
    facts = [words.NORM_FACTS.format(kind=trace.kind, eps=theme.power(trace.eps)), *norms_files.origin(trace.source)]
    usual: dict[str, Any] = norm_steps.defaults(trace)
    norm_steps.norm_steps(norm_steps.pack(trace, window, facts), key=KEY, state=view, defaults=usual)
    page.badge(
        words.SAME.format(kind=trace.kind, count=len(trace.places), difference=theme.power(trace.max_difference)),
        good=max(trace.max_difference, float(trace.other_differences.max())) < GOOD,
        explanation=words.CHECK.format(
            other="LayerNorm" if trace.kind == "RMSNorm" else "RMSNorm",
            difference=theme.power(float(trace.other_differences.max())),
        ),
    )
    page.source(trace.source, count)
    address = urlencode({"view": "walk", "model": model, "text": text, "token": trace.position})
    links([(words.WALK, words.WALK_WHAT, f"inside?{address}")], key="to the walk")
    page.downloads(
        (
            ("Vectors, CSV", "orrery-norms.csv", "text/csv", lambda: norms_files.vectors_csv(trace)),
            ("Lengths, CSV", "orrery-norm-lengths.csv", "text/csv", lambda: norms_files.lengths_csv(trace)),
            ("Trace", "orrery-norms.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )
