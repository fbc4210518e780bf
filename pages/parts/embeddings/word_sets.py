"""Words in groups on a picture: presets, or a visitor's own."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import vector_catalog, word_sets
from models.traces import InputError, Source
from models.vector_catalog import GLOVE, VECTORS
from models.word_sets import WORD_SETS, WordSet
from models.word_vectors import WordVectors
from pages.parts.embeddings import glove, projecting
from viz import embedding_words as words
from viz import page
from viz.components.point_cloud import Groups

OWN = "own"


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
        InputError: a word is there twice, or none is known.
    """
    table = glove.table()
    if table is None:
        return None
    complaints: list[str] = []
    groups = tuple((name, tuple(_known(table, listed, complaints))) for name, listed in chosen.groups)
    kept = tuple((name, listed) for name, listed in groups if listed)
    if not kept:
        raise InputError(complaints[0])
    for sentence in complaints[:3]:
        st.warning(page.plain(sentence), icon=":material/search_off:")
    if len(complaints) > 3:
        st.warning(f"{len(complaints) - 3:,} more words are left out.", icon=":material/search_off:")
    table.places([word for _, listed in kept for word in listed])
    return WordSet(chosen.key, chosen.title, kept, linked=chosen.linked and not complaints)


def _known(table: WordVectors, listed: tuple[str, ...], complaints: list[str]) -> list[str]:
    """The words of a list that are in the table; a sentence for each of the others."""
    known = []
    for word in listed:
        try:
            known.append(table.words[table.place(word)])
        except InputError as error:
            complaints.append(str(error))
    return known


def _links(shown: WordSet) -> list[tuple[int, int]]:
    """Each word with the one in the same place of the next group."""
    if not shown.linked:
        return []
    size = len(shown.groups[0][1])
    return [(word, word + size) for word in range(size * (len(shown.groups) - 1))]
