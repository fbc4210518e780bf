"""The view "sentences" of the page of embeddings: a vector for each of many texts, and what can be done with them."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.embeddings import (
    sentences_classify,
    sentences_clusters,
    sentences_map,
    sentences_pooling,
    sentences_search,
    sentences_similarity,
    sentences_source,
)
from viz import page
from viz.embedding_words import sentences as words

SHOWS: Final = ("map", "similarity", "search", "clusters", "classify", "pooling")


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            wish = page.choose("Show", SHOWS, key="show", help=words.SHOW)
            above, middle, last = st.container(), st.container(), st.container()
            with last if wish == "map" else above:
                draw = _ask(wish)
            with middle:
                texts, model, pooling = sentences_source.ask(every_pooling=wish == "pooling")
        waiting, figure = st.container(), st.container()  # so that the figure stands at the same place in every run
        with waiting:
            found = sentences_source.embed(texts, model, pooling)
        if found is not None:
            with figure:
                if found.trace is not None:
                    sentences_source.unread(found.trace, found.where, words.UNREAD)
                draw(found, complaints)


def _ask(wish: str) -> sentences_source.Draw:
    """The controls of one of the pictures, and what draws it then."""
    if wish == "similarity":
        return sentences_similarity.show
    if wish == "search":
        query = sentences_search.ask()
        return lambda found, complaints: sentences_search.show(found, query)
    if wish == "clusters":
        count, seed = sentences_clusters.ask()
        return lambda found, complaints: sentences_clusters.show(found, count, seed)
    if wish == "classify":
        return sentences_classify.show
    if wish == "pooling":
        return sentences_pooling.show
    asked = sentences_map.ask()
    return lambda found, complaints: sentences_map.show(found, asked, complaints)
