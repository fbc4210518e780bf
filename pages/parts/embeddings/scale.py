"""Where do words lie on the line between two poles? And where do most words?"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import scale_usual, tables, traces, vector_check, word_sets, word_vectors
from models.scale_usual import Usual
from models.traces import Scale
from pages.parts.embeddings import glove, words_asked
from viz import page, state
from viz.components import word_vectors as drawing
from viz.embedding_words import words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            asked = _ask()
        table = glove.table()
        if table is None or not words_asked.known(table, asked):
            return
        found = word_vectors.scale(table, asked["low"], asked["high"], asked["along"])
        most = scale_usual.usual(table, found)
        view, wrong = state.read(drawing.parameters(len(found.words)), st.query_params)
        complaints += wrong
        note = words.LINE.format(words=f"{most.words:,}")
        packed = drawing.scale(
            found, most.words, most.quantiles, most.below, note=note, facts=[" · ".join(glove.facts())]
        )
        drawing.word_vectors(packed, key="line of words", state=view)
        difference = vector_check.scale(table, found)
        page.badge(
            f"{len(found.words)} position{'s' if len(found.words) != 1 else ''}, the same in double precision",
            good=difference < words.SAME,
            explanation=words.CHECK.format(difference=f"{difference:.0e}"),
        )
        page.facts(*glove.facts())
        st.markdown(words.BIAS)
        name = "orrery-scale"
        page.downloads(
            (
                ("Positions, CSV", f"{name}.csv", "text/csv", lambda: csv(found, most)),
                ("Trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
            )
        )


def _ask() -> dict[str, list[str]]:
    """The words of the low pole, of the high one, and those between, by the keys of their boxes."""
    preset = word_sets.SCALES[page.choose("Scale", tuple(word_sets.SCALES), key="scale", help=words.SCALE_HELP)]
    usual = {"low": preset.low, "high": preset.high, "along": preset.words}
    if st.session_state.get("scale laid", preset.key) != preset.key:  # another one is chosen: its words come with it
        st.session_state.update({key: " ".join(listed) for key, listed in usual.items()})
    st.session_state["scale laid"] = preset.key
    low = words_asked.box("Low end", " ".join(preset.low), key="low", help=words.POLE_HELP)
    high = words_asked.box("High end", " ".join(preset.high), key="high", help=words.POLE_HELP)
    along = page.type_text("Words along it", " ".join(preset.words), key="along", help=words.ALONG_HELP)
    return {key: words_asked.listed(text) for key, text in (("low", low), ("high", high), ("along", along))}


def csv(found: Scale, most: Usual) -> bytes:
    """A word a line, those of the poles, too: its position, and the share of frequent words nearer to the low pole."""
    low, middle, high = most.quantiles
    origin = {
        "vectors": f"{found.source.model}, revision {found.source.revision}",
        f"the {most.words} most frequent words": f"5% below {low}, half below {middle}, 95% below {high}",
    }
    rows = [
        *((word, "low end", at, None) for word, at in zip(found.low, found.low_positions.tolist(), strict=True)),
        *((word, "high end", at, None) for word, at in zip(found.high, found.high_positions.tolist(), strict=True)),
        *(
            (word, "along", at, below)
            for word, at, below in zip(found.words, found.positions.tolist(), most.below.tolist(), strict=True)
        ),
    ]
    return tables.csv(origin, ("word", "part", "position", "share of frequent words below"), rows)
