"""Which rows and columns of a matrix does the visitor look at? All, or a region that fields or a zoom name."""

from __future__ import annotations

import re

import streamlit as st

from models.traces import InputError
from viz.parameter_words import weights as words

SIDES = ("rows", "columns")


def ask(model: str, path: str) -> tuple[tuple[str, str], ...]:
    """The settings of an engine request, asked for in the current container.

    Raises:
        InputError: what is written is no region.
    """
    about = (model, path)
    before = st.session_state.get("region of")
    # The region of another matrix is forgotten, unless a new one has come with this one, by the browser's Back.
    if before is not None and before[0] != about and before[1] == [st.session_state.get(side) for side in SIDES]:
        st.session_state.update(dict.fromkeys(SIDES, ""))
    written = [
        st.text_input(side.capitalize(), key=side, bind="query-params", placeholder="all", help=words.REGION)
        for side in SIDES
    ]
    st.session_state["region of"] = (about, written)
    return tuple((side, _span(side, text)) for side, text in zip(SIDES, written, strict=True) if text.strip())


def _span(side: str, written: str) -> str:
    """What is written as 64-127, first and last, as the engine's 64:128; one number is one row."""
    found = re.fullmatch(r"(\d{1,12})(?:\s*[-\u2013:]\s*(\d{1,12}))?", written.strip(), re.ASCII)
    if found is None:
        raise InputError(
            f"{side.capitalize()} are written as 64-127, the first and the last one, or left empty for all of them; "
            f"“{written[:40]}” is neither."
        )
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise InputError(f"{side.capitalize()} {first} to {last} would end before they begin; write the smaller first.")
    return f"{first}:{last + 1}"


def zoom(asked: object, shape: tuple[int, int]) -> None:
    """What the figure asks for, [how often, first row, behind the last, first column, behind the last], as fields."""
    if not (isinstance(asked, list) and len(asked) == 5 and all(isinstance(number, int) for number in asked)):
        return
    for side, size, first, end in zip(SIDES, shape, asked[1::2], asked[2::2], strict=True):
        st.session_state[side] = "" if (first, end) == (0, size) else f"{first}-{end - 1}"
