"""How fast is a text written?

Ours: through the engine, as the page asks, with what it shows of every token. The reference: `model.generate` of the
same model on the same prompt, with its cache, under the same samplers. The two alternate, so that whatever else the
machine does falls on both; medians are compared. And twenty sessions that ask at once, beside twenty times one alone.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

import torch

from benchmarks.engine import loaded, milliseconds
from benchmarks.row import Row
from models import catalog, defaults, generation
from models.engine import Engine, Job, Request
from models.in_process import InProcess
from models.language_model import LanguageModel
from models.traces import GenerationTrace

ROUNDS = 5
TOKENS = 40
SESSIONS = 20
PROMPT = "Once upon a time, in a village by the sea, there lived"
GREEDY: list[tuple[Any, Any]] = [*generation.GREEDY]
SAMPLED: list[tuple[Any, Any]] = [
    ("temperature", defaults.TEMPERATURE),
    ("top_k", defaults.TOP_K),
    ("top_p", defaults.TOP_P),
]


def rows() -> Iterable[Row]:
    language_model = catalog.load(defaults.DECODER)
    door = Engine(InProcess(load=partial(loaded, language_model)))
    for name, chain in (("greedy", GREEDY), ("sampled", SAMPLED)):
        yield against_generate(door, language_model, name, chain)
    yield at_once(door)
    door.close()


def asked(number: int, chain: list[tuple[Any, Any]]) -> Request:
    """A text that no other number asks for."""
    settings = {"tokens": str(TOKENS), "seed": str(number), "chain": json.dumps(chain)}
    return Request("generation", defaults.DECODER, f"{PROMPT} {number}", settings=tuple(settings.items()))


def watched(job: Job) -> GenerationTrace:
    """Waits as a page does, looking about eight times a second at what there is so far."""
    while True:
        try:
            trace = job.result(0.12)
        except TimeoutError:
            job.so_far()
        else:
            assert isinstance(trace, GenerationTrace)
            return trace


def ours(door: Engine, request: Request) -> float:
    """Milliseconds a token."""
    began = time.perf_counter()
    with door.submit(request) as job:
        count = len(watched(job).tokens)
    return (time.perf_counter() - began) * 1e3 / count


def theirs(language_model: LanguageModel, prompt: str, seed: int, chain: list[tuple[Any, Any]]) -> float:
    """Milliseconds a token."""
    inputs = language_model.tokenizer(prompt, return_tensors="pt")
    settings: dict[str, Any] = {"do_sample": False} if chain == GREEDY else {"do_sample": True, **dict(chain)}
    torch.manual_seed(seed)
    began = time.perf_counter()
    with torch.inference_mode():
        text = language_model.model.generate(**inputs, max_new_tokens=TOKENS, pad_token_id=0, **settings)
    return (time.perf_counter() - began) * 1e3 / (text.shape[1] - inputs["input_ids"].shape[1])


def against_generate(door: Engine, language_model: LanguageModel, name: str, chain: list[tuple[Any, Any]]) -> Row:
    mine, reference = [], []
    for number in range(ROUNDS):
        request = asked(number, chain)
        generate = partial(theirs, language_model, request.text, number, chain)
        if number % 2:
            mine.append(ours(door, request))
            reference.append(generate())
        else:
            reference.append(generate())
            mine.append(ours(door, request))
    # 0.9 of the tokens in a second
    return Row(
        f"{defaults.DECODER}, a token of a text, {name}, as it is shown",
        statistics.median(mine),
        "ms",
        statistics.median(reference),
        "generate",
        1 / 0.9,
    )


def at_once(door: Engine) -> Row:
    alone = [milliseconds(partial(door.run, asked(number, SAMPLED))) for number in range(100, 103)]

    def together() -> None:
        jobs = [door.submit(asked(200 + number, SAMPLED)) for number in range(SESSIONS)]
        for job in jobs:
            watched(job)

    return Row(
        f"{defaults.DECODER}, {TOKENS} tokens of {SESSIONS} sessions at once",
        milliseconds(together),
        "ms",
        SESSIONS * statistics.median(alone),
        f"{SESSIONS} times one alone",
        0.6,
    )
