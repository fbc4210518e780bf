"""One text under many tokenizers: nothing lost, nothing cut, twins on both sides."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from models import comparison, simple_tokenizers
from models.traces import InputError, TooLongError
from tests.unit.test_tokens import byte_level, metaspace, wordpiece

FAMILY = "👨‍👩‍👧‍👦"
LEARNT: dict[str, Any] = {"byte-level": byte_level(), "metaspace": metaspace(), "wordpiece": wordpiece()}
ALL = LEARNT | simple_tokenizers.SPLITTERS
HARD = st.lists(
    st.sampled_from([*"ab c\n\t\x00.,'1", "é", "e\u0301", "猫", "😀", FAMILY, "नि", "🇩🇪", "don't", "ไทย"]), min_size=1
).map("".join)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(text=HARD | ANY)
def test_what_keeps_every_byte_gives_every_byte(text: str) -> None:
    found = comparison.compare(text, ALL)
    rows = {row.key: row.token_table for row in found.rows}
    for key in ("byte-level", "metaspace", "characters", "bytes"):
        assert b"".join(rows[key].raw) == text.encode()
    assert "".join(rows["whitespace"].texts) == "".join(text.split()) or not text.isprintable()
    assert rows["characters"].ids.tolist() == [ord(letter) for letter in text]
    assert bytes(rows["bytes"].ids.tolist()) == text.encode()


@settings(max_examples=150, deadline=None)
@given(text=HARD | ANY)
def test_no_replacement_character_and_no_grapheme_cut(text: str) -> None:
    text = text.replace("\N{REPLACEMENT CHARACTER}", "")
    if not text:
        return
    whole = {match.group() for match in regex.finditer(r"\X", text)}
    for row in comparison.compare(text, ALL).rows:
        for shown, (_, sharing) in zip(row.token_table.texts, row.token_table.parts, strict=True):
            assert "\N{REPLACEMENT CHARACTER}" not in shown
            if sharing > 1:
                assert {match.group() for match in regex.finditer(r"\X", shown)} <= whole


@settings(max_examples=100, deadline=None)
@given(text=HARD | ANY)
def test_twins_are_the_tokens_that_share_a_character(text: str) -> None:
    found = comparison.compare(text, ALL)
    for row, mine in enumerate(found.rows):
        for other, theirs in enumerate(found.rows):
            twins = found.twins(row, other)
            assert twins.shape == (mine.tokens, 2)
            for (start, end), (first, last) in zip(mine.token_table.spans, twins.tolist(), strict=True):
                if start == end:
                    continue
                expected = {
                    place
                    for place, (low, high) in enumerate(theirs.token_table.spans)
                    if max(start, low) < min(end, high)
                }
                inside = {place for place in range(first, last) if len(set(theirs.token_table.spans[place])) == 2}
                assert inside == expected


def test_the_library_counts_as_we_do() -> None:
    text = "low lower lowest, 猫はマット 😀 don't"
    found = comparison.compare(text, LEARNT)
    for row, tokenizer in zip(found.rows, LEARNT.values(), strict=True):
        ids = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
        assert row.token_table.ids.tolist() == ids
        special = {
            piece for piece, kind in zip(row.token_table.pieces, row.token_table.kinds, strict=True) if kind != "text"
        }
        assert special <= {"[UNK]", "<unk>"}
    assert found.bytes == len(text.encode())
    assert found.bytes_per_token(0) == pytest.approx(found.bytes / found.rows[0].tokens)
    assert found.tokens_per_word(0) == pytest.approx(found.rows[0].tokens / found.words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("low lower lowest", ["low", "lower", "lowest"]),
        ("don't stop, it's 3.14!", ["don't", "stop", ",", "it's", "3.14", "!"]),
        ("猫は", ["猫", "は"]),
        (f"a {FAMILY}b", ["a", FAMILY, "b"]),
        ("naïve e\u0301te\u0301", ["naïve", "e\u0301te\u0301"]),
        ("Привет, мир", ["Привет", ",", "мир"]),
    ],
)
def test_words_are_unicodes(text: str, words: list[str]) -> None:
    assert list(simple_tokenizers.words(text).texts) == words
    assert simple_tokenizers.count_words(text) == sum(
        any(unicodedata.category(letter)[0] in "LN" for letter in word) for word in words
    )


def test_equal_words_have_equal_ids() -> None:
    assert simple_tokenizers.whitespace("a b a c b").ids.tolist() == [0, 1, 0, 2, 1]


def test_an_emoji_is_one_picture_in_every_row() -> None:
    found = comparison.compare(f"a{FAMILY}b", {"bytes": simple_tokenizers.utf8_bytes, "byte-level": byte_level(0)})
    size = len(FAMILY.encode())
    for row in found.rows:
        assert row.token_table.texts == ("a", *[FAMILY] * size, "b")
    assert found.twins(0, 1)[0].tolist() == [0, 1]


def test_without_words_there_is_no_ratio() -> None:
    found = comparison.compare("\n \t", {"whitespace": simple_tokenizers.whitespace})
    assert found.words == found.rows[0].tokens == 0
    assert found.tokens_per_word(0) is None
    assert found.bytes_per_token(0) is None


def test_truncation_that_a_file_asks_for_is_not_done() -> None:
    tokenizer = byte_level(0)
    tokenizer.backend_tokenizer.enable_truncation(4)
    assert comparison.compare("0123456789", {"truncating": tokenizer}).rows[0].tokens == 10


def test_bad_texts() -> None:
    with pytest.raises(InputError, match="no text"):
        comparison.compare("", ALL)
    with pytest.raises(InputError, match="Character 2 "):
        comparison.compare("a\ud800", ALL)
    with pytest.raises(TooLongError) as caught:
        comparison.compare("ab" * comparison.MAX_CHARACTERS, ALL)
    assert len(caught.value.fitting) == comparison.MAX_CHARACTERS


def test_a_tokenizer_that_fails_is_named() -> None:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    backend = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"(a+)+$"), "isolated")
    hostile = PreTrainedTokenizerFast(tokenizer_object=backend)
    with pytest.raises(InputError, match="hostile"):
        comparison.compare("a" * 40 + "!", {"hostile": hostile})
