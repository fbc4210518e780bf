"""How does work queue for one thread, and who waits for it?"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from models.progress import Cancelled, Progress


class Lane:
    """One thread for passes, and who waits for it."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"orrery-{name}")
        self._lock = threading.Lock()
        self._queued: list[Progress] = []

    def submit(self, run: Callable[[], None], report: Progress | None = None) -> None:
        """Queues a pass behind those that came before; `report` hears how many these are, and is one of them."""
        if report is None:
            self._thread.submit(run)
            return
        with self._lock:
            self._queued.append(report)
        self._thread.submit(self._run, run, report)
        self._announce()

    def close(self) -> None:
        """Takes no further work; a pass that runs ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, run: Callable[[], None], report: Progress) -> None:
        with self._lock:
            self._queued.remove(report)
        self._announce()
        run()

    def _announce(self) -> None:
        """Tells everyone in the queue how many are before them."""
        with self._lock:  # held all along, so that no older count arrives after a newer one
            for before, report in enumerate(self._queued):
                with contextlib.suppress(Cancelled):  # its turn will come, and end at once
                    report(f"In the queue: {before} before this one" if before else "Next in the queue", None)
