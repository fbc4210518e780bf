"""Which words are nearest to a word? Drawn at their real angles from it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import tables, traces, vector_check, word_vectors
from models.traces import Neighbours
from pages.parts.embeddings import glove, words_asked
from viz import page, state
from viz.components import word_vectors as drawing
from viz.embedding_words import words

KEY = "neighbours of a word"


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            word = words_asked.box("Word", words.WORD, key="word", help=words.WORD_HELP)
            count = page.number("How many", (1, drawing.MOST_ROWS), 10, key="count", help=words.COUNT_HELP)
        table = glove.table()
        if table is None or not words_asked.known(table, {"word": [word]}):
            return
        found = word_vectors.neighbours(table, word, count)
        view, wrong = state.read(drawing.parameters(count), st.query_params)
        complaints += wrong
        note = words.NEIGHBOURS.format(word=found.source.text)
        packed = drawing.neighbours(found, note=note, facts=[" · ".join(glove.facts())])
        drawing.word_vectors(packed, key=KEY, state=view, on_asked=_ask)
        page.badge(
            f"{count} cosine{'s' if count != 1 else ''}, the same in double precision",
            good=vector_check.neighbours(found) < words.SAME,
            explanation=words.CHECK.format(difference=f"{vector_check.neighbours(found):.0e}"),
        )
        page.facts(*glove.facts())
        name = "orrery-neighbours"
        page.downloads(
            (
                ("Neighbours, CSV", f"{name}.csv", "text/csv", lambda: csv(found)),
                ("Trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
            )
        )


def _ask() -> None:
    """A neighbour was clicked: it is the next word to ask about."""
    asked = st.session_state[KEY].get("asked")
    if isinstance(asked, dict) and isinstance(asked.get("word"), str):
        st.session_state["word"] = asked["word"]


def csv(found: Neighbours) -> bytes:
    """A neighbour a line: its cosine, its angle, its place by frequency."""
    return tables.csv(
        {"vectors": f"{found.source.model}, revision {found.source.revision}", "word": found.source.text},
        ("neighbour", "cosine", "degrees", "rank by frequency"),
        zip(found.words, found.cosines.tolist(), found.angles.tolist(), (found.places + 1).tolist(), strict=True),
    )
