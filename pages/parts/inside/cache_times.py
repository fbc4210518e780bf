"""How long do the steps take? Measured on this machine when somebody asks, and never stored."""

from __future__ import annotations

import dataclasses
import itertools

import streamlit as st

from models.engine import Request
from models.traces import CacheTimesTrace
from pages.parts import running
from viz import page
from viz.inside_words import cache as words

MEASURING = "cache is measured"  # of the session: the content id of the measurement that was asked for


def latest(request: Request) -> CacheTimesTrace | None:
    """The last measurement that this process still has in memory."""
    found = None
    for number in itertools.count():
        known = running.peek(_run(request, number))
        if not isinstance(known, CacheTimesTrace):
            return found
        found = known
    return found


def ask(request: Request, times: CacheTimesTrace | None) -> None:
    """What was measured when and where, and a button; while it is measured, how far it is."""
    following = _run(request, next(n for n in itertools.count() if running.peek(_run(request, n)) is None))
    wanted = running.key(following)
    if st.session_state.get(MEASURING) == wanted:
        if running.answer(following) is not None:
            del st.session_state[MEASURING]
            st.rerun()  # the figure shows it
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            words.AGAIN if times else words.MEASURE,
            on_click=st.session_state.__setitem__,
            args=(MEASURING, wanted),
            key="measure",
        )
        st.caption(page.plain(" ".join(said(times)) or words.NOT_MEASURED))


def said(times: CacheTimesTrace | None) -> list[str]:
    """When and where it was measured, if it was."""
    if times is None:
        return []
    source, (ours, anew) = times.source, times.medians.sum(axis=1)
    threads = f", {times.threads} threads" if source.device == "cpu" else ""
    return [
        words.MEASURED.format(
            when=times.when.replace("T", " ").replace("+00:00", " UTC"),
            where=f"{source.device} ({times.processor}{threads}), torch {source.versions.get('torch', '')}",
            rounds=times.seconds.shape[1],
            s="s" if times.seconds.shape[1] > 1 else "",
            kept=ours,
            anew=anew,
        )
    ]


def _run(request: Request, number: int) -> Request:
    """The request for the so-and-so-many-th measurement."""
    return dataclasses.replace(request, analysis="cache times", settings=(*request.settings, ("run", str(number))))
