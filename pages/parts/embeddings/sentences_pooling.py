"""Does it matter how the tokens' vectors become one? The same texts under all poolings, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from models import catalog, defaults, sentences
from models.traces import POOLINGS, SentenceTrace, cosines
from pages.parts.embeddings import sentences_below, sentences_labels, sentences_similarity, sentences_source
from pages.parts.embeddings.sentences_source import Embedded
from pages.parts.running import answer
from viz import page, state
from viz.components import similarity as matrix
from viz.embedding_words import sentences as words

SHOWN: Final = 60  # texts in each matrix
COMPARED: Final = 1_000  # texts whose neighbours are compared
NEAREST: Final = 5
LABEL: Final = 20  # characters beside a row, so that there is room for three pictures


def show(found: Embedded, complaints: list[str]) -> None:
    """The matrices, how far their neighbours agree, and all that goes with them.

    Raises:
        InputError: there is one text, or no model.
    """
    request = sentences_source.needs_model(found, "Pooling")
    sentences_similarity.check_count(found)
    traces: list[SentenceTrace] = []
    for pooling in POOLINGS:
        trace = answer(replace(request, settings=(("pooling", pooling),)))
        if not isinstance(trace, SentenceTrace):
            return
        traces.append(trace)
    part = min(SHOWN, len(found.texts.lines))
    view, said = state.read(matrix.parameters(len(POOLINGS), part, part), st.query_params)
    complaints += said
    values = np.stack([sentences.similarity(trace.vectors[:part]) for trace in traces])
    low, high = sentences_similarity.ends(values)
    labels = [f"{place} {_cut(text)}" for place, text in zip(found.where[:part], found.short[:part], strict=True)]
    facts = [f"Texts: {found.texts.title}", f"Model: {found.source.made_by}"]
    packed = matrix.pack(
        values,
        labels,
        titles=[words.POOLING_TITLES[pooling] for pooling in POOLINGS],
        title=f"{part} texts under three poolings",
        facts=facts,
        low=low,
        high=high,
    )
    matrix.similarity(packed, key="poolings", state=view)
    if part < len(found.texts.lines):
        st.caption(f"The matrices show the first {part} of {len(found.texts.lines):,} texts.")
    given, said = sentences_labels.read(found)
    complaints += said
    _agreement(found, traces, {**found.texts.known, **given})
    sentences_below.below(found)


def _cut(text: str) -> str:
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def _agreement(found: Embedded, traces: list[SentenceTrace], labels: dict[int, str]) -> None:
    """A small table: what the poolings agree on, and which the model was trained with."""
    count = min(COMPARED, len(found.texts.lines))
    few = min(NEAREST, count - 1)
    near = [sentences.nearest(trace.vectors[:count], few) for trace in traces]
    labels = {text: label for text, label in labels.items() if text < count}
    head = ["Pooling", f"Same {few} nearest as mean" if few > 1 else "Same nearest as mean", "Mean cosine of two texts"]
    if len(labels) > 1:
        head.append(f"Nearest of {len(labels):,} labelled texts has the same label")
    rows = []
    for pooling, trace, mine in zip(POOLINGS, traces, near, strict=True):
        between = cosines(trace.vectors[:count])
        among = (between.sum(dtype=np.float64) - np.trace(between)) / (count * (count - 1))
        row = [pooling, f"{sentences.shared_neighbours(near[0], mine):.0%}", f"{among:.2f}"]
        agreed = sentences.label_agreement(trace.vectors, labels)
        rows.append(row if agreed is None else [*row, f"{agreed:.0%}"])
    lines = [head, ["---"] * len(head), *rows]
    st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines))
    if count < len(found.texts.lines):
        st.caption(f"Counted among the first {count:,} texts.")
    reference = catalog.resolve(found.source.model)
    if found.source.model == defaults.ENCODER:
        st.caption(words.TRAINED_MEAN)
    else:
        st.caption(words.DECODER if reference.kind == "decoder" else words.UNTRAINED)
    page.facts(*(f"{words.POOLING_TITLES[pooling]}: {words.POOLINGS[pooling]}" for pooling in POOLINGS))
