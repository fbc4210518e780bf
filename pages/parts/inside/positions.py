"""The view "positions" of the page of the inside."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
