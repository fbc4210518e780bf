"""Surprise on real models: the loss is the model's own, and ranks and entropies are those of its own distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]

from models import catalog, surprise, traces
from models.language_model import LanguageModel
from models.traces import InputError, SurpriseTrace

TEXTS = [
    "The capital of France is Paris.",
    "def add(a, b):\n    return a + b\n",
    "Unstoppable! 1,000 words, 你好 and नमस्ते 👩\u200d🚀",
    "a b a b a b a b " * 20,
]


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.mark.parametrize("text", TEXTS, ids=["fact", "code", "scripts", "repeated"])
def test_it_is_the_models_own_distribution(text: str, smollm2: LanguageModel) -> None:
    trace = surprise.trace(smollm2, text)
    ids = torch.tensor([trace.token_table.ids.tolist()])
    with torch.inference_mode():
        out = smollm2.model(input_ids=ids, labels=ids)
    assert math.log(trace.perplexity) == pytest.approx(float(out.loss), rel=1e-4)
    assert trace.loss == pytest.approx(float(out.loss), rel=1e-4)
    assert trace.vocabulary == smollm2.tokenizer.vocab_size
    shares = out.logits[0, :-1].double().softmax(dim=-1).numpy()
    came = trace.token_table.ids[1:]
    given = shares[np.arange(len(came)), came]
    np.testing.assert_allclose(trace.surprisals, -np.log2(given), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(trace.ranks, 1 + (shares > given[:, None]).sum(axis=1))
    np.testing.assert_allclose(trace.entropies, stats.entropy(shares, base=2, axis=1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trace.likely_probabilities, -np.sort(-shares, axis=1)[:, :5], rtol=1e-4, atol=1e-7)
    assert list(trace.likely_texts[0]) == [smollm2.tokenizer.decode([id_]) for id_ in trace.likely[0]]


def test_the_trace_survives_its_file(smollm2: LanguageModel) -> None:
    before = surprise.trace(smollm2, TEXTS[0])
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, SurpriseTrace)
    np.testing.assert_array_equal(after.surprisals, before.surprisals)
    assert (after.likely_texts, after.first, after.perplexity) == (before.likely_texts, 1, before.perplexity)


def test_what_has_no_next_token_is_refused(smollm2: LanguageModel) -> None:
    with pytest.raises(InputError, match="a single token"):
        surprise.trace(smollm2, "the")
    with pytest.raises(InputError, match="predicts no next token"):
        surprise.trace(catalog.load("minilm-l6-v2"), TEXTS[0])
