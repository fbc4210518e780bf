"""Which language models are in memory, and which leaves first?

Weights are loaded once, however many ask for them at the same moment, and shared read-only by everyone. The
models in memory together hold at most `limit()` bytes: the one that was used longest ago leaves first, never
one that a forward pass is using. Whoever asks for a model that has no room yet waits, and is served in the
order of asking.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from models.progress import Cancelled, Progress
from models.traces import InputError

if TYPE_CHECKING:
    from models.catalog import Reference
    from models.language_model import LanguageModel

LOADERS = 4  # models that may be on their way at once: a slow download must not hold up the others


def limit() -> int:
    """Bytes that the models in memory may hold together: ORRERY_MEMORY_GB, or half of the machine's memory.

    Raises:
        InputError: ORRERY_MEMORY_GB is not a positive number.
    """
    setting = os.environ.get("ORRERY_MEMORY_GB", "")
    if not setting:
        return int(psutil.virtual_memory().total // 2)
    try:
        gigabytes = float(setting)
    except ValueError:
        gigabytes = 0.0
    if not 0 < gigabytes < float("inf"):
        raise InputError(f"ORRERY_MEMORY_GB is {setting!r}; it must be a number of gigabytes, such as 8.")
    return int(gigabytes * 1e9)


@dataclass
class _Waiter:
    reference: Reference
    report: Progress
    outcome: Future[LanguageModel]


@dataclass
class _Load:
    size: int  # bytes set aside for it
    waiters: list[_Waiter] = field(default_factory=list)


class Models:
    """The language models in memory."""

    def __init__(self, load: Callable[[Reference, Progress], LanguageModel], *, size_limit: int | None = None) -> None:
        self._load = load
        self._limit = size_limit
        self._lock = threading.Lock()  # never held while a future is resolved: its callbacks take other locks
        self._resident: OrderedDict[str, LanguageModel] = OrderedDict()  # the least recently used first
        self._uses: Counter[str] = Counter()
        self._loading: dict[str, _Load] = {}
        self._queue: deque[_Waiter] = deque()
        self._loaders = ThreadPoolExecutor(LOADERS, thread_name_prefix="orrery-load")

    def acquire(self, reference: Reference, report: Progress) -> Future[LanguageModel]:
        """The model, loaded if it isn't there yet; it stays until `release` is called as often as this was.

        The future fails with `Cancelled` when `report` raised it, else with what the loader raised.
        """
        waiter = _Waiter(reference, report, Future())
        with self._lock:
            self._queue.append(waiter)
        self._advance()
        return waiter.outcome

    def release(self, language_model: LanguageModel) -> None:
        """The pass that acquired the model has ended."""
        with self._lock:
            self._uses[_identity(language_model)] -= 1
            self._make_room(0)
        self._advance()

    def get(self, reference: Reference) -> LanguageModel | None:
        """The model if it is in memory; asking doesn't count as using it."""
        with self._lock:
            return self._resident.get(_identity(reference))

    def close(self) -> None:
        """Starts no further load."""
        self._loaders.shutdown(wait=False, cancel_futures=True)

    def _advance(self) -> None:
        """Serves those who wait, first come first served, up to the first whose model has no room yet."""
        served: list[tuple[_Waiter, LanguageModel]] = []
        refused: list[tuple[_Waiter, Exception]] = []
        with self._lock:
            while self._queue:
                waiter = self._queue[0]
                name = _identity(waiter.reference)
                size = waiter.reference.size_bytes or 0
                if name in self._resident:
                    self._resident.move_to_end(name)
                    self._uses[name] += 1
                    served.append((waiter, self._resident[name]))
                elif name in self._loading:
                    self._loading[name].waiters.append(waiter)
                elif size > self._allowed():
                    refused.append((waiter, self._too_large(waiter.reference, size)))
                elif self._make_room(size):
                    self._loading[name] = _Load(size, [waiter])
                    self._loaders.submit(self._load_model, waiter.reference, self._loading[name])
                else:
                    try:
                        waiter.report("Waiting until another model can leave the memory", None)
                        break
                    except Cancelled as cancelled:
                        refused.append((waiter, cancelled))
                self._queue.popleft()
        for waiter, language_model in served:
            waiter.outcome.set_result(language_model)
        for waiter, error in refused:
            waiter.outcome.set_exception(error)

    def _load_model(self, reference: Reference, load: _Load) -> None:
        """Loads one model for all who wait for it, and hands it to them; runs in a loader thread."""
        name = _identity(reference)

        def report(sentence: str, fraction: float | None) -> None:
            gone: list[_Waiter] = []
            with self._lock:
                for waiter in list(load.waiters):
                    try:
                        waiter.report(sentence, fraction)
                    except Cancelled:
                        load.waiters.remove(waiter)
                        gone.append(waiter)
                abandoned = not load.waiters
                if abandoned:
                    # From here on whoever asks for this model starts a new load.
                    self._loading.pop(name, None)
            for waiter in gone:
                waiter.outcome.set_exception(Cancelled())
            if abandoned:
                raise Cancelled

        language_model: LanguageModel | None = None
        error: BaseException | None = None
        try:
            report("Preparing to load the model", None)
            language_model = self._load(reference, report)
            if language_model.size_bytes > self._allowed():
                error = self._too_large(reference, language_model.size_bytes)
        except BaseException as raised:  # whatever it is, those who wait must hear of it
            error = raised
        with self._lock:
            if self._loading.get(name) is load:
                del self._loading[name]
            waiters = list(load.waiters)
            if language_model is not None and error is None and waiters:
                # A hub model's revision is known only now: its reference said "main", it will say the commit.
                self._resident[_identity(language_model)] = language_model
                self._uses[_identity(language_model)] += len(waiters)
                self._make_room(0)
        for waiter in waiters:
            if error is not None:
                waiter.outcome.set_exception(error)
            elif language_model is not None:
                waiter.outcome.set_result(language_model)
        self._advance()

    def _allowed(self) -> int:
        return limit() if self._limit is None else self._limit

    def _too_large(self, reference: Reference, size: int) -> InputError:
        return InputError(
            f"{reference.title} needs {size / 1e9:.1f} GB of memory and {self._allowed() / 1e9:.1f} GB are "
            "set aside for models here; choose a smaller model."
        )

    def _make_room(self, size: int) -> bool:
        """Whether `size` more bytes fit, after the idle models that were used longest ago have left."""
        allowed = self._allowed()
        taken = sum(model.size_bytes for model in self._resident.values())
        taken += sum(load.size for load in self._loading.values())
        for name in list(self._resident):
            if taken + size <= allowed:
                break
            if not self._uses[name]:
                taken -= self._resident.pop(name).size_bytes
        return taken + size <= allowed


def _identity(model: Reference | LanguageModel) -> str:
    """What tells one set of weights from another."""
    return f"{model.name}@{model.revision}"
