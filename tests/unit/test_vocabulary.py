"""Every entry of a vocabulary: its bytes, its script, and whether a merge can reach it."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from models import vocabulary
from models.traces import InputError, Vocabulary
from tests.unit.test_tokens import CORPUS, byte_level, metaspace, wordpiece


def entry(found: Vocabulary, piece: str) -> int:
    return found.pieces.index(piece)


def wrapped(model: models.BPE) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(model))


def test_bytes_are_what_the_library_decodes() -> None:
    for tokenizer in (byte_level(), metaspace()):
        found = vocabulary.describe(tokenizer)
        assert len(found) == len(tokenizer)
        for number, raw, text in zip(found.ids.tolist(), found.raw, found.texts, strict=True):
            assert "\N{REPLACEMENT CHARACTER}" not in text
            decoded = tokenizer.backend_tokenizer.decoder.decode([tokenizer.convert_ids_to_tokens(number)])
            if "\N{REPLACEMENT CHARACTER}" not in decoded:
                # SentencePiece's decoder drops the space that it put before the first word
                assert raw.decode() == decoded


def test_what_is_no_entry_stands_for_nothing() -> None:
    tokenizer = byte_level()
    last = len(tokenizer) - 1
    assert vocabulary.raw(tokenizer, [last, last + 1])[1] == b""
    assert vocabulary.texts(tokenizer, [last, last + 1])[1] == ""


def test_words_pieces_lose_their_marks() -> None:
    found = vocabulary.describe(wordpiece())
    inside = next(piece for piece in found.pieces if piece.startswith("##"))
    assert found.texts[entry(found, inside)] == inside[2:]
    assert found.kinds[entry(found, "[CLS]")] == "special"
    assert found.unreachable is None


def test_kinds_scripts_and_characters() -> None:
    tokenizer = byte_level()
    tokenizer.add_special_tokens({"eos_token": "<|end|>"})
    tokenizer.add_tokens(["<think>"])
    found = vocabulary.describe(tokenizer)
    assert found.kinds[entry(found, "<|end|>")] == "special"
    assert found.kinds[entry(found, "<think>")] == "added"
    assert found.scripts[entry(found, "<think>")] == "Special"
    assert found.kinds[entry(found, "a")] == "byte"
    assert found.scripts[entry(found, "a")] == "Latin"
    assert found.scripts[entry(found, "1")] == "Digits"
    assert found.scripts[entry(found, "Ġ")] == "White space"
    assert found.scripts[entry(found, "!")] == "Symbols"
    lead, inside = entry(found, "ç"), entry(found, "Į")  # bytes E7 and 8C of 猫
    assert [found.raw[lead], found.raw[inside]] == [b"\xe7", b"\x8c"]
    assert found.scripts[lead] == "Incomplete bytes"
    assert found.texts[lead] == r"\xe7"
    assert found.characters[[lead, inside]].tolist() == [1, 0]
    assert sum(found.by_script().values()) == len(found) == found.lengths().sum()


def test_majority_of_letters_decides() -> None:
    vocab = {"a猫犬": 0, "á": 1, "e\u0301": 2, "ко1": 3, "x\ufffd": 4}
    found = vocabulary.describe(wrapped(models.BPE(vocab, [])))
    assert found.scripts == ("Han", "Latin", "Latin", "Cyrillic", "Latin")
    assert found.texts[4] == r"x\ufffd"


def test_search_and_longest() -> None:
    found = vocabulary.describe(byte_level())
    assert [found.texts[place] for place in found.search("THE")] == [
        text for text in found.texts if "the" in text.casefold()
    ]
    assert found.search("270")[0] == found.ids.tolist().index(270)
    assert found.search("no such token at all").size == 0
    lengths = found.characters[found.longest(10)].tolist()
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == max(found.characters)


# What no merge can reach


def test_trained_vocabularies_are_reached_whole() -> None:
    for tokenizer in (byte_level(), metaspace()):
        assert vocabulary.describe(tokenizer).unreachable is not None
    found = vocabulary.describe(byte_level())
    assert found.unreachable is not None
    assert found.unreachable.size == 0


def test_an_entry_hidden_by_an_earlier_merge() -> None:
    # "bc" is merged before "ab", so "a bc" is what "abc" becomes, and "ab c" never meets.
    vocab = {"a": 0, "b": 1, "c": 2, "bc": 3, "ab": 4, "abc": 5}
    model = models.BPE(vocab, [("b", "c"), ("a", "b"), ("ab", "c")])
    assert [token.value for token in model.tokenize("abc")] == ["a", "bc"]
    found = vocabulary.describe(wrapped(model))
    assert found.unreachable is not None
    assert found.unreachable.tolist() == [5]
    # With `ignore_merges` the word "abc" gives the entry, but by looking it up and not by merging.
    lookup = vocabulary.describe(wrapped(models.BPE(vocab, [("b", "c"), ("a", "b"), ("ab", "c")], ignore_merges=True)))
    assert lookup.unreachable is not None
    assert lookup.unreachable.tolist() == [5]


def test_one_of_two_ways_to_an_entry_is_enough() -> None:
    # As in files converted from sentencepiece: every two halves are a merge, and "ab" itself is not to be had.
    vocab = {"a": 0, "b": 1, "c": 2, "bc": 3, "ab": 4, "abc": 5}
    model = models.BPE(vocab, [("ab", "c"), ("b", "c"), ("a", "bc")])
    assert [token.value for token in model.tokenize("abc")] == ["abc"]
    found = vocabulary.describe(wrapped(model))
    assert found.unreachable is not None
    assert found.unreachable.tolist() == [4]


def test_entries_that_would_be_merged_from_themselves() -> None:
    # Only a damaged file has such merges; what is asked here is that there is an end.
    empty = vocabulary.describe(wrapped(models.BPE({"": 0, "a": 1, "b": 2, "ab": 3}, [("", "a"), ("a", "b")])))
    assert empty.unreachable is not None
    assert empty.unreachable.tolist() == [0]
    circle = {"#": 0, "##": 1, "###": 2, "##b": 3, "###b": 4}
    merges = [("#", "###b"), ("###", "##b")]  # ##b of ###b, and ###b of ##b
    found = vocabulary.describe(wrapped(models.BPE(circle, merges, continuing_subword_prefix="##")))
    assert len(found) == 5


def test_a_letter_that_is_the_prefix_itself() -> None:
    model = models.BPE({"a": 0, "é": 1, "éa": 2}, [], continuing_subword_prefix="é")
    assert [token.value for token in model.tokenize("éa")] == ["é", "éa"]
    found = vocabulary.describe(wrapped(model))
    assert found.unreachable is not None
    assert found.unreachable.size == 0


def test_an_entry_without_a_merge_and_what_is_made_of_it() -> None:
    vocab = {"a": 0, "b": 1, "xyz": 2, "xyza": 3, "<0x41>": 4, "<unk>": 5}
    merges = [("xyz", "a")]
    found = vocabulary.describe(wrapped(models.BPE(vocab, merges, unk_token="<unk>", byte_fallback=True)))
    assert found.unreachable is not None
    assert found.unreachable.tolist() == [2, 3]
    found = vocabulary.describe(wrapped(models.BPE(vocab, merges, unk_token="<unk>")))
    assert found.unreachable is not None
    assert found.unreachable.tolist() == [2, 3, 4]


def test_marks_of_places_in_words_have_no_say() -> None:
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix="##"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=150, end_of_word_suffix="</w>", continuing_subword_prefix="##", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    found = vocabulary.describe(PreTrainedTokenizerFast(tokenizer_object=tokenizer))
    assert found.unreachable is not None
    assert found.unreachable.size == 0


def test_what_is_called_unreachable_comes_in_no_text() -> None:
    source = random.Random(0)
    for _ in range(200):
        vocab = {letter: number for number, letter in enumerate("abc")}
        merges = []
        for _ in range(8):
            left, right = source.choices(list(vocab), k=2)
            if left + right not in vocab:
                vocab[left + right] = len(vocab)
                merges.append((left, right))
        source.shuffle(merges)
        model = models.BPE(vocab, merges)
        found = vocabulary.describe(wrapped(model))
        assert found.unreachable is not None
        never = set(found.unreachable.tolist())
        seen = set()
        for _ in range(100):
            text = "".join(source.choices("abc", k=source.randint(1, 12)))
            seen |= {token.id for token in model.tokenize(text)}
        assert not seen & never
        for piece, number in vocab.items():
            if number not in never:
                assert [token.id for token in model.tokenize(piece)] == [number]


def test_a_vocabulary_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        vocabulary.describe(object())


def test_decoder_decides_the_spelling() -> None:
    backend = Tokenizer(models.BPE({"Ġa": 0, "▁a": 1}, []))
    assert vocabulary.describe(PreTrainedTokenizerFast(tokenizer_object=backend)).texts == ("Ġa", "▁a")
    backend.decoder = decoders.ByteLevel()
    assert vocabulary.describe(PreTrainedTokenizerFast(tokenizer_object=backend)).texts == (" a", "▁a")
    backend.decoder = decoders.Metaspace()
    assert vocabulary.describe(PreTrainedTokenizerFast(tokenizer_object=backend)).texts == ("Ġa", " a")
