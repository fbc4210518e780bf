"""The view "small" of the page of parameters: networks that can be drawn whole, and the Transformer of the paper."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining(), controls:
        pass
