"""The view "vary" of the page of the next token: the same prompt several times."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        pass
