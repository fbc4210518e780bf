"""The view "lens" of the page of the inside: what the model would say if it stopped after each layer."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults
from models.traces import LensTrace
from pages.parts.inside import asking, lens_files
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import lens as component
from viz.inside_words import lens as words

KEY: Final = "logit lens"
GOOD: Final = 1e-5  # of the largest logit: above it, what stands on the screen isn't the model's own
TYPED: Final = 60  # characters of a token


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = asking.model()
            text = asking.text()
            follow = page.type_word("Token to follow", words.OWN, key="follow", help=words.FOLLOW)
        trace = answer(defaults.lens(model, text, first=asking.first(), follow=follow))
        if not isinstance(trace, LensTrace):
            return
        count = len(trace.token_table)
        with controls:
            first, end = asking.window(count)
        if end - first < count:
            page.facts(inside_words.SHOWN.format(count=count, first=first, last=end - 1), words.COMPUTED)
        view, wrong = state.read(component.parameters(trace), page.linked())
        complaints += wrong
        packed = component.pack(
            trace,
            title=f"What {catalog.resolve(trace.source.model).title} would say after each layer",
            facts=lens_files.origin(trace),
            query={"model": model, "text": text} | ({"off": trace.source.off} if trace.source.off else {}),
        )
        component.lens(packed, key=KEY, state=view, defaults=component.defaults(trace), asked=_follow)
        page.badge(
            f"last layer: the model's own logits, largest difference {theme.power(trace.difference)}",
            good=trace.difference <= GOOD,
            explanation=words.CHECK,
        )
        page.source(trace.source, count)
        lens_files.save(trace)


def _follow() -> None:
    """A click in the figure on a token: the field in the sidebar says it, so that the link does."""
    number, text, _ = st.session_state[KEY]["follow"]
    if number is None:
        st.session_state["follow"] = ""
        return
    readable = text[:1] == " " and text[1:].isalnum() and len(text) <= TYPED
    st.session_state["follow"] = text if readable else f"#{number}"
