"""Work in the background: once for all who ask, kept, and dropped when nobody waits before it begins."""

from __future__ import annotations

import threading

import pytest

from models import background
from models.background import Lane
from models.progress import Cancelled, Progress


@pytest.fixture
def lane() -> Lane:
    return Lane("test", kept=4)


def test_the_same_work_runs_once_and_is_kept(lane: Lane) -> None:
    calls: list[int] = []
    go = threading.Event()

    def work() -> str:
        calls.append(1)
        assert go.wait(10)
        return "done"

    with lane.submit("same", work, "Working") as first, lane.submit("same", work, "Working") as second:
        assert first is second
        go.set()
        assert first.result(10) == second.result(10) == "done"
    assert lane.peek("same") == "done"
    with lane.submit("same", work, "Working") as third:
        assert third.done()
        assert third.result() == "done"
    assert calls == [1]


def test_a_failure_is_told_and_not_kept(lane: Lane) -> None:
    def work() -> None:
        raise ValueError("no")

    for _ in range(2):
        with lane.submit("fails", work, "Working") as job, pytest.raises(ValueError, match="no"):
            job.result(10)
    assert lane.peek("fails") is None


def test_work_that_nobody_waits_for_is_dropped_before_it_begins(lane: Lane) -> None:
    go = threading.Event()
    ran: list[str] = []
    busy = [lane.submit(("busy", n), lambda: go.wait(10), "Working") for n in range(background.THREADS)]
    job = lane.submit("late", lambda: ran.append("late"), "Working")
    with job:
        assert job.progress() == ("Waiting for others' work to end", None)
    with pytest.raises(Cancelled):
        job.result(10)
    again = lane.submit("late", lambda: ran.append("again"), "Working")
    assert again is not job
    go.set()
    with again:
        again.result(10)
    for one in busy:
        one.result(10)
    assert ran == ["again"]


def test_work_that_has_begun_goes_on_when_its_visitor_leaves(lane: Lane) -> None:
    begun, go = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        assert go.wait(10)
        return 7

    with lane.submit("left", work, "Working") as job:
        assert begun.wait(10)
        assert job.progress()[0] == "Working"
    go.set()
    assert job.result(10) == 7
    assert lane.peek("left") == 7


def test_watched_work_tells_how_far_it_is_and_ends_when_its_visitors_leave(lane: Lane) -> None:
    begun, go = threading.Event(), threading.Event()
    rounds: list[int] = []

    def work(report: Progress) -> int:
        for number in range(3):
            report(f"Round {number + 1} of 3", (number + 1) / 3)
            rounds.append(number)
            begun.set()
            assert go.wait(10)
        return 7

    with lane.watch("watched", work, "Working") as job:
        assert begun.wait(10)
        assert job.progress() == ("Round 1 of 3", 1 / 3)
        with lane.watch("watched", work, "Working") as other:  # one of two leaves
            assert other is job
    go.set()
    with pytest.raises(Cancelled):
        job.result(10)
    assert rounds == [0]
    with lane.watch("watched", work, "Working") as again:  # and it can be had anew
        assert again.result(10) == 7
    assert lane.peek("watched") == 7


def test_a_lane_keeps_its_latest_results(lane: Lane) -> None:
    for number in range(6):
        with lane.submit(number, lambda number=number: number * 10, "Working") as job:  # type: ignore[misc]
            assert job.result(10) == number * 10
    assert [lane.peek(number) for number in range(6)] == [None, None, 20, 30, 40, 50]


def test_long_work_holds_up_no_quick_work() -> None:
    go = threading.Event()
    busy = [background.LONG.submit(("busy", n), lambda: go.wait(10), "Working") for n in range(background.THREADS)]
    with background.QUICK.submit("beside long work", lambda: "done", "Working") as job:
        assert job.result(10) == "done"
        assert not any(one.done() for one in busy)
    go.set()
    for one in busy:
        one.result(10)
