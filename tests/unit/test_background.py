"""Work in the background: once for all who ask, kept, and dropped when nobody waits before it begins."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from models import background
from models.progress import Cancelled


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    background._kept.clear()
    yield
    background._kept.clear()


def test_the_same_work_runs_once_and_is_kept() -> None:
    calls: list[int] = []
    go = threading.Event()

    def work() -> str:
        calls.append(1)
        assert go.wait(10)
        return "done"

    with background.submit("same", work, "Working") as first, background.submit("same", work, "Working") as second:
        assert first is second
        go.set()
        assert first.result(10) == second.result(10) == "done"
    assert background.peek("same") == "done"
    with background.submit("same", work, "Working") as third:
        assert third.done()
        assert third.result() == "done"
    assert calls == [1]


def test_a_failure_is_told_and_not_kept() -> None:
    def work() -> None:
        raise ValueError("no")

    for _ in range(2):
        with background.submit("fails", work, "Working") as job, pytest.raises(ValueError, match="no"):
            job.result(10)
    assert background.peek("fails") is None


def test_work_that_nobody_waits_for_is_dropped_before_it_begins() -> None:
    go = threading.Event()
    ran: list[str] = []
    busy = [background.submit(("busy", n), lambda: go.wait(10), "Working") for n in range(background.THREADS)]
    job = background.submit("late", lambda: ran.append("late"), "Working")
    with job:
        assert job.progress() == ("Waiting for others' work to end", None)
    with pytest.raises(Cancelled):
        job.result(10)
    again = background.submit("late", lambda: ran.append("again"), "Working")
    assert again is not job
    go.set()
    with again:
        again.result(10)
    for one in busy:
        one.result(10)
    assert ran == ["again"]


def test_work_that_has_begun_goes_on_when_its_visitor_leaves() -> None:
    begun, go = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        assert go.wait(10)
        return 7

    with background.submit("left", work, "Working") as job:
        assert begun.wait(10)
        assert job.progress()[0] == "Working"
    go.set()
    assert job.result(10) == 7
    assert background.peek("left") == 7
