"""The view "stream" of the page of the inside: the residual stream, and which part speaks for the next token."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults
from models.engine import Request
from models.traces import AttributionTrace, StreamTrace
from pages.parts import running
from pages.parts.inside import asking, stream_files
from viz import inside_words, page, state, theme
from viz.components import residual_stream
from viz.inside_words import stream as words

GOOD: Final = 1e-5
KEY: Final = "residual stream"


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = asking.model(writes=False)
            text = asking.text()
            pair = {key: page.type_word(*said, key=key, help=words.PAIR) for key, said in words.TYPED.items()}
        first = asking.first()
        request = defaults.stream("stream", model, text, first=first)
        trace = running.answer(request)
        if not isinstance(trace, StreamTrace):
            return
        positions = trace.heads.shape[2]
        with controls:
            asking.window(len(trace.token_table))
        if positions < len(trace.token_table):
            shown = {"count": len(trace.token_table), "first": trace.first, "last": trace.first + positions - 1}
            st.caption(inside_words.SHOWN.format(**shown))
        shares = _shares(defaults.stream("attribution", model, text, first=first, **pair))
        view, wrong = state.read(residual_stream.parameters(trace), page.linked())
        complaints += wrong
        about = f"{running.key(request)} {shares is not None}"
        packed = _packed(about, pair["answer"], pair["rival"], trace, shares)
        residual_stream.residual_stream(
            packed, key=KEY, state=view, defaults=residual_stream.defaults(trace, shares), asked=_choose
        )
        _checks(trace, shares)
        page.source(trace.source, len(trace.token_table))
        stream_files.save(trace, shares)


def _shares(request: Request) -> AttributionTrace | None:
    """Which part speaks for which token; None where nothing can be said of it, which a sentence tells."""
    if catalog.resolve(request.model).kind == "encoder":
        st.info(words.ENCODER, icon=":material/info:")
        return None
    with page.guarded():
        found = running.answer(request)
        return found if isinstance(found, AttributionTrace) else None
    return None


def _choose() -> None:
    """One of the likeliest tokens was chosen in the figure: its field says so, and with it the link."""
    which, word, _ = st.session_state[KEY]["pair"]
    if which in ("answer", "rival") and isinstance(word, str):
        st.session_state[which] = word


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(about: str, typed: str, against: str, _trace: StreamTrace, _shares: AttributionTrace | None) -> bytes:
    """All that travels; `about` and what was typed identify the traces."""
    source = _trace.source
    return residual_stream.pack(
        _trace,
        _shares,
        title=f"The residual stream of {catalog.resolve(source.model).title}",
        facts=[f"Text: {source.text}", f"{source.made_by}, revision {source.revision[:12]}"],
        answer=typed,
        rival=against,
    )


def _checks(trace: StreamTrace, shares: AttributionTrace | None) -> None:
    """What is split, beside the whole."""
    said: list[tuple[str, float, str]] = [(words.HEADS, trace.difference, words.HEADS_CHECK)]
    if trace.sum_difference is not None:
        said.append((words.SUM, trace.sum_difference, words.SUM_CHECK))
    if shares is not None:
        said.append((words.SHARES, float(shares.differences.max()), words.SHARES_CHECK))
    for sentence, apart, explanation in said:
        page.badge(sentence.format(difference=theme.power(apart)), good=apart <= GOOD, explanation=explanation)
