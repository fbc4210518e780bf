"""The logit lens and direct logit attribution, against transformers' and torch's own modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import attribution, lens, traces
from models.language_model import LanguageModel
from models.traces import AttributionTrace, InputError, LensTrace
from tests.families import DECODERS, FAMILIES, hooks, shaken

TEXT = "Hello, world of walks"


def final_norm(lm: LanguageModel) -> Any:
    """The last norm of the model that is in none of its layers."""
    inside = {id(module) for block in lm.blocks() for module in block.modules()}
    outside = [module for module in lm.model.base_model.modules() if id(module) not in inside]
    return [module for module in outside if "Norm" in type(module).__name__][-1]


@pytest.mark.parametrize("family", DECODERS)
def test_the_last_layer_is_the_model_and_the_others_are_its_head(family: str) -> None:
    lm = shaken(family)
    found = lens.logit_lens(lm, TEXT)
    assert hooks(lm) == 0
    with torch.inference_mode():
        theirs = lm.model(**lm.encode(TEXT).inputs, output_hidden_states=True, use_cache=False)
        np.testing.assert_array_equal(found.logits(lm.layers), theirs.logits[0])
        np.testing.assert_array_equal(found.logits(-1), theirs.logits[0])
        assert found.trace.difference == 0
        for layer in range(lm.layers):
            logits = lm.model.get_output_embeddings()(final_norm(lm)(theirs.hidden_states[layer]))[0]
            cap = getattr(lm.config, "final_logit_softcapping", None)
            logits = cap * torch.tanh(logits / cap) if cap else logits
            np.testing.assert_array_equal(found.logits(layer), logits)


@pytest.mark.parametrize("family", ["llama", "gemma2", "falcon"])
@pytest.mark.parametrize("batch", [1, 4_000, 1 << 24])
def test_what_the_trace_says_is_torchs(family: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lens, "BATCH", batch)
    lm = shaken(family)
    found = lens.logit_lens(lm, TEXT, [70, 5], k=4)
    trace = found.trace
    answers = torch.from_numpy(found.logits(-1)).argmax(-1)
    assert trace.followed.tolist() == [answers.tolist(), [70] * len(TEXT), [5] * len(TEXT)]
    for layer in range(lm.layers + 1):
        logits = torch.from_numpy(found.logits(layer)).double()
        chances = logits.softmax(-1)
        np.testing.assert_array_equal(trace.ids[layer], logits.topk(4).indices)
        np.testing.assert_allclose(trace.probabilities[layer], chances.topk(4).values, rtol=1e-5)
        entropy = torch.distributions.Categorical(logits=logits).entropy() / np.log(2)
        np.testing.assert_allclose(trace.entropies[layer], entropy, rtol=1e-5)
        for number, ids in enumerate(torch.from_numpy(trace.followed)):
            own = chances.gather(1, ids[:, None])[:, 0]
            np.testing.assert_allclose(trace.followed_probabilities[number, layer], own, rtol=1e-5)
            order = logits.argsort(-1, descending=True)
            ranks = (order == ids[:, None]).long().argmax(-1)
            np.testing.assert_array_equal(trace.followed_ranks[number, layer], ranks)
    ids, probabilities = found.top(4)
    np.testing.assert_array_equal(ids, trace.ids)
    np.testing.assert_array_equal(probabilities, trace.probabilities)
    for position, layer in enumerate(trace.settled):
        right = trace.ids[:, position, 0] == answers[position].item()
        assert right[layer:].all()
        assert layer == 0 or not right[layer - 1]


def test_files_keep_them() -> None:
    lm = shaken("llama")
    for found, kind in (
        (lens.logit_lens(lm, TEXT, [3]).trace, LensTrace),
        (attribution.attribute(lm, TEXT), AttributionTrace),
    ):
        again = traces.from_bytes(traces.to_bytes(found))
        assert isinstance(again, kind)
        assert traces.to_bytes(again) == traces.to_bytes(found)


def test_what_has_no_lens() -> None:
    for family in ("bert", "distilbert"):
        with pytest.raises(InputError, match="predicts no next token"):
            lens.logit_lens(shaken(family), TEXT)
    lm = shaken("llama")
    with pytest.raises(InputError, match="300 tokens"):
        lens.logit_lens(lm, TEXT, [300])
    with pytest.raises(InputError, match="The text is empty"):
        lens.logit_lens(lm, "")


def test_a_model_with_more_behind_its_last_layer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES["opt"], "word_embed_proj_dim", 16)
    lm = shaken("opt")
    with pytest.raises(InputError, match="more than a norm and a head"):
        lens.logit_lens(lm, TEXT)
    assert hooks(lm) == 0


@pytest.mark.parametrize("family", [family for family in DECODERS if family != "falcon"])
@pytest.mark.parametrize("position", [-1, 3])
def test_attributions_sum_to_the_difference(family: str, position: int) -> None:
    lm = shaken(family)
    found = attribution.attribute(lm, TEXT, 70, 5, position=position)
    logits = lens.logit_lens(lm, TEXT).logits(-1)[position].astype(np.float64)
    if cap := getattr(lm.config, "final_logit_softcapping", None):
        logits = cap * np.arctanh(logits / cap)
    assert found.total == pytest.approx(logits[70] - logits[5], abs=1e-4)
    assert found.sum == pytest.approx(found.total, abs=1e-4)
    assert found.max_difference < 1e-5
    assert found.heads.shape == (lm.layers, lm.heads)
    assert np.abs(found.heads).min() > 0


@pytest.mark.parametrize("family", ["gpt2", "llama", "gpt_neox"])
def test_a_share_is_what_the_final_norm_and_head_make_of_the_part(family: str) -> None:
    lm = shaken(family)
    found = attribution.attribute(lm, TEXT, 70, 5)
    block: Any = lm.blocks()[1]
    seen: dict[str, torch.Tensor] = {}
    path = {"gpt2": "attn.c_proj", "llama": "self_attn.o_proj", "gpt_neox": "attention.dense"}[family]
    handles = [
        block.get_submodule(path).register_forward_pre_hook(lambda _m, given: seen.update(mixed=given[0])),
        block.mlp.register_forward_hook(lambda _m, _given, output: seen.update(mlp=output)),
        final_norm(lm).register_forward_pre_hook(lambda _m, given: seen.update(left=given[0])),
    ]
    with torch.no_grad():
        lm.model(**lm.encode(TEXT).inputs)
    for handle in handles:
        handle.remove()
    mixed = torch.zeros_like(seen["mixed"][0, -1])
    mixed[16:24] = seen["mixed"][0, -1, 16:24]  # the third of four heads of eight
    projection = block.get_submodule(path)
    with torch.no_grad():
        head = projection(mixed) - projection(torch.zeros_like(mixed))
        left = seen["left"][0, -1].double()
        norm = final_norm(lm).double()

        def difference(vector: torch.Tensor) -> torch.Tensor:
            out = norm(vector[None])[0]
            rows = lm.model.get_output_embeddings().weight.double()
            return (rows[70] - rows[5]) @ out

        # What the logits lose when a little of the part is taken from the stream, the scale's own change taken back.
        for part, share in ((head, found.heads[1, 2]), (seen["mlp"][0, -1], found.mlps[1])):
            centred = left - left.mean() if isinstance(norm, torch.nn.LayerNorm) else left
            changed = left - part.double()
            other = changed - changed.mean() if isinstance(norm, torch.nn.LayerNorm) else changed
            epsilon = norm.eps if hasattr(norm, "eps") else norm.variance_epsilon
            rescaled = torch.sqrt((other.pow(2).mean() + epsilon) / (centred.pow(2).mean() + epsilon))
            bias = getattr(norm, "bias", None)
            constant = (
                0.0
                if bias is None
                else (
                    lm.model.get_output_embeddings().weight.double()[70]
                    - lm.model.get_output_embeddings().weight.double()[5]
                )
                @ bias
            )
            without = (difference(changed) - constant) * rescaled + constant
            assert share == pytest.approx(float(difference(left) - without), abs=1e-5)


def test_the_likeliest_tokens_are_taken_where_none_are_named() -> None:
    lm = shaken("llama")
    best = lens.logit_lens(lm, TEXT).trace.ids[-1, -1]
    found = attribution.attribute(lm, TEXT)
    assert (found.token, found.rival) == (best[0], best[1])
    assert attribution.attribute(lm, TEXT, rival=int(best[0])).token == best[1]
    assert attribution.attribute(lm, TEXT, token=int(best[3])).rival == best[0]
    assert found.total > 0


def test_what_can_not_be_attributed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="predicts no next token"):
        attribution.attribute(shaken("bert"), TEXT)
    with pytest.raises(InputError, match="falcon"):
        attribution.attribute(shaken("falcon"), TEXT)
    with pytest.raises(InputError, match="300 tokens"):
        attribution.attribute(shaken("llama"), TEXT, -1)
    monkeypatch.setitem(FAMILIES["opt"], "do_layer_norm_before", False)
    with pytest.raises(InputError, match="no sum of parts"):
        attribution.attribute(shaken("opt"), TEXT)
