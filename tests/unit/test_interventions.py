"""Parts switched off and patched, against models whose weights were really changed and against passes one by one."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from models import adapters, forward, interventions, traces
from models.interventions import Part
from models.progress import Cancelled
from models.traces import InputError
from tests.families import DECODERS, hooks, shaken

TEXT, OTHER = "Hello, world", "Howdy, moons"
KNOWN = [family for family in DECODERS if family != "falcon"]


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("kind", ["head", "attention", "mlp"])
def test_a_part_that_is_off_is_a_model_with_zeros_there(
    family: str, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    found = interventions.trial(lm, TEXT, [])
    assert found.divergence == 0
    np.testing.assert_array_equal(found.logits[0], found.logits[1])


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("what", interventions.PATCHED)
def test_patching_is_a_pass_with_that_one_tensor(family: str, what: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interventions, "TOKENS", 60)  # five passes a batch
    lm = shaken(family)
    found = interventions.patch(lm, TEXT, OTHER, what=what, token=70, rival=5)
    assert hooks(lm) == 0
    described = adapters.FAMILIES[family]
    blocks: Any = lm.model.base_model.get_submodule(described.blocks)
    around = described.norms == "around"
    path = {
        "residual": "",
        "attention": described.norm_attention_after if around else described.output,
        "mlp": described.norm_mlp_after if around else described.down,
    }[what]
    for layer, position in [(0, 0), (1, 3), (2, len(TEXT) - 1), (1, len(TEXT) - 1)]:
        module = blocks[layer].get_submodule(path)
        kept: list[torch.Tensor] = []

        def first(output: Any) -> torch.Tensor:
            return output if isinstance(output, torch.Tensor) else output[0]

        handle = module.register_forward_hook(lambda _m, _i, output, kept=kept: kept.append(first(output)))
        lm.logits(lm.encode(OTHER).inputs)
        handle.remove()

        def put(_m: Any, _i: Any, output: Any, kept: Any = kept, position: int = position) -> Any:
            changed = first(output).clone()
            changed.view(len(TEXT), -1)[position] = kept[0].reshape(len(TEXT), -1)[position]
            return changed if isinstance(output, torch.Tensor) else (changed, *output[1:])

        handle = module.register_forward_hook(put)
        logits = lm.logits(lm.encode(TEXT).inputs)[-1]
        handle.remove()
        assert found.patched[layer, position] == pytest.approx(float(logits[70] - logits[5]), abs=1e-5)
    if what == "residual":  # behind the last layer only the last position counts, and carries all
        assert found.recovered[-1, -1] == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(found.recovered[-1, :-1], 0, atol=1e-4)


@pytest.mark.parametrize("what", interventions.PATCHED)
def test_a_prompt_patched_with_itself_stays(what: Any) -> None:
    lm = shaken("llama")
    found = interventions.patch(lm, TEXT, TEXT, what=what)
    assert found.before == found.other
    np.testing.assert_allclose(found.patched, found.before, atol=1e-5)
    assert np.isnan(found.recovered).all()


def test_the_usual_tokens_are_the_two_answers() -> None:
    lm = shaken("llama")
    found = interventions.patch(lm, TEXT, OTHER)
    answers = [int(lm.logits(lm.encode(text).inputs)[-1].argmax()) for text in (TEXT, OTHER)]
    assert answers[0] != answers[1]
    assert [found.rival, found.token] == answers
    assert found.before < 0 < found.other
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.PatchingTrace)
    np.testing.assert_array_equal(again.recovered, found.recovered)


def test_divergence_is_torchs() -> None:
    lm = shaken("llama")
    found = interventions.trial(lm, TEXT, [Part("head", layer, head) for layer in range(3) for head in range(4)])
    before, after = torch.from_numpy(found.logits).double().log_softmax(-1)
    theirs = torch.nn.functional.kl_div(after, before, log_target=True, reduction="sum") / np.log(2)
    assert found.divergence == pytest.approx(float(theirs))
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.ChangedTrace)
    assert again.parts == found.parts == tuple(f"head {layer}.{head} x 0" for layer in range(3) for head in range(4))


def test_what_can_not_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = shaken("llama")
    for part in (Part("head", 3, 0), Part("head", 0, 4), Part("mlp", -1), Part("head", 0, -1)):
        with pytest.raises(InputError, match="3 layers of 4 heads"), interventions.changed(lm, [part]):
            pass
    with pytest.raises(InputError, match="multiplied by a number"):
        interventions.trial(lm, TEXT, [Part("mlp", 0, scale=float("nan"))])
    with pytest.raises(InputError, match="have 12 and 5 tokens"):
        interventions.patch(lm, TEXT, "Hello")
    with pytest.raises(InputError, match="300 tokens"):
        interventions.patch(lm, TEXT, OTHER, token=300)
    with pytest.raises(InputError, match="falcon"):
        interventions.trial(shaken("falcon"), TEXT, [])
    with pytest.raises(InputError, match="predicts no next token"):
        interventions.patch(shaken("bert"), TEXT, OTHER)
    monkeypatch.setattr(interventions, "TOKENS", 60)

    def stop(_sentence: str, fraction: float | None) -> None:
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        interventions.patch(lm, TEXT, OTHER, progress=stop)
    assert hooks(lm) == 0


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
            return interventions.trial(lm, TEXT, parts).logits
        return lm.logits(lm.encode(TEXT).inputs).numpy()

    alone = [ask(number) for number in range(5)]
    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(ask, range(200))):
            np.testing.assert_array_equal(found, alone[number % 5])
    assert hooks(lm) == 0
