"""How does long work that is no forward pass (training a tokenizer, reading a vocabulary) run, once for all who ask?

In a few threads, by the key of its content. Who asks for what is on its way waits for the same result; results are
kept while there is room for them, failures aren't. The libraries that do the work can't be interrupted: who stops
waiting leaves it running, and finds it finished when asking again; work that hasn't begun is dropped.

There are two lanes, so that a training of one minute, or a download, holds up nobody who only cuts a text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Final, Generic, Self, TypeVar

from cachetools import LRUCache

from models.progress import Cancelled

T = TypeVar("T")

THREADS: Final = 2  # of each lane


class Work(Generic[T]):
    """One piece of work; each `with` block is one who waits for it."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._lock = threading.Lock()
        self._waiting = 0
        self.outcome: Future[T] = Future()

    def done(self) -> bool:
        """Whether `result` returns or raises at once."""
        return self.outcome.done()

    def progress(self) -> tuple[str, float | None]:
        """What is being done, as a sentence, and None for the fraction: the libraries don't say."""
        return (self._sentence if self.outcome.running() else "Waiting for others' work to end"), None

    def result(self, timeout: float | None = None) -> T:
        """Waits for the result, at most `timeout` seconds.

        Raises:
            TimeoutError: it isn't there yet.
            Cancelled: everyone left before it began.
            Exception: whatever the work raised.
        """
        try:
            return self.outcome.result(timeout)
        except CancelledError as error:
            raise Cancelled from error

    def __enter__(self) -> Self:
        with self._lock:
            self._waiting += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._waiting -= 1
            left = not self._waiting
        if left:
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
        """A place at the work, for a `with` block.

        Args:
            key: all that decides the result.
            work: what computes it; never changes it afterwards.
            sentence: what is being done, for a visitor.
        """
        with self._lock:
            known = self._running.get(key)
            if known is not None and not known.outcome.cancelled():
                return known
            job: Work[T] = Work(sentence)
            if key in self._kept:
                job.outcome.set_result(self._kept[key])
                return job
            self._running[key] = job
        self._threads.submit(self._run, key, job, work)
        return job

    def _run(self, key: Hashable, job: Work[Any], work: Callable[[], Any]) -> None:
        """In a thread: the work, unless everyone has left."""
        if not job.outcome.set_running_or_notify_cancel():
            with self._lock:
                if self._running.get(key) is job:
                    del self._running[key]
            return
        try:
            result = work()
        except BaseException as error:
            with self._lock:
                del self._running[key]
            job.outcome.set_exception(error)
            return
        with self._lock:
            self._kept[key] = result
            del self._running[key]
        job.outcome.set_result(result)


QUICK: Final = Lane("quick", kept=64)  # what takes a second or so: a text cut, a vocabulary read from disk
LONG: Final = Lane("long", kept=12)  # trainings, whole vocabularies, downloads; the largest result holds about 300 MB
