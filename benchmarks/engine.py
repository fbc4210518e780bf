"""What does the engine add to a forward pass, and what does its cache save?

Ours: from the request to the trace (tokens, pass, weights as one array). The reference: the same model on the same
ids, called by itself, with its attentions as output. The two alternate, so that whatever else the machine does falls
on both; medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

import torch

from benchmarks.row import Row
from models import catalog, defaults
from models.engine import Engine, InProcess, Request

ROUNDS = 15
WORDS = (
    "The quick brown fox jumps over a lazy dog while seven small birds sing quietly near an old stone bridge and "
    "children watch the river carry paper boats far away"
).split()


def text(count: int, number: int) -> str:
    """About `count` tokens, different for each number."""
    return " ".join(WORDS[(number * 7 + place * 3) % len(WORDS)] for place in range(count))


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def rows() -> Iterable[Row]:
    for name in (defaults.DECODER, defaults.ENCODER):
        lm = catalog.load(name)
        door = Engine(InProcess(load=lambda reference, report, lm=lm: lm))
        for count in (10, 30, 120):
            yield from measure(door, lm, name, count)
        door.close()


def measure(door: Engine, lm: object, name: str, count: int) -> Iterable[Row]:
    ours, bare, cached = [], [], []
    for number in range(ROUNDS):
        request = Request("attention", name, text(count, number))
        inputs = lm.encode(request.text).inputs

        def alone(inputs: dict[str, torch.Tensor] = inputs) -> None:
            with torch.inference_mode():
                lm.model.base_model(**inputs, output_attentions=True, use_cache=False)

        first, second = (door.run, alone) if number % 2 else (alone, door.run)
        times = {}
        for work in (first, second):
            times[work] = milliseconds(lambda: work(request) if work == door.run else work())
        ours.append(times[door.run])
        bare.append(times[alone])
        cached.append(milliseconds(lambda: door.run(request)))
    reference = statistics.median(bare)
    yield Row(f"{name}, {count} words: request to trace", statistics.median(ours), "ms", reference, "bare pass", 1.15)
    yield Row(f"{name}, {count} words: cached request", statistics.median(cached), "ms", reference, "bare pass", 0.05)
