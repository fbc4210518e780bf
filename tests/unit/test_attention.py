"""Attention weights are the model's own, for every family; the measures are what their definitions say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import attention, catalog
from models.progress import Cancelled
from models.traces import AttentionTrace, InputError, TooLongError
from tests.families import DECODERS, ENCODERS, FAMILIES, tiny_model, tiny_tokenizer

TEXT = "to be 😀 or not to be"


def eager_attentions(model: Any, text: str) -> np.ndarray:
    """transformers' own answer."""
    batch = tiny_tokenizer()(text, return_tensors="pt")
    batch.pop("token_type_ids", None)
    with torch.no_grad():
        attentions = model(**batch, output_attentions=True).attentions
    return torch.stack(attentions)[:, 0].numpy()


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_equal_transformers_eager_attentions(family: str) -> None:
    model = tiny_model(family)
    trace = attention.trace(catalog.wrap(model, tiny_tokenizer()), TEXT)
    np.testing.assert_allclose(trace.weights, eager_attentions(model, TEXT), atol=1e-6, rtol=0)
    assert trace.weights.shape == (3, 4, len(TEXT.encode()), len(TEXT.encode()))
    np.testing.assert_allclose(trace.weights.sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_mask_is_where_the_weights_are_zero(family: str) -> None:
    """A random model gives every key that it sees some weight, so the mask must be the zeros."""
    trace = attention.trace(catalog.wrap(tiny_model(family), tiny_tokenizer()), TEXT)
    assert trace.causal == (family in DECODERS)
    for layer in range(trace.layers):
        np.testing.assert_array_equal((trace.weights[layer] > 0).all(axis=0), trace.visible(layer))


@pytest.mark.parametrize("family", ["llama", "gpt2", "bert"])
def test_a_model_with_sdpa_is_shown_and_left_as_it_was(family: str) -> None:
    model = tiny_model(family, attn_implementation="sdpa").train()
    trace = attention.trace(catalog.wrap(model, tiny_tokenizer()), TEXT)
    assert model.config._attn_implementation == "sdpa"
    assert model.training
    np.testing.assert_allclose(trace.weights, eager_attentions(tiny_model(family), TEXT), atol=1e-6, rtol=0)


def test_wrapping_shares_the_weights() -> None:
    model = tiny_model("llama", attn_implementation="sdpa")
    wrapped = catalog.wrap(model, tiny_tokenizer()).model
    theirs = {weight.data_ptr() for weight in model.parameters()}
    assert {weight.data_ptr() for weight in wrapped.parameters()} == theirs


def test_query_heads_that_share_a_key_value_head() -> None:
    groups = {
        family: attention.trace(catalog.wrap(tiny_model(family), tiny_tokenizer()), "ab").key_value_heads.tolist()
        for family in ("llama", "gpt2", "falcon")
    }
    assert groups == {"llama": [0, 0, 1, 1], "gpt2": [0, 1, 2, 3], "falcon": [0, 0, 0, 0]}


def test_progress_counts_layers_and_can_stop_the_pass() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    seen: list[float | None] = []
    attention.trace(lm, TEXT, progress=lambda _sentence, fraction: seen.append(fraction))
    assert seen == [0, pytest.approx(1 / 3), pytest.approx(2 / 3)]

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        attention.trace(lm, TEXT, progress=stop)
    assert not any(module._forward_pre_hooks for module in lm.model.modules())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("half \ud83d", "half a character"),
        ("a" * 1_000_000, "at most 20,000"),
        (" " * 10_000, "10,000 tokens; at most 128"),
    ],
)
def test_bad_text_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        attention.trace(catalog.wrap(tiny_model("llama"), tiny_tokenizer()), text)


def test_what_fits_of_a_long_text_can_be_run() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    with pytest.raises(TooLongError) as caught:
        lm.encode("é" * 1000)
    assert len(lm.encode(caught.value.fitting).ids) == 128
    with pytest.raises(TooLongError):
        lm.encode(caught.value.fitting + "é")


def test_a_decoder_refuses_a_second_text() -> None:
    with pytest.raises(InputError, match="encoder"):
        attention.trace(catalog.wrap(tiny_model("llama"), tiny_tokenizer()), "one", "two")


def by_definition(trace: AttentionTrace) -> dict[str, np.ndarray]:
    """The measures, query by query."""
    layers, heads, count, _ = trace.weights.shape
    ids = trace.token_table.ids
    found: dict[str, np.ndarray] = {}
    for key in ("previous", "same", "first", "duplicate", "entropy", "distance"):
        found[key] = np.full((layers, heads), np.nan)
    for layer in range(layers):
        for head in range(heads):
            weights = trace.weights[layer, head].astype(float)
            found["previous"][layer, head] = np.mean([weights[i, i - 1] for i in range(1, count)])
            found["same"][layer, head] = np.mean([weights[i, i] for i in range(count)])
            found["first"][layer, head] = np.mean([weights[i, 0] for i in range(1, count)])
            twins = []
            for i in range(count):
                others = [j for j in range(count) if j != i and ids[j] == ids[i] and (j < i or not trace.causal)]
                if others:
                    twins.append(sum(weights[i, j] for j in others))
            found["duplicate"][layer, head] = np.mean(twins) if twins else np.nan
            rows = [sum(-w * np.log2(w) for w in row if w > 0) for row in weights]
            found["entropy"][layer, head] = np.mean(rows)
            far = [sum(weights[i, j] * abs(i - j) for j in range(count)) for i in range(count)]
            found["distance"][layer, head] = np.mean(far)
    return found


@pytest.mark.parametrize("family", ["llama", "bert", "mistral"])
@pytest.mark.parametrize("text", [TEXT, "abc", "a"])
def test_measures_follow_their_definitions(family: str, text: str) -> None:
    trace = attention.trace(catalog.wrap(tiny_model(family), tiny_tokenizer()), text)
    values = dict(zip((m.key for m in attention.MEASURES), attention.measures(trace), strict=True))
    assert np.isnan(values["induction"]).all()
    with np.errstate(invalid="ignore"):
        if text == "a":
            assert np.isnan(values["previous"]).all()
            assert (values["same"] == 1).all()
            return
    for key, expected in by_definition(trace).items():
        np.testing.assert_allclose(values[key], expected, atol=1e-5, err_msg=key)


def test_rollout_follows_its_definition() -> None:
    trace = attention.trace(catalog.wrap(tiny_model("bert"), tiny_tokenizer()), TEXT)
    before = np.eye(len(trace.tokens))
    for layer in range(trace.layers):
        mixed = 0.5 * trace.weights[layer].astype(float).mean(axis=0) + 0.5 * np.eye(len(trace.tokens))
        before = mixed / mixed.sum(axis=-1, keepdims=True) @ before
        np.testing.assert_allclose(attention.rollout(trace)[layer], before, atol=1e-6)


@pytest.mark.parametrize("family", DECODERS)
def test_induction_scores_follow_their_definition(family: str) -> None:
    model = tiny_model(family)
    lm = catalog.wrap(model, tiny_tokenizer())
    found = attention.induction(lm, length=10, seed=1)
    assert found.scores.shape == (3, 4)
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    # The random sequence can be told from the seed alone, by the same rule as anybody would apply it.
    ordinary = [number for number in range(model.config.vocab_size) if number not in (0, 1, 2)]
    chosen = np.random.default_rng(1).choice(ordinary, size=10, replace=False).tolist()
    with torch.no_grad():
        weights = torch.stack(model(torch.tensor([[1, *chosen, *chosen]]), output_attentions=True).attentions)[:, 0]
    expected = torch.stack([weights[:, :, 1 + 10 + i, 1 + i + 1] for i in range(10)]).mean(dim=0)
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)


@pytest.mark.parametrize("family", ENCODERS)
def test_induction_is_refused_where_it_means_nothing(family: str) -> None:
    with pytest.raises(InputError, match="both ways"):
        attention.induction(catalog.wrap(tiny_model(family), tiny_tokenizer()))
