"""Attention: every head of a real model, on the visitor's own text."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import attention, catalog, defaults, engine
from models.engine import Request
from models.traces import AttentionTrace, InductionTrace
from pages.parts import attention_files, running
from pages.parts.running import answer
from viz import attention_words as words
from viz import page, state, theme
from viz.components.attention_explorer import VIEWS, Measure, Packed, Pane, encode, explorer, pack, window

page.through_the_app()


def ask() -> tuple[list[Request], DeltaGenerator]:
    """The controls: what they ask for, one request for each picture, and where the tokens of the first are counted."""
    offered = [entry.key for entry in catalog.available()]
    hub = catalog.is_open()
    model = page.choose("Model", offered, key="model", free=hub, help=words.MODEL)
    text = page.type_text("Text", defaults.TEXT, key="text", help=words.TEXT)
    reference = catalog.resolve(model)
    pair = None
    if reference.kind != "decoder":
        pair = st.text_input("Second text", key="pair", bind="query-params", help=words.PAIR) or None
    request = Request("attention", model, text, pair)
    counter = st.empty()
    count = engine.count(model, text, pair)
    counter.caption(
        f"At most {reference.max_tokens} tokens" if count is None else f"{count} of {reference.max_tokens} tokens"
    )
    beside = page.choose("Side by side", ("off", "another text", "another model"), key="compare", help=words.COMPARE)
    requests = [request]
    if beside == "another text":
        other = page.type_text("Other text", defaults.OTHER_TEXT, key="text2")
        requests.append(Request("attention", model, other))
    if beside == "another model":
        second = page.choose(
            "Other model", [name for name in offered[::-1] if name != model] or offered, key="model2", free=hub
        )
        requests.append(Request("attention", second, text))
    return requests, counter


@st.cache_resource(max_entries=64, show_spinner=False)
def packed(content: str, layers: tuple[int, int], _trace: AttentionTrace, _scores: InductionTrace | None) -> Packed:
    """One trace as it travels to the browser; `content` identifies the arguments with an underscore."""
    values = attention.measures(_trace, _scores)
    measures = [
        Measure(measure.key, measure.name, measure.explanation, values[number], measure.unit)
        for number, measure in enumerate(attention.MEASURES)
        if _scores is not None or measure.key != "induction"
    ]
    bare = attention.hide_special(_trace)
    kept = None if bare is _trace else bare.weights
    title = catalog.resolve(_trace.source.model).title
    return pack(Pane(_trace, measures, attention.rollout(_trace), attention.mean(_trace), kept, layers, title))


@st.cache_resource(max_entries=256, show_spinner=False)
def off_by(content: str, _trace: AttentionTrace) -> float:
    """How far the sum of any row of weights is from 1."""
    return float(abs(_trace.weights.sum(axis=-1) - 1).max())


def show(requests: list[Request], counter: DeltaGenerator) -> None:
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
    if found[0][0] == requests[0]:
        counter.caption(f"{len(shown[0].token_table)} of {catalog.resolve(requests[0].model).max_tokens} tokens")

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
        known = running.peek(question)
        if known is None and view.get("sort") == "induction" and view.get("view") == "map":
            with page.guarded():
                known = answer(question)
        scores.append(known if isinstance(known, InductionTrace) else None)

    contents = [running.key(request) for request, _ in found]
    # A text too long for all layers at once: the layer that the visitor has opened, or the one in the link.
    around = (st.session_state.get("explorer") or {}).get("around")
    around = view.get("layer", layer) if around is None else around
    panes = []
    for trace, content, known in zip(shown, contents, scores, strict=True):
        size = len(trace.token_table)
        near = min(around, trace.layers - 1)
        layers = window(trace.layers, trace.heads, size, trace.causal, near, panes=len(shown))
        panes.append(packed(f"{content} {known is not None}", layers, trace, known))
    command = st.session_state.get("command", 0)
    drawn = encode(panes, view, defaults=usual, present=page.presenting(), command=command)
    explorer(drawn, key="explorer")
    off = max(off_by(content, trace) for content, trace in zip(contents, shown, strict=True))
    page.badge(
        f"Read from the model; every row sums to 1 within {theme.power(off)}", good=off < 0.02, explanation=words.CHECK
    )
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
        asked, counter = ask()
        if st.button("Find the induction heads", help=words.INDUCTION):
            st.query_params.update(view="map", sort="induction")
            st.session_state["command"] = st.session_state.get("command", 0) + 1
    show(asked, counter)
