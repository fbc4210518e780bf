"""Texts that are written side by side: what is shown of them meanwhile, and who waits for whom."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from models import decoding, generation, vocabulary, writers
from models.catalog import Reference
from models.decoding import Batch
from models.engine import Engine, Job, Request
from models.in_process import InProcess
from models.language_model import LanguageModel
from models.progress import Progress
from models.traces import GenerationTrace, InductionTrace, InputError, Trace
from tests.families import tiny_model, tiny_tokenizer
from tests.unit.test_engine import WAIT, reference, trace_of

MARK = 200  # the token behind which a `Gated` model fails


class Gated(LanguageModel):
    """A tiny model that asks for leave before each pass, and notes how many rows it has."""

    def __init__(self, family: str = "llama") -> None:
        super().__init__(tiny_model(family), tiny_tokenizer(), "m", "r1")
        self.leave = threading.Semaphore(0)
        self.asked = 0
        self.rows: list[int] = []

    def next_logits(self, ids: torch.Tensor, *arguments: Any, **named: Any) -> tuple[torch.Tensor, Any]:
        self.asked += 1
        assert self.leave.acquire(timeout=WAIT)
        self.rows.append(len(ids))
        logits, cache = super().next_logits(ids, *arguments, **named)
        logits = logits.clone()  # what inference mode made can't be changed
        logits[ids[:, -1] == MARK] = torch.nan
        return logits, cache

    def open(self) -> None:
        self.leave.release(10_000)


@pytest.fixture
def model() -> Gated:
    return Gated()


@pytest.fixture
def door(model: Gated, tmp_path: Path) -> Iterator[Engine]:
    def load(wanted: Reference, report: Progress) -> LanguageModel:
        return model

    def look(language_model: LanguageModel, request: Request, report: Progress) -> Trace:
        return trace_of(request)

    engine = Engine(InProcess(load, look, memory_bytes=1 << 30), resolve=reference, stored=tmp_path)
    yield engine
    model.open()
    engine.close()


def write(text: str, tokens: int, **settings: str) -> Request:
    return Request("generation", "m", text, settings=(("tokens", str(tokens)), *settings.items()))


def alone(text: str, tokens: int, family: str = "llama", **settings: Any) -> list[int]:
    model = Gated(family)
    model.open()
    return generation.generate(model, text, tokens=tokens, chain=(), **settings).tokens.tolist()


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def written(job: Job) -> int:
    so_far = job.so_far()
    return len(so_far.tokens) if isinstance(so_far, GenerationTrace) else 0


def has_written(job: Job, count: int) -> bool:
    return written(job) == count


def test_what_is_written_so_far_is_the_beginning_of_the_whole(door: Engine, model: Gated) -> None:
    with door.submit(write("a text", 6)) as job:
        assert job.so_far() is None
        drafts = []
        for count in (1, 2, 3):
            model.leave.release()
            wait_until(partial(has_written, job, count))
            drafts.append(job.so_far())
            assert job.so_far() is drafts[-1]  # nothing was added
        wait_until(lambda: job.progress() == ("Token 4 of at most 6", 0.5))
        model.open()
        whole = job.result(WAIT)
        assert job.so_far() is None
    assert isinstance(whole, GenerationTrace)
    assert whole.tokens.tolist() == alone("a text", 6)
    for count, draft in enumerate(drafts, 1):
        assert isinstance(draft, GenerationTrace)
        assert draft.ended == "unfinished"
        assert draft.tokens.tolist() == whole.tokens[:count].tolist()
        assert draft.texts == whole.texts[:count]
        assert draft.likely_texts == whole.likely_texts[:count]
    assert whole.ended == "length"
    assert door.peek(write("a text", 6)) is whole


def test_other_passes_come_between_two_tokens(door: Engine, model: Gated) -> None:
    with door.submit(write("a text", 40)) as job:
        model.leave.release()
        wait_until(lambda: written(job) == 1)
        with door.submit(Request("induction", "m")) as other:
            model.leave.release()  # the pass behind which the other one queued
            assert isinstance(other.result(WAIT), InductionTrace)
        assert not job.done()
        assert written(job) <= 2
        model.open()
        job.result(WAIT)


@pytest.mark.parametrize("family", ["llama", "mistral"])  # in one batch; one at a time
def test_texts_join_and_leave_without_a_trace(family: str, tmp_path: Path) -> None:
    model = Gated(family)
    door = Engine(InProcess(lambda *_: model, memory_bytes=1 << 30), resolve=reference, stored=tmp_path)
    asked = [(f"text number {'one two three'[: number * 2]}", 3 + number * 5 % 9, number) for number in range(7)]
    jobs = []
    for text, tokens, seed in asked:
        jobs.append(door.submit(write(text, tokens, seed=str(seed))))
        model.leave.release(2)
    model.open()
    for job, (text, tokens, seed) in zip(jobs, asked, strict=True):
        trace = job.result(WAIT)
        assert isinstance(trace, GenerationTrace)
        assert trace.tokens.tolist() == alone(text, tokens, family, seed=seed)
    assert max(model.rows) == 1 if family == "mistral" else max(model.rows) > 3
    door.close()


def test_who_leaves_takes_only_their_own_text_along(door: Engine, model: Gated) -> None:
    requests = [write(text, 30) for text in ("one", "two and", "three more")]
    jobs = [door.submit(request) for request in requests]
    model.leave.release(3)
    wait_until(lambda: all(written(job) == 1 for job in jobs) and model.asked == 4)
    jobs[1].release()
    model.open()
    for number in (0, 2):
        trace = jobs[number].result(WAIT)
        assert isinstance(trace, GenerationTrace)
        assert trace.tokens.tolist() == alone(requests[number].text, 30)
    assert model.rows[3:5] == [3, 2]  # the pass that was on its way, and the next one
    assert door.peek(requests[1]) is None


def test_a_text_that_fails_fails_alone(door: Engine, model: Gated) -> None:
    forced = f'[["logit_bias", [[{MARK}, 1e9]]]]'
    good, bad = door.submit(write("good", 8)), door.submit(write("bad", 8, chain=forced))
    hopeless = door.submit(write("", 8))
    model.open()
    with pytest.raises(InputError, match="not numbers"):
        bad.result(WAIT)
    with pytest.raises(InputError, match="empty"):
        hopeless.result(WAIT)
    trace = good.result(WAIT)
    assert isinstance(trace, GenerationTrace)
    assert trace.tokens.tolist() == alone("good", 8)


def test_a_pass_that_fails_is_told_to_all_in_it(door: Engine, model: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [door.submit(write(text, 8)) for text in ("one", "two")]
    model.leave.release(2)
    wait_until(lambda: all(written(job) == 1 for job in jobs))
    monkeypatch.setattr(model.model, "forward", None)
    model.open()
    for job in jobs:
        with pytest.raises(InputError, match="Something went wrong"):
            job.result(WAIT)
    monkeypatch.undo()
    assert door.run(write("three", 2)) is not None


def test_who_waits_is_written_when_the_pass_before_fails(
    door: Engine, model: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_ROWS", 1)
    first, second = door.submit(write("one", 8)), door.submit(write("two", 3))
    model.leave.release()
    wait_until(lambda: written(first) == 1 and second.progress()[0] == "Next in the queue")
    step = Batch.step

    def fails_once(batch: Batch, tokens: Sequence[int]) -> torch.Tensor:
        monkeypatch.setattr(Batch, "step", step)
        raise MemoryError

    monkeypatch.setattr(Batch, "step", fails_once)
    with first, second:
        model.open()
        with pytest.raises(InputError, match="not enough free memory"):
            first.result(WAIT)
        trace = second.result(WAIT)
    assert isinstance(trace, GenerationTrace)
    assert trace.tokens.tolist() == alone("two", 3)


def test_two_threads_look_at_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Gated()
    model.open()
    writing = generation.Writing(model, "a text", tokens=3, chain=())
    _, logits = decoding.begin(model, *writing.begin())
    writing.take(logits)
    texts = vocabulary.texts
    looks: list[Trace | None] = []

    def slow(tokenizer: Any, tokens: Any) -> Any:
        if not looks:
            looks.append(None)
            looks.append(writing.so_far())  # by another thread, while this one looks the texts up
        return texts(tokenizer, tokens)

    monkeypatch.setattr(vocabulary, "texts", slow)
    first = writing.so_far()
    assert isinstance(first, GenerationTrace)
    assert isinstance(looks[1], GenerationTrace)
    assert looks[1].likely_texts == first.likely_texts
    assert any(first.likely_texts[0])


@pytest.mark.parametrize(("name", "value"), [("MOST_ROWS", 2), ("MOST_PLACES", 30)])
def test_there_is_room_for_so_many_and_the_others_wait(
    name: str, value: int, door: Engine, model: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, name, value)
    door.run(Request("induction", "m"))  # the model is there: who asks first arrives first
    jobs = [door.submit(write(f"text {number}", 6 + number % 3)) for number in range(6)]  # 12 to 14 tokens each
    model.leave.release(3)
    wait_until(lambda: jobs[4].progress()[0] == "In the queue: 2 before this one")
    jobs[3].release()
    wait_until(lambda: model.leave._value == 0)
    model.leave.release()
    wait_until(lambda: jobs[4].progress()[0] == "In the queue: 1 before this one")
    model.open()
    for number in (0, 1, 2, 4, 5):
        trace = jobs[number].result(WAIT)
        assert isinstance(trace, GenerationTrace)
        assert trace.tokens.tolist() == alone(f"text {number}", 6 + number % 3)
    assert max(model.rows) == 2


@pytest.mark.parametrize(("off", "together"), [("0.1", 2), ("0.1:4>1", 1)])
def test_texts_with_a_cut_edge_are_written_alone(off: str, together: int, door: Engine, model: Gated) -> None:
    """Such a pass may be refused for one text, and the others must not hear of it."""
    jobs = [door.submit(dataclasses.replace(write(text, 6), off=off)) for text in ("first text", "second text")]
    model.open()
    for job in jobs:
        assert isinstance(job.result(WAIT), GenerationTrace)
    assert max(model.rows) == together


def test_the_model_is_let_go_when_the_last_text_has_ended(door: Engine, model: Gated) -> None:
    backend = door._backend
    assert isinstance(backend, InProcess)
    jobs = [door.submit(write(text, 5)) for text in ("one", "two", "three")]
    jobs.append(door.submit(write("", 5)))
    model.leave.release(3)
    wait_until(lambda: all(written(job) == 1 for job in jobs[:3]))
    wait_until(lambda: backend._models._uses["m@r1"] == 3)  # the empty text has been turned away
    jobs[0].release()
    model.open()
    for job in jobs[1:3]:
        job.result(WAIT)
    wait_until(lambda: backend._models._uses["m@r1"] == 0)
