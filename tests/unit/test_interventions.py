"""Parts switched off, against models whose weights were really changed."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from models import adapters, attention, catalog, decoding, forward, interventions, switched_off, traces, trials
from models.interventions import Part
from models.progress import Cancelled
from models.traces import InputError
from tests.families import DECODERS, ENCODERS, hooks, shaken

TEXT = "Hello, world"
KNOWN = [family for family in DECODERS if family != "falcon"]


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("kind", ["head", "attention", "mlp"])
def test_a_part_that_is_off_is_a_model_with_zeros_there(family: str, kind: Any) -> None:
    lm = shaken(family)
    inputs = lm.encode(TEXT).inputs
    plain = lm.logits(inputs)
    with interventions.changed(lm, [Part(kind, 1, 2)]):
        found = lm.logits(inputs)
    assert hooks(lm) == 0
    assert torch.equal(lm.logits(inputs), plain)

    described = adapters.FAMILIES[family]
    model = copy.deepcopy(lm.model)
    block = model.base_model.get_submodule(described.blocks)[1]
    module = block.get_submodule(described.down if kind == "mlp" else described.output)
    with torch.no_grad():
        if kind == "head":  # the third of four heads of eight
            weight = module.weight if family == "gpt2" else module.weight.T
            weight[16:24] = 0
        else:
            module.weight.zero_()
            if module.bias is not None:
                module.bias.zero_()
        theirs = model(**inputs).logits[0]
    torch.testing.assert_close(found, theirs, rtol=1e-5, atol=1e-5)
    assert (found - plain).abs().max() > 1e-4


@pytest.mark.parametrize("family", KNOWN)
def test_a_layer_that_is_off_leaves_what_enters_it(family: str) -> None:
    lm = shaken(family)
    with interventions.changed(lm, [Part("layer", 1)]):
        walked = forward.walk(lm, TEXT)
    np.testing.assert_array_equal(walked["layers.2.input"], walked["layers.1.input"])
    half = Part("layer", 1, scale=0.5)
    plain = forward.walk(lm, TEXT)
    with interventions.changed(lm, [half]):
        walked = forward.walk(lm, TEXT)
    middle = (plain["layers.1.input"] + plain["layers.2.input"]) / 2
    np.testing.assert_allclose(walked["layers.2.input"], middle, atol=1e-5)


@pytest.mark.parametrize("family", KNOWN)
def test_nothing_changed_is_nothing_changed(family: str) -> None:
    lm = shaken(family)
    inputs = lm.encode(TEXT).inputs
    plain = lm.logits(inputs)
    for parts in ([], [Part(kind, 1, 2, scale=1.0) for kind in ("head", "attention", "mlp", "layer")]):
        with interventions.changed(lm, parts):
            assert torch.equal(lm.logits(inputs), plain)
    found = trials.trial(lm, TEXT, [])
    assert found.divergence == 0
    np.testing.assert_array_equal(found.logits[0], found.logits[1])


def test_divergence_is_torchs() -> None:
    lm = shaken("llama")
    found = trials.trial(lm, TEXT, [Part("head", layer, head) for layer in range(3) for head in range(4)])
    before, after = torch.from_numpy(found.logits).double().log_softmax(-1)
    theirs = torch.nn.functional.kl_div(after, before, log_target=True, reduction="sum") / np.log(2)
    assert found.divergence == pytest.approx(float(theirs))
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.ChangedTrace)
    assert again.parts == found.parts == tuple(f"{layer}.{head}" for layer in range(3) for head in range(4))


def test_what_can_not_be_changed() -> None:
    lm = shaken("llama")
    for part in (Part("head", 3, 0), Part("head", 0, 4), Part("mlp", -1), Part("head", 0, -1)):
        with pytest.raises(InputError, match="3 layers of 4 heads"), interventions.changed(lm, [part]):
            pass
    with pytest.raises(InputError, match="multiplied by a number"):
        trials.trial(lm, TEXT, [Part("mlp", 0, scale=float("nan"))])
    with pytest.raises(InputError, match="falcon"):
        trials.trial(shaken("falcon"), TEXT, [])


def test_an_encoder_can_be_changed_too() -> None:
    lm = shaken("bert")
    inputs = lm.encode(TEXT).inputs
    plain = lm.forward(inputs).last_hidden_state
    with interventions.changed(lm, [Part("head", 0, 1)]):
        changed = lm.forward(inputs).last_hidden_state
    assert not torch.allclose(changed, plain)
    assert torch.equal(lm.forward(inputs).last_hidden_state, plain)


def test_two_hundred_at_once_are_as_alone() -> None:
    lm = shaken("llama")
    asked: list[list[Part]] = [[], [Part("head", 0, 1)], [], [Part("mlp", 2)], [Part("layer", 1, scale=0.5)]]

    def ask(number: int) -> np.ndarray:
        parts = asked[number % 5]
        if parts:
            return trials.trial(lm, TEXT, parts).logits
        return lm.logits(lm.encode(TEXT).inputs).numpy()

    alone = [ask(number) for number in range(5)]
    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(ask, range(200))):
            np.testing.assert_array_equal(found, alone[number % 5])
    assert hooks(lm) == 0


@pytest.mark.parametrize("family", [*KNOWN, *ENCODERS])
def test_a_cut_edge_leaves_the_rest_renormalised(family: str) -> None:
    lm = shaken(family)
    plain = attention.trace(lm, TEXT).weights
    theirs = hooks(lm)  # transformers leaves some of its own where it has once been asked for attention
    for edge, heads in [(Part("head", 1, 2, edge=(7, 4)), [2]), (Part("attention", 1, edge=(7, 4)), range(4))]:
        with interventions.changed(lm, [edge]):
            found = attention.trace(lm, TEXT).weights
        expected = plain[1].copy()
        for head in heads:
            expected[head, 7] /= 1 - expected[head, 7, 4]
            expected[head, 7, 4] = 0
        np.testing.assert_array_equal(found[0], plain[0])
        np.testing.assert_allclose(found[1], expected, atol=1e-6)
        assert (found[1, list(heads), 7, 4] == 0).all()
    assert hooks(lm) == theirs
    np.testing.assert_array_equal(attention.trace(lm, TEXT).weights, plain)


@pytest.mark.parametrize("family", KNOWN)
def test_an_edge_is_the_same_token_by_token_and_beside_a_longer_text(family: str) -> None:
    lm = shaken(family)
    ids = lm.encode(TEXT).ids
    with interventions.changed(lm, [Part("attention", 1, edge=(10, 8)), Part("head", 0, 1, edge=(11, 7))]):
        whole = lm.logits({"input_ids": ids[None]})[-2:]
        batch, _ = decoding.begin(lm, ids[:10].tolist())
        for token, expected in zip(ids[10:].tolist(), whole, strict=True):
            torch.testing.assert_close(batch.step([token])[0], expected, rtol=1e-4, atol=1e-5)
        batch, _ = decoding.begin(lm, ids[:10].tolist())
        other, _ = decoding.begin(lm, lm.encode("a longer text, " + TEXT).ids.tolist())
        if batch.joins:
            batch.join(other)
            for token, expected in zip(ids[10:].tolist(), whole, strict=True):
                torch.testing.assert_close(batch.step([token, 40])[0], expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(whole, lm.logits({"input_ids": ids[None]})[-2:])


@pytest.mark.parametrize("family", [*KNOWN, *ENCODERS])
def test_a_changed_pass_can_be_computed_again(family: str) -> None:
    """So that the badge of the walk stays true where parts are off."""
    lm = shaken(family)
    for off in ("1.2x0.5,0.1", "a1x-0.5,m0", "l1x0.25,l2", "1.0:5>2,a2:7>7,m2x3"):
        with interventions.changed(lm, switched_off.parts_of(off)):
            assert forward.walk(lm, TEXT).max_difference < 1e-5


def test_a_token_keeps_something_to_look_at() -> None:
    lm = shaken("llama")
    edges = [Part("head", 1, 2, edge=(2, key)) for key in (0, 1, 2)]
    found = trials.trial(lm, TEXT, edges[:2])
    assert found.weights[1, 1, 2, 2, 2] == 1
    with pytest.raises(InputError, match=r"head 1\.2, token 2 may look at nothing"):
        trials.trial(lm, TEXT, edges)
    with pytest.raises(InputError, match="no token 12 whose edge"):
        trials.trial(lm, TEXT, [Part("head", 1, 2, edge=(12, 1))])
    with pytest.raises(InputError, match="Token 1 can't look at token 3 in any case"):
        trials.trial(lm, TEXT, [Part("head", 1, 2, edge=(1, 3))])
    assert hooks(lm) == 0


def test_a_trial_is_what_transformers_says() -> None:
    lm = shaken("gpt2")
    parts = switched_off.parts_of("1.2,a2:5>3")
    found = trials.trial(lm, TEXT, parts)
    theirs = copy.deepcopy(lm.model)
    with torch.inference_mode():
        own = theirs(**lm.encode(TEXT).inputs, output_attentions=True)
    np.testing.assert_array_equal(found.logits[0], own.logits[0, -1].numpy())
    np.testing.assert_array_equal(found.weights[0], torch.cat(own.attentions).numpy())
    with torch.no_grad():
        theirs.transformer.h[1].attn.c_proj.weight[16:24] = 0
    with torch.inference_mode(), interventions.changed(catalog.wrap(theirs, lm.tokenizer), parts[1:]):
        changed = theirs(**lm.encode(TEXT).inputs, output_attentions=True)
    np.testing.assert_allclose(found.logits[1], changed.logits[0, -1].numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.weights[1], torch.cat(changed.attentions).numpy(), atol=1e-6)
    assert found.answers.tolist() == found.logits.argmax(axis=1).tolist()
    shares = torch.from_numpy(found.logits).softmax(-1)
    np.testing.assert_allclose(found.lens_probabilities[:, -1], shares.topk(trials.TOP).values, rtol=1e-4)
    np.testing.assert_allclose(found.lens_answers[:, :, -1], shares[:, found.answers], rtol=1e-4)


def test_of_a_long_text_the_attention_of_a_part_is_kept() -> None:
    lm = shaken("llama")
    text = TEXT * 6
    whole = attention.trace(lm, text).weights
    last, first = (trials.trial(lm, text, [], first=number) for number in (-1, 3))
    assert (last.first, first.first) == (8, 3)
    np.testing.assert_array_equal(last.weights[0], whole[:, :, 8:, 8:])
    np.testing.assert_array_equal(first.weights[0], whole[:, :, 3:67, 3:67])


@pytest.mark.parametrize("family", ["llama", "opt", "bloom", "gemma2"])
def test_each_part_alone_is_a_trial_of_it(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "TOKENS", 60)  # five passes a batch
    lm = shaken(family)
    found = trials.each_off(lm, TEXT)
    assert found.divergences.shape == (3, 7)
    for layer in range(3):
        for column, kind in enumerate(["head"] * 4 + ["attention", "mlp", "layer"]):
            alone = trials.trial(lm, TEXT, [Part(kind, layer, column if column < 4 else 0)])  # type: ignore[arg-type]
            assert found.divergences[layer, column] == pytest.approx(alone.divergence, rel=1e-3, abs=1e-6)
            assert found.answers[layer, column] == alone.answers[1]
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.EachOffTrace)
    np.testing.assert_allclose(found.alone, np.sort(found.divergences.ravel())[::-1][:3], rtol=1e-3)

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        trials.each_off(lm, TEXT, progress=stop)
    assert hooks(lm) == 0


def test_only_the_thread_that_asked_meets_it() -> None:
    lm = shaken("llama")
    inputs = lm.encode(TEXT).inputs
    plain = lm.logits(inputs)
    with interventions.changed(lm, [Part("mlp", 1), Part("attention", 0, edge=(3, 1))]), ThreadPoolExecutor(1) as other:
        assert not torch.equal(lm.logits(inputs), plain)
        assert torch.equal(other.submit(lm.logits, inputs).result(), plain)
        twin = copy.deepcopy(lm.model)
    with torch.inference_mode():
        assert torch.equal(twin(**inputs).logits[0], plain)  # a copy has copies of the hooks, which are over
