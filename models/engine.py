"""The one door to a forward pass: who computes, once, what many ask for?

    trace = engine.peek(request)                  # in memory or stored: at once, without torch
    with engine.submit(request) as job:           # else one pass, shared by all who ask for the same
        while not job.done(): show(*job.progress(), job.so_far())
        trace = job.result()

A request is identified by its content (`key`), never by an array. Requests for the same content at the same
moment run once; the pass stops between two layers when the last one who waits for it has gone. Results are
read-only, shared by all sessions, and kept in memory up to `CACHE_BYTES` (the least recently used leave
first); failures aren't kept. The work itself happens in a `Backend`: here in this process, later perhaps in a
cluster; no page can tell which.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np
from cachetools import LRUCache

from models import catalog, traces
from models.in_process import InProcess
from models.progress import Cancelled, Progress
from models.traces import InputError, Trace

if TYPE_CHECKING:
    from models.catalog import Reference

Show = Callable[[Callable[[], Trace | None]], None]

CACHE_BYTES = 1 << 30
ENTRY_BYTES = 1 << 14  # what a trace's names and texts are taken to hold beside its arrays
STORED = Path(__file__).parent / "stored"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """One question to one model."""

    analysis: Literal[
        "attention",
        "induction",
        "context",
        "sentences",
        "neighbours",
        "table",
        "positions",
        "next",
        "vocabulary",
        "surprise",
        "generation",
        "generation check",
        "beam",
        "beam check",
        "variation",
        "window",
        "matrices",
        "matrix",
        "norms",
        "quantised",
        "forward",
        "weight row",
        "lens",
        "attribution",
        "stream",
        "changed",
        "each off",
        "patching",
        "ways",
        "rotated",
        "shuffled",
        "caching",
        "cache times",
        "normalised",
        "unmasked",
        "padded",
    ]
    model: str  # catalog key, or hub id
    text: str = ""
    pair: str | None = None
    settings: tuple[tuple[str, str], ...] = ()  # (name, value), in any order
    off: str = ""  # parts of the model that are switched off meanwhile, as models/switched_off.py writes them


class Backend(Protocol):
    """Where passes run."""

    def submit(self, request: Request, reference: Reference, report: Progress, show: Show) -> Future[Trace]:
        """Starts or queues one pass, and returns. `report` raises `Cancelled` when nobody waits any more.

        What comes bit by bit is handed to `show`, once, as a function that gives what there is so far.
        """
        ...

    def count(self, reference: Reference, text: str, pair: str | None) -> int | None:
        """Tokens in the input; None unless the tokenizer is ready."""
        ...

    def warm(self, reference: Reference) -> None:
        """Gets the model ready in the background."""
        ...

    def close(self) -> None:
        """Takes no further work."""
        ...


class _Flight:
    """One computation on its way, and how many wait for it."""

    def __init__(self) -> None:
        self.outcome: Future[Trace] = Future()
        self.waiting = 0
        self.finished = False
        self.abandoned = False
        self.stage: tuple[str, float | None] = ("Waiting to start", None)
        self.so_far: Callable[[], Trace | None] = lambda: None

    def show(self, so_far: Callable[[], Trace | None]) -> None:
        self.so_far = so_far

    def report(self, sentence: str, fraction: float | None) -> None:
        if self.abandoned:
            raise Cancelled
        self.stage = (sentence, fraction)


class Job:
    """One visitor's place at a computation; leaving the `with` block, or `release`, gives the place up."""

    def __init__(self, flight: _Flight, leave: Callable[[_Flight], None]) -> None:
        self._flight = flight
        self._leave: Callable[[_Flight], None] | None = leave

    def done(self) -> bool:
        """Whether `result` returns or raises at once."""
        return self._flight.outcome.done()

    def progress(self) -> tuple[str, float | None]:
        """The stage as a sentence, and the fraction of it done, 0 to 1 (None: unknown)."""
        return self._flight.stage

    def so_far(self) -> Trace | None:
        """The part of a text that is written by now, made when asked for; None where nothing can be shown yet.

        While nothing is added it is the same object; what isn't a text comes all at once.
        """
        return self._flight.so_far()

    def result(self, timeout: float | None = None) -> Trace:
        """Waits for the trace, at most `timeout` seconds.

        Raises:
            InputError: the input can't be used, or the pass failed; one sentence either way.
            TimeoutError: it isn't there yet.
            Cancelled: everyone released it before it was done.
        """
        return self._flight.outcome.result(timeout)

    def release(self) -> None:
        """Stops waiting; the computation stops too when nobody else waits. Calling it again does nothing."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave(self._flight)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Engine:
    """Requests in, traces out: content keys, cache, coalescing and cancelling round a backend."""

    def __init__(
        self,
        backend: Backend,
        *,
        resolve: Callable[[str], Reference] | None = None,
        stored: Path = STORED,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._backend = backend
        self._resolve = resolve or catalog.resolve
        self._stored = stored
        self._lock = threading.Lock()
        self._cache: LRUCache[str, Trace] = LRUCache(cache_bytes, _weigh)
        self._flights: dict[str, _Flight] = {}

    def key(self, request: Request) -> str:
        """See `models.engine.key`."""
        reference = self._resolve(request.model)
        return _content_id(request, reference.name, reference.revision)

    def peek(self, request: Request) -> Trace | None:
        """See `models.engine.peek`."""
        return self._known(self.key(request))

    def submit(self, request: Request) -> Job:
        """See `models.engine.submit`."""
        reference = self._resolve(request.model)
        key = _content_id(request, reference.name, reference.revision)
        known = self._known(key)
        started = False
        with self._lock:
            # A pass may have ended between the look into the cache and this line.
            known = known or self._cache.get(key)
            flight = None if known is not None else self._flights.get(key)
            if flight is None:
                flight = _Flight()
                started = known is None
                if started:
                    self._flights[key] = flight
            flight.waiting += 1
        job = Job(flight, lambda left: self._leave(key, left))
        if known is not None:
            flight.finished = True
            flight.outcome.set_result(known)
        elif started:
            try:
                pending = self._backend.submit(request, reference, flight.report, flight.show)
            except Exception as error:
                pending = Future()
                pending.set_exception(error)
            pending.add_done_callback(lambda done: self._finish(key, request, flight, done))
        return job

    def run(self, request: Request) -> Trace:
        """See `models.engine.run`."""
        with self.submit(request) as job:
            return job.result()

    def count(self, model: str, text: str, pair: str | None = None) -> int | None:
        """See `models.engine.count`."""
        return self._backend.count(self._resolve(model), text, pair)

    def warm(self, model: str) -> None:
        """See `models.engine.warm`."""
        self._backend.warm(self._resolve(model))

    def close(self) -> None:
        """Gives up what is on its way and takes no further work."""
        with self._lock:
            flights = list(self._flights.items())
            abandoned = [flight for key, flight in flights if self._abandon(key, flight)]
        for flight in abandoned:
            flight.outcome.set_exception(Cancelled())
        self._backend.close()

    def _known(self, key: str) -> Trace | None:
        with self._lock:
            trace = self._cache.get(key)
        if trace is not None:
            return trace
        try:
            blob = (self._stored / f"{key}.safetensors").read_bytes()
        except FileNotFoundError:
            return None
        try:
            trace = traces.from_bytes(blob)
        except InputError:
            log.warning("the stored trace %s is damaged; it will be computed again", key)
            return None
        self._keep(key, trace)
        return trace

    def _keep(self, key: str, trace: Trace) -> None:
        _make_read_only(trace)
        with self._lock:
            try:
                self._cache[key] = trace
            except ValueError:
                log.info("a trace of %d bytes is larger than the whole cache", traces.size_of(trace))

    def _finish(self, key: str, request: Request, flight: _Flight, done: Future[Trace]) -> None:
        """Hands the outcome of a pass to all who wait for it."""
        flight.show(lambda: None)  # what was shown so far holds the model
        error = done.exception()
        if error is None:
            # Kept before the flight leaves the list, so that nobody in between starts it anew; and under the
            # revision that was really used: "main" names a hub model only until it is there.
            source = done.result().source
            self._keep(_content_id(request, source.model, source.revision), done.result())
        with self._lock:
            if flight.abandoned:
                return
            flight.finished = True
            del self._flights[key]
        if error is None:
            flight.outcome.set_result(done.result())
        else:
            flight.outcome.set_exception(_explain(error, request))

    def _leave(self, key: str, flight: _Flight) -> None:
        with self._lock:
            flight.waiting -= 1
            abandoned = not flight.waiting and self._abandon(key, flight)
        if abandoned:
            flight.outcome.set_exception(Cancelled())

    def _abandon(self, key: str, flight: _Flight) -> bool:
        """Stops a computation unless it has ended; who asks for the same from here on starts a new one."""
        if flight.abandoned or flight.finished:
            return False
        flight.abandoned = True
        if self._flights.get(key) is flight:
            del self._flights[key]
        return True


def _explain(error: BaseException, request: Request) -> Exception:
    """What a visitor is told; everything else goes to the log."""
    if isinstance(error, InputError | Cancelled):
        return error.with_traceback(None)  # its frames hold the pass's tensors
    # torch's own out-of-memory errors are told by name and text, so that torch isn't imported for it.
    named = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or "OutOfMemory" in named or "can't allocate memory" in named:
        log.error("out of memory: %s with %s", request.analysis, request.model, exc_info=error)
        return InputError("There is not enough free memory for this; try a shorter text or a smaller model.")
    log.error("a pass failed: %s with %s", request.analysis, request.model, exc_info=error)
    return InputError(
        "Something went wrong inside the model run, and the details are in the server's log; "
        "another text or another model may work."
    )


def _content_id(request: Request, model: str, revision: str) -> str:
    content = (
        traces.FORMAT,
        request.analysis,
        model,
        revision,
        request.text,
        request.pair,
        sorted(request.settings),
        *([request.off] if request.off else []),
    )
    # ASCII escapes give an identity to lone surrogates too, which have no UTF-8.
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _weigh(trace: Trace) -> int:
    return traces.size_of(trace) + ENTRY_BYTES


def _make_read_only(trace: object) -> None:
    """Many sessions look at the same arrays."""
    for part in dataclasses.fields(trace):  # type: ignore[arg-type]
        value = getattr(trace, part.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        elif part.name in traces.NAMED:
            for array in value.values():
                array.flags.writeable = False
        elif dataclasses.is_dataclass(value):
            _make_read_only(value)


_engine: Engine | None = None
_configuring = threading.Lock()


def configure(engine: Engine | None) -> None:
    """Sets the engine behind this module's functions; None: the one in this process, made at first use."""
    global _engine
    with _configuring:
        _engine = engine


def current() -> Engine:
    """The engine behind this module's functions."""
    global _engine
    with _configuring:
        if _engine is None:
            _engine = Engine(InProcess())
        return _engine


def key(request: Request) -> str:
    """The request's content id: 64 hexadecimal digits, the SHA-256 of all that decides the result.

    Raises:
        InputError: there is no such model here.
    """
    return current().key(request)


def peek(request: Request) -> Trace | None:
    """The trace if it is in memory or stored; never computes, never imports torch. Raises as `key`."""
    return current().peek(request)


def submit(request: Request) -> Job:
    """A place at the computation, for a `with` block. Raises as `key`; all else, `Job.result` raises."""
    return current().submit(request)


def run(request: Request) -> Trace:
    """Submits and waits: for notebooks and tests. Raises as `Job.result`."""
    return current().run(request)


def count(model: str, text: str, pair: str | None = None) -> int | None:
    """Tokens in the input, special ones included; None while that can't be said at once. Raises as `key`."""
    return current().count(model, text, pair)


def warm(model: str) -> None:
    """Imports torch and loads the model in the background; calling it again does nothing."""
    current().warm(model)
