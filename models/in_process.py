"""How do passes run in this process? One at a time, since each already uses every core or the whole GPU.

The backend behind `models.engine` that needs nothing but this machine: it loads models in a few threads of their
own, so that a download holds up nobody else, and runs the passes one after another in a single one. What needs many
passes (a beam search) or reads more than any single one can take (ten thousand sentences: 20 seconds) has a thread of
its own, and others' passes come between its own: somebody's file costs nobody else the page.
Texts are written token by token, many at once (models/writers.py).

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import functools
import gc
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models import importing, switched_off
from models.lane import Lane
from models.memory import Models
from models.progress import Cancelled, Progress
from models.traces import InputError, Trace
from models.writers import Writers

if TYPE_CHECKING:
    from models.catalog import Reference
    from models.engine import Request, Show
    from models.language_model import LanguageModel

log = logging.getLogger(__name__)

LONG_TEXT: Final = 20_000  # characters: what one pass reads is shorter (`LanguageModel.check_text`)
MANY_PASSES: Final = frozenset(
    {
        "beam",
        "beam check",
        "generation check",
        "variation",
        "window",
        "matrix",
        "norms",
        "quantised",
        "lens",
        "patching",
        "each off",
        "caching",
        "padded",
        "cache times",
    }
)  # analyses of dozens of passes, or of seconds without any


class InProcess:
    """Passes in this process: one at a time, since each already uses every core or the whole GPU."""

    def __init__(
        self,
        load: Callable[[Reference, Progress], LanguageModel] | None = None,
        compute: Callable[[LanguageModel, Request, Progress], Trace] | None = None,
        *,
        memory_bytes: int | None = None,
    ) -> None:
        _limit_spinning()
        self._models = Models(load or _load, size_limit=memory_bytes)
        self._compute = compute or _compute
        self._passes, self._long = Lane("pass"), Lane("long")
        self._writers = Writers(self._passes, self._models.release)
        self._lock = threading.Lock()
        self._warmed = False

    def submit(self, request: Request, reference: Reference, report: Progress, show: Show) -> Future[Trace]:
        """Loads the model if need be, then queues the pass behind those that came before."""
        outcome: Future[Trace] = Future()

        def loaded(lease: Future[LanguageModel]) -> None:
            error = lease.exception()
            if error is not None:
                outcome.set_exception(error)
                return
            if request.analysis == "generation":
                self._writers.submit(lease.result(), request, report, show, outcome)
                return
            long = request.analysis in MANY_PASSES or len(request.text) > LONG_TEXT
            lane = self._long if long else self._passes
            lane.submit(functools.partial(self._run, lease.result(), request, report, outcome), report)

        self._models.acquire(reference, report).add_done_callback(loaded)
        return outcome

    def count(self, reference: Reference, text: str, pair: str | None) -> int | None:
        """Tokens in the input, special ones included; None unless the model is in memory and the text readable."""
        language_model = self._models.get(reference)
        if language_model is None:
            return None
        try:
            for part in (text, pair):
                if part is not None:
                    language_model.check_text(part)
        except InputError:
            return None
        return len(language_model.tokenizer(text, pair)["input_ids"])

    def warm(self, reference: Reference) -> None:
        """Imports torch and transformers and loads the model, once, in a loader thread."""
        with self._lock:
            if self._warmed:
                return
            self._warmed = True
        # NumPy's own threads and torch's wait for each other in busy loops: on two cores a 120 x 120 product took
        # 13 ms between two passes, and takes 0.1 ms on one thread. Nothing here hands NumPy large products.
        threadpool_limits(1, user_api="blas")

        def loaded(lease: Future[LanguageModel]) -> None:
            error = lease.exception()
            if isinstance(error, Cancelled):  # the process has ended meanwhile
                return
            if error is not None:
                log.warning("the default model could not be loaded: %s", error)
                return
            self._models.release(lease.result())
            # A garbage collection stops every session: 217 ms with torch and transformers imported, 4 ms once
            # what stays for good is taken out of the collector's sight.
            gc.collect()
            gc.freeze()

        self._models.acquire(reference, lambda sentence, fraction: None).add_done_callback(loaded)

    def close(self) -> None:
        """Takes no further work; a pass that runs ends by itself."""
        self._models.close()
        self._passes.close()
        self._long.close()

    def _run(
        self,
        language_model: LanguageModel,
        request: Request,
        report: Progress,
        outcome: Future[Trace],
    ) -> None:
        try:
            report("Running the model", None)
            trace = self._compute(language_model, request, report)
        except BaseException as error:  # whatever it is, the lane goes on and those who wait hear of it
            self._models.release(language_model)
            outcome.set_exception(error)
        else:
            self._models.release(language_model)
            outcome.set_result(trace)


def _limit_spinning() -> None:
    """Keeps torch's threads from waiting for each other in long busy loops; without effect once torch is imported.

    On two cores that others use too, a pass of SmolLM2 over ten words took 2.2 s with GNU OpenMP's own patience,
    0.6 s with this one and 0.2 s with none (OMP_WAIT_POLICY=passive), which costs half as much again when the cores
    are free: 52, 58 and 76 ms.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def _load(reference: Reference, report: Progress) -> LanguageModel:
    report("Starting PyTorch", None)
    importing.for_models()
    from models import attention, embeddings, inside, interventions, loading, next_token, weights  # noqa: F401

    language_model = loading.load(reference, progress=report)
    # The first call switches off the padding and cutting that a tokenizer's file may ask for; that mustn't happen
    # while another thread uses it.
    language_model.tokenizer("a")
    return language_model


def _compute(language_model: LanguageModel, request: Request, report: Progress) -> Trace:
    if request.off:
        from models import interventions

        with interventions.changed(language_model, switched_off.parts_of(request.off)):
            return _analyse(language_model, request, report)
    return _analyse(language_model, request, report)


def _analyse(language_model: LanguageModel, request: Request, report: Progress) -> Trace:
    from models import attention, embeddings, inside, next_token, weights

    for analyses in (embeddings.ANALYSES, next_token.ANALYSES, weights.ANALYSES, inside.ANALYSES):
        if request.analysis in analyses:
            return analyses[request.analysis](language_model, request, report)
    settings: dict[str, Any] = {name: int(value) for name, value in request.settings}
    if request.analysis == "induction":
        return attention.induction(language_model, **settings, progress=report)
    return attention.trace(language_model, request.text, request.pair, **settings, progress=report)
