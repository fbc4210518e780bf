"""BPE: the merges are the library's, the counts are those of a recount, and a replay ends at the library's ids."""

from __future__ import annotations

import json
import pydoc_data.topics
import random
import sysconfig
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from models import bpe
from models.bpe import BpeTraining, Pretokenizer, Unit
from models.traces import InputError
from tests.snippets import snippets
from tests.unit.test_tokens import byte_level, metaspace, wordpiece

LOW = "low lower lowest"
BYTES = {character: bytes([byte]) for byte, character in bpe.CHARACTER_OF.items()}


def spelled(piece: str, unit: Unit) -> bytes:
    return piece.encode() if unit == "characters" else b"".join(BYTES[letter] for letter in piece)


def pre_tokenizer(unit: Unit, words: Pretokenizer) -> Any:
    """As a user of the library would set it up."""
    if words == "gpt2" and unit == "bytes":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    cut = {
        "gpt2": pre_tokenizers.Split(Regex(bpe.GPT2), "isolated"),
        "whitespace": pre_tokenizers.WhitespaceSplit(),
        "none": pre_tokenizers.Split("\n", "merged_with_previous"),
    }[words]
    if unit == "characters":
        return cut
    return pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def library_merges(text: str, count: int, unit: Unit, words: Pretokenizer) -> list[tuple[bytes, bytes]]:
    """The whole text in one piece, trained by the library alone."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer(unit, words)
    letters = {letter for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text) for letter in word}
    alphabet = pre_tokenizers.ByteLevel.alphabet() if unit == "bytes" else []
    size = count + (256 if unit == "bytes" else len(letters))
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([text], trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(spelled(left, unit), spelled(right, unit)) for left, right in merges]


def at_step(training: BpeTraining, k: int, unit: Unit, words: Pretokenizer) -> Tokenizer:
    """The library's tokenizer with the first k merges."""
    spell = (lambda piece: piece.decode()) if unit == "characters" else to_letters
    entries = {spell(piece): number for number, piece in enumerate(training.pieces)}
    merges = [(spell(left), spell(right)) for left, right in training.merges[:k]]
    mark = {"end_of_word_suffix": "</w>"} if training.marked else {}
    tokenizer = Tokenizer(models.BPE(entries, merges, **mark))
    tokenizer.pre_tokenizer = pre_tokenizer(unit, words)
    return tokenizer


def to_letters(piece: bytes) -> str:
    return "".join(bpe.CHARACTER_OF[byte] for byte in piece)


def english() -> str:
    """Python's own manual: 700 KB of prose that every installation has."""
    return "\n".join(pydoc_data.topics.topics.values())


def source_code() -> str:
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    return "".join(file.read_text(encoding="utf-8", errors="ignore") for file in files)[:1_000_000]


def chinese() -> str:
    """Sentences of words of one to three characters, as frequent as Zipf says."""
    source = random.Random(0)
    words = [
        "".join(chr(source.randint(0x4E00, 0x5FFF)) for _ in range(source.choice((1, 2, 2, 3)))) for _ in range(4_000)
    ]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    chosen = source.choices(words, weights, k=150_000)
    return "".join(
        word + ("。\n" if number % 23 == 0 else "，" if number % 7 == 0 else "") for number, word in enumerate(chosen)
    )


OPTIONS = [(unit, words) for unit in ("bytes", "characters") for words in ("gpt2", "whitespace", "none")]


@pytest.mark.parametrize(("unit", "words"), OPTIONS)
def test_low_lower_lowest(unit: Unit, words: Pretokenizer) -> None:
    training = bpe.train(LOW, 5, unit=unit, pretokenizer=words)
    assert training.merges == library_merges(LOW, 5, unit, words)
    assert training.note == ""


def test_the_words_of_low_lower_lowest_are_worked_through() -> None:
    training = bpe.train(LOW, 5, unit="characters", pretokenizer="whitespace")
    # l,o and o,w both stand three times; l is the older letter.
    assert training.state(0).ties == 2
    assert training.state(0).pairs[:2] == ((b"l", b"o"), (b"o", b"w"))
    assert training.merges[:2] == [(b"l", b"o"), (b"lo", b"w")]
    assert training.state(2).new_token == b"low"
    table = training.state(2).segmentation.token_table
    assert table.raw == (b"low", b" ", b"low", b"e", b"r", b" ", b"low", b"e", b"s", b"t")
    assert training.corpus_tokens[:3].tolist() == [14, 11, 8]


@pytest.mark.parametrize("corpus", [english, source_code, chinese])
def test_8000_merges_are_the_librarys(corpus: Any) -> None:
    text = corpus()
    training = bpe.train(text, 8_000)
    assert training.merges == library_merges(text, 8_000, "bytes", "gpt2")
    assert len(training.merges) == 8_000
    assert training.corpus_tokens[0] == len(text.encode())
    for k in (0, 1, 137, 4_000, 7_999):
        state = training.state(k)
        assert state.pairs[0] == training.merges[k]
        assert state.counts[0] == training.winner_counts[k] == training.history.counts(k).max()
    oracle = at_step(training, 8_000, "bytes", "gpt2")
    assert training.corpus_tokens[-1] == len(oracle.encode(text).ids)


def recount(training: BpeTraining, k: int, unit: Unit, words: Pretokenizer) -> Counter[tuple[int, int]]:
    """All pairs of neighbours in the words of the text, cut by the library with the first k merges."""
    encoding = at_step(training, k, unit, words).encode(training.text)
    tokens = list(zip(encoding.ids, encoding.word_ids, strict=True))
    return Counter((a, b) for (a, first), (b, second) in pairwise(tokens) if first == second)


@pytest.mark.parametrize(("unit", "words"), OPTIONS)
@pytest.mark.parametrize("end_of_word", [False, True])
def test_every_step_is_a_recount(unit: Unit, words: Pretokenizer, end_of_word: bool) -> None:
    text = f"{LOW} aaaa aaaaa baab banana bananas\n\nab abab ababab  x\n你好，世界。你好吗\n" * 2 + "low ü üü "
    training = bpe.train(text, 60, unit=unit, pretokenizer=words, end_of_word=end_of_word)
    assert len(training.merges) > 25
    if not end_of_word:
        assert training.merges == library_merges(text, 60, unit, words)
    for k in range(len(training.merges) + 1):
        counted = recount(training, k, unit, words)
        by_rule = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        state = training.state(k, top=10_000)
        assert [tuple(pair) for pair in state.pair_ids.tolist()] == [pair for pair, _ in by_rule]
        assert state.counts.tolist() == [count for _, count in by_rule]
        assert state.distinct_pairs == len(by_rule)
        assert state.ties == sum(count == by_rule[0][1] for _, count in by_rule)
        if k < len(training.merges):
            assert state.pairs[0] == training.merges[k]
            assert training.winner_counts[k] == by_rule[0][1]
        ids = at_step(training, k, unit, words).encode(text).ids
        assert training.corpus_tokens[k] == state.corpus_tokens == len(ids)
        shown = training.segment(k, 0, len(text)).token_table
        assert [number for number in shown.ids.tolist() if number >= 0] == ids


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(
        st.sampled_from([*"aab \n\t", "é", "猫", "😀", "👨‍👩‍👧‍👦", "\x00", "\u2028"]), min_size=1, max_size=80
    ).map("".join),
    options=st.sampled_from(OPTIONS),
    end_of_word=st.booleans(),
    share=st.floats(0, 1),
    window=st.tuples(st.integers(0, 80), st.integers(0, 80)),
)
def test_pieces_joined_are_the_text(
    text: str, options: tuple[Unit, Pretokenizer], end_of_word: bool, share: float, window: tuple[int, int]
) -> None:
    unit, words = options
    if words == "whitespace" and not text.split():
        return
    training = bpe.train(text, 40, unit=unit, pretokenizer=words, end_of_word=end_of_word)
    k = round(share * len(training.merges))
    whole = training.segment(k, 0, len(text))
    assert b"".join(whole.token_table.raw) == text[whole.start : whole.end].encode()
    assert text[: whole.start].strip() == text[whole.end :].strip() == ""
    part = training.segment(k, *sorted(window))
    assert b"".join(part.token_table.raw) == text[part.start : part.end].encode()
    assert not any("\ufffd" in piece for piece in whole.token_table.texts)
    assert len(part.token_table) == len(part.words)


def test_the_log_is_opened_from_the_nearest_table(monkeypatch: pytest.MonkeyPatch) -> None:
    text = english()[:50_000]
    whole = bpe.train(text, 500)
    monkeypatch.setattr("models.bpe_history.STRIDE", 1_000)
    parted = bpe.train(text, 500)
    assert len(parted.history.kept) > 5 > len(whole.history.kept)
    for k in range(0, 501, 7):
        np.testing.assert_array_equal(parted.history.counts(k), whole.history.counts(k))


def test_an_end_of_word_mark_gives_the_same_merges_each_time() -> None:
    text = english()[:30_000]
    first, second = (bpe.train(text, 300, pretokenizer="whitespace", end_of_word=True) for _ in range(2))
    assert first.merges == second.merges
    assert any(right.endswith(b"</w>") for _, right in first.merges)
    assert not any(left.endswith(b"</w>") for left, _ in first.merges)


def test_training_stops_where_the_text_is_used_up() -> None:
    training = bpe.train(LOW, 1_000)
    assert training.merges == library_merges(LOW, 1_000, "bytes", "gpt2")
    assert (
        training.note == "The text holds only 7 merges of the 1,000 asked for; after them every word is a single token."
    )
    last = training.state(len(training.merges))
    assert last.pairs == ()
    assert last.ties == last.distinct_pairs == 0
    assert last.corpus_tokens == 3
    assert training.vocabulary_sizes.tolist() == list(range(256, 264))


def test_a_text_of_one_letter() -> None:
    assert bpe.train("a", 10).note == "The text holds no merge: no word of it has two letters."
    run = bpe.train("a" * 1_000, 3)
    assert run.merges == [(b"a", b"a"), (b"aa", b"aa"), (b"aaaa", b"aaaa")]
    assert run.winner_counts.tolist() == [999, 499, 249]


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        ("", {}, "no text to train on"),
        (" \n\t ", {"pretokenizer": "whitespace"}, "no text to train on"),
        ("a" * (10 * 2**20 + 1), {}, "up to 10 MB"),
        ("é" * (5 * 2**20 + 1), {}, "up to 10 MB"),
        ("ab" * 100_000, {}, "200,000 bytes without a break"),
        ("ab", {"merges": -1}, "ask for 0 to 100,000"),
        ("ab", {"merges": 10**9}, "ask for 0 to 100,000"),
        ("a\ud800b", {}, "half a character"),
        ("a</w>b", {"end_of_word": True}, "train without the mark"),
        ("ab", {"unit": "letters"}, '"bytes" or "characters"'),
        ("ab", {"pretokenizer": "bert"}, '"gpt2", "whitespace" or "none"'),
    ],
)
def test_what_cannot_be_trained_on_is_refused(text: str, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refusal:
        bpe.train(text, **({"merges": 10} | arguments))
    assert says in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_step_that_is_not_there() -> None:
    training = bpe.train(LOW, 3)
    for k in (-1, 4):
        with pytest.raises(InputError, match="steps 0 to 3"):
            training.state(k)


def trained(**parts: Any) -> Tokenizer:
    """A tokenizer that marks the end, or the inside, of words."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", **parts))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>"], show_progress=False, **parts)
    tokenizer.train_from_iterator([english()[:100_000]], trainer)
    return tokenizer


def altered(tokenizer: PreTrainedTokenizerFast, **settings: Any) -> Tokenizer:
    """A copy of the library's part, with attributes of its model, or its own, set to something else."""
    copy = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    for name, value in settings.items():
        setattr(copy.model if hasattr(copy.model, name) else copy, name, value)
    return copy


def with_added_tokens() -> Tokenizer:
    steps = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip()])
    tokenizer = altered(byte_level(), normalizer=steps)
    tokenizer.add_tokens(
        [
            AddedToken("Hello", normalized=True),
            AddedToken("abc", normalized=True, lstrip=True, rstrip=True),
            AddedToken("a", normalized=False, single_word=True),
            AddedToken("<s>", normalized=False, lstrip=True),
            AddedToken("ab", normalized=False, rstrip=True),
        ]
    )
    tokenizer.add_special_tokens(["</s>", "<s></s>"])
    return tokenizer


def spaced(scheme: str, *, strip: bool) -> Tokenizer:
    space = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    steps = pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), space]) if strip else space
    tokenizer = altered(metaspace(), pre_tokenizer=steps, normalizer=normalizers.Strip() if strip else None)
    tokenizer.add_special_tokens(["<s>", "</s>"])
    return tokenizer


TOKENIZERS = {
    "byte level": byte_level,
    "bytes": lambda: byte_level(0),
    "metaspace": metaspace,
    "whole words first": lambda: altered(byte_level(), ignore_merges=True),
    "space before": lambda: altered(byte_level(), pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True)),
    "added": with_added_tokens,
    "special as text": lambda: altered(metaspace(), encode_special_tokens=True),
    "space before the first": lambda: spaced("first", strip=False),
    "space before the first, stripped": lambda: spaced("first", strip=True),
    "no space": lambda: spaced("never", strip=False),
    "no bytes, unknown fused": lambda: altered(metaspace(), byte_fallback=False, fuse_unk=True),
    "no bytes, unknown each": lambda: altered(metaspace(), byte_fallback=False, fuse_unk=False),
    "no bytes, unknown dropped": lambda: altered(metaspace(), byte_fallback=False, unk_token=None),
    "end of word": lambda: trained(end_of_word_suffix="</w>"),
    "inside of word": lambda: trained(continuing_subword_prefix="##"),
    "both": lambda: trained(continuing_subword_prefix="##", end_of_word_suffix="</w>"),
}


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_replay_ends_at_the_librarys_ids(name: str) -> None:
    tokenizer = TOKENIZERS[name]()
    for text in snippets(3_000):
        if isinstance(tokenizer, Tokenizer):
            expected = tokenizer.encode(text, add_special_tokens=False).ids
        else:
            expected = tokenizer(text, add_special_tokens=False)["input_ids"]
        found = bpe.replay(tokenizer, text)
        assert found.ids.tolist() == expected, text
        assert found.matches


@pytest.mark.parametrize("tokenizer", [byte_level(), metaspace()], ids=["byte-level", "metaspace"])
@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_replays_bytes_are_the_texts(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    replay = bpe.replay(tokenizer, text)
    joined = b"".join(word.raw[root] for word in replay.words for root in word.roots)
    if tokenizer.backend_tokenizer.normalizer is not None and text and joined.startswith(b" "):
        joined = joined[1:]  # the space that the normalizer puts before the text
    assert joined == text.replace("▁", " ").encode()


def test_each_moment_of_a_word() -> None:
    tokenizer = byte_level(400)
    merges = {(left, right): rank for rank, (left, right) in enumerate(merge_list(tokenizer))}
    for text in snippets(200, seed=3):
        for word in bpe.replay(tokenizer, text).words:
            if word.outcome == "added":
                continue
            for k in range(len(word.merges) + 1):
                moment = word.at(k)
                pieces = [word.pieces[node] for node in moment.nodes]
                assert "".join(pieces) == word.text
                rivals = sorted((merges[pair], n) for n, pair in enumerate(pairwise(pieces)) if pair in merges)
                assert list(moment.rivals) == rivals
                if not rivals:
                    assert moment.reason == "done"
                    assert k == len(word.merges)
                    continue
                left, right, rank = word.merges[k].tolist()
                assert (moment.nodes[rivals[0][1]], moment.nodes[rivals[0][1] + 1], rivals[0][0]) == (left, right, rank)
                tied = len(rivals) > 1 and rivals[0][0] == rivals[1][0]
                assert moment.reason == ("leftmost" if tied else "rank" if len(rivals) > 1 else "only")


def merge_list(tokenizer: PreTrainedTokenizerFast) -> list[tuple[str, str]]:
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    return [(left, right) for left, right in merges]


def test_the_steps_of_a_text_in_order() -> None:
    entries = {letter: number for number, letter in enumerate(["l", "o", "w", "lo", "low"])}
    tokenizer = Tokenizer(models.BPE(entries, [("l", "o"), ("lo", "w")]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.BPEDecoder()
    replay = bpe.replay(tokenizer, "low lo")
    assert [(s.word, s.merge, s.left, s.right, s.made, s.rank, s.token) for s in replay.steps] == [
        (0, 0, "l", "o", "lo", 0, 3),
        (0, 1, "lo", "w", "low", 1, 4),
        (1, 0, "l", "o", "lo", 0, 3),
    ]
    assert [word.span for word in replay.words] == [(0, 3), (4, 6)]
    assert replay.words[0].at(0).reason == "only"


def test_a_word_of_twenty_thousand_letters() -> None:
    text = "the cat sat on the mat".replace(" ", "") * 1_100
    assert bpe.replay(byte_level(), text).matches


def test_a_tokenizer_that_gets_another_model_is_read_again() -> None:
    tokenizer = byte_level().backend_tokenizer
    before = bpe.replay(tokenizer, "the cat sat")
    tokenizer.model = byte_level(5).backend_tokenizer.model
    after = bpe.replay(tokenizer, "the cat sat")
    assert before.matches
    assert after.matches
    assert len(after.ids) > len(before.ids)


def test_what_the_library_cannot_cut_is_refused() -> None:
    tokenizer = Tokenizer(models.BPE({"a": 0}, [], unk_token="<unk>"))
    with pytest.raises(InputError, match="can't cut this text"):
        bpe.replay(tokenizer, "b")


@pytest.mark.parametrize(
    ("tokenizer", "text", "says"),
    [
        (wordpiece, "abc", "needs a BPE tokenizer, and this one is WordPiece"),
        (lambda: object(), "abc", "object is none"),
        (lambda: altered(byte_level(), dropout=0.1), "abc", "dropout 0.1"),
        (byte_level, "a" * 100_001, "100,000"),
        (byte_level, "a\ud800", "half a character"),
    ],
)
def test_what_cannot_be_replayed_is_refused(tokenizer: Any, text: str, says: str) -> None:
    with pytest.raises(InputError) as refusal:
        bpe.replay(tokenizer(), text)
    assert says in str(refusal.value)
