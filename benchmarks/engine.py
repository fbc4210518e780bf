"""What does the engine add to a forward pass, and what does its cache save?

Ours: from the request to the trace (tokens described, pass, weights as one array, kept). The reference: the same
tokenizer and model on the same text, called by themselves, with the attentions as output. The two alternate, so that
whatever else the machine does falls on both; medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch

from benchmarks.row import Row
from models import catalog, defaults
from models.catalog import Reference
from models.engine import Engine, Request
from models.in_process import InProcess
from models.language_model import LanguageModel
from models.progress import Progress

ROUNDS = 41
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
        language_model = catalog.load(name)
        door = Engine(InProcess(load=partial(loaded, language_model)))
        for count in (10, 30, 120):
            yield from measure(door, language_model, name, count)
        door.close()


def loaded(language_model: LanguageModel, reference: Reference, report: Progress) -> LanguageModel:
    """A loader that has it already."""
    return language_model


def bare(language_model: LanguageModel, asked: str, outputs: list[Any]) -> None:
    inputs = language_model.tokenizer(asked, return_tensors="pt")
    with torch.inference_mode():
        outputs.append(language_model.model.base_model(**inputs, output_attentions=True, use_cache=False).attentions)


def measure(door: Engine, language_model: LanguageModel, name: str, count: int) -> Iterable[Row]:
    ours, alone, cached = [], [], []
    outputs: list[Any] = []  # kept, as the engine keeps its traces: fresh memory costs time too
    for number in range(ROUNDS):
        request = Request("attention", name, text(count, number))
        run = partial(door.run, request)
        reference = partial(bare, language_model, request.text, outputs)
        if number % 2:
            ours.append(milliseconds(run))
            alone.append(milliseconds(reference))
        else:
            alone.append(milliseconds(reference))
            ours.append(milliseconds(run))
        cached.append(milliseconds(run))
    against = statistics.median(alone)
    yield Row(f"{name}, {count} words: request to trace", statistics.median(ours), "ms", against, "bare pass", 1.15)
    yield Row(f"{name}, {count} words: cached request", statistics.median(cached), "ms", against, "bare pass", 0.05)
