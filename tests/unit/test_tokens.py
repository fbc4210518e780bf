"""What each token stands for: no byte lost, no grapheme cut on the screen, whatever the spelling of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from models.tokens import describe
from models.traces import Tokens
from tests.families import tiny_tokenizer

FAMILY = "👨‍👩‍👧‍👦"
CORPUS = ["the cat sat on the mat", "der Hund läuft schnell", "猫はマットの上に座った", f"hello 😀 {FAMILY} world"] * 20


def byte_level(merges: int = 80) -> PreTrainedTokenizerFast:
    """A BPE over bytes, as GPT-2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=256 + merges, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def metaspace() -> PreTrainedTokenizerFast:
    """A BPE over characters with spaces as U+2581 and bytes as a last resort, as Llama 2's."""
    letters = sorted({letter for text in CORPUS for letter in text if letter.isascii() and letter != " "})
    names = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *letters]
    vocabulary = {name: number for number, name in enumerate(names)}
    vocabulary["▁t"] = len(vocabulary)
    model = models.BPE(vocabulary, [("▁", "t")], unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", unk_token="<unk>")


def wordpiece() -> PreTrainedTokenizerFast:
    """A WordPiece that lowers case and drops spaces, as BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    trainer = trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"
    )


def tokens_of(tokenizer: PreTrainedTokenizerFast, text: str, pair: str | None = None) -> Tokens:
    batch = tokenizer(text, pair, return_offsets_mapping=True)
    segments = [text] if pair is None else [text, pair]
    return describe(tokenizer, segments, batch["input_ids"], batch["offset_mapping"], batch.sequence_ids())


EXACT = [byte_level(), byte_level(0), metaspace(), tiny_tokenizer()]


@pytest.mark.parametrize("tokenizer", EXACT, ids=["byte-level", "bytes", "metaspace", "tiny"])
@settings(max_examples=150, deadline=None)
@given(text=st.text(min_size=1, max_size=40))
def test_bytes_joined_are_the_text(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return  # lone surrogates are refused before a tokenizer sees them
    table = tokens_of(tokenizer, text)
    assert b"".join(table.raw) == encoded
    own = [number for number, kind in enumerate(table.kinds) if kind == "text"]
    assert table.spans[own[0]][0] == 0
    assert table.spans[own[-1]][1] == len(text)


def graphemes(text: str) -> Iterator[tuple[int, int]]:
    for match in regex.finditer(r"\X", text):
        yield match.span()


@pytest.mark.parametrize("tokenizer", [*EXACT, wordpiece()], ids=["byte-level", "bytes", "metaspace", "tiny", "wp"])
@settings(max_examples=100, deadline=None)
@given(
    text=st.lists(st.sampled_from([*"ab c\n\t\x00", "é", "e\u0301", "猫", "😀", FAMILY, "नि", "🇩🇪"]), max_size=20).map(
        "".join
    )
)
def test_no_grapheme_is_cut_on_the_screen(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    table = tokens_of(tokenizer, text)
    whole = {text[start:end] for start, end in graphemes(text)}
    for index, kind in enumerate(table.kinds):
        part, count = table.parts[index]
        assert 0 <= part < count
        assert "\ufffd" not in table.texts[index]
        if kind == "text" and count > 1:
            assert {match.group() for match in regex.finditer(r"\X", table.texts[index])} <= whole


def test_an_emoji_family_is_one_grapheme_in_many_tokens() -> None:
    table = tokens_of(byte_level(0), f"a{FAMILY}b")
    size = len(FAMILY.encode())
    assert table.texts == ("a", *[FAMILY] * size, "b")
    assert table.parts == ((0, 1), *((k, size) for k in range(size)), (0, 1))
    assert set(table.spans[1:-1]) == {(k, k + 1) for k in range(1, 1 + len(FAMILY))}


def test_wordpiece_shows_the_text_as_it_was_typed() -> None:
    table = tokens_of(wordpiece(), "The CAT", "der Hund")
    assert table.kinds[0] == table.kinds[-1] == "special"
    joined = [
        "".join(table.texts[i] for i in range(len(table)) if table.segments[i] == s and table.kinds[i] == "text")
        for s in (0, 1)
    ]
    assert joined == ["TheCAT", "derHund"]


def test_a_special_token_typed_by_the_visitor_keeps_its_bytes() -> None:
    tokenizer = byte_level()
    tokenizer.add_special_tokens({"eos_token": "<|end|>"})
    table = tokens_of(tokenizer, "a<|end|>b")
    assert table.kinds == ("text", "special", "text")
    assert b"".join(table.raw) == b"a<|end|>b"


def test_without_offsets_the_pieces_are_searched_for() -> None:
    tokenizer = wordpiece()
    ids = tokenizer("the cat sat", add_special_tokens=False)["input_ids"]
    table = describe(tokenizer, ["the cat sat"], ids, None, [0] * len(ids))
    assert "".join(table.texts) == "thecatsat"


@pytest.mark.parametrize(
    "text", ["猫 <mask> 😀x", "<mask>猫<mask>", f"{FAMILY} the <mask> cat", " the<mask> 猫", "é  <mask>the cat<mask>é"]
)
@pytest.mark.parametrize("add_prefix_space", [False, True], ids=["as it is", "space before"])
def test_tokens_keep_their_own_bytes_where_a_special_token_swallows_spaces(text: str, add_prefix_space: bool) -> None:
    tokenizer = byte_level(0)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.add_special_tokens({"mask_token": AddedToken("<mask>", lstrip=True)})
    table = tokens_of(tokenizer, text)
    assert b"".join(table.raw) == text.encode()
    assert max(len(raw) for raw, kind in zip(table.raw, table.kinds, strict=True) if kind == "text") == 1


def test_tokens_that_end_words_keep_their_own_bytes() -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = [*alphabet, *(letter + "</w>" for letter in alphabet)]
    tokenizer = Tokenizer(
        models.BPE({name: number for number, name in enumerate(names)}, [], end_of_word_suffix="</w>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    table = tokens_of(PreTrainedTokenizerFast(tokenizer_object=tokenizer), "a猫 é")
    assert table.raw == (b"a", *(bytes([byte]) for byte in "猫é".encode()))


def test_spaces_left_out_of_offsets_are_told() -> None:
    tokenizer = byte_level()
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    tokenizer.add_special_tokens({"eos_token": "<s>"})
    table = tokens_of(tokenizer, "the cat<s>sat on x")
    assert b"".join(table.raw) == b"the cat<s>sat on x"
