"""The view "xray" of the page of the next token: how surprised the model is by each token of a text."""

from __future__ import annotations

import math
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults, surprise
from models.engine import Request
from models.traces import SurpriseTrace
from pages.parts.next_token import asking, xray_compare, xray_files
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import text_xray
from viz.next_token_words import xray as words

GOOD: Final = 1e-4  # of the perplexity: the library rounds each logarithm to seven digits


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = asking.model()
            text = page.type_text("Text", defaults.SURPRISING, key="text", help=words.TEXT)
            second = xray_compare.ask()
        trace = answer(Request("surprise", model, text))
        if not isinstance(trace, SurpriseTrace):
            return
        view, wrong = state.read(text_xray.parameters(trace), st.query_params)
        complaints += wrong
        other = None
        if second is not None:
            with page.guarded():  # what the second model can't do leaves the first one's figure
                other = xray_compare.beside(trace, second)
        _draw(trace, other, view)


def _draw(trace: SurpriseTrace, other: xray_compare.Beside | None, view: dict[str, object]) -> None:
    """The figure and what stands below it."""
    name = catalog.resolve(trace.source.model).title
    traces = [trace] if other is None else [trace, other.trace]
    titles = [name] if other is None else [name, other.name]
    names = list(dict.fromkeys(titles))  # one model beside itself is named once
    packed = text_xray.pack(
        trace,
        title=f"How surprised {' and '.join(names)} {'is' if len(names) == 1 else 'are'} by each token",
        facts=[xray_files.origin(one.source) for one in traces],
        name=name,
        size=surprise.covered(trace),
        other=None if other is None else other.packed,
    )
    text_xray.text_xray(packed, key="text xray", state=view, defaults=text_xray.defaults(trace))
    for title, one in zip(titles, traces, strict=True):
        _check(one, "" if other is None else f"{title}: ")
        page.source(one.source, len(one.token_table))
    xray_files.save(trace, None if other is None else other.trace, None if other is None else other.compared)


def _check(trace: SurpriseTrace, whose: str) -> None:
    """Our perplexity beside e to PyTorch's own loss."""
    if not math.isfinite(trace.loss):
        page.badge(
            f"{whose}a token that the model can't write at all: infinite loss", good=True, explanation=words.CHECK
        )
        return
    off = abs(math.expm1(math.log(trace.perplexity) - trace.loss))
    page.badge(
        f"{whose}perplexity {trace.perplexity:,.6g} = e^{trace.loss:.6g}, PyTorch's loss, within {theme.power(off)}",
        good=off < GOOD,
        explanation=words.CHECK,
    )
