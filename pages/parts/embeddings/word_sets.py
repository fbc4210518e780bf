"""Words in groups on a picture: presets, or a visitor's own."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import vector_catalog, word_sets, word_vectors
from models.traces import InputError, Source
from models.vector_catalog import GLOVE, VECTORS
from models.word_sets import WORD_SETS, WordSet
from models.word_vectors import WordVectors
from pages.parts.embeddings import glove, projecting
from viz import embedding_words as words
from viz import page
from viz.components.point_cloud import Groups

OWN: Final = "own"
TOLD: Final = 3  # unknown words: to look for spellings takes a while for each


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            chosen = _choose()
            settings = projecting.ask()
        found = chosen if chosen.key != OWN else _found(chosen)
        if found is None:
            return
        names = [name for name, _ in found.groups]
        of = np.repeat(np.arange(len(names)), [len(listed) for _, listed in found.groups])
        revision = VECTORS[GLOVE].files[0][1]
        projecting.show(
            "words",
            lambda: vector_catalog.units(found.words),
            found.words,
            settings,
            content=vector_catalog.content_id(found.words),
            title=found.title,
            facts=glove.facts(),
            source=Source(GLOVE, revision, " ".join(found.words)),
            complaints=complaints,
            colour=Groups(of, names) if len(names) > 1 else None,
            links=_links(found),
            arrows=True,
            columns={"group": [names[group] for group in of]},
        )
        page.facts(*glove.facts())


def _choose() -> WordSet:
    """One of the sets, or what is typed.

    Raises:
        InputError: nothing is typed.
    """
    if "set" not in st.session_state and "set" not in st.query_params and "words" in st.query_params:
        st.session_state["set"] = OWN  # a link need not say that its words are its own
    name = page.choose("Words", (*WORD_SETS, OWN), key="set", help=words.SET)
    if name != OWN:
        return WORD_SETS[name]
    return word_sets.parse(page.type_text("Groups of words", WORD_SETS["capitals"].text, key="words", help=words.OWN))


def _found(chosen: WordSet) -> WordSet | None:
    """The words as the table has them; those that it lacks are told, and left out.

    Raises:
        InputError: there are too many words, one is there twice, or none is known.
    """
    table = glove.table()
    if table is None:
        return None
    word_vectors.count_checked(chosen.words)
    groups = tuple((name, tuple(_known(table, listed))) for name, listed in chosen.groups)
    kept = tuple((name, listed) for name, listed in groups if listed)
    unknown = [word for word in chosen.words if table.find(word) is None]
    for word in unknown[:TOLD]:
        try:
            table.place(word)
        except InputError as error:
            if not kept:
                raise
            st.warning(page.plain(str(error)), icon=":material/search_off:")
    if (more := len(unknown) - TOLD) > 0:
        st.warning(f"{more:,} more word{'s are' if more > 1 else ' is'} left out.", icon=":material/search_off:")
    table.places([word for _, listed in kept for word in listed])
    return WordSet(chosen.key, chosen.title, kept, linked=chosen.linked and not unknown)


def _known(table: WordVectors, listed: tuple[str, ...]) -> list[str]:
    """The words of a list that are in the table, as they are written there."""
    return [table.words[place] for word in listed if (place := table.find(word)) is not None]


def _links(shown: WordSet) -> list[tuple[int, int]]:
    """Each word with the one in the same place of the next group."""
    if not shown.linked:
        return []
    size = len(shown.groups[0][1])
    return [(word, word + size) for word in range(size * (len(shown.groups) - 1))]
