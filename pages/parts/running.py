"""How does a page get a trace? At hand if it can be, else computed, with progress, consent and a way to stop."""

from __future__ import annotations

import streamlit as st

from models import catalog, engine
from models.catalog import Reference
from models.engine import Request
from models.traces import Trace
from viz import page


def answer(request: Request) -> Trace | None:
    """The trace of a request; None if the visitor stopped it or hasn't agreed to a download.

    Raises:
        InputError: it can't be computed.
    """
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        known = engine.peek(request)
        if known is not None:
            return known
        reference = catalog.resolve(request.model)
        if not may_fetch(reference):
            return None
        return page.wait(engine.submit(request), engine.key(request))


def may_fetch(reference: Reference) -> bool:
    """Whether what a link names is here already, or the visitor has agreed, by a click, to its download."""
    here = reference.trusted or reference.origin != "hub" or reference.revision != "main"  # its commit is known
    return here or page.agreed_to_fetch(reference.location)
