"""What a training of BPE hands out: its tokenizer.json, the check against it, the table of merges."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from models import bpe, bpe_check, bpe_files, bpe_places
from models.bpe import Pretokenizer, Unit
from tests.unit.test_bpe import OPTIONS

TEXTS = st.lists(
    st.sampled_from([*"aaabb \n\t'", "é", "猫", "😀", "ab", " \n", "don't", "e\u0301"]), min_size=1, max_size=60
)


@settings(max_examples=80, deadline=None)
@given(
    text=TEXTS.map("".join),
    options=st.sampled_from(OPTIONS),
    end_of_word=st.booleans(),
    part=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_every_part_of_the_text_is_cut_as_the_trained_tokenizer_cuts_it(
    text: str, options: tuple[Unit, Pretokenizer], end_of_word: bool, part: tuple[int, int]
) -> None:
    unit, words = options
    if words == "whitespace" and not text.split():
        return
    training = bpe.train(text, 30, unit=unit, pretokenizer=words, end_of_word=end_of_word)
    start, end = sorted(part)
    check = bpe_check.check(training, start, end)
    assert check.good
    assert check.tokens == int((training.segment(len(training.merges), start, end).token_table.ids >= 0).sum())

    tokenizer = Tokenizer.from_str(training.document)
    ids = tokenizer.encode(text).ids
    if words != "whitespace":
        assert tokenizer.decode(ids) == text
    elif end_of_word:
        assert tokenizer.decode(ids).split() == text.split()


@settings(max_examples=60, deadline=None)
@given(text=TEXTS.map("".join), options=st.sampled_from(OPTIONS), end_of_word=st.booleans())
def test_a_merge_is_found_where_it_first_happens(
    text: str, options: tuple[Unit, Pretokenizer], end_of_word: bool
) -> None:
    unit, words = options
    if words == "whitespace" and not text.split():
        return
    training = bpe.train(text, 30, unit=unit, pretokenizer=words, end_of_word=end_of_word)
    for step, (_, _, made) in enumerate(training.rules.tolist()):
        whole = training.segment(step + 1, 0, len(text))
        token = whole.token_table.ids.tolist().index(made)
        word = int(whole.words[token])
        assert bpe_places.first(training, step) == training.spans[word, 0]


def test_a_wrong_replay_is_found_out() -> None:
    training = bpe.train("low lower lowest " * 3, 4)
    check = bpe_check.check(replace(training, rules=training.rules[[0, 1, 2, 0]]), 0, 51)  # without the last
    assert not check.good
    assert check.different > 0


@pytest.mark.parametrize("text", ["low lower lowest " * 3, '=1+1 "x", -y\n@z; a\u2028b'])
def test_the_table_of_merges_is_the_librarys_list(text: str) -> None:
    training = bpe.train(text, 12)
    blob = bpe_files.merges_csv(training, {"training": "a, test; of it"})
    assert blob.startswith(b"# training: ")
    table = pd.read_csv(io.BytesIO(blob), comment="#")
    library = json.loads(training.document)["model"]
    pairs = [[json.loads(left), json.loads(right)] for left, right in zip(table["left"], table["right"], strict=True)]
    assert pairs == library["merges"]
    assert [library["vocab"][json.loads(token)] for token in table["token"]] == table["token_id"].tolist()
    assert [bytes.fromhex(json.loads(spelled)) for spelled in table["token_bytes"]] == [
        left + right for left, right in training.merges
    ]
    np.testing.assert_array_equal(table["count_before"], training.winner_counts)
    np.testing.assert_array_equal(table["vocabulary"], training.vocabulary_sizes[1:])
    np.testing.assert_array_equal(table["corpus_tokens"], training.corpus_tokens[1:])
    for line in blob.decode().splitlines():
        assert not any(cell[:1] in ("=", "+", "-", "@") for cell in line.split(","))
