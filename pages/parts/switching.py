"""Which parts of the model has the visitor switched off? The link says so, on every page, until they are cleared."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from models import catalog, switched_off
from models.engine import Request
from models.switched_off import Part
from viz import page
from viz import switching_words as words
from viz.components.links import links

KEY: Final = "off"  # in the link
LONGEST: Final = 1_000  # characters of a text that a link carries along
NAMED: Final = 6  # parts that a sentence names
LONG: Final = 80  # characters of a name


def linked() -> tuple[tuple[Part, ...], list[str]]:
    """The parts that the link names, and what in it names none.

    A change of page in Streamlit's own menu empties the address: the parts are put back into it.
    """
    visit, spelled = page.visit(), st.query_params.get(KEY, "")
    left, kept = st.session_state.get("off left", (visit, ""))
    if not spelled and left != visit:
        spelled = kept
        if spelled:
            st.query_params[KEY] = spelled
    st.session_state["off left"] = visit, spelled
    return switched_off.read(spelled)


def asked(request: Request) -> Request:
    """The request with the parts that the link has switched off, where it is one that they change."""
    if request.analysis in switched_off.UNTOUCHED or request.off:
        return request
    return replace(request, off=switched_off.written(linked()[0]))


def banner(request: Request) -> None:
    """What is switched off, at the top of the page, once: with a way to clear it, and to the other pages."""
    parts, wrong = linked()
    if request.analysis in switched_off.UNTOUCHED or not (parts or wrong):
        return
    with page.above(KEY) as fresh:
        if fresh:
            _say(request, parts, wrong)


def _say(request: Request, parts: tuple[Part, ...], wrong: list[str]) -> None:
    with st.container(border=True):
        if parts:
            st.markdown(f":material/power_off: **{words.OFF}** {said(parts)}. {words.KEPT}")
        if wrong:
            sentence = words.WRONG.format(named=_few(wrong), most=switched_off.EXAMPLES)
            st.markdown(f":material/link_off: {page.plain(sentence)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(words.CLEAR, key="clear what is off", on_click=clear)
            links(_elsewhere(request, parts), key="off elsewhere", across=True)


def said(parts: tuple[Part, ...]) -> str:
    """The parts in words, the first of many."""
    return page.plain(_few([part.words for part in parts], "; "))


def _few(names: list[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return between.join(name if len(name) <= LONG else f"{name[:LONG]}…" for name in names[:NAMED]) + more


def clear() -> None:
    """Nothing is switched off any more."""
    st.query_params.pop(KEY, None)
    st.session_state.pop("off left", None)


def _elsewhere(request: Request, parts: tuple[Part, ...]) -> list[tuple[str, str, str]]:
    """Links that keep what is off, the model, and the text where it isn't long."""
    kept = {"model": request.model, KEY: switched_off.written(parts)}
    text = {"text": request.text} if request.text and len(request.text) <= LONGEST else {}
    pages = [("Attention", "attention", kept | text)]
    if catalog.resolve(request.model).kind != "encoder":
        pages += [("Next token", "next-token", kept | text), ("Inside", "inside", kept | text)]
        pages.append(("Switch off", "inside", {"view": "switch"} | kept | text))
    pages.append(("Embeddings", "embeddings", {"view": "sentences"} | kept))
    return [(label, "", f"{path}?{urlencode(query)}") for label, path, query in pages]
