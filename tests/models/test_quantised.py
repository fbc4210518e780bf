"""Fewer bits and fewer weights: torch's own rounding, and passes of a model whose weights were really changed."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

from models import catalog, quantised, traces
from models.language_model import LanguageModel
from models.traces import InputError
from tests.families import tiny_model, tiny_tokenizer

TEXT = "The capital of France is"


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.mark.parametrize("bits", quantised.BITS)
def test_rounding_is_torchs(bits: int) -> None:
    weights = torch.randn(64, 96, generator=torch.Generator().manual_seed(bits))
    most = 2 ** (bits - 1) - 1
    scales = weights.abs().amax(dim=1) / most
    theirs = torch.fake_quantize_per_channel_affine(weights, scales, torch.zeros(64, dtype=torch.int32), 0, -most, most)
    torch.testing.assert_close(quantised.rounded(weights, bits, 0), theirs)
    blocks = quantised.rounded(weights, bits, 32)
    torch.testing.assert_close(blocks.reshape(-1, 32), quantised.rounded(weights.reshape(-1, 32), bits, 0))
    assert (blocks - weights).pow(2).mean() <= (theirs - weights).pow(2).mean()
    assert all(len(row.unique()) <= 2 * most + 1 for row in blocks.reshape(-1, 32))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_pruning_is_torchs(share: float) -> None:
    layer = torch.nn.Linear(40, 30)
    ours = quantised.pruned(layer.weight.detach(), share)
    theirs = prune.l1_unstructured(layer, "weight", amount=share).weight.detach()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("matrix", ["model.layers.3.mlp.down_proj", "model.embed_tokens"])
def test_the_next_token_is_that_of_a_model_with_these_weights(matrix: str, smollm2: LanguageModel) -> None:
    before = {name: weight.clone() for name, weight in smollm2.model.named_parameters()}
    found = quantised.trial(smollm2, matrix, TEXT, bits=3)
    changed = copy.deepcopy(smollm2.model)
    with torch.no_grad():
        weight = changed.get_submodule(matrix).weight
        weight.copy_(quantised.rounded(weight, 3, 32))
        ids = smollm2.encode(TEXT).ids[None]
        theirs = [model(ids).logits[0, -1].numpy() for model in (smollm2.model, changed)]
    np.testing.assert_allclose(found.logits, theirs, rtol=1e-4, atol=1e-4)
    assert found.divergence > 1e-4
    assert found.counts.sum(axis=1).tolist() == [found.shape[0] * found.shape[1]] * 2
    for name, weight in smollm2.model.named_parameters():
        assert torch.equal(weight, before[name]), name
    assert not any(module._forward_hooks for module in smollm2.model.modules())
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.QuantisedTrace)
    assert again.divergence == found.divergence


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma2", "bloom", "opt", "gpt_neox"])
def test_every_kind_of_module(family: str) -> None:
    lm = catalog.wrap(tiny_model(family), tiny_tokenizer())
    for matrix in quantised.matrices(lm):
        found = quantised.trial(lm, matrix, "abc", method="prune", share=0.5)
        changed = copy.deepcopy(lm.model)
        with torch.no_grad():
            weight = changed.get_submodule(matrix).weight
            weight.copy_(quantised.pruned(weight, 0.5))
            theirs = changed(lm.encode("abc").ids[None]).logits[0, -1].numpy()
        np.testing.assert_allclose(found.logits[1], theirs, rtol=1e-4, atol=1e-5, err_msg=matrix)


def test_what_can_not_be_is_refused(smollm2: LanguageModel) -> None:
    matrix = "model.layers.0.self_attn.q_proj"
    for settings, said in (
        ({"matrix": "../../etc"}, "no matrix"),
        ({"matrix": matrix, "bits": 1}, "bits"),
        ({"matrix": matrix, "block": 7}, "blocks of 7"),
        ({"matrix": matrix, "method": "prune", "share": 1.5}, "0 to 1"),
    ):
        with pytest.raises(InputError, match=said):
            quantised.trial(smollm2, text=TEXT, **settings)
