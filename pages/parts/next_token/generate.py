"""The view "generate" of the page of the next token: a text written token by token, and its branches."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        pass
