"""How does a page get several traces at once? All are asked for together, so that the engine can batch them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import streamlit as st

from models import engine
from models.engine import Job, Request
from models.traces import InputError, Trace
from viz import page

Answers = list[Trace | InputError]


def answers(
    requests: Sequence[Request], meanwhile: Callable[[list[Trace | None]], None] | None = None
) -> Answers | None:
    """[request] its trace, or why there is none; None if the visitor stopped them. Their models are here already.

    Args:
        requests: what is asked.
        meanwhile: called with the parts of the texts that are written by now; draws them.
    """
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        known = [engine.peek(request) for request in requests]
        found = [trace for trace in known if trace is not None]
        if len(found) == len(requests):
            return list(found)
        jobs = _Together([engine.submit(request) for request in requests])
        content = " ".join(engine.key(request) for request in requests)

        def look() -> None:
            if meanwhile is not None:
                meanwhile([job.so_far() for job in jobs.jobs])

        return page.wait(jobs, content, look, streaming=meanwhile is not None)


class _Together:
    """Several jobs as one; it is done when all are."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for job in self.jobs:
            job.release()

    def done(self) -> bool:
        return all(job.done() for job in self.jobs)

    def progress(self) -> tuple[str, float | None]:
        """Of the first that isn't done."""
        return next((job for job in self.jobs if not job.done()), self.jobs[-1]).progress()

    def result(self, timeout: float | None = None) -> Answers:
        return [_outcome(job, timeout) for job in self.jobs]


def _outcome(job: Job, timeout: float | None) -> Trace | InputError:
    try:
        return job.result(timeout)
    except InputError as error:
        return error
