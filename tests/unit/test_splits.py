"""What a tokenizer's model gets to see: given to the model stretch by stretch, it makes the library's ids."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from models.splits import Split, Splitter, library_of
from models.traces import InputError
from tests.snippets import PARTS, snippets

LETTERS = dict.fromkeys(["[UNK]", *"".join(PARTS).lower(), "▁"])  # in order, each once


def with_added(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer with added tokens of every kind, found before and after normalizing."""
    tokenizer.add_tokens(
        [
            AddedToken("Hello", normalized=True),
            AddedToken("abc", normalized=True, lstrip=True, rstrip=True),
            AddedToken("a", normalized=False, single_word=True),
            AddedToken("the", normalized=True, single_word=True, lstrip=True),
            AddedToken("ab", normalized=False, rstrip=True),
            AddedToken("▁w", normalized=True),
        ]
    )
    tokenizer.add_special_tokens([AddedToken("<s>", lstrip=True), "</s>", "<s></s>", "<|endoftext|>"])
    return tokenizer


def wordpiece() -> Tokenizer:
    pieces = [*LETTERS, *(f"##{letter}" for letter in LETTERS)]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return with_added(tokenizer)


def unigram(scheme: str, steps: normalizers.Normalizer) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram([(piece, -float(n % 7)) for n, piece in enumerate(LETTERS)], unk_id=0))
    tokenizer.normalizer = steps
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    return with_added(tokenizer)


def special_as_text() -> Tokenizer:
    tokenizer = wordpiece()
    tokenizer.encode_special_tokens = True
    return tokenizer


TOKENIZERS: dict[str, Callable[[], Tokenizer]] = {
    "WordPiece": wordpiece,
    "special tokens as text": special_as_text,
    "Unigram": lambda: unigram("always", normalizers.NFKC()),
    "Unigram, space before the first": lambda: unigram("first", normalizers.Strip()),
    "Unigram, spaces folded": lambda: unigram(
        "never", normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace("  ", " "), normalizers.NFD()])
    ),
}


def ids_of(tokenizer: Tokenizer, split: Split) -> list[int]:
    """What the library's model makes of a stretch."""
    return [split.added] if split.added is not None else [token.id for token in tokenizer.model.tokenize(split.text)]


@pytest.mark.parametrize("name", TOKENIZERS)
def test_the_model_sees_what_the_library_shows_it(name: str) -> None:
    tokenizer = TOKENIZERS[name]()
    splitter = Splitter(tokenizer)
    for text in snippets(1_000, seed=4):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        ids: list[int] = []
        for split in splitter(text):
            assert len(split.spans) == len(split.text)
            own = ids_of(tokenizer, split)
            start, end = split.span
            for first, last in encoding.offsets[len(ids) : len(ids) + len(own)]:
                assert start <= first <= last <= end, text
            ids.extend(own)
        assert ids == encoding.ids, text


@pytest.mark.parametrize("text", ["a", "▁a", " a", "a ▁▁a", "a a"])
def test_added_tokens_that_are_spaces(text: str) -> None:
    tokenizer = Tokenizer(models.Unigram([("[UNK]", 0.0), ("a", -1.0)], unk_id=0))
    tokenizer.normalizer = normalizers.Prepend("▁")
    tokenizer.add_tokens([AddedToken("▁a", normalized=False), AddedToken("▁", normalized=False)])
    tokenizer.add_tokens([AddedToken(" ", normalized=True)])
    splits = Splitter(tokenizer)(text)
    expected = tokenizer.encode(text, add_special_tokens=False).ids
    assert [number for split in splits for number in ids_of(tokenizer, split)] == expected


def test_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="needs a Unigram tokenizer, and this one is WordPiece"):
        library_of(wordpiece(), "Unigram")
    with pytest.raises(InputError, match="str is none"):
        library_of("bert", "WordPiece")
