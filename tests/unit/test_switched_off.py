"""What a link says is switched off: read, written, refused; and what it changes in the engine."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import engine as engine_module
from models import switched_off
from models.engine import Engine, Request
from models.in_process import InProcess
from models.switched_off import Kind, Part
from models.traces import AttentionTrace, ForwardTrace, GenerationTrace, InputError, NextTokenTrace, Trace
from tests.families import hooks, shaken
from tests.unit.test_engine import WAIT, reference

TEXT = "Hello, world"


def test_what_a_link_says() -> None:
    parts, wrong = switched_off.read("m5x0.5,13.8, a5,l2x-1.25,13.8:7>1,a13:7>1,3.0x2")
    assert wrong == []
    assert parts == (
        Part("layer", 2, scale=-1.25),
        Part("head", 3, 0, 2.0),
        Part("attention", 5),
        Part("mlp", 5, scale=0.5),
        Part("attention", 13, edge=(7, 1)),
        Part("head", 13, 8),
        Part("head", 13, 8, edge=(7, 1)),
    )
    assert switched_off.written(parts) == "l2x-1.25,3.0x2,a5,m5x0.5,a13:7>1,13.8,13.8:7>1"
    assert switched_off.read(switched_off.written(parts)) == (parts, [])


def test_the_last_word_counts_and_one_is_nothing() -> None:
    assert switched_off.read("m5,m5x0.5,13.8,13.8x1,m5x0.25") == ((Part("mlp", 5, scale=0.25),), [])
    assert switched_off.read("") == ((), [])
    assert switched_off.written(()) == ""


@pytest.mark.parametrize(
    "wrong", ["zz", "13", "13.", ".8", "-1.2", "m5:1>2", "a5x11", "a5xnan", "13.8:7", "٣.١", "13.8x1e9", "<b>", "1.2.3"]
)
def test_what_names_no_part_is_left_out(wrong: str) -> None:
    parts, found = switched_off.read(f"m5,{wrong},a1")
    assert [str(part) for part in parts] == ["a1", "m5"]
    assert found == [wrong]
    with pytest.raises(InputError, match="is no part of a model"):
        switched_off.parts_of(f"m5,{wrong}")


def test_any_parts_are_read_as_they_are_written() -> None:
    dice = random.Random(0)
    for _ in range(200):
        names: list[Kind] = ["head", "attention", "mlp", "layer"]
        kinds = dice.choices(names, k=dice.randrange(6))
        drawn = []
        for kind in kinds:
            head = dice.randrange(9) if kind == "head" else 0
            drawn.append(Part(kind, dice.randrange(100), head, dice.randrange(-40, 40) / 4 + 0.1))
        parts, wrong = switched_off.read(switched_off.written(drawn))
        assert not wrong
        assert set(map(str, parts)) == set(map(str, drawn)) or len({replace(p, scale=0) for p in drawn}) < len(drawn)


def test_a_question_without_it_keeps_its_name() -> None:
    plain = Request("next", "m", TEXT)
    identify = engine_module._content_id
    assert identify(plain, "m", "r") == identify(replace(plain, off=""), "m", "r")
    assert identify(plain, "m", "r") != identify(replace(plain, off="m1"), "m", "r")
    assert identify(replace(plain, off="m1"), "m", "r") != identify(replace(plain, off="m2"), "m", "r")


def numbers(trace: Trace) -> np.ndarray:
    if isinstance(trace, GenerationTrace):
        return np.array(trace.tokens)
    if isinstance(trace, NextTokenTrace):
        return trace.logits
    if isinstance(trace, ForwardTrace):
        return trace["final.logits"]
    assert isinstance(trace, AttentionTrace)
    return trace.weights


def test_two_hundred_requests_at_once_are_as_alone(tmp_path: Path) -> None:
    lm = shaken("llama")
    kinds = [
        Request("next", "m", TEXT),
        Request("next", "m", TEXT, off="1.2,m2x0.5"),
        Request("attention", "m", TEXT),
        Request("attention", "m", TEXT, off="a0:5>2"),
        Request("forward", "m", TEXT, off="l1"),
        Request("forward", "m", TEXT),
        Request("generation", "m", TEXT, settings=(("tokens", "5"),)),
        Request("generation", "m", TEXT, settings=(("tokens", "5"),), off="a1,m0"),
    ]

    def door() -> Engine:
        backend = InProcess(lambda *_: lm, memory_bytes=1 << 30)
        return Engine(backend, resolve=reference, stored=tmp_path, cache_bytes=0)  # nothing is remembered

    one = door()
    alone = [numbers(one.run(request)) for request in kinds]
    one.close()
    assert not np.array_equal(alone[0], alone[1])
    assert not np.array_equal(alone[2], alone[3])
    assert not np.array_equal(alone[6], alone[7])
    doors = [door() for _ in range(8)]  # each has two lanes: more threads for one model than it will ever meet
    theirs = hooks(lm)  # transformers leaves some of its own where it has once been asked for attention

    def ask(number: int) -> np.ndarray:
        with doors[number // 5 % 8].submit(kinds[number * 7 % 8]) as job:
            return numbers(job.result(WAIT * 10))

    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(ask, range(200))):
            np.testing.assert_array_equal(found, alone[number * 7 % 8])
    for each in doors:
        each.close()
    assert hooks(lm) == theirs
    assert switched_off.in_force(lm) == ()


def test_a_trace_says_what_was_off(tmp_path: Path) -> None:
    lm = shaken("llama")
    door = Engine(InProcess(lambda *_: lm, memory_bytes=1 << 30), resolve=reference, stored=tmp_path)
    assert door.run(Request("next", "m", TEXT, off="1.2,m2x0.5")).source.off == "1.2,m2x0.5"
    text = Request("generation", "m", TEXT, settings=(("tokens", "3"),), off="m1")
    assert door.run(text).source.off == "m1"
    assert door.run(Request("next", "m", TEXT)).source.off == ""
    with pytest.raises(InputError, match="3 layers of 4 heads, counted from 0, and so no layer 5"):
        door.run(Request("next", "m", TEXT, off="m5"))
    with pytest.raises(InputError, match="no part of a model"):
        door.run(replace(text, off="zz"))
    with pytest.raises(InputError, match="may look at nothing"):
        door.run(replace(text, off="a1:0>0"))
    door.close()
