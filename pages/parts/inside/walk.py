"""The view "walk" of the page of the inside: one token's way through the model, stage by stage."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults, engine
from models.engine import Request
from models.traces import ForwardTrace
from pages.parts import running
from pages.parts.inside import asking, walk_files, walk_packing
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import walk as figure
from viz.components.walk import stages as staging
from viz.inside_words import walk as words

KEY: Final = "walk"
GOOD: Final = 1e-5  # as a share of a tensor's largest number; float32 has seven digits


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model, text = asking.model(writes=False), asking.text(defaults.ANSWERED)
        asked, link = _asked(), page.linked()
        request, said = _request(model, text, asked, link)
        complaints += said
        trace = answer(request)
        if not isinstance(trace, ForwardTrace):
            return
        about = running.key(request)
        with controls:
            window = asking.window(len(trace.token_table))
        stages = staging.stages(trace)
        view, wrong = state.read(figure.parameters(trace, stages), link)
        complaints += wrong
        _draw(trace, stages, about, window, asked, view)


def _asked() -> dict[str, Any]:
    """What the hand last wanted from the server."""
    return dict((st.session_state.get(KEY) or {}).get("asked") or {})


def _request(model: str, text: str, asked: dict[str, Any], link: dict[str, str]) -> tuple[Request, list[str]]:
    """The pass for the token that the hand or the link wants, and a sentence if there is no such token."""
    last = defaults.walk(model, text)
    if asked.get("text") == text and asked.get("model") == catalog.resolve(model).name:
        position = asked.get("token")
        complaints: list[str] = []
    else:
        view, complaints = state.read({"token": state.Whole(10**6)}, link)
        position = view.get("token")
    if position is None:
        return last, complaints
    count = engine.count(model, text)
    if count is None:  # the tokenizer isn't there yet
        whole = answer(last)
        count = len(whole.token_table) if isinstance(whole, ForwardTrace) else 0
    if position >= count - 1:  # the figure complains of one that isn't there
        return last, complaints
    return defaults.walk(model, text, position), complaints


def _draw(
    trace: ForwardTrace,
    stages: list[staging.Stage],
    about: str,
    window: tuple[int, int],
    asked: dict[str, Any],
    view: dict[str, Any],
) -> None:
    """The figure, and all that goes with it."""
    count = len(trace.token_table)
    layer, head = defaults.WALKED.get(trace.source.model, (0, 0))
    usual = figure.DEFAULTS | {"layer": layer, "head": head}
    if count > asking.MOST:
        page.facts(inside_words.SHOWN.format(count=count, first=window[0], last=window[1] - 1))
    figure.walk(
        walk_packing.packed(about, window, trace, stages),
        key=KEY,
        state=view,
        defaults=usual,
        on_asked_change=lambda: None,
        on_appended_change=_append,
    )
    walk_packing.hand_over_row(trace, about, asked if asked.get("about") == about else usual | view)
    page.badge(
        words.SAME.format(difference=theme.power(trace.max_difference), tensors=f"{len(trace.names):,}"),
        good=trace.max_difference <= GOOD,
        explanation=words.CHECK,
    )
    page.source(trace.source, count)
    walk_files.save(trace)


def _append() -> None:
    """The text becomes one token longer, as the figure says it; the last token is walked with."""
    longer = (st.session_state.get(KEY) or {}).get("appended")
    if isinstance(longer, dict) and isinstance(longer.get("text"), str):
        st.session_state["text"] = longer["text"]
