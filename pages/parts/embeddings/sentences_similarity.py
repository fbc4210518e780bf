"""How alike are any two of many texts? The matrix of all cosines, and the pairs that are most alike."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import background, sentences, tables
from models.traces import InputError
from pages.parts.embeddings import sentences_below
from pages.parts.embeddings.sentences_source import Embedded
from viz import page, state
from viz.components import similarity as matrix
from viz.components.text_ranking import Group, Row, pack, text_ranking
from viz.embedding_words import sentences as words

SHOWN: Final = 300  # texts in the matrix
PAIRS: Final = 15
SAVED: Final = 200  # pairs in the file


def ends(values: NDArray[np.float32]) -> tuple[float, float]:
    """Between which numbers the colours of these cosines lie."""
    return (-1.0, 1.0) if values.min() < 0 else (0.0, 1.0)


def check_count(found: Embedded) -> None:
    """Whether there is anything to compare.

    Raises:
        InputError: there is one text.
    """
    if len(found.texts.lines) < 2:
        raise InputError("One text has nothing to be compared with; add another line.")


def show(found: Embedded, complaints: list[str]) -> None:
    """The matrix, the pairs, and all that goes with them.

    Raises:
        InputError: there is one text.
    """
    check_count(found)
    part = min(SHOWN, len(found.texts.lines))
    view, said = state.read(matrix.parameters(1, part, part), st.query_params)
    complaints += said
    values = sentences.similarity(found.vectors[:part])
    low, high = ends(values)
    labels = [f"{place} {text}" for place, text in zip(found.where[:part], found.short[:part], strict=True)]
    title = f"How alike are {part} texts"
    packed = matrix.pack(values[None], labels, titles=["cosine"], title=title, facts=found.facts, low=low, high=high)
    matrix.similarity(packed, key="similarity", state=view)
    if part < len(found.texts.lines):
        st.caption(f"The matrix shows the first {part} of {len(found.texts.lines):,} texts; the pairs are of all.")
    pairs = _pairs(found)
    if pairs is None:
        return
    _list(found, *pairs)
    file = ("Pairs as CSV", "orrery-pairs.csv", "text/csv", lambda: _csv(found, *pairs))
    sentences_below.below(found, files=[file])


def _pairs(found: Embedded) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    """The pairs of different texts that are most alike; None where the visitor stopped it."""
    first: dict[str, int] = {}
    for number, line in enumerate(found.texts.lines):
        first.setdefault(line if found.trace is not None else str(number), number)
    once = np.array(list(first.values()), dtype=np.int64)
    key = f"pairs {found.content}"
    work = background.QUICK.watch(
        key, lambda report: sentences.closest(found.vectors[once], SAVED, progress=report), "Comparing the texts"
    )
    result = page.wait(work, key)
    return None if result is None else (once[result[0]], result[1])


def _list(found: Embedded, pairs: NDArray[np.int64], cosines: NDArray[np.float32]) -> None:
    places, lines = found.texts.places.tolist(), found.texts.lines
    rows = [
        Row([(places[text], lines[text]) for text in pair], cosine)
        for pair, cosine in zip(pairs[:PAIRS].tolist(), cosines[:PAIRS].tolist(), strict=True)
    ]
    again = 0 if found.trace is None else len(lines) - len(set(lines))
    lead = [words.AGAIN.format(again=f"{again:,}", verb="stand" if again > 1 else "stands")] if again else []
    group = Group("Most alike", rows, "pairs of different texts")
    packed = pack([group], title="The most similar pairs", facts=found.facts, measure="cosine", lead=lead)
    text_ranking(packed, key="pairs")


def _csv(found: Embedded, pairs: NDArray[np.int64], cosines: NDArray[np.float32]) -> bytes:
    lines, where = found.texts.lines, found.where
    rows = [
        (where[one], where[other], lines[one], lines[other], cosine)
        for (one, other), cosine in zip(pairs.tolist(), cosines.astype(float).tolist(), strict=True)
    ]
    origin = {"texts": found.texts.title, "vectors": f"{found.source.made_by}, revision {found.source.revision}"}
    return tables.csv(origin, ("row", "other row", "text", "other text", "cosine"), rows)
