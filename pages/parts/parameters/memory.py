"""The view "memory" of the page of parameters: what a model needs to run and to be trained."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining(), controls:
        pass
