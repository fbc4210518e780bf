"""The view "weights" of the page of parameters: a model's matrices as pictures."""

from __future__ import annotations

import math

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, random_matrices, weights
from models.engine import Request
from models.traces import MatrixTrace
from models.traces.parameters import effective_rank
from pages.parts.parameters import loaded, weights_files, weights_norms, weights_region
from pages.parts.running import answer
from viz import page, state, theme, weight_charts
from viz.components import weight_picture
from viz.parameter_words import weights as words

KEY = "weight picture"


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = loaded.model()
        path = loaded.matrix(model, controls, defaults.PICTURED)
        if path is None:
            return
        with controls:
            settings = (("matrix", path), *weights_region.ask(model, path))
        request = Request("matrix", model, settings=settings)
        trace = answer(request)
        if not isinstance(trace, MatrixTrace):
            return
        view, wrong = state.read(weight_picture.parameters(trace), page.linked())
        complaints += wrong
        facts = _facts(trace)
        weight_picture.weight_picture(
            weight_picture.pack(trace, [" · ".join(facts)]),
            key=KEY,
            state=view,
            asked=lambda: weights_region.zoom(st.session_state[KEY].get("region"), trace.shape),
        )
        _origin(trace)
        _charts(trace)
        norms = weights_norms.show(model, path)
        if not math.isnan(trace.difference):
            page.badge(
                words.EQUAL.format(difference=theme.power(trace.difference)),
                good=trace.difference < 1e-4,
                explanation=words.CHECK,
            )
        page.facts(*facts)
        weights_files.save(request, trace, norms)


def _origin(trace: MatrixTrace) -> None:
    """Whether the weights had been rounded before they were loaded: their histogram is another for it."""
    file = loaded.gguf(trace.source.model)
    if file and 0 < trace.levels < 32:
        st.caption(words.FILE.format(file=page.plain(file), dtype=trace.source.dtype, levels=trace.levels))


def _charts(trace: MatrixTrace) -> None:
    """The distribution and the singular values, side by side."""
    if not trace.deviation:
        st.info(words.ALIKE.format(value=trace.mean))
        return
    dark = st.context.theme.type == "dark"
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(weight_charts.histogram(trace, dark=dark), config=weight_charts.CONFIG, theme=None)
        st.markdown(
            words.SPREAD.format(
                mean=f"{trace.mean:.5f}".replace("-", "\N{MINUS SIGN}"),
                deviation=trace.deviation,
                largest=float(trace.largest.max()),
                beyond=trace.beyond / math.prod(trace.size),
                normal=weight_charts.beyond_normal(),
            )
        )
    with right:
        if not len(trace.singular):
            st.info(words.TOO_LARGE.format(most=weights.SINGULAR))
            return
        random = random_matrices.singular(*trace.size, trace.deviation)
        low, high = random_matrices.edges(*trace.size, trace.deviation)
        st.plotly_chart(weight_charts.singular(trace, random, dark=dark), config=weight_charts.CONFIG, theme=None)
        st.markdown(
            words.DIRECTIONS.format(
                largest=float(trace.singular[0]),
                rank=trace.effective_rank,
                count=len(trace.singular),
                random=effective_rank(random),
                low=low,
                high=high,
                above=int((trace.singular > high).sum()),
            )
        )


def _facts(trace: MatrixTrace) -> list[str]:
    source = trace.source
    return [
        source.model,
        trace.matrix,
        f"revision {source.revision[:12]}",
        f"weights in {source.dtype}",
        *(f"{package} {version}" for package, version in source.versions.items()),
    ]
