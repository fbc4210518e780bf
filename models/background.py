"""How does long work that is no forward pass (training a tokenizer, reading a vocabulary) run, once for all who ask?

In a few threads of its own, by the key of its content. Who asks for what is on its way waits for the same result;
results are kept while there is room for them, failures aren't. The libraries that do the work can't be interrupted:
who stops waiting leaves it running, and finds it finished when asking again; work that hasn't begun is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Final, Generic, Self, TypeVar

from cachetools import LRUCache

from models.progress import Cancelled

T = TypeVar("T")

THREADS: Final = 2
KEPT: Final = 12  # results; the largest, a training on 10 MB of text, holds about 300 MB

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="orrery-work")
_lock = threading.Lock()
_kept: LRUCache[Hashable, Any] = LRUCache(KEPT)
_running: dict[Hashable, Work[Any]] = {}


class Work(Generic[T]):
    """One piece of work; each `with` block is one who waits for it."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
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
        with _lock:
            self._waiting += 1
        return self

    def __exit__(self, *_: object) -> None:
        with _lock:
            self._waiting -= 1
            left = not self._waiting
        if left:
            self.outcome.cancel()


def peek(key: Hashable) -> Any | None:
    """The kept result of work with this key, or None."""
    with _lock:
        return _kept.get(key)


def submit(key: Hashable, work: Callable[[], T], sentence: str) -> Work[T]:
    """A place at the work, for a `with` block.

    Args:
        key: all that decides the result.
        work: what computes it; never changes it afterwards.
        sentence: what is being done, for a visitor.
    """
    with _lock:
        known = _running.get(key)
        if known is not None and not known.outcome.cancelled():
            return known
        job: Work[T] = Work(sentence)
        if key in _kept:
            job.outcome.set_result(_kept[key])
            return job
        _running[key] = job
    _threads.submit(_run, key, job, work)
    return job


def _run(key: Hashable, job: Work[Any], work: Callable[[], Any]) -> None:
    """In a thread: the work, unless everyone has left."""
    if not job.outcome.set_running_or_notify_cancel():
        with _lock:
            if _running.get(key) is job:
                del _running[key]
        return
    try:
        result = work()
    except BaseException as error:
        with _lock:
            del _running[key]
        job.outcome.set_exception(error)
        return
    with _lock:
        _kept[key] = result
        del _running[key]
    job.outcome.set_result(result)
