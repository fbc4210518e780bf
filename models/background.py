"""How does long work that is no forward pass (training a tokenizer, reading a vocabulary) run, once for all who ask?

In a few threads, by the key of its content. Who asks for what is on its way waits for the same result; results are
kept while there is room for them, failures aren't. Work that nobody waits for any more is dropped before it begins.
Once it runs, work that reports its progress (`Lane.watch`) ends with its next report; many libraries can't be
interrupted: such work (`Lane.submit`) goes on, and is found finished when asked for again.

There are two lanes, so that a training of one minute, or a download, holds up nobody who only cuts a text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Final, Generic, Self, TypeVar

from cachetools import LRUCache

from models.progress import Cancelled, Progress

T = TypeVar("T")

THREADS: Final = 2  # of each lane


class Work(Generic[T]):
    """One piece of work; each `with` block is one who waits for it."""

    def __init__(self, sentence: str) -> None:
        self._stage: tuple[str, float | None] = (sentence, None)
        self._lock = threading.Lock()
        self._waiting = 1
        self._abandoned = False
        self.outcome: Future[T] = Future()

    def done(self) -> bool:
        """Whether `result` returns or raises at once."""
        return self.outcome.done()

    def progress(self) -> tuple[str, float | None]:
        """What is being done, as a sentence, and the fraction of it done, 0 to 1 (None: unknown)."""
        return self._stage if self.outcome.running() else ("Waiting for others' work to end", None)

    def result(self, timeout: float | None = None) -> T:
        """Waits for the result, at most `timeout` seconds.

        Raises:
            TimeoutError: it isn't there yet.
            Cancelled: everyone left before it was done.
            Exception: whatever the work raised.
        """
        try:
            return self.outcome.result(timeout)
        except CancelledError as error:
            raise Cancelled from error

    def report(self, sentence: str, fraction: float | None) -> None:
        """From the work itself: how far it is. Raises `Cancelled` when nobody waits for it."""
        with self._lock:
            self._abandoned = not self._waiting
            if self._abandoned:
                raise Cancelled
        self._stage = (sentence, fraction)

    def join(self) -> bool:
        """One more waits for it; False if it has been given up."""
        with self._lock:
            if self._abandoned or self.outcome.cancelled():
                return False
            self._waiting += 1
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                self.outcome.cancel()


class Lane:
    """Threads that share the same kind of work, and its latest results."""

    def __init__(self, name: str, *, kept: int) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"orrery-{name}")
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, Any] = LRUCache(kept)
        self._running: dict[Hashable, Work[Any]] = {}

    def peek(self, key: Hashable) -> Any | None:
        """The kept result of work with this key, or None."""
        with self._lock:
            return self._kept.get(key)

    def submit(self, key: Hashable, work: Callable[[], T], sentence: str) -> Work[T]:
        """A place at work that can't be interrupted, for a `with` block.

        Args:
            key: all that decides the result.
            work: what computes it; never changes it afterwards.
            sentence: what is being done, for a visitor.
        """
        return self.watch(key, lambda _: work(), sentence)

    def watch(self, key: Hashable, work: Callable[[Progress], T], sentence: str) -> Work[T]:
        """A place at work that says how far it is, and can end there, for a `with` block. The rest is as in `submit`.

        Args:
            key: all that decides the result.
            work: is given what it reports its progress to.
            sentence: what is being done at first.
        """
        with self._lock:
            known = self._running.get(key)
            if known is not None and known.join():
                return known
            job: Work[T] = Work(sentence)
            if key in self._kept:
                job.outcome.set_result(self._kept[key])
                return job
            self._running[key] = job
        self._threads.submit(self._run, key, job, work)
        return job

    def _run(self, key: Hashable, job: Work[Any], work: Callable[[Progress], Any]) -> None:
        """In a thread: the work, unless everyone has left."""
        if not job.outcome.set_running_or_notify_cancel():
            self._end(key, job)
            return
        try:
            result = work(job.report)
        except BaseException as error:
            self._end(key, job)
            job.outcome.set_exception(error)
            return
        with self._lock:
            self._kept[key] = result
        self._end(key, job)
        job.outcome.set_result(result)

    def _end(self, key: Hashable, job: Work[Any]) -> None:
        """Who asks for the same from here on finds the result, or starts it anew; another may have done so already."""
        with self._lock:
            if self._running.get(key) is job:
                del self._running[key]


QUICK: Final = Lane("quick", kept=64)  # what takes a second or so: a text cut, a vocabulary read from disk
LONG: Final = Lane("long", kept=12)  # trainings, whole vocabularies, downloads; the largest result holds about 300 MB
