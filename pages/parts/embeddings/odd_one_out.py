"""Which of some words goes least with the others? Drawn at their real angles from their mean, and pair by pair."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import tables, traces, vector_check, word_sets, word_vectors
from models.traces import OddOneOut
from pages.parts.embeddings import glove, words_asked
from viz import page, state
from viz.components import similarity
from viz.components import word_vectors as drawing
from viz.embedding_words import words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            text = page.type_text("Words", " ".join(word_sets.ODD_ONES[0]), key="among", help=words.AMONG_HELP)
        table = glove.table()
        asked = words_asked.listed(text)
        if table is None or not words_asked.known(table, {"among": asked}):
            return
        found = word_vectors.odd_one_out(table, asked)
        size = len(found.words)
        rows = min(size, drawing.MOST_ROWS)
        view, wrong = state.read(drawing.parameters(rows) | similarity.parameters(1, size, size), st.query_params)
        complaints += wrong
        note = words.ODD if size == rows else f"{words.ODD} {words.FARTHEST.format(shown=rows, size=size)}"
        packed = drawing.odd_one_out(found, note=note, facts=[" · ".join(glove.facts())])
        drawing.word_vectors(packed, key="odd one out", state=_only(view, drawing.DEFAULTS))
        _pairs(found, _only(view, similarity.DEFAULTS))
        difference = vector_check.odd_one_out(table, found)
        page.badge(
            f"{size} cosines, the same in double precision",
            good=difference < words.SAME and int(found.with_others.argmin()) == found.odd,
            explanation=f"{words.CHECK.format(difference=f'{difference:.0e}')} {words.CHECK_ODD}",
        )
        page.facts(*glove.facts())
        name = "orrery-odd-one-out"
        page.downloads(
            (
                ("Words, CSV", f"{name}.csv", "text/csv", lambda: csv(found)),
                ("All pairs, CSV", f"{name}-pairs.csv", "text/csv", lambda: pairs_csv(found)),
                ("Trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
            )
        )


def _only(view: dict[str, object], names: dict[str, object]) -> dict[str, object]:
    """What one of the figures owns."""
    return {name: value for name, value in view.items() if name in names}


def _pairs(found: OddOneOut, view: dict[str, object]) -> None:
    """Every pair's cosine."""
    low, high = float(min(0, found.pairwise.min())), 1.0
    packed = similarity.pack(
        found.pairwise[None].clip(low, high),
        found.words,
        titles=["cosine"],
        title="Each word with each",
        facts=[" · ".join(glove.facts())],
        low=-high if low < 0 else 0,
        high=high,
    )
    similarity.similarity(packed, key="pairs of words", state=view)


def csv(found: OddOneOut) -> bytes:
    """A word a line: its cosine with the mean, and its mean cosine with the others."""
    return tables.csv(
        _origin(found),
        ("word", "cosine with the mean", "mean cosine with the others"),
        zip(found.words, found.cosines.tolist(), found.with_others.tolist(), strict=True),
    )


def pairs_csv(found: OddOneOut) -> bytes:
    """A pair a line."""
    return tables.csv(
        _origin(found),
        ("word", "other", "cosine"),
        [
            (word, other, cosine)
            for word, row in zip(found.words, found.pairwise.tolist(), strict=True)
            for other, cosine in zip(found.words, row, strict=True)
        ],
    )


def _origin(found: OddOneOut) -> dict[str, str]:
    vectors = f"{found.source.model}, revision {found.source.revision}"
    return {"vectors": vectors, "odd one out": found.words[found.odd]}
