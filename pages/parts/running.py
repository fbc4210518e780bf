"""How does a page get a trace? At hand if it can be, else computed, with progress, consent and a way to stop.

Parts of the model that the link has switched off (pages/parts/switching.py) are off in every trace that a page gets.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from models import catalog, engine
from models.catalog import Reference
from models.engine import Job, Request
from models.traces import Trace
from pages.parts import switching
from viz import page


def answer(request: Request, meanwhile: Callable[[Trace], None] | None = None) -> Trace | None:
    """The trace of a request; None if the visitor stopped it or hasn't agreed to a download.

    Args:
        request: what is asked.
        meanwhile: called with the part of a text that is written by now, whenever there is more of it; it draws that
            where the caller will draw the whole, which isn't drawn here.

    Raises:
        InputError: it can't be computed.
    """
    request = switching.asked(request)
    switching.banner(request)
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        known = engine.peek(request)
        if known is not None:
            return known
        reference = catalog.resolve(request.model)
        if not may_fetch(reference):
            return None
        job = engine.submit(request)
        return page.wait(job, engine.key(request), meanwhile and _growing(job, meanwhile), streaming=bool(meanwhile))


def peek(request: Request) -> Trace | None:
    """The trace if it is at hand."""
    return engine.peek(switching.asked(request))


def key(request: Request) -> str:
    """What identifies the trace that `answer` gives: other parts switched off, another key."""
    return engine.key(switching.asked(request))


def _growing(job: Job, draw: Callable[[Trace], None]) -> Callable[[], None]:
    """Draws what there is so far, if it is more than at the last call."""
    drawn: Trace | None = None

    def look() -> None:
        nonlocal drawn
        so_far = job.so_far()
        if so_far is not None and so_far is not drawn:
            drawn = so_far
            draw(so_far)

    return look


def may_fetch(reference: Reference) -> bool:
    """Whether what a link names is here already, or the visitor has agreed, by a click, to its download."""
    here = reference.trusted or reference.origin != "hub" or reference.revision != "main"  # its commit is known
    return here or page.agreed_to_fetch(reference.location)
