"""The lattice, its best path, its n best and its sums are those of sentencepiece and tokenizers."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import math
import random
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from models import unigram, unigram_check
from models.corpus_lattices import LINE_END, candidates_of
from models.traces import InputError, TooLongError, UnigramLattice
from models.unigram_training import RESERVED, SPACE, SizeError
from tests.families import tiny_tokenizer

LINES = [
    "the cat sat on the mat and the hat, unstoppable",
    "low lower lowest; newer, newest, widest and wider",
    "der Hund läuft schneller als der Hase über die Straße",
    "猫はマットの上に座った。猫は速い。猫の手",
    "съешь же ещё этих мягких французских булок",
    "hello 😀 👨‍👩‍👧 world 1234 1999 2024",
    "def train(text): return [piece for piece in text.split()]",
]
CORPUS = "\n".join(LINES * 3)


def babble(seed: int) -> str:
    """Lines of made-up words whose syllables come as often as Zipf says, in two scripts."""
    draw = random.Random(seed)
    syllables = [a + b for a in ["k", "st", "m", "tr", "n", "l", "sh", "p"] for b in ["a", "e", "in", "o", "ul", "er"]]
    syllables += list("天地人大小山水火")
    weights = [1 / rank for rank in range(1, len(syllables) + 1)]
    words = ["".join(draw.choices(syllables, weights, k=draw.randint(1, 4))) for _ in range(600)]
    lines = [draw.choices(words, [1 / rank for rank in range(1, 601)], k=draw.randint(3, 12)) for _ in range(400)]
    return "\n".join(" ".join(line) + draw.choice([".", "!", " 12", ""]) for line in lines)


ALPHABET = [
    *"the cat lower 123 ()\n\t\x00",
    "é",
    "e\u0301",
    "猫",
    "は",
    "😀",
    "👨‍👩‍👧",
    "ﷺ",
    "ｃ",
    "Ж",
    "<s>",
    "▁",
    "  ",
]


def trained(**options: Any) -> SentencePieceProcessor:
    written = io.BytesIO()
    usual: dict[str, Any] = {"vocab_size": 250, "model_type": "unigram", "hard_vocab_limit": False, "minloglevel": 2}
    SentencePieceTrainer.train(sentence_iterator=iter(LINES * 3), model_writer=written, **(usual | options))
    return SentencePieceProcessor(model_proto=written.getvalue())


@cache
def processor(byte_fallback: bool = False) -> SentencePieceProcessor:
    return trained(byte_fallback=True, vocab_size=450) if byte_fallback else trained()


@cache
def library(byte_fallback: bool = False, split: bool = True) -> Tokenizer:
    """The same pieces under `tokenizers`, as T5's or XLM-RoBERTa's tokenizer.json has them."""
    theirs = processor(byte_fallback)
    pieces = [(theirs.id_to_piece(n), theirs.get_score(n)) for n in range(theirs.get_piece_size())]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=byte_fallback))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\n", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=split, prepend_scheme="first")
    tokenizer.add_special_tokens(["<s>", "</s>"])
    return tokenizer


def fast() -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(tokenizer_object=library())


def snippets(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    words = [*ALPHABET, *CORPUS.split(), " ", " ", "xyz", "aaaaaaaaaaaaaaaaaaaa", "\u202e"]
    return ["".join(draw.choice(words) for _ in range(draw.randint(0, 14))) for _ in range(count)]


def best(lattice: UnigramLattice) -> Any:
    return unigram.segmentation(lattice, lattice.best)


PROCESSORS: list[dict[str, Any]] = [
    {},
    {"byte_fallback": True, "vocab_size": 450},
    {"user_defined_symbols": ["<sep>", "猫は"]},
    {"add_dummy_prefix": False, "remove_extra_whitespaces": False, "normalization_rule_name": "identity"},
]


@pytest.mark.parametrize("options", PROCESSORS, ids=["default", "bytes", "symbols", "raw"])
def test_the_best_path_is_sentencepieces(options: dict[str, Any]) -> None:
    theirs = trained(**options)
    pieces = unigram.read(theirs)
    for text in snippets(3_000, 1) + [f"a<sep>{line}" for line in LINES]:
        found = best(unigram.lattice(pieces, text))
        assert found.ids.tolist() == theirs.encode(text), text
        # Where unknown characters are bytes, sentencepiece's pieces are those of the bytes too.
        assert list(found.pieces) == [piece.piece for piece in theirs.encode(text, return_type="proto").pieces], text


@pytest.mark.parametrize("byte_fallback", [False, True], ids=["unknown", "bytes"])
@pytest.mark.parametrize("split", [False, True], ids=["whole", "words"])
def test_the_best_path_is_tokenizers(byte_fallback: bool, split: bool) -> None:
    theirs = library(byte_fallback, split)
    pieces = unigram.read(theirs)
    fast = PreTrainedTokenizerFast(tokenizer_object=theirs)
    assert unigram.read(fast).numbers == pieces.numbers
    for text in snippets(3_000, 2):
        encoding = theirs.encode(text, add_special_tokens=False)
        found = best(unigram.lattice(pieces, text))
        assert found.ids.tolist() == encoding.ids, text


UNUSUAL: dict[str, dict[str, Any]] = {
    "no spaces of its own": {"pre_tokenizer": {"type": "UnicodeScripts"}},  # unknown characters side by side, apart
    "words": {"pre_tokenizer": {"type": "WhitespaceSplit"}},
    "few bytes": {"model": {"byte_fallback": True, "vocab": [["<0xE2>", -9.0], ["<0x98>", -9.0], ["<0x83>", -9.0]]}},
}


@pytest.mark.parametrize("unusual", list(UNUSUAL))
@pytest.mark.parametrize("byte_fallback", [False, True], ids=["unknown", "bytes"])
def test_unknown_characters_are_joined_as_tokenizers_does(byte_fallback: bool, unusual: str) -> None:
    document = json.loads(library(byte_fallback).to_str())
    changed = UNUSUAL[unusual]
    model = document["model"] | changed.get("model", {})
    if "model" in changed and not byte_fallback:
        model["vocab"] = document["model"]["vocab"] + changed["model"]["vocab"]
    elif "model" in changed:
        model["vocab"] = [entry for entry in document["model"]["vocab"] if entry[0] != "<0xE7>"]
    theirs = Tokenizer.from_str(json.dumps(document | changed | {"model": model}))
    pieces = unigram.read(theirs)
    draw = random.Random(4)
    parts = ["<unk>", "<unk", "Ж", "☃", "犬", "ღ", "z", "the", " ", "猫", "<s>", "!"]
    for _ in range(500):
        text = "".join(draw.choices(parts, k=draw.randint(1, 8)))
        found = best(unigram.lattice(pieces, text))
        assert found.ids.tolist() == theirs.encode(text, add_special_tokens=False).ids, text
        assert len(found.borders) == len(found.ids)


def test_the_n_best_are_sentencepieces() -> None:
    theirs = processor()
    pieces = unigram.read(theirs)
    for text in [*LINES, "unstoppable", "lowest newest", "xx猫yy", "a"]:
        # The library is asked in singles; its scores are rounded to 24 bits at every step.
        expected = theirs.nbest_encode(text, nbest_size=20, return_type="proto").nbests
        lattice = unigram.lattice(pieces, text)
        found = unigram.n_best(lattice, 20)
        assert len(found) == len(expected)
        np.testing.assert_allclose([f.log_probability for f in found], [e.score for e in expected], rtol=1e-5)
        for place, (ours, other) in enumerate(zip(found, expected, strict=True)):
            near = [e for e in expected if math.isclose(e.score, other.score, rel_tol=1e-5)]
            if len(near) == 1 and place < 19:  # no tie, not cut off by one
                assert ours.ids.tolist() == [piece.id for piece in other.pieces]
                assert ours.pieces == tuple(piece.piece for piece in other.pieces)


def paths(lattice: UnigramLattice) -> list[tuple[int, ...]]:
    """All of them, one by one."""
    whole: list[tuple[int, ...]] = []

    def walk(gap: int, taken: tuple[int, ...]) -> None:
        if gap == len(lattice.normalized):
            whole.append(taken)
        for edge in np.flatnonzero(lattice.starts == gap).tolist():
            walk(int(lattice.ends[edge]), (*taken, edge))

    walk(0, ())
    return whole


@pytest.mark.parametrize("text", ["lowest", "the cat", "xy猫", "newest ﷺ", "a<s>b"])
def test_sums_shares_and_n_best_are_those_of_all_paths_counted(text: str) -> None:
    lattice = unigram.lattice(processor(), text)
    every = paths(lattice)
    logs = np.array([lattice.scores[list(path)].sum() for path in every])
    assert lattice.log_total == pytest.approx(np.logaddexp.reduce(logs))
    shares = np.zeros(len(lattice.starts))
    for path, log in zip(every, logs, strict=True):
        shares[list(path)] += math.exp(log - lattice.log_total)
    np.testing.assert_allclose(lattice.shares, shares, atol=1e-12)
    found = unigram.n_best(lattice, 100)
    np.testing.assert_allclose([f.log_probability for f in found], np.sort(logs)[::-1][:100], rtol=1e-12)
    assert len({tuple(f.edges) for f in found}) == len(found) == min(100, len(every))
    assert unigram.ways(lattice) == len(every)
    for alpha in (0.0, 0.3, 2.0):
        assert unigram.log_sum(lattice, alpha) == pytest.approx(np.logaddexp.reduce(alpha * logs))


@pytest.mark.parametrize("text", ["lowest", "the cat", "xy猫", "newest ﷺ"])
def test_the_best_way_through_an_edge_is_the_best_of_all_that_use_it(text: str) -> None:
    lattice = unigram.lattice(processor(), text)
    every = paths(lattice)
    before, after = unigram.around(lattice)
    assert before[0] == after[-1] == -1
    for edge in range(len(lattice.starts)):
        path = [edge]
        while lattice.starts[path[0]] > 0:
            path.insert(0, int(before[lattice.starts[path[0]]]))
        while lattice.ends[path[-1]] < len(lattice.normalized):
            path.append(int(after[lattice.ends[path[-1]]]))
        assert tuple(path) in every
        expected = max(lattice.scores[list(other)].sum() for other in every if edge in other)
        assert lattice.scores[path].sum() == pytest.approx(expected)


PIECES = st.dictionaries(
    st.text("ab▁猫", min_size=2, max_size=4), st.floats(-12, -0.1, allow_nan=False), max_size=12
).map(lambda longer: {letter: -6.0 - place for place, letter in enumerate("ab▁猫")} | longer)


@settings(max_examples=150, deadline=None)
@given(pieces=PIECES, text=st.text("ab▁猫", max_size=12), alpha=st.sampled_from([0.0, 0.3, 1.0, 5.0]))
def test_paths_spell_the_text_and_none_beats_the_best(pieces: dict[str, float], text: str, alpha: float) -> None:
    lattice = unigram.lattice(pieces, text)
    top = best(lattice)
    drawn = unigram.sample(lattice, alpha=alpha, count=8, seed=1)
    nearest = unigram.n_best(lattice, 12)
    for path in (top, *drawn, *nearest):
        assert "".join(path.pieces) == lattice.normalized == text
        assert path.log_probability <= top.log_probability + 1e-9
        assert 0 <= path.share <= 1
    assert sum(path.share for path in nearest) <= 1 + 1e-9
    assert nearest[0].log_probability == pytest.approx(top.log_probability)
    crossing = [((lattice.starts < gap) & (gap <= lattice.ends)) for gap in range(1, len(text) + 1)]
    assert all(lattice.shares[edges].sum() == pytest.approx(1) for edges in crossing)


@pytest.mark.parametrize("theirs", [processor(), library()], ids=["sentencepiece", "tokenizers"])
@settings(max_examples=150, deadline=None)
@given(text=st.lists(st.sampled_from(ALPHABET), max_size=15).map("".join))
def test_edges_cover_the_normalized_text_and_spans_the_original(theirs: Any, text: str) -> None:
    lattice = unigram.lattice(theirs, text)
    assert "".join(lattice.edge_pieces[edge] for edge in lattice.best) == lattice.normalized
    assert all(0 <= start <= end <= len(text) for start, end in lattice.spans.tolist())
    assert (np.diff(lattice.spans, axis=0) >= 0).all()


def test_spans_say_where_each_character_comes_from() -> None:
    lattice = unigram.lattice(processor(), "ｃat  e\u0301 ﷺ!")
    assert lattice.normalized == "▁cat▁é▁صلى▁الله▁عليه▁وسلم!"
    spans = [tuple(span) for span in lattice.spans.tolist()]
    assert spans[:7] == [(0, 0), (0, 1), (1, 2), (2, 3), (3, 5), (5, 7), (7, 8)]
    assert set(spans[7:-1]) == {(8, 9)}
    assert spans[-1] == (9, 10)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_samples_come_as_often_as_their_probability_says(alpha: float) -> None:
    lattice = unigram.lattice(processor(), "newest")
    every = paths(lattice)
    logs = np.array([lattice.scores[list(path)].sum() for path in every]) * alpha
    expected = np.exp(logs - np.logaddexp.reduce(logs))
    drawn = Counter(tuple(path.edges.tolist()) for path in unigram.sample(lattice, alpha=alpha, count=1_000, seed=3))
    for path, share in zip(every, expected, strict=True):
        assert abs(drawn[path] / 1_000 - share) < 5 * math.sqrt(share * (1 - share) / 1_000) + 1e-3
    again = unigram.sample(lattice, alpha=alpha, count=20, seed=3)
    assert [p.ids.tolist() for p in again] == [
        p.ids.tolist() for p in unigram.sample(lattice, alpha=alpha, count=20, seed=3)
    ]


def babble_without_spaces(seed: int) -> str:
    """As `babble`, in characters whose UTF-8 begins with two different bytes, with no spaces between words."""
    draw = random.Random(seed)
    letters = [chr(0x4F00 + number) for number in range(300)]  # U+5000 and up begin otherwise
    weights = [1 / (rank + 5) for rank in range(300)]
    words = ["".join(draw.choices(letters, weights, k=draw.choice([1, 1, 2, 2, 3]))) for _ in range(800)]
    ranks = [1 / (rank + 3) for rank in range(800)]
    return "\n".join("".join(draw.choices(words, ranks, k=20)) + "。" for _ in range(500))


@pytest.mark.parametrize(
    ("corpus", "size"),
    [(babble(seed), size) for seed in (1, 2) for size in (60, 100, 200, 290)]
    + [(babble_without_spaces(1), size) for size in (400, 600)],
)
def test_rounds_end_with_the_librarys_vocabulary(corpus: str, size: int) -> None:
    training = unigram.train(corpus, vocabulary_size=size)
    written = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(corpus.split("\n")),
        model_writer=written,
        vocab_size=size,
        character_coverage=1.0,
        num_threads=1,  # with more, its sums are rounded otherwise, and so near ties fall otherwise
        minloglevel=2,
    )
    theirs = SentencePieceProcessor(model_proto=written.getvalue())
    assert training.pieces == tuple(theirs.id_to_piece(number) for number in range(size))
    assert len(training.final) == size - 3
    assert training.agreement >= 0.97  # single against double precision, where pieces tie
    known = dict(zip(training.pieces, training.scores.tolist(), strict=True))
    last = dict(zip(training.candidates, training.log_probabilities[-1].tolist(), strict=True))
    # Characters that were pruned come back with the lowest score, and are another matter.
    common = [piece for piece in training.final if piece in known and len(piece) > 1]
    np.testing.assert_allclose([last[p] for p in common], [known[p] for p in common], atol=0.02)
    for text in corpus.split("\n")[:50]:
        assert best(unigram.lattice(training, text)).ids.tolist() == theirs.encode(text)


def test_rounds_shrink_as_stated() -> None:
    asked = 100
    training = unigram.train(babble(3), vocabulary_size=asked)
    assert len(training.sizes) > 3
    gone = np.isnan(training.log_probabilities)
    assert (gone[:-1] <= gone[1:]).all()  # nothing comes back
    for before, after in itertools.pairwise(training.sizes.tolist()):
        assert after <= max(int(asked * 1.1), int(0.75 * before))
    for number, losses in enumerate(training.losses[:-1]):
        kept = ~gone[number + 1] & np.isfinite(losses)
        # EM drops a few more afterwards; but what stays was worth more than all that was pruned.
        size = int(0.75 * training.sizes[number])
        pruned = np.sort(losses[np.isfinite(losses)])[::-1][size:]
        assert losses[kept].min() >= pruned.max(initial=-math.inf)
        pruned, unused, forgotten = training.lost(number)
        assert set(training.kept(number)) == set(np.flatnonzero(kept))
        gone_now = np.flatnonzero(~gone[number] & gone[number + 1])
        assert sorted(np.concatenate([pruned, unused, forgotten]).tolist()) == gone_now.tolist()
        assert len(pruned)
        assert (np.diff(losses[pruned]) >= 0).all()
        assert np.isnan(losses[unused]).all()
        assert losses[pruned].max() < losses[kept].min() <= losses[forgotten].min(initial=math.inf)
    assert set(training.final) <= set(training.candidates)
    assert {piece for piece in training.candidates if len(piece) == 1} <= set(training.final)


def test_plain_em_never_lowers_the_likelihood() -> None:
    words = Counter(
        {
            ("▁lower", SPACE): 3,
            ("▁lowest", LINE_END): 2,
            ("▁newest", SPACE): 4,
            ("▁low", SPACE): 5,
            ("▁we", LINE_END): 1,
        }
    )
    candidates = candidates_of(words, reserved=RESERVED)
    lattices = candidates.words()
    scores = np.full(len(candidates.pieces), -math.log(len(candidates.pieces)))
    seen = []
    for _ in range(15):
        posteriors, likelihood = lattices.posteriors(np.ones(len(lattices.ids), dtype=bool), scores[lattices.ids])
        expected = np.bincount(lattices.ids, posteriors, len(scores))
        scores = np.log(np.maximum(expected / expected.sum(), 1e-300))
        seen.append(likelihood)
    assert (np.diff(seen) >= -1e-9).all()
    assert seen[-1] > seen[0] + 1


def test_the_corpus_sums_are_those_of_word_by_word() -> None:
    words = Counter({("▁lower", SPACE): 3, ("▁lowest", LINE_END): 2, ("▁newest", SPACE): 4, ("▁low", SPACE): 5})
    candidates = candidates_of(words, reserved=RESERVED)
    lattices = candidates.words()
    scores = -1.0 - np.arange(len(candidates.pieces)) / 7
    posteriors, likelihood = lattices.posteriors(np.ones(len(lattices.ids), dtype=bool), scores[lattices.ids])
    expected = np.bincount(lattices.ids, posteriors, len(scores))
    reference, total = np.zeros(len(scores)), 0.0
    for (word, _), count in words.items():
        single = unigram.lattice(dict(zip(candidates.pieces, scores.tolist(), strict=True)), word)
        total += count * single.log_total
        np.add.at(reference, single.edge_ids, count * single.shares)
    np.testing.assert_allclose(expected, reference, atol=1e-9)
    assert likelihood == pytest.approx(total)


def test_candidates_are_the_branching_substrings() -> None:
    words = Counter({("▁abcab", SPACE): 2, ("▁abd", LINE_END): 1, ("▁cab", SPACE): 1, ("▁ca人ca大ca", SPACE): 2})
    text = "".join((word + after) * count for (word, after), count in words.items())
    found = dict(zip(*(lambda c: (c.pieces, c.counts.tolist()))(candidates_of(words, reserved=RESERVED)), strict=True))
    for start, end in itertools.combinations(range(len(text)), 2):
        piece = text[start:end]
        if len(piece) < 2 or SPACE in piece[1:] or LINE_END in piece:
            continue
        followers = {
            text[n + len(piece)].encode()[0] for n in range(len(text) - len(piece)) if text.startswith(piece, n)
        }
        assert (piece in found) == (len(followers) > 1), piece
        if piece in found:
            assert found[piece] == sum(text.startswith(piece, n) for n in range(len(text)))


@pytest.mark.parametrize(
    ("corpus", "size", "sentence"),
    [
        ("", 50, "empty"),
        (" \n\t ", 50, "empty"),
        ("\u2585\u2585\0", 50, "empty"),
        ("\u200b\u200b", 50, "nothing in this corpus"),
        ("a", 50, "the largest that works is 5"),
        ("aaaa", 50, "the largest that works is 6"),
        (CORPUS, 2, "the smallest that works is"),
        (CORPUS, 20, "the smallest that works is"),
        (CORPUS, 5_000, "the largest that works is"),
        (CORPUS, 10**9, "32,000 or fewer"),
        ("a\ud800b", 50, "half a character"),
        ("猫 " * 300_000, 50, "bytes"),
    ],
)
def test_a_corpus_that_teaches_nothing_is_refused(corpus: str, size: int, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        unigram.train(corpus, vocabulary_size=size)
    assert "\n" not in str(caught.value)
    assert ".cc" not in str(caught.value)


def test_the_sizes_that_a_refusal_names_work() -> None:
    for asked in (5, 10_000):
        with pytest.raises(SizeError) as caught:
            unigram.train(CORPUS, vocabulary_size=asked)
        named = int(str(caught.value).rstrip(".").rsplit(" ", 1)[1].replace(",", ""))
        assert caught.value.fitting == named
        assert len(unigram.train(CORPUS, vocabulary_size=named).pieces) == named


def test_the_smallest_corpora_work() -> None:
    assert unigram.train("a", vocabulary_size=5).pieces[3:] == ("a", "▁")
    training = unigram.train("aaaa", vocabulary_size=6)
    assert set(training.pieces[3:]) == {"aa", "a", "▁"}


def test_other_tokenizers_are_refused() -> None:
    with pytest.raises(InputError, match="this one is BPE"):
        unigram.lattice(tiny_tokenizer(), "a")
    written = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=written, model_type="bpe", vocab_size=150, minloglevel=2
    )
    with pytest.raises(InputError, match="this sentencepiece model is BPE"):
        unigram.lattice(written.getvalue(), "a")
    with pytest.raises(InputError, match="damaged"):
        unigram.lattice(b"not a model", "a")
    with pytest.raises(InputError, match="str is none"):
        unigram.lattice("gpt2", "a")
    with pytest.raises(InputError, match="finite"):
        unigram.lattice({"a": math.nan}, "a")
    with pytest.raises(InputError, match="no piece for 'x'"):
        unigram.lattice({"a": -1.0}, "ax")


@pytest.mark.parametrize("text", ["newest and lower", "xx猫yy", "", "a" * 300, "low lower lowest " * 40])
def test_the_check_agrees_where_the_library_does(text: str) -> None:
    for source, asked in ((processor().serialized_model_proto(), 20), (fast(), 0)):
        lattice = unigram.lattice(source, text)
        check = unigram_check.check(source, lattice, unigram.n_best(lattice, 20))
        assert check.good
        assert (check.compared > 0) == (asked > 0)


def test_the_check_finds_another_path_and_other_numbers() -> None:
    source = processor().serialized_model_proto()
    lattice = unigram.lattice(source, "newest")
    nearest = unigram.n_best(lattice, 5)
    second = dataclasses.replace(lattice, best=nearest[1].edges)
    assert not unigram_check.check(source, second, nearest).good
    assert not unigram_check.check(fast(), dataclasses.replace(second, text="lower"), nearest).good
    wrong = (nearest[0], dataclasses.replace(nearest[1], log_probability=nearest[1].log_probability + 0.01))
    assert not unigram_check.check(source, lattice, wrong).good
    assert not unigram_check.check(source, lattice, nearest * 100).good


def test_bad_texts_and_numbers_are_refused() -> None:
    with pytest.raises(TooLongError) as caught:
        unigram.lattice(processor(), "a" * 6_000)
    assert len(caught.value.fitting) == unigram.MAX_CHARACTERS
    with pytest.raises(InputError, match="position 2"):
        unigram.lattice(processor(), "a\udc00")
    lattice = unigram.lattice(processor(), "")
    assert unigram.n_best(lattice, 3)[0].share == 1.0
    assert unigram.sample(lattice)[0].pieces == ()
    for bad in (0, 101):
        with pytest.raises(InputError, match="Between 1 and 100"):
            unigram.n_best(lattice, bad)
    for alpha in (-1.0, math.inf, math.nan):
        with pytest.raises(InputError, match="alpha"):
            unigram.sample(lattice, alpha=alpha)
    with pytest.raises(InputError, match="Between 1 and 1,000"):
        unigram.sample(lattice, count=2_000)


def test_a_tokenizer_without_an_unknown_piece_says_so() -> None:
    record = json.loads(library().to_str())
    record["model"]["unk_id"] = None
    with pytest.raises(InputError, match="use another"):
        unigram.lattice(Tokenizer.from_str(json.dumps(record)), "☃")
