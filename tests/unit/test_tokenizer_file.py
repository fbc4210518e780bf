"""A tokenizer.json from a stranger: read with limits, tried where it can be stopped, never executed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from models import apart, tokenizer_file
from models.traces import InputError
from tests.unit.test_tokens import byte_level, metaspace, wordpiece

TEXT = "The cat, 猫 😀 <|x|>"


def document(make: Callable[[], Any] = byte_level, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(make().backend_tokenizer.to_str())
    return plain | changes


def blob(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def split(pattern: str) -> dict[str, Any]:
    parts = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    byte_parts = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return document(pre_tokenizer={"type": "Sequence", "pretokenizers": [parts, byte_parts]})


def refusal(given: bytes) -> str:
    with pytest.raises(InputError) as caught:
        tokenizer_file.from_json(given)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


@pytest.mark.parametrize("make", [byte_level, metaspace, wordpiece])
def test_a_good_file_is_the_tokenizer_it_was(make: Callable[[], Any]) -> None:
    theirs = make()
    ours = tokenizer_file.from_json(theirs.backend_tokenizer.to_str().encode())
    assert ours(TEXT)["input_ids"] == theirs(TEXT)["input_ids"]
    assert ours.get_vocab() == theirs.get_vocab()


def test_a_byte_order_mark_is_no_damage() -> None:
    marked = b"\xef\xbb\xbf" + blob(document())
    assert (
        tokenizer_file.from_json(marked)("low")["input_ids"]
        == tokenizer_file.from_json(blob(document()))("low")["input_ids"]
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "not a tokenizer.json"),
        (b'{"model": {}}', "not a tokenizer.json"),
        (b'{"model": {"type": "CNN", "vocab": {"a": 1}}}', "unknown type"),
        (b'{"model": {"type": "BPE", "vocab": {}}}', "empty vocabulary"),
        (blob(document(model={"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]})), "damaged"),
        (blob(document(model={"type": "BPE", "vocab": {"a": 0}, "merges": {"a": "b"}})), "damaged"),
        (blob(document(model={"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.5})), "dropout"),
        (blob(document(model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "b"})), "unknown token"),
        (blob(document(model={"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []})), "same id"),
        (blob(document(model={"type": "BPE", "vocab": {"a": 0, "b" * 10_001: 1}, "merges": []})), "10,001 characters"),
        (blob(split("(")), "damaged"),
    ],
)
def test_what_is_none_is_refused(given: bytes, said: str) -> None:
    assert said in refusal(given)


def test_limits() -> None:
    many = {str(number): number for number in range(1_000_001)}
    assert "1,000,001 entries" in refusal(blob({"model": {"type": "WordLevel", "vocab": many}}))
    merges = [["a", "a"]] * 1_000_001
    assert "1,000,001 merges" in refusal(blob({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": merges}}))
    assert "MB" in refusal(b" " * (tokenizer_file.MAX_BYTES + 1))


def test_an_expression_that_backtracks_without_end() -> None:
    assert "expression" in refusal(blob(split(r"(a+)+$")))


def test_an_expression_that_stays_just_under_the_librarys_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_file, "SECONDS", 3.0)
    started = time.monotonic()
    assert "seconds" in refusal(blob(split(r"(a{1,5}){1,9}[c-z]|\S\s")))
    assert time.monotonic() - started < 60  # and not the hours that it would take


def test_an_expression_that_waits_for_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = blob(split(r"(q{1,5}){1,9}[c-pr-z]|\S\s"))
    tokenizer_file.from_json(patient)
    tokenizer_file.check(patient, TEXT)
    monkeypatch.setattr(tokenizer_file, "SECONDS", 3.0)
    with pytest.raises(InputError, match="seconds"):
        tokenizer_file.check(patient, "q" * 2000 + "!")


def test_a_normalizer_that_swells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_file, "SECONDS", 120)  # a busy machine may need long to fill the memory
    swell = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1000}
    sentence = refusal(blob(document(normalizer={"type": "Sequence", "normalizers": [swell] * 3})))
    assert "memory" in sentence or "times longer" in sentence


def test_work_apart_is_the_work_done_here() -> None:
    given = len(b"a").to_bytes(8, "big") + b"a" + b"[]"
    assert apart.run(tokenizer_file.examine, given, seconds=60) == tokenizer_file.examine(given) != b""
    with pytest.raises(apart.FailedApartError) as caught:
        apart.run(tokenizer_file.examine, b"\xff" * 9, seconds=60)
    assert not caught.value.late
