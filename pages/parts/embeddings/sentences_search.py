"""A question put to many texts: those whose vectors point most nearly where its own does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from models import sentences
from models.traces import InputError, SentenceTrace
from pages.parts.embeddings import sentences_below, sentences_source
from pages.parts.embeddings.sentences_source import Embedded
from pages.parts.running import answer
from viz import page
from viz.components.text_ranking import Group, Row, pack, text_ranking
from viz.embedding_words import sentences as words

SHOWN: Final = 20


def ask() -> str:
    """The query, typed in the current container."""
    query = st.text_input(
        "Search for", words.QUERY, key="query", bind="query-params", max_chars=1_000, help=words.QUERY_HELP
    )
    return " ".join((query or "").split())


def show(found: Embedded, query: str) -> None:
    """The best texts with their cosines, and all that goes with them.

    Raises:
        InputError: there is no query, or no model to read it.
    """
    request = sentences_source.needs_model(found, "Search")
    if not query:
        raise InputError("The query is empty; type what to search for.")
    asked = answer(replace(request, text=query))
    if not isinstance(asked, SentenceTrace):
        return
    lines, places = found.texts.lines, found.texts.places.tolist()
    order, cosines = sentences.search(found.vectors, asked.vectors[0], len(lines))
    best = list(zip(order.tolist(), cosines.tolist(), strict=True))
    rows = [Row([(places[text], lines[text])], cosine) for text, cosine in best[:SHOWN]]
    about = f"the best {SHOWN} of {len(lines):,} texts" if len(lines) > SHOWN else f"all {len(lines)} texts in order"
    group = Group("Nearest in angle", rows, about if len(lines) > 1 else "the only text")
    facts = [*found.facts, f"Query: {query[:200]}"]
    packed = pack([group], title=f"Search: {query[:80]}", facts=facts, measure="cosine", lead=[words.SEARCH_LEAD])
    text_ranking(packed, key="search")
    ranks = np.empty(len(lines), dtype=np.int64)
    ranks[order] = np.arange(1, len(lines) + 1)
    scores = np.empty(len(lines), dtype=np.float32)
    scores[order] = cosines
    page.facts(f"Query: {int(asked.tokens[0])} tokens")
    sentences_below.below(found, {"rank": ranks.tolist(), "cosine": scores.astype(float).tolist()})
