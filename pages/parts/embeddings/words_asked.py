"""Which words does a visitor ask about? Boxes for them, and what to do with one that has no vector."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from models import background, word_vectors
from models.word_vectors import WordVectors
from viz import page

OFFERED = 3  # spellings of a word that isn't there


def box(label: str, usual: str, *, key: str, help: str | None = None) -> str:  # noqa: A002
    """A line for a word or a few that the link keeps under `key`."""
    return st.text_input(label, usual, key=key, bind="query-params", help=help) or ""


def listed(text: str) -> list[str]:
    """The words of a text, with spaces, commas or semicolons between them."""
    return [word for word in re.split(r"[\s,;]+", text) if word]


def known(table: WordVectors, boxes: Mapping[str, Sequence[str]]) -> bool:
    """Whether all words have vectors; else says of the first one that hasn't, and offers others to click in its place.

    Args:
        table: the words.
        boxes: the words in each control, by its key.
    """
    for key, words in boxes.items():
        if len(words) > word_vectors.MOST_WORDS:
            continue  # what asks for so many is refused
        for number, word in enumerate(words):
            if table.find(word) is not None:
                continue
            # How 400,000 words are spelled is counted once, and takes a second.
            work = background.QUICK.submit("spellings", lambda: table.spellings, "Comparing spellings")
            if page.wait(work, "spellings") is None:
                return False
            with page.guarded():
                table.place(word)
            _offer(table, key, words, number)
            return False
    return True


def _offer(table: WordVectors, key: str, words: Sequence[str], number: int) -> None:
    """Buttons for what may have been meant by one of the words of a control."""
    offers = _offers(table, words[number])
    if not offers:
        return
    st.caption("Ask about one of these instead:")
    with st.container(horizontal=True):
        for offer in offers:
            st.button(
                page.plain(offer),
                on_click=st.session_state.__setitem__,
                args=(key, " ".join([*words[:number], offer, *words[number + 1 :]])),
                key=f"instead {key} {offer}",
            )


def _offers(table: WordVectors, word: str) -> list[str]:
    """Known words of what is more than one; else words that are spelled like it."""
    parts = word.split()
    if len(parts) > 1:
        return list(dict.fromkeys(part.lower() for part in parts if part.lower() in table))[:OFFERED]
    return table.spellings.nearest(word.strip().lower(), OFFERED) if parts else []
