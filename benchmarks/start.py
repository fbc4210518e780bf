"""How long until it can be used? A second `make run`, and a model that has been converted before."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable

from benchmarks.row import Row
from models import catalog, defaults
from tests.browser.server import ROOT, free_port

ROUNDS = 3


def rows() -> Iterable[Row]:
    """Seconds, each the median of a few fresh processes."""
    yield Row("make run, set up before: to ready", statistics.median(starts()), "s", at_most=4)
    for name in (defaults.DECODER, defaults.ENCODER):
        catalog.load(name)  # converted, if it has never been; and the libraries are imported
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            catalog.load(name)
            seconds.append(time.perf_counter() - began)
        yield Row(f"{name}: loaded, once converted", statistics.median(seconds), "s", at_most=1)


def starts() -> Iterable[float]:
    """How long `make run` takes to say that it is ready."""
    for _ in range(ROUNDS):
        port = free_port()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
            began = time.perf_counter()
            command = ["make", "--silent", "run", f"PORT={port}"]
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
            assert process.stdout is not None
            for line in process.stdout:
                if f":{port}" in line:
                    break
            yield time.perf_counter() - began
            os.killpg(process.pid, signal.SIGKILL)  # make and the server that it started
            process.wait()
