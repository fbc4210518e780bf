"""The engine, with stand-ins for the loader and the pass: what runs, how often, and who hears of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import engine, traces
from models.catalog import Reference
from models.engine import Engine, Request
from models.in_process import InProcess
from models.progress import Cancelled, Progress
from models.traces import AttentionTrace, InductionTrace, InputError, Source, Tokens

WAIT = 20.0  # seconds before a test that hangs fails


def reference(name: str, size: int | None = 100) -> Reference:
    if name == "unknown":
        raise InputError("There is no model called unknown.")
    revision = "main" if name.startswith("hub/") else "r1"
    return Reference(name, name, revision, "decoder", "package", size, 512)


def trace_of(request: Request, revision: str = "r1", size: int = 2) -> InductionTrace:
    return InductionTrace(
        Source(request.model, revision, request.text), np.zeros((size, size), np.float32), length=4, seed=0
    )


@dataclass
class FakeModel:
    """Has what the engine looks at."""

    name: str
    revision: str = "r1"
    size_bytes: int = 100

    def check_text(self, text: str) -> None:
        if not text:
            raise InputError("The text is empty.")

    def tokenizer(self, text: str, pair: str | None) -> dict[str, list[int]]:
        return {"input_ids": list(range(len((text + " " + (pair or "")).split())))}


@dataclass
class World:
    """Stand-ins that count, and that wait at a gate when asked to."""

    loads: list[str] = field(default_factory=list)
    passes: list[Request] = field(default_factory=list)
    load_gate: threading.Event = field(default_factory=threading.Event)
    pass_gate: threading.Event = field(default_factory=threading.Event)
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    sizes: dict[str, int] = field(default_factory=dict)
    failures: dict[str, BaseException] = field(default_factory=dict)
    loading: int = 0
    inside: int = 0
    most_inside: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, wanted: Reference, report: Progress) -> Any:
        self.loads.append(wanted.name)
        self.loading += 1
        try:
            while not self.load_gate.wait(0.005):
                report("Loading", 0.5)
        finally:
            self.loading -= 1
        if wanted.name in self.failures:
            raise self.failures[wanted.name]
        revision = "c0ffee" if wanted.revision == "main" else wanted.revision
        return FakeModel(wanted.name, revision, self.sizes.get(wanted.name, 100))

    def compute(self, language_model: Any, request: Request, report: Progress) -> InductionTrace:
        with self.lock:
            self.passes.append(request)
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self.started.release()
        try:
            while not self.pass_gate.wait(0.005):
                report("layer 1 of 2", 0.5)
            if request.text in self.failures:
                raise self.failures[request.text]
            return trace_of(request, language_model.revision)
        finally:
            with self.lock:
                self.inside -= 1


@pytest.fixture
def world() -> World:
    world = World()
    world.load_gate.set()
    world.pass_gate.set()
    return world


@pytest.fixture
def make(world: World, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def build(memory_bytes: int = 1000, cache_bytes: int = 1 << 20) -> Engine:
        backend = InProcess(world.load, world.compute, memory_bytes=memory_bytes)
        made.append(Engine(backend, resolve=reference, stored=tmp_path, cache_bytes=cache_bytes))
        return made[-1]

    yield build
    world.load_gate.set()
    world.pass_gate.set()
    for each in made:
        each.close()


def ask(text: str = "a", model: str = "m") -> Request:
    return Request("induction", model, text)


# --- identity


def test_the_key_changes_with_everything_that_decides_the_result(make: Callable[..., Engine]) -> None:
    door = make()
    requests = [
        Request("attention", "m", "a"),
        Request("induction", "m", "a"),
        Request("attention", "n", "a"),
        Request("attention", "m", "b"),
        Request("attention", "m", "a", ""),
        Request("attention", "m", "a", "b"),
        Request("attention", "m", "a", settings=(("seed", "1"),)),
        Request("attention", "m", "a", settings=(("length", "1"),)),
        Request("attention", "m", "\ud800"),
        Request("attention", "m", "\\ud800"),
        Request("attention", "hub/m", "a"),
    ]
    assert len({door.key(request) for request in requests}) == len(requests)
    assert all(set(door.key(request)) <= set("0123456789abcdef") for request in requests)


def test_the_order_of_settings_does_not_matter(make: Callable[..., Engine]) -> None:
    one = Request("induction", "m", settings=(("seed", "1"), ("length", "8")))
    other = Request("induction", "m", settings=(("length", "8"), ("seed", "1")))
    assert make().key(one) == make().key(other)


def test_the_revision_is_part_of_the_key(make: Callable[..., Engine], tmp_path: Path, world: World) -> None:
    def newer(name: str) -> Reference:
        return Reference(name, name, "r2", "decoder", "package", 100, 512)

    backend = InProcess(world.load, world.compute)
    assert Engine(backend, resolve=newer, stored=tmp_path).key(ask()) != make().key(ask())


def test_an_unknown_model_is_refused_at_the_door(make: Callable[..., Engine]) -> None:
    for question in (make().key, make().peek, make().submit, make().run):
        with pytest.raises(InputError, match="no model called"):
            question(ask(model="unknown"))


# --- one pass for many


def test_the_same_request_at_the_same_moment_runs_once(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    results: list[Any] = []
    barrier = threading.Barrier(20)

    def visit() -> None:
        barrier.wait(WAIT)
        results.append(door.run(ask()))

    visitors = [threading.Thread(target=visit) for _ in range(20)]
    for visitor in visitors:
        visitor.start()
    assert world.started.acquire(timeout=WAIT)
    world.pass_gate.set()
    for visitor in visitors:
        visitor.join(WAIT)
    assert world.passes == [ask()]
    assert len(results) == 20
    assert all(result is results[0] for result in results)


def test_a_second_request_is_answered_from_memory(make: Callable[..., Engine], world: World) -> None:
    door = make()
    assert door.peek(ask()) is None
    first = door.run(ask())
    job = door.submit(ask())
    assert job.done()
    assert job.result() is first
    assert door.peek(ask()) is first
    assert len(world.passes) == 1


def test_passes_do_not_overlap(make: Callable[..., Engine], world: World) -> None:
    door = make()
    jobs = [door.submit(ask(text, model)) for text in "abcde" for model in ("m", "n")]
    for job in jobs:
        job.result(WAIT)
    assert len(world.passes) == 10
    assert world.most_inside == 1


def test_progress_says_what_happens(make: Callable[..., Engine], world: World) -> None:
    door = make()
    door.run(ask("first"))  # so that the model is there
    assert world.started.acquire(timeout=WAIT)
    world.pass_gate.clear()
    running, second, third = (door.submit(ask(text)) for text in "abc")
    assert world.started.acquire(timeout=WAIT)
    until(lambda: running.progress() == ("layer 1 of 2", 0.5))
    until(lambda: second.progress()[0] == "Next in the queue")
    until(lambda: third.progress()[0] == "In the queue: 1 before this one")
    assert not running.done()
    with pytest.raises(TimeoutError):
        running.result(0.01)


def test_a_long_text_holds_up_nobody(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    long, later = (door.submit(ask(letter * 20_001)) for letter in "xy")
    assert world.started.acquire(timeout=WAIT)
    short = door.submit(ask("short"))
    assert world.started.acquire(timeout=WAIT)  # beside it
    assert [request.text[:5] for request in world.passes] == ["xxxxx", "short"]
    assert later.progress()[0] == "Next in the queue"  # long ones go one after the other
    world.pass_gate.set()
    for job in (long, later, short):
        job.result(WAIT)


# --- giving up


def test_the_pass_stops_when_the_last_one_has_gone(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    first, second = door.submit(ask()), door.submit(ask())
    assert world.started.acquire(timeout=WAIT)
    first.release()
    first.release()  # again: nothing happens
    assert world.inside == 1
    assert not second.done()
    second.release()
    until(lambda: world.inside == 0)
    with pytest.raises(Cancelled):
        second.result(WAIT)
    assert door.peek(ask()) is None


def test_a_queued_pass_that_nobody_wants_never_starts(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    running = door.submit(ask("a"))
    assert world.started.acquire(timeout=WAIT)
    with door.submit(ask("b")):
        pass
    world.pass_gate.set()
    running.result(WAIT)
    door.run(ask("c"))
    assert [request.text for request in world.passes] == ["a", "c"]


def test_asking_again_after_giving_up_starts_anew(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    door.submit(ask()).release()
    again = door.submit(ask())
    world.pass_gate.set()
    assert again.result(WAIT).source.text == "a"


def test_a_load_stops_when_the_last_one_has_gone(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.load_gate.clear()
    one, other = door.submit(ask("a")), door.submit(ask("b"))
    until(lambda: one.progress() == other.progress() == ("Loading", 0.5))
    one.release()
    until(lambda: other.progress() == ("Loading", 0.5))
    other.release()
    until(lambda: world.loading == 0)
    again = door.submit(ask("c"))
    world.load_gate.set()
    again.result(WAIT)
    assert world.loads == ["m", "m"]  # the first one was given up
    assert [request.text for request in world.passes] == ["c"]


def test_closing_lets_nobody_wait_for_ever(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    jobs = [door.submit(ask(text)) for text in "ab"]
    assert world.started.acquire(timeout=WAIT)
    door.close()
    for job in jobs:
        with pytest.raises(Cancelled):
            job.result(WAIT)


# --- failures


def test_a_refusal_reaches_all_who_wait_and_is_not_kept(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.pass_gate.clear()
    world.failures["a"] = InputError("This text is empty.")
    jobs = [door.submit(ask()) for _ in range(3)]
    world.pass_gate.set()
    for job in jobs:
        with pytest.raises(InputError, match=r"^This text is empty\.$"):
            job.result(WAIT)
    del world.failures["a"]
    assert door.run(ask()).source.text == "a"


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (RuntimeError("shape mismatch in secret.py"), "went wrong inside the model run"),
        (KeyboardInterrupt(), "went wrong inside the model run"),
        (SystemExit(), "went wrong inside the model run"),
        (MemoryError(), "not enough free memory"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 8 bytes"),
            "not enough free memory",
        ),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), "not enough free memory"),
    ],
)
def test_a_failure_becomes_a_sentence_and_the_worker_lives(
    make: Callable[..., Engine],
    world: World,
    caplog: pytest.LogCaptureFixture,
    failure: BaseException,
    sentence: str,
) -> None:
    door = make()
    world.failures["a"] = failure
    with pytest.raises(InputError, match=sentence) as caught:
        door.run(ask())
    assert "secret" not in str(caught.value)
    assert type(failure).__name__ in caplog.text
    assert door.run(ask("b")).source.text == "b"


def test_a_model_that_fails_to_load_is_tried_again(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.failures["m"] = InputError("The file is truncated.")
    with pytest.raises(InputError, match="truncated"):
        door.run(ask())
    del world.failures["m"]
    door.run(ask())
    assert world.loads == ["m", "m"]


# --- what is kept


def test_the_cache_is_bounded_in_bytes_and_the_least_recently_used_leaves(
    make: Callable[..., Engine], world: World
) -> None:
    door = make(cache_bytes=2 * (engine.ENTRY_BYTES + 16))
    door.run(ask("a"))
    door.run(ask("b"))
    assert door.peek(ask("a")) is not None  # used just now, so b is the one to leave
    door.run(ask("c"))
    assert door.peek(ask("b")) is None
    assert door.peek(ask("a")) is not None
    assert door.peek(ask("c")) is not None


def test_a_result_larger_than_the_cache_is_still_handed_over(make: Callable[..., Engine]) -> None:
    door = make(cache_bytes=100)
    assert door.run(ask()).source.text == "a"
    assert door.peek(ask()) is None


def test_results_are_read_only(make: Callable[..., Engine], tmp_path: Path) -> None:
    door = make()
    result = door.run(ask())
    assert isinstance(result, InductionTrace)
    with pytest.raises(ValueError, match="read-only"):
        result.scores[0, 0] = 1.0

    request = Request("attention", "m", "ab")
    (tmp_path / f"{door.key(request)}.safetensors").write_bytes(traces.to_bytes(attention_trace()))
    stored = door.peek(request)
    assert isinstance(stored, AttentionTrace)
    for array in (stored.weights, stored.windows, stored.key_value_heads, stored.token_table.ids):
        assert not array.flags.writeable


def test_a_hub_model_is_kept_under_the_commit_that_was_used(
    make: Callable[..., Engine], world: World, tmp_path: Path
) -> None:
    door = make()
    request = ask(model="hub/m")
    assert door.run(request).source.revision == "c0ffee"
    assert door.peek(request) is None  # "main" may have moved

    def known(name: str) -> Reference:
        return Reference(name, name, "c0ffee", "decoder", "hub", 100, 512)

    door._resolve = known
    assert door.peek(request) is not None
    door.run(ask("b", "hub/m"))
    assert world.loads == ["hub/m"]  # the same weights by their new name


def test_a_damaged_stored_trace_is_computed_again(make: Callable[..., Engine], tmp_path: Path) -> None:
    door = make()
    (tmp_path / f"{door.key(ask())}.safetensors").write_bytes(b"not a trace")
    assert door.peek(ask()) is None
    assert door.run(ask()).source.text == "a"


def test_a_stored_trace_needs_no_torch(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from models import engine, traces
from models.engine import Engine, Request
from models.in_process import InProcess
from tests.unit.test_engine import attention_trace
assert "torch" not in sys.modules
door = Engine(InProcess(), stored=Path({str(tmp_path)!r}))
request = Request("attention", "minilm-l6-v2", "ab")
file = Path({str(tmp_path)!r}) / (door.key(request) + ".safetensors")
file.write_bytes(traces.to_bytes(attention_trace()))
assert door.peek(request).weights.shape == (1, 1, 2, 2)
assert door.submit(request).result() is door.peek(request)
assert door.count("minilm-l6-v2", "ab") is None
heavy = {{"torch", "transformers", "tokenizers"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


# --- models in memory


def test_a_model_is_loaded_once_for_many(make: Callable[..., Engine], world: World) -> None:
    door = make()
    world.load_gate.clear()
    jobs = [door.submit(ask(text)) for text in "abcdefgh"]
    until(lambda: all(job.progress() == ("Loading", 0.5) for job in jobs))
    world.load_gate.set()
    for job in jobs:
        job.result(WAIT)
    door.run(ask("z"))
    assert world.loads == ["m"]


def test_the_model_used_longest_ago_leaves(make: Callable[..., Engine], world: World) -> None:
    door = make(memory_bytes=250)
    for text, model in (("a", "m"), ("a", "n"), ("b", "m"), ("a", "o"), ("c", "m"), ("b", "n")):
        door.run(ask(text, model))
    assert world.loads == ["m", "n", "o", "n"]


def test_a_model_in_use_does_not_leave(make: Callable[..., Engine], world: World) -> None:
    door = make(memory_bytes=150)
    world.pass_gate.clear()
    running = door.submit(ask("a", "m"))
    assert world.started.acquire(timeout=WAIT)
    waiting = door.submit(ask("a", "n"))
    later = door.submit(ask("b", "m"))  # comes after n, however convenient m would be
    until(lambda: "leave the memory" in waiting.progress()[0])
    assert world.loads == ["m"]
    world.pass_gate.set()
    for job in (running, waiting, later):
        job.result(WAIT)
    assert world.loads == ["m", "n", "m"]


def test_a_model_over_the_limit_is_refused(make: Callable[..., Engine], world: World) -> None:
    world.sizes["n"] = 10_000_000_000  # more than its reference says
    door = make(memory_bytes=500_000_000)
    with pytest.raises(InputError, match=r"n needs 10.0 GB of memory and 0.5 GB are set aside"):
        door.run(ask(model="n"))
    backend = InProcess(world.load, world.compute, memory_bytes=50)
    with pytest.raises(InputError, match="set aside for models"):
        Engine(backend, resolve=reference).run(ask())
    assert world.loads == ["n"]  # the second was refused before loading
    assert door.run(ask(model="m")).source.model == "m"


def test_a_slow_load_does_not_hold_up_a_model_that_is_there(make: Callable[..., Engine], world: World) -> None:
    door = make()
    door.run(ask("a", "m"))
    world.load_gate.clear()
    slow = door.submit(ask("a", "n"))
    assert door.submit(ask("b", "m")).result(WAIT).source.model == "m"
    assert not slow.done()


def test_the_limit_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from models import memory

    monkeypatch.setenv("ORRERY_MEMORY_GB", "1.5")
    assert memory.limit() == 1_500_000_000
    for wrong in ("lots", "-1", "0", "nan", "inf"):
        monkeypatch.setenv("ORRERY_MEMORY_GB", wrong)
        with pytest.raises(InputError, match="number of gigabytes"):
            memory.limit()
    monkeypatch.delenv("ORRERY_MEMORY_GB")
    assert memory.limit() > 0


def test_tokens_are_counted_only_once_the_model_is_there(make: Callable[..., Engine], world: World) -> None:
    door = make()
    assert door.count("m", "one two", "three") is None
    assert world.loads == []
    door.run(ask())
    assert door.count("m", "one two", "three") == 3
    assert door.count("m", "") is None


def test_warming_loads_the_model_once(make: Callable[..., Engine], world: World) -> None:
    door = make()
    door.warm("m")
    door.warm("m")
    until(lambda: door.count("m", "one two") == 2)
    door.run(ask(model="m"))
    assert world.loads == ["m"]


def test_configure_puts_another_engine_behind_the_functions(make: Callable[..., Engine], world: World) -> None:
    before = engine.current()
    try:
        engine.configure(make())
        assert engine.run(ask()) is engine.peek(ask())
        assert len(world.passes) == 1
    finally:
        engine.configure(before)


def attention_trace() -> AttentionTrace:
    tokens = Tokens(
        ids=np.array([1, 2]),
        pieces=("a", "b"),
        texts=("a", "b"),
        raw=(b"a", b"b"),
        kinds=("text", "text"),
        segments=(0, 0),
        spans=((0, 1), (1, 2)),
        parts=((0, 1), (0, 1)),
    )
    weights = np.array([[[[1.0, 0.0], [0.5, 0.5]]]], np.float32)
    return AttentionTrace(Source("m", "r1", "ab"), tokens, weights, True, np.array([0]), np.array([0]))


def until(condition: Callable[[], bool]) -> None:
    """Waits for what another thread is about to do."""
    pause = threading.Event()
    for _ in range(int(WAIT / 0.005)):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it never came to be")
