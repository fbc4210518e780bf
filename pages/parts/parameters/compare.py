"""The view "compare" of the page of parameters: up to four models beside each other."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining(), controls:
        pass
