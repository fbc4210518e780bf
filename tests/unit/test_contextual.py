"""A word's vectors are transformers' own hidden states, and the word is found where a reader finds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import catalog, embeddings, traces
from models.contextual import MAX_SENTENCES, find
from models.progress import Cancelled
from models.tokens import grapheme_edges
from models.traces import WORD_POOLINGS, ContextTrace, InputError, WordPooling
from tests.families import DECODERS, FAMILIES, tiny_model, tiny_tokenizer

SENTENCES = ["to be or not", "let it be 😀", "Be, bee, bé be"]  # "be" stands at 3-5, 7-9, and 0-2 and 12-14
USES = [[0, 3, 5], [1, 7, 9], [2, 0, 2], [2, 12, 14]]


def hidden_states(model: Any, sentence: str) -> np.ndarray:
    """[layer + 1, token, dimension] by transformers."""
    batch = tiny_tokenizer()(sentence, return_tensors="pt")
    batch.pop("token_type_ids", None)
    with torch.inference_mode():
        return torch.cat(model.base_model(**batch, output_hidden_states=True, use_cache=False).hidden_states).numpy()


@pytest.mark.parametrize("family", FAMILIES)
def test_vectors_equal_output_hidden_states(family: str) -> None:
    model = tiny_model(family)
    trace = embeddings.contextual(catalog.wrap(model, tiny_tokenizer()), SENTENCES, "be", pooling="first")
    assert trace.uses.tolist() == USES
    assert trace.vectors.shape == (4, 4, 32)
    for use, (sentence, start, _) in enumerate(USES):
        # One token a byte, so the tokens of a word are its bytes.
        token = len(SENTENCES[sentence][:start].encode())
        np.testing.assert_array_equal(trace.vectors[:, use], hidden_states(model, SENTENCES[sentence])[:, token])


@pytest.mark.parametrize("pooling", WORD_POOLINGS)
def test_the_tokens_of_a_word_are_pooled(pooling: WordPooling) -> None:
    model = tiny_model("llama")
    trace = embeddings.contextual(catalog.wrap(model, tiny_tokenizer()), ["a naïve word"], "naïve", pooling=pooling)
    own = hidden_states(model, "a naïve word")[:, 2:8]
    expected = {"mean": own.mean(axis=1), "first": own[:, 0], "last": own[:, -1]}[pooling]
    np.testing.assert_allclose(trace.vectors[:, 0], expected, atol=1e-7, rtol=0)
    assert trace.pieces == (("n", "a", "ï 1/2", "ï 2/2", "v", "e"),)


@pytest.mark.parametrize("family", DECODERS)
def test_the_static_vector_is_the_same_in_every_sentence(family: str) -> None:
    model = tiny_model(family)
    trace = embeddings.contextual(catalog.wrap(model, tiny_tokenizer()), ["to be", "it may be so"], "be")
    ids = tiny_tokenizer()("be")["input_ids"]
    with torch.inference_mode():
        expected = model.get_input_embeddings()(torch.tensor(ids)).mean(dim=0).numpy()
    np.testing.assert_allclose(trace.static, [expected, expected], atol=1e-7)
    np.testing.assert_allclose(trace.static_cosines, 1, atol=1e-6)
    assert np.abs(trace.vectors[-1, 0] - trace.vectors[-1, 1]).max() > 1e-5


def test_cosines_are_those_of_torch() -> None:
    trace = embeddings.contextual(catalog.wrap(tiny_model("bert"), tiny_tokenizer()), SENTENCES, "be")
    vectors = torch.from_numpy(trace.vectors)
    expected = torch.cosine_similarity(vectors[:, :, None], vectors[:, None], dim=-1)
    np.testing.assert_allclose(trace.cosines, expected, atol=1e-6)


def test_the_trace_survives_its_file() -> None:
    before = embeddings.contextual(catalog.wrap(tiny_model("gpt2"), tiny_tokenizer()), SENTENCES, "be")
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, ContextTrace)
    assert (after.source, after.sentences, after.word, after.pieces) == (
        before.source,
        before.sentences,
        before.word,
        before.pieces,
    )
    np.testing.assert_array_equal(after.vectors, before.vectors)
    np.testing.assert_array_equal(after.uses, before.uses)


@pytest.mark.parametrize(
    ("sentence", "word", "found"),
    [
        ("The bank, a Bank.", "bank", ["bank", "Bank"]),
        ("embankment", "bank", ["bank"]),  # no whole word: a part of one
        ("embankment bank", "bank", ["bank"]),
        ("我去银行取钱", "银行", ["银行"]),
        ("cafe\u0301 or café", "café", ["cafe\u0301", "café"]),
        ("cafe\u0301", "cafe", []),  # never inside a grapheme
        ("👩‍🚀 and 👩", "👩", ["👩"]),
        ("a.b or a+b", "a+b", ["a+b"]),
        ("New York is new", "new york", ["New York"]),
        ("Die Straße, DIE STRASSE", "straße", ["Straße", "STRASSE"]),
        ("", "x", []),
    ],
)
def test_a_word_is_found_where_a_reader_finds_it(sentence: str, word: str, found: list[str]) -> None:
    assert [sentence[start:end] for start, end in find(sentence, word)] == found


@given(st.text(max_size=30), st.text(min_size=1, max_size=5), st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_what_stands_between_spaces_is_found(before: str, word: str, after: str) -> None:
    sentence = f"{before} {word} {after}"
    edges = set(grapheme_edges(sentence))
    place = (len(before) + 1, len(before) + 1 + len(word))
    spans = find(sentence, word)
    assert {edge for span in spans for edge in span} <= edges
    if edges.issuperset(place) and word.strip() == word:
        assert spans


@pytest.mark.parametrize(
    ("sentences", "word", "sentence"),
    [
        ([], "be", "no sentence"),
        (["to be", "to do"], "be", r"Sentence 2 doesn't hold the word “be”"),
        (["to be"], "  ", "word is empty"),
        (["to be", ""], "be", "sentence 2 is empty"),
        (["to be", "be" * 20_000], "be", "sentence 2 has 40,000 characters"),
        (["to be"], "be" * 51, "102 letters"),
        (["half \ud83d"], "half", "half a character"),
        (["be"] * (MAX_SENTENCES + 1), "be", "at most 40"),
        (["be " * 200], "be", "200 times"),
        (["be " + "x" * 500], "be", "Sentence 1 is 503 tokens; at most 128"),
    ],
)
def test_what_can_not_be_compared_is_refused_in_a_sentence(sentences: list[str], word: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        embeddings.contextual(catalog.wrap(tiny_model("llama"), tiny_tokenizer()), sentences, word)


def test_an_unknown_pooling_is_refused() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    with pytest.raises(InputError, match="mean, first, last"):
        embeddings.contextual(lm, ["to be"], "be", pooling="sum")  # type: ignore[arg-type]


def test_reading_can_be_stopped_between_sentences() -> None:
    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        embeddings.contextual(catalog.wrap(tiny_model("llama"), tiny_tokenizer()), SENTENCES, "be", progress=stop)
