"""The view "beams" of the page of the next token: several texts continued at a time, and which of them survive."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        pass
