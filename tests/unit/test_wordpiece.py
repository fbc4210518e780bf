"""The greedy longest match is the library's, and so are the merges by count."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from models import wordpiece
from models.pair_counts import rank_by_count, rank_by_likelihood
from models.traces import InputError, PairRanking, TooLongError
from tests.families import tiny_tokenizer

LINES = [
    "the cat sat on the mat and the hat, unstoppable!",
    "low lower lowest; newer, newest, widest and wider",
    "der Hund läuft schneller als der Hase über die Straße",
    "猫はマットの上に座った。猫は速い。",
    "съешь же ещё этих мягких французских булок",
    "hello 😀 👨‍👩‍👧 world 1234 1999 2024 #tag ##tag",
]
CORPUS = "\n".join(LINES * 4)
ALPHABET = [
    *"the cat LOWER 123 ()#\n\t\x00\x07",
    "é",
    "e\u0301",
    "猫",
    "は",
    "😀",
    "👨‍👩‍👧",
    "Ж",
    "[SEP]",
    "[UNK]",
    "☃",
]


@cache
def library(limit: int = 100, prefix: str = "##") -> Tokenizer:
    tokenizer = Tokenizer(
        models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=limit, continuing_subword_prefix=prefix)
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=260,
        special_tokens=["[UNK]", "[CLS]", "[SEP]"],
        continuing_subword_prefix=prefix,
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES * 4, trainer)
    return tokenizer


def snippets(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    words = [*ALPHABET, *CORPUS.split(), " ", " ", "newestlowerx", "a" * 40]
    return ["".join(draw.choice(words) for _ in range(draw.randint(0, 14))) for _ in range(count)]


@pytest.mark.parametrize(("limit", "prefix"), [(100, "##"), (12, "##"), (100, "@@")])
def test_ids_are_the_librarys(limit: int, prefix: str) -> None:
    tokenizer = library(limit, prefix)
    for text in snippets(1_000, 1):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        replay = wordpiece.replay(tokenizer, text)
        assert replay.ids.tolist() == encoding.ids, text
        assert [piece for word in replay.words for piece in word.pieces] == encoding.tokens, text


def test_a_word_backs_off_from_its_end_and_starts_again() -> None:
    vocabulary = {"[UNK]": 0, "un": 1, "##stop": 2, "##able": 3, "##p": 4, "u": 5}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    known, unknown = wordpiece.replay(tokenizer, "unstop unstoxp").words
    assert known.candidates(0, "##") == ["unstop", "unsto", "unst", "uns", "un"]
    assert known.candidates(1, "##") == ["##stop"]
    assert (known.pieces, known.span, known.outcome) == (("un", "##stop"), (0, 6), "matched")
    assert unknown.candidates(1, "##") == ["##stoxp", "##stox", "##sto", "##st", "##s"]
    assert (unknown.pieces, unknown.ids.tolist(), unknown.outcome) == (("[UNK]",), [0], "unknown")
    assert unknown.ends.tolist() == [2, 2]


def test_words_over_the_limit_and_special_tokens_are_never_looked_at() -> None:
    replay = wordpiece.replay(library(12), "lowerlowerlower [SEP] low")
    assert [word.outcome for word in replay.words] == ["too long", "added", "matched"]
    assert [len(word.starts) for word in replay.words] == [0, 0, 1]
    assert replay.words[1].pieces == ("[SEP]",)


@settings(max_examples=200, deadline=None)
@given(text=st.lists(st.sampled_from(ALPHABET), max_size=20).map("".join))
def test_pieces_joined_are_the_words_and_every_longer_candidate_is_absent(text: str) -> None:
    tokenizer = library()
    vocabulary = tokenizer.get_vocab()
    replay = wordpiece.replay(tokenizer, text)
    for word in replay.words:
        assert 0 <= word.span[0] <= word.span[1] <= len(text)
        if word.outcome == "matched":
            assert "".join(piece.removeprefix("##") if n else piece for n, piece in enumerate(word.pieces)) == word.text
        for match in range(len(word.starts)):
            *tried, last = word.candidates(match, replay.prefix)
            assert not any(candidate in vocabulary for candidate in tried)
            assert (last in vocabulary) == bool(word.ends[match] > word.starts[match])


@pytest.mark.parametrize("size", [141, 170, 200, 2_000])
def test_merges_by_count_are_the_librarys(size: int) -> None:
    training = wordpiece.train(CORPUS, vocabulary_size=size)
    # The library's own file; another run of its trainer may number the letters, and so break ties, otherwise.
    theirs = Tokenizer.from_str(training.tokenizer).get_vocab()
    assert training.vocabulary == tuple(sorted(theirs, key=lambda piece: theirs[piece]))
    assert len(theirs) == size or size == 2_000 > len(theirs) > 200
    made = dict.fromkeys(left + right.removeprefix("##") for left, right in training.by_count.pairs)
    assert training.vocabulary[training.alphabet :] == tuple(made)
    assert (np.diff(training.by_count.counts) <= 0).all()


def naive(words: dict[str, int], steps: int) -> tuple[list[float], list[tuple[str, str]]]:
    """Merging by score, everything counted again at every step."""
    split = {word: [word[0], *("##" + letter for letter in word[1:])] for word in words}
    best, pairs = [], []
    for _ in range(steps):
        symbols: Counter[str] = Counter()
        both: Counter[tuple[str, str]] = Counter()
        for word, parts in split.items():
            for part in parts:
                symbols[part] += words[word]
            for pair in itertools.pairwise(parts):
                both[pair] += words[word]
        if not both:
            break
        scores = {(a, b): count / (symbols[a] * symbols[b]) for (a, b), count in both.items()}
        top = max(scores.values())
        best.append(top)
        pairs.append(next(pair for pair, score in scores.items() if score == top))
        left, right = ranking(words, len(best)).pairs[len(best) - 1]  # the same choice among equals
        assert scores[left, right] == top
        for word, parts in split.items():
            joined: list[str] = []
            for part in parts:
                if part == right and joined and joined[-1] == left:
                    joined[-1] = left + right.removeprefix("##")
                else:
                    joined.append(part)
            split[word] = joined
    return best, pairs


def ranking(words: dict[str, int], steps: int) -> PairRanking:
    letters = sorted({word[0] for word in words} | {"##" + letter for word in words for letter in word[1:]})
    ids = {letter: number for number, letter in enumerate(letters)}
    return rank_by_likelihood(words, ids, "##", len(ids) + steps)


def test_the_score_is_counted_as_the_formula_says() -> None:
    words = {"lower": 3, "lowest": 2, "newest": 6, "widest": 3, "low": 5, "aaaa": 2, "aaab": 1}
    best, _ = naive(words, 12)
    found = ranking(words, 12)
    np.testing.assert_allclose(found.scores[: len(best)], best)


def test_count_and_likelihood_choose_differently() -> None:
    words = {"low": 5, "lower": 2}
    ids = {name: number for number, name in enumerate(["l", "##o", "##w", "##e", "##r"])}
    by_count, by_score = rank_by_count(words, ids, "##", 6), rank_by_likelihood(words, ids, "##", 6)
    assert by_count.pairs == (("l", "##o"),)
    assert by_count.rivals == by_score.pairs == (("##e", "##r"),)
    assert by_count.counts.tolist() == [7]
    assert by_score.scores.tolist() == [0.5]
    assert (by_count.ranks.tolist(), by_score.ranks.tolist()) == ([1], [2])


@pytest.mark.parametrize(
    ("corpus", "size", "sentence"),
    [
        ("", 50, "empty"),
        (" \n", 50, "empty"),
        ("\x07\x00", 1, "at least"),
        (CORPUS, 20, "ask for a vocabulary of at least"),
        (CORPUS, 10**7, "8,000 or fewer"),
        ("a\ud800", 50, "half a character"),
        ("猫" * 400_000, 50, "bytes"),
        ("a" * 1_000_001, 50, "characters"),
    ],
)
def test_a_corpus_that_teaches_nothing_is_refused(corpus: str, size: int, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        wordpiece.train(corpus, vocabulary_size=size)


def test_a_one_letter_corpus_stops_where_it_is_used_up() -> None:
    training = wordpiece.train("a", vocabulary_size=100)
    assert training.vocabulary == ("[UNK]", "a")
    assert len(training.by_count) == len(training.by_likelihood) == 0
    assert set(wordpiece.train("aaaa", vocabulary_size=100).vocabulary) >= {"a", "##a", "aaaa"}


def test_other_tokenizers_and_bad_texts_are_refused() -> None:
    with pytest.raises(InputError, match="this one is BPE"):
        wordpiece.replay(tiny_tokenizer(), "a")
    with pytest.raises(InputError, match="str is none"):
        wordpiece.replay("bert", "a")
    with pytest.raises(InputError, match="position 1"):
        wordpiece.replay(library(), "\ud800")
    with pytest.raises(TooLongError):
        wordpiece.replay(library(), "a" * 20_001)
