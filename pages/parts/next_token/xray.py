"""The view "xray" of the page of the next token: how surprised the model is by each token of a text."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        pass
