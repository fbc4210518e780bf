"""The view "weights" of the page of parameters: a model's matrices as pictures."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining(), controls:
        pass
