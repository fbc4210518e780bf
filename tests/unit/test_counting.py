"""Counts and weights are by definition; word order and synonyms are what the three ways say they are."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import counting, embeddings, traces
from models.traces import CountingTrace, InputError, SentenceTrace, Source


def embedded(sentences: list[str], vectors: np.ndarray | None = None) -> SentenceTrace:
    """Sentences with vectors of no model."""
    count = len(sentences)
    drawn = np.random.default_rng(0).normal(size=(count, 4)) if vectors is None else vectors
    none = np.zeros(count, dtype=np.int64)
    source = Source("tiny", "abc", "\n".join(sentences))
    return SentenceTrace(source, tuple(sentences), "mean", drawn.astype(np.float32), none, none)


def test_word_order_is_lost_in_the_first_two() -> None:
    trace = embeddings.compare(embedded(["The dog bit the man", "the man bit the dog", "I like tea"]))
    assert trace.words == ("bit", "dog", "i", "like", "man", "tea", "the")
    np.testing.assert_array_equal(trace.counts[0], [1, 1, 0, 0, 1, 0, 2])
    np.testing.assert_array_equal(trace.counts[0], trace.counts[1])
    np.testing.assert_array_equal(trace.tfidf[0], trace.tfidf[1])
    np.testing.assert_allclose(trace.cosines[:2, 0, 1], 1, atol=1e-6)
    assert trace.cosines[2, 0, 1] < 0.9


def test_synonyms_are_strangers_in_the_first_two() -> None:
    trace = embeddings.compare(embedded(["big car", "large automobile"]))
    np.testing.assert_array_equal(trace.cosines[:2, 0, 1], 0)


@given(st.lists(st.text("ab cé_1.", max_size=30).filter(lambda text: re.search(r"\w", text)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_counts_and_weights_follow_their_definition(sentences: list[str]) -> None:
    trace = embeddings.compare(embedded(sentences))
    split = [re.findall(r"\w+", sentence.lower()) for sentence in sentences]
    assert list(trace.words) == sorted({word for words in split for word in words})
    for place, word in enumerate(trace.words):
        having = sum(word in words for words in split)
        assert trace.idf[place] == pytest.approx(math.log((1 + len(split)) / (1 + having)) + 1, rel=1e-6)
        assert trace.counts[:, place].tolist() == [words.count(word) for words in split]
    weighted = trace.counts * trace.idf
    np.testing.assert_allclose(trace.tfidf, weighted / np.linalg.norm(weighted, axis=1, keepdims=True), atol=1e-6)


def test_marks_belong_to_their_words() -> None:
    trace = embeddings.compare(embedded(["हिन्दी भाषा", "cafe\u0301 CAF\u00c9", "لُغَة \u2764\ufe0f"]))
    assert set(trace.words) == {"हिन्दी", "भाषा", "caf\u00e9", "لُغَة"}
    assert trace.counts[1].max() == 2


def test_the_trace_survives_its_file() -> None:
    before = embeddings.compare(embedded(["a b", "b c"]))
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, CountingTrace)
    assert (after.sentences, after.words, after.source) == (before.sentences, before.words, before.source)
    np.testing.assert_array_equal(after.cosines, before.cosines)


@pytest.mark.parametrize(
    ("sentences", "sentence"),
    [
        (["a b", "😀 !"], "Sentence 2 has no words"),
        (["a"] * 201, "at most 200"),
        ([" ".join(f"w{number}" for number in range(5_001))], "5,001 different words"),
    ],
)
def test_what_can_not_be_counted_is_refused_in_a_sentence(sentences: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        embeddings.compare(embedded(sentences))


def test_two_sentences_are_compared_by_their_numbers() -> None:
    trace = embeddings.compare(embedded(["a a b", "b c", "a a b"]))
    for place, way in enumerate(counting.between(trace, 0, 1)):
        vectors = (trace.counts, trace.tfidf, trace.vectors)[place]
        assert way.numbers == vectors.shape[1]
        assert way.product == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)
        assert way.cosine == pytest.approx(float(trace.cosines[place, 0, 1]), abs=1e-6)
        assert way.distance == pytest.approx(math.dist(vectors[0], vectors[1]), abs=1e-6)
        assert way.lengths == pytest.approx([np.linalg.norm(vectors[n].astype(float)) for n in (0, 1)])
    assert [way.distance for way in counting.between(trace, 0, 2)][:2] == [0, 0]


def test_a_false_number_is_found() -> None:
    trace = embeddings.compare(embedded(["a a b", "b c"]))
    right = counting.check(trace)
    assert (right.counts, right.weights < 1e-7, right.cosines < 1e-6) == (0, True, True)
    assert counting.check(dataclasses.replace(trace, tfidf=trace.tfidf * 1.01)).weights > 0.001
    assert counting.check(dataclasses.replace(trace, counts=trace.counts + 1)).counts == 6
