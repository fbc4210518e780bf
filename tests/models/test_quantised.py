"""Fewer bits and fewer weights: torch's and GGUF's own rounding, and passes of a model that was really changed."""

from __future__ import annotations

import copy
import math
import warnings

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, GGUFReader, dequantize, quantize
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


@pytest.mark.parametrize("shape", [(64, 96), (16, 1536)])
def test_eight_bits_in_blocks_of_32_are_ggufs(shape: tuple[int, int]) -> None:
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(8))
    packed = quantize(weights.numpy(), GGMLQuantizationType.Q8_0)
    blocks = packed.reshape(-1, 34)  # a scale of 16 bits, then 32 whole numbers
    scale = weights.reshape(-1, 32).abs().amax(dim=1, keepdim=True) / 127
    whole = torch.round(quantised.rounded(weights, 8, 32).reshape(-1, 32) / scale)
    np.testing.assert_array_equal(whole.numpy().astype(np.int8), blocks[:, 2:].view(np.int8))
    theirs = dequantize(packed, GGMLQuantizationType.Q8_0)
    np.testing.assert_allclose(quantised.rounded(weights, 8, 32).numpy(), theirs, rtol=2**-11)  # of the 16 bits


def test_a_matrix_of_zeros_stays_one() -> None:
    for block in (0, 32):
        assert not quantised.rounded(torch.zeros(4, 64), 2, block).any()
        assert not quantised.theirs(torch.zeros(4, 64), "round", bits=2, block=block, share=0).any()


def test_the_loaded_weights_show_the_bits_of_their_file(smollm2: LanguageModel) -> None:
    file = catalog.resolve("smollm2-135m").location
    kinds = {tensor.name: tensor.tensor_type.name for tensor in GGUFReader(file).tensors}
    assert kinds["blk.0.ffn_down.weight"] == "Q4_1"
    assert kinds["token_embd.weight"] == "Q8_0"
    with torch.inference_mode():
        assert quantised.levels(smollm2.model.get_submodule("model.layers.0.mlp.down_proj").weight) == 2**4
        assert quantised.levels(smollm2.model.get_submodule("model.embed_tokens").weight) == 32  # all it can be
    assert quantised.levels(torch.randn(4, 33)) == 0
    assert quantised.levels(torch.ones(4, 32)) == 1


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
    assert found.check == 0
    logs = torch.log_softmax(torch.tensor(np.array(theirs), dtype=torch.float64), dim=1)
    nats = torch.nn.functional.kl_div(logs[1], logs[0], log_target=True, reduction="sum")
    assert found.divergence == pytest.approx(float(nats) / math.log(2), rel=1e-3)
    torch.testing.assert_close(torch.tensor(found.probabilities), logs.exp(), rtol=1e-3, atol=1e-6)
    error = (changed.get_submodule(matrix).weight - smollm2.model.get_submodule(matrix).weight).detach().double()
    plain = smollm2.model.get_submodule(matrix).weight.detach().double()
    assert found.error == pytest.approx(float(error.pow(2).mean().sqrt()), rel=1e-5)
    assert found.signal_to_noise == pytest.approx(10 * math.log10(plain.pow(2).sum() / error.pow(2).sum()), abs=1e-4)
    assert found.largest == pytest.approx(float(error.abs().max()))
    assert found.zeros == tuple(int((weights == 0).sum()) for weights in (plain, plain + error))
    count = found.shape[0] * found.shape[1]
    assert found.bytes == count * 3 / 8 + count / 32 * 4
    assert found.counts.sum(axis=1).tolist() == [found.shape[0] * found.shape[1]] * 2
    for name, weight in smollm2.model.named_parameters():
        assert torch.equal(weight, before[name]), name
    assert not any(module._forward_hooks for module in smollm2.model.modules())
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.QuantisedTrace)
    assert again.divergence == found.divergence


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma2", "bloom", "opt", "gpt_neox"])
def test_every_kind_of_module(family: str) -> None:
    warnings.simplefilter("error")  # these weights ask for a gradient
    lm = catalog.wrap(tiny_model(family), tiny_tokenizer())
    for matrix in quantised.matrices(lm):
        found = quantised.trial(lm, matrix, "abc", method="prune", share=0.5)
        changed = copy.deepcopy(lm.model)
        with torch.no_grad():
            weight = changed.get_submodule(matrix).weight
            weight.copy_(quantised.pruned(weight, 0.5))
            theirs = changed(lm.encode("abc").ids[None]).logits[0, -1].numpy()
        np.testing.assert_allclose(found.logits[1], theirs, rtol=1e-4, atol=1e-5, err_msg=matrix)
        count = found.shape[0] * found.shape[1]
        assert found.bytes == math.ceil(count / 8) + 4 * (count - count // 2)
        assert found.check == 0


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_a_matrix_whose_weights_are_all_alike(value: float) -> None:
    lm = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())
    matrix = "transformer.h.0.attn.c_attn"
    with torch.no_grad():
        lm.model.get_submodule(matrix).weight.fill_(value)
    for settings in ({"bits": 2}, {"method": "prune", "share": 1.0}):
        found = quantised.trial(lm, matrix, "abc", **settings)
        assert found.counts.sum(axis=1).tolist() == [found.shape[0] * found.shape[1]] * 2
        assert (np.diff(found.edges) > 0).all()
        assert found.relative == pytest.approx(1.0 if value and settings.get("method") else 0.0, abs=1e-6)


def test_a_rounded_weight_at_an_end_is_in_the_histogram() -> None:
    """7 times a seventh of the largest weight can be a last digit more than it."""
    lm = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())
    matrix = "transformer.h.0.mlp.c_proj"
    largest = next(each for each in torch.linspace(1, 2, 1000) if each / 7 * 7 > each)
    with torch.no_grad():
        lm.model.get_submodule(matrix).weight[0, 0] = largest
    found = quantised.trial(lm, matrix, "abc", bits=4)
    assert found.counts.sum(axis=1).tolist() == [found.shape[0] * found.shape[1]] * 2


def test_what_can_not_be_is_refused(smollm2: LanguageModel) -> None:
    matrix = "model.layers.0.self_attn.q_proj"
    for settings, said in (
        ({"matrix": "../../etc"}, "no matrix"),
        ({"matrix": matrix, "bits": 1}, "bits"),
        ({"matrix": matrix, "block": 7}, "blocks of 7; blocks of 32 or 64, or one scale a row would work"),
        ({"matrix": matrix, "block": 128}, "blocks of 128"),
        ({"matrix": matrix, "text": "word " * 600}, "512"),
        ({"matrix": matrix, "text": ""}, "prompt"),
        ({"matrix": matrix, "method": "prune", "share": 1.5}, "0 to 1"),
    ):
        with pytest.raises(InputError, match=said):
            quantised.trial(smollm2, **{"text": TEXT, **settings})  # type: ignore[arg-type]


def test_an_encoder_has_no_next_token() -> None:
    lm = catalog.wrap(tiny_model("bert"), tiny_tokenizer())
    with pytest.raises(InputError, match="next token"):
        quantised.trial(lm, next(iter(quantised.matrices(lm))), "abc")
