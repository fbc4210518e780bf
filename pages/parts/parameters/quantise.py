"""The view "quantise" of the page of parameters: one matrix with fewer bits or fewer weights, tried out."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining(), controls:
        pass
