"""The view "distribution" of the page of the next token: the logits of the whole vocabulary, and every sampler."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        pass
