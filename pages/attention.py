"""Attention: every head of a real model, on the visitor's own text."""

from __future__ import annotations

from typing import Any

import streamlit as st

from models import attention, catalog, defaults, engine
from models.engine import Request
from models.traces import AttentionTrace, InductionTrace
from pages.parts import attention_files
from pages.parts.running import answer
from viz import attention_words as words
from viz import page, state
from viz.components.attention_explorer import VIEWS, Measure, Pane, encode, explorer, window

page.through_the_app()


def ask() -> list[Request]:
    """The controls, and what they ask for: one request for each picture."""
    offered = [entry.key for entry in catalog.available()]
    hub = catalog.is_open()
    model = page.choose("Model", offered, key="model", free=hub, help=words.MODEL)
    text = page.type_text("Text", defaults.TEXT, key="text", help=words.TEXT)
    reference = catalog.resolve(model)
    pair = None
    if reference.kind != "decoder":
        pair = st.text_input("Second text", key="pair", bind="query-params", help=words.PAIR) or None
    request = Request("attention", model, text, pair)
    known = engine.peek(request)
    count = len(known.token_table) if isinstance(known, AttentionTrace) else engine.count(model, text, pair)
    st.caption(
        f"At most {reference.max_tokens} tokens" if count is None else f"{count} of {reference.max_tokens} tokens"
    )
    beside = page.choose("Side by side", ("off", "another text", "another model"), key="compare", help=words.COMPARE)
    requests = [request]
    if beside == "another text":
        other = page.type_text("Other text", defaults.OTHER_TEXT, key="text2")
        requests.append(Request("attention", model, other))
    if beside == "another model":
        second = page.choose("Other model", offered[::-1], key="model2", free=hub)
        requests.append(Request("attention", second, text))
    return requests


@st.cache_data(max_entries=64, show_spinner=False)
def draw(
    content: tuple[str, ...],  # identifies the arguments with an underscore, which aren't part of the cache's key
    around: int | None,
    view: dict[str, Any],
    usual: dict[str, Any],
    present: bool,
    _traces: list[AttentionTrace],
    _scores: list[InductionTrace | None],
) -> tuple[bytes, float]:
    """What the browser draws, and how far the sum of any row is from 1."""
    panes = []
    for trace, scores in zip(_traces, _scores, strict=True):
        values = attention.measures(trace, scores)
        table = [
            Measure(measure.key, measure.name, measure.explanation, values[number], measure.unit)
            for number, measure in enumerate(attention.MEASURES)
            if scores is not None or measure.key != "induction"
        ]
        layers = None
        if around is not None and around < trace.layers:
            size = len(trace.token_table)
            layers = window(trace.layers, trace.heads, size, trace.causal, around, panes=len(_traces))
        panes.append(Pane(trace, table, attention.rollout(trace), attention.mean(trace), layers=layers))
    off = max(float(abs(trace.weights.sum(axis=-1) - 1).max()) for trace in _traces)
    return encode(panes, view, defaults=usual, present=present), off


def show(requests: list[Request]) -> None:
    """The figure, and all that goes with it."""
    found: list[tuple[Request, AttentionTrace]] = []
    for request, box in zip(requests, ("text", "text2"), strict=False):
        with page.guarded(box):
            trace = answer(request)
            if isinstance(trace, AttentionTrace):
                found.append((request, trace))
    if not found:
        return
    shown = [trace for _, trace in found]

    view, complaints = state.read(
        {
            "view": state.Choice(VIEWS),
            "layer": state.Whole(max(trace.layers for trace in shown)),
            "head": state.Wholes(max(trace.heads for trace in shown)),
            "token": state.Whole(max(len(trace.token_table) for trace in shown)),
            "sort": state.Choice(("layer", *(measure.key for measure in attention.MEASURES))),
            "filter": state.Number(),
            "spaces": state.Whole(2),
            "special": state.Whole(2),
            "average": state.Choice(("rollout", "mean")),
        },
        st.query_params,
    )
    page.complain_once(complaints)
    layer, head = defaults.HEADS.get(shown[0].source.model, (0, 0))
    usual: dict[str, Any] = {"view": "heads", "layer": layer, "head": str(head)}
    if found[0][0] == defaults.VIEWS[0]:
        usual["token"] = defaults.TOKEN

    scores: list[InductionTrace | None] = []
    for request, _ in found:
        question = Request("induction", request.model)
        known = None
        with page.guarded():
            known = answer(question) if view.get("sort") == "induction" else engine.peek(question)
        scores.append(known if isinstance(known, InductionTrace) else None)

    content = tuple(
        f"{engine.key(request)} {known is not None}" for (request, _), known in zip(found, scores, strict=True)
    )
    around = (st.session_state.get("explorer") or {}).get("around")
    drawn, off = draw(content, around, view, usual, page.presenting(), shown, scores)
    explorer(drawn, key="explorer")
    page.badge(f"Read from the model; every row sums to 1 within {off:.0e}", good=off < 0.02, explanation=words.CHECK)
    for trace in shown:
        page.source(trace.source, len(trace.token_table))
    attention_files.save(shown[0], view.get("layer", layer), drawn)
    attention_files.bertviz(shown[0])


page.header("Attention", words.HEADER)
figure = st.container()
page.notice_and_try(words.NOTICE, words.PRESETS, "attention")
page.computed(words.HOW, words.CODE)
controls = st.sidebar.container()
with st.sidebar:
    page.presenter_switch()
with figure, page.guarded():  # drawn last: all the rest stands while the model runs
    with controls:
        asked = ask()
        if st.button("Find the induction heads", help=words.INDUCTION):
            st.query_params.update(view="map", sort="induction")
    show(asked)
