"""The library's own word on every entry: its piece, its text, and whether its text leads back to it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, decoders, models, normalizers
from transformers import PreTrainedTokenizerFast

from models import vocabulary
from models.vocabulary_check import check
from tests.unit.test_tokens import byte_level, metaspace, wordpiece


@pytest.mark.parametrize("make", [byte_level, metaspace, wordpiece])
def test_what_is_described_is_the_librarys(make: Any) -> None:
    tokenizer = make()
    found = check(tokenizer, vocabulary.describe(tokenizer), trusted=True)
    assert found.entries == len(tokenizer)
    assert found.differing == 0
    assert found.decoded
    assert (found.split is not None) == (make is byte_level)


def test_another_piece_or_other_bytes_are_found() -> None:
    tokenizer = byte_level()
    ours = vocabulary.describe(tokenizer)
    pieces = dataclasses.replace(ours, pieces=("wrong", *ours.pieces[1:]))
    assert check(tokenizer, pieces, trusted=True).differing == 1
    raw = dataclasses.replace(ours, raw=(*ours.raw[:-2], b"wrong", b"wrong"))
    assert check(tokenizer, raw, trusted=True).differing == 2


def test_what_is_cut_or_rewritten_before_it_is_merged_is_split() -> None:
    tokenizer = byte_level()
    long = [piece for piece in tokenizer.get_vocab() if piece.isalpha() and piece.isascii() and len(piece) > 1]
    assert long
    found = check(tokenizer, vocabulary.describe(tokenizer), trusted=True).split
    assert found is not None
    assert found.size == 0
    backend = tokenizer.backend_tokenizer
    backend.normalizer = normalizers.Replace(Regex("(?<=[a-z])(?=[a-z])"), " ")
    found = check(tokenizer, vocabulary.describe(tokenizer), trusted=True).split
    assert found is not None
    assert set(found.tolist()) == {
        number
        for piece, number in tokenizer.get_vocab().items()
        if backend.encode(backend.decode([number]), add_special_tokens=False).ids != [number]
        and backend.decode([number]).encode() == vocabulary.describe(tokenizer).raw[number]
    }
    assert found.size >= sum(piece.islower() for piece in long)


def stranger(decoder: Any) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    backend.decoder = decoder
    return PreTrainedTokenizerFast(tokenizer_object=backend)


@pytest.mark.parametrize(
    ("decoder", "asked"),
    [
        (decoders.ByteLevel(), True),
        (decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]), True),
        (decoders.Replace("a", "a" * 1000), False),
        (decoders.Replace(Regex("(a|aa)+$"), ""), False),
        (decoders.Sequence([decoders.Fuse(), decoders.Replace(Regex("(a|aa)+$"), "")]), False),
    ],
)
def test_a_strangers_decoder_is_only_asked_where_its_work_is_bounded(decoder: Any, asked: bool) -> None:
    tokenizer = stranger(decoder)
    found = check(tokenizer, vocabulary.describe(tokenizer), trusted=False)
    assert found.decoded is asked
    assert found.split is None
    assert (found.entries, found.differing) == (2, 0)


def test_sentencepieces_decoder_is_one_that_is_asked() -> None:
    tokenizer = metaspace()
    assert json.loads(tokenizer.backend_tokenizer.to_str())["decoder"]
    assert check(tokenizer, vocabulary.describe(tokenizer), trusted=False).decoded


def test_a_decoder_that_gives_up() -> None:
    tokenizer = stranger(decoders.Strip("a", 0, 100))
    found = check(tokenizer, vocabulary.describe(tokenizer), trusted=False)
    assert not found.decoded
    assert found.differing == 0
