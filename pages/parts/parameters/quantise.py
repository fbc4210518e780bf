"""The view "quantise" of the page of parameters: one matrix with fewer bits or fewer weights, tried out."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults, engine, quantised
from models.engine import Request
from models.traces import QuantisedTrace, VocabularyTrace
from pages.parts.parameters import loaded, quantise_below, quantise_files, quantise_sweep
from pages.parts.running import answer
from viz import page, quantise_charts, state
from viz.components import token_shift
from viz.parameter_words import quantise as words

METHODS: Final = ("round", "prune")
BITS: Final = tuple(str(bits) for bits in sorted(quantised.BITS))
BLOCKS: Final = (*(str(block) for block in quantised.BLOCKS), "row")


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = loaded.model(writes=True)
            place = st.container()
            settings = _settings()
            text = page.type_text("Prompt", defaults.ANSWERED, key="text", help=words.PROMPT)
            log = st.toggle("Logarithmic counts", key="log", bind="query-params", help=words.LOG)
            every = st.toggle("All at once", key="sweep", bind="query-params", help=words.SWEEP)
        matrix = loaded.matrix(model, place)
        if matrix is None:
            return
        request = Request("quantised", model, text, settings=(("matrix", matrix), *settings))
        trace = answer(request)
        vocabulary = answer(Request("vocabulary", model))
        if not isinstance(trace, QuantisedTrace) or not isinstance(vocabulary, VocabularyTrace):
            return
        view, wrong = state.read(token_shift.parameters(), page.linked())
        complaints += wrong
        token_shift.token_shift(_packed(engine.key(request), trace, vocabulary), key="token shift", state=view)
        dark = st.context.theme.type == "dark"
        figure = quantise_charts.histogram(trace, log=log, dark=dark)
        st.plotly_chart(figure, config=quantise_charts.CONFIG, theme=None, key="quantise histogram")
        quantise_below.numbers(trace)
        quantise_below.check(trace)
        quantise_below.source(trace)
        others = quantise_sweep.show(request, trace, asked=every, texts=vocabulary.texts)
        quantise_files.save(trace, others, vocabulary.texts)


def _settings() -> tuple[tuple[str, str], ...]:
    """What is done to the matrix, for an engine request."""
    method = page.choose("Change", METHODS, key="method", help=words.METHOD)
    if method == "prune":
        share = page.decimal("Share", (0.0, 1.0), 0.5, key="share", step=0.1, help=words.SHARE)
        return ("method", method), ("share", f"{share:.6g}")
    bits = page.choose("Bits", BITS, key="bits", help=words.BITS)
    block = page.choose("Block", BLOCKS, key="block", help=words.BLOCK)
    return ("method", method), ("bits", bits), ("block", "0" if block == "row" else block)


@st.cache_resource(max_entries=16, show_spinner=False)
def _packed(about: str, _trace: QuantisedTrace, _vocabulary: VocabularyTrace) -> bytes:
    """Both distributions as they travel; `about` identifies the others."""
    source = _trace.source
    changed = quantise_charts.changed(_trace)
    return token_shift.pack(
        _trace.logits,
        _trace.probabilities,
        _vocabulary.texts,
        names=("as loaded", changed),
        divergence=_trace.divergence,
        title=words.TITLE.format(
            model=catalog.resolve(source.model).title, changed=changed if _trace.method == "prune" else f"at {changed}"
        ),
        facts=quantise_below.facts(_trace),
    )
