"""The view "words" of the page of embeddings: GloVe's words, on a picture or asked a question."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.embeddings import analogy, neighbours, odd_one_out, scale, word_sets
from viz import embedding_words as words
from viz import page

ASKS: Final = {
    "sets": word_sets.show,
    "neighbours": neighbours.show,
    "analogy": analogy.show,
    "odd": odd_one_out.show,
    "scale": scale.show,
}


def show(controls: DeltaGenerator) -> None:
    """The control that says what is asked; its controls and figure."""
    with controls:
        asked = page.choose("Ask", tuple(ASKS), key="ask", help=words.ASK)
        rest = st.container()
    ASKS[asked](rest)
