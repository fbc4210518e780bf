"""The view "positions" of the page of the inside: how a model knows what stands where, and what it is without it."""

from __future__ import annotations

from typing import Final

from streamlit.delta_generator import DeltaGenerator

from models import defaults
from pages.parts.inside import asking, positions_shuffled, positions_ways
from viz import page
from viz.inside_words import positions as words

LABS: Final = {"ways": positions_ways.show, "words": positions_shuffled.show}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            lab = page.choose("Show", tuple(LABS), key="lab", help=words.LAB)
            model = asking.model(writes=False)
            text = asking.text(defaults.ANSWERED)
        LABS[lab](controls, model, text, complaints)
