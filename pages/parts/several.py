"""How does a page get several traces at once? All are asked for together, so that the engine can batch them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

import streamlit as st

from models import engine
from models.engine import Request
from models.traces import InputError, Trace
from pages.parts import switching
from viz import page

Answers = list[Trace | InputError]
T = TypeVar("T")


def answers(
    requests: Sequence[Request], meanwhile: Callable[[list[Trace | None]], None] | None = None
) -> Answers | None:
    """[request] its trace, or why there is none; None if the visitor stopped them. Their models are here already.

    Args:
        requests: what is asked.
        meanwhile: called with the parts of the texts that are written by now; draws them.
    """
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        requests = [switching.asked(request) for request in requests]
        switching.banner(requests[0])
        known = [engine.peek(request) for request in requests]
        found = [trace for trace in known if trace is not None]
        if len(found) == len(requests):
            return list(found)
        jobs = [engine.submit(request) for request in requests]
        content = " ".join(engine.key(request) for request in requests)

        def look() -> None:
            if meanwhile is not None:
                meanwhile([job.so_far() for job in jobs])

        return page.wait(Together[Trace](jobs), content, look, streaming=meanwhile is not None)


class Together(Generic[T]):
    """Several jobs as one for `page.wait`; it is done when all are, and a visitor's error is a result like others."""

    def __init__(self, jobs: Sequence[page.Job[T]]) -> None:
        self.jobs = jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for job in self.jobs:
            job.__exit__(*error)

    def done(self) -> bool:
        return all(job.done() for job in self.jobs)

    def progress(self) -> tuple[str, float | None]:
        """Of the first that isn't done."""
        return next((job for job in self.jobs if not job.done()), self.jobs[-1]).progress()

    def result(self, timeout: float | None = None) -> list[T | InputError]:
        return [_outcome(job, timeout) for job in self.jobs]


def _outcome(job: page.Job[T], timeout: float | None) -> T | InputError:
    try:
        return job.result(timeout)
    except InputError as error:
        return error
