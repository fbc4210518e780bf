"""What is to c as b is to a? Drawn in the plane of a, b and c, with where the expected word ranks."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import analogy_plane, stored_analogies, tables, traces, vector_check, word_sets, word_vectors
from models.traces import ANALOGY_METHODS, Analogy, AnalogyAccuracy
from pages.parts.embeddings import glove, words_asked
from viz import page, state
from viz.components import word_vectors as drawing
from viz.embedding_words import words

NAMES = "abcd"


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            asked = {
                key: words_asked.box(label, usual, key=key, help=told)
                for key, label, usual, told in zip(
                    NAMES, words.TERMS, word_sets.ANALOGIES[0], words.TERMS_HELP, strict=True
                )
            }
        with page.guarded():
            _answer(asked, complaints)
        _published()


def _answer(asked: dict[str, str], complaints: list[str]) -> None:
    """The figure, and all that goes with it."""
    table = glove.table()
    needed = {key: [word] for key, word in asked.items() if key != "d" or word.strip()}
    if table is None or not words_asked.known(table, needed):
        return
    found = word_vectors.analogy(table, asked["a"], asked["b"], asked["c"], asked["d"].strip() or None)
    view, wrong = state.read(drawing.parameters(len(found.drawn)), st.query_params)
    complaints += wrong
    places, off = analogy_plane.seen(found)
    packed = drawing.analogy(found, places, off, size=len(table), facts=[" · ".join(glove.facts())])
    drawing.word_vectors(packed, key="plane of words", state=view)
    difference = vector_check.analogy(table, found)
    page.badge(
        f"{len(found.words[0])} scores of 3CosAdd, the same in double precision",
        good=difference < words.SAME,
        explanation=words.CHECK.format(difference=f"{difference:.0e}"),
    )
    page.facts(*glove.facts())
    name = "orrery-analogy"
    page.downloads(
        (
            ("Candidates, CSV", f"{name}.csv", "text/csv", lambda: csv(found)),
            ("Trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
        )
    )


def _published() -> None:
    """How often such questions are answered right: all of a published list, and no example picked by hand."""
    found = stored_analogies.stored()
    packed = drawing.accuracy(
        found,
        heading=words.PUBLISHED.format(share=100 * found.total),
        note=words.PUBLISHED_NOTE.format(candidates=f"{found.candidates:,}"),
        facts=[" · ".join(glove.facts())],
    )
    drawing.word_vectors(packed, key="published analogies", state={}, defaults={})
    name = "orrery-analogies-published"
    page.downloads(
        (
            ("By category, CSV", f"{name}.csv", "text/csv", lambda: accuracy_csv(found)),
            ("By category, trace", f"{name}.safetensors", "application/octet-stream", lambda: traces.to_bytes(found)),
        )
    )


def csv(found: Analogy) -> bytes:
    """A candidate a line, by each method; and where the expected word ranks."""
    a, b, c = found.terms
    origin = {"vectors": f"{found.source.model}, revision {found.source.revision}", "a": a, "b": b, "c": c}
    if found.expected is not None:
        origin["expected"] = found.expected
        for method, (without, among_all) in zip(ANALOGY_METHODS, found.ranks.tolist(), strict=True):
            origin[f"its rank by {method} where a b c are left out"] = str(without) if without else "none"
            origin[f"its rank by {method} among all"] = str(among_all)
    return tables.csv(
        origin,
        ("method", "word", "score", "in the question"),
        [
            (method, word, score, "yes" if given else "no")
            for method, *columns in zip(ANALOGY_METHODS, found.words, found.scores.tolist(), found.given, strict=True)
            for word, score, given in zip(*columns, strict=True)
        ],
    )


def accuracy_csv(found: AnalogyAccuracy) -> bytes:
    """A category a line."""
    return tables.csv(
        {"vectors": f"{found.source.model}, revision {found.source.revision}", "list": found.source.text},
        ("category", "right", "asked", "left out"),
        zip(found.sections, found.correct.tolist(), found.asked.tolist(), found.skipped.tolist(), strict=True),
    )
