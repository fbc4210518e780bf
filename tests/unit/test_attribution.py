"""Direct logit attribution, against the model's own logits and torch's own modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import attribution, interventions, lens, traces
from models.engine import Request
from models.interventions import Part
from models.traces import AttributionTrace, InputError
from tests.families import DECODERS, FAMILIES, hooks, shaken
from tests.unit.test_lens import TEXT, final_norm

SUMS = [family for family in DECODERS if family != "falcon"]


@pytest.mark.parametrize("family", SUMS)
def test_attributions_sum_to_the_difference(family: str) -> None:
    lm = shaken(family)
    found = attribution.attribute(lm, TEXT, 70, 5, first=3, count=6)
    logits = lens.logit_lens(lm, TEXT).logits(-1)[3:9].astype(np.float64)
    if cap := getattr(lm.config, "final_logit_softcapping", None):
        logits = cap * np.arctanh(logits / cap)
    assert hooks(lm) == 0
    assert found.first == 3
    np.testing.assert_allclose(found.totals, logits[:, 70] - logits[:, 5], atol=1e-4)
    np.testing.assert_allclose(found.sums, found.totals, atol=1e-4)
    assert found.differences.max() < 1e-5
    assert found.heads.shape == (6, lm.layers, lm.heads)
    assert np.abs(found.heads).min() > 0
    alone = attribution.attribute(lm, TEXT, 70, 5)
    np.testing.assert_allclose(alone.heads[0], attribution.attribute(lm, TEXT, 70, 5, count=None).heads[-1], atol=1e-6)


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
        for part, share in ((head, found.heads[0, 1, 2]), (seen["mlp"][0, -1], found.mlps[0, 1])):
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
    best = lens.logit_lens(lm, TEXT).trace.ids[-1]
    found = attribution.attribute(lm, TEXT, count=None)
    np.testing.assert_array_equal(np.stack([found.tokens, found.rivals], axis=1), best[:, :2])
    np.testing.assert_array_equal(found.likely, best[:, : found.likely.shape[1]])
    assert attribution.attribute(lm, TEXT, rival=int(best[-1, 0])).tokens == best[-1, 1]
    assert attribution.attribute(lm, TEXT, token=int(best[-1, 3])).rivals == best[-1, 0]
    assert found.totals.min() > 0


def test_names_lead_back_to_their_tokens() -> None:
    lm = shaken("llama")
    found = attribution.attribute(lm, TEXT, 70, 5, count=None)
    assert {70, 5} <= set(found.entries.tolist())
    assert [lens.typed(lm, name) for name in found.names] == found.entries.tolist()
    settings = (("answer", found.names[0]), ("rival", "#70"), ("first", "2"), ("count", "3"))
    asked = attribution.ANALYSES["attribution"](
        lm, Request("attribution", "x", TEXT, settings=settings), lambda *_: None
    )
    assert isinstance(asked, AttributionTrace)
    assert asked.tokens.tolist() == [found.entries[0]] * 3
    assert asked.rivals.tolist() == [70] * 3
    np.testing.assert_array_equal(
        asked.heads, attribution.attribute(lm, TEXT, int(found.entries[0]), 70, first=2, count=3).heads
    )


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2", "gpt_neox"])
def test_what_is_switched_off_has_no_share(family: str) -> None:
    lm = shaken(family)
    parts = [Part("head", 1, 2), Part("attention", 0, scale=0.5), Part("mlp", 2), Part("layer", 2, scale=0.5)]
    with interventions.changed(lm, parts):
        found = attribution.attribute(lm, TEXT, 70, 5)
    assert found.differences.max() < 1e-5
    assert found.heads[0, 1, 2] == 0
    assert np.abs(found.heads[0, 0]).min() > 0
    whole = attribution.attribute(lm, TEXT, 70, 5)
    assert abs(whole.totals[0] - found.totals[0]) > 1e-4


def test_files_keep_them() -> None:
    found = attribution.attribute(shaken("llama"), TEXT)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, AttributionTrace)
    assert traces.to_bytes(again) == traces.to_bytes(found)


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
    with pytest.raises(InputError, match="choose two different ones"):
        attribution.attribute(shaken("llama"), TEXT, 7, 7)
