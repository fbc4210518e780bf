"""How does a page get a trace? At hand if it can be, else computed, with progress, consent and a way to stop."""

from __future__ import annotations

from models import catalog, engine
from models.engine import Request
from models.traces import Trace
from viz import page


def answer(request: Request) -> Trace | None:
    """The trace of a request; None if the visitor stopped it or hasn't agreed to a download.

    Raises:
        InputError: it can't be computed.
    """
    known = engine.peek(request)
    if known is not None:
        return known
    reference = catalog.resolve(request.model)
    # A link may name any model, but only a click downloads one that isn't among those offered.
    here = reference.trusted or reference.origin != "hub" or reference.revision != "main"  # its commit is known
    if not here and not page.agreed_to_fetch(reference.location):
        return None
    return page.wait(engine.submit(request), engine.key(request))
