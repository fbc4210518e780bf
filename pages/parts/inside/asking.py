"""Which controls do several views of the page of the inside have? The model, the text, and which part is shown."""

from __future__ import annotations

import streamlit as st

from models import catalog, defaults
from viz import inside_words as words
from viz import page, state

MOST: int = defaults.SHOWN  # tokens that a picture shows at once
LAST: int = -1  # the usual beginning: that of the last tokens


def model(*, writes: bool = True) -> str:
    """A model; one that writes, or any."""
    entries = [entry.key for entry in catalog.available() if not writes or entry.kind != "encoder"]
    offered = entries or [entry.key for entry in catalog.available()]
    offered.sort(key=lambda name: name != defaults.DECODER)
    said = words.WRITER if writes else words.MODEL
    return page.choose("Model", offered, key="model", free=catalog.is_open(), help=said)


def text(usual: str = defaults.ANSWERED, label: str = "Text", key: str = "text") -> str:
    """What it reads."""
    return page.type_text(label, usual, key=key, help=words.TEXT)


def first() -> int:
    """The first token that the link wants to see of a long text, from 0; `LAST` is the beginning of its last ones.

    It is asked before the number of tokens is known, and `window` draws its control once it is.
    """
    values, _ = state.read({"first": state.Whole(10**6, LAST)}, st.query_params)
    return int(st.session_state.get("first", values.get("first", LAST)))


def window(count: int) -> tuple[int, int]:
    """Which tokens of so many are shown: the first, and the one behind the last. Draws the control where it is needed.

    A text of `MOST` tokens is shown whole; of a longer one so many, and a sentence says which.
    """
    if count <= MOST:
        return 0, count
    asked = page.number("First token shown", (LAST, count - MOST), LAST, key="first", step=16, help=words.FIRST)
    begin = count - MOST if asked == LAST else asked
    return begin, begin + MOST
