"""The residual stream and what is written into it, against torch's own modules and transformers' hidden states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import adapters, interventions, stream, traces
from models.engine import Request
from models.interventions import Part
from models.traces import InputError, StreamTrace
from tests.families import DECODERS, ENCODERS, hooks, shaken

TEXT = "Hello, world of walks"
KNOWN = [family for family in (*DECODERS, *ENCODERS) if family != "falcon"]


def cosine(part: torch.Tensor, whole: torch.Tensor) -> Any:
    return torch.nn.functional.cosine_similarity(part, whole, dim=-1).numpy()


@pytest.mark.parametrize("family", KNOWN)
def test_norms_are_those_of_the_models_own_vectors(family: str) -> None:
    lm = shaken(family)
    found = stream.written(lm, TEXT, first=3, count=6)
    assert hooks(lm) == 0
    assert found.first == 3
    assert found.difference < 1e-5
    where = adapters.of(lm)
    block: Any = lm.blocks()[1]
    around = where.norms == "around"
    seen: dict[str, Any] = {}
    paths = {
        "attention": where.norm_attention_after if around else where.output,
        "mlp": where.norm_mlp_after if around else where.down,
    }
    handles = [
        block.get_submodule(path).register_forward_hook(
            lambda _m, _given, output, name=name: seen.update({name: output})
        )
        for name, path in paths.items()
    ]
    with torch.no_grad():
        theirs = lm.model(**lm.encode(TEXT).inputs, output_hidden_states=True)
    for handle in handles:
        handle.remove()
    hidden = theirs.hidden_states
    layers = slice(None, -1) if where.norms != "after" else slice(None)  # transformers' last one is behind the norm
    expected = torch.stack([state[0, 3:9].norm(dim=-1) for state in hidden[layers]])
    np.testing.assert_allclose(found.stream[layers], expected, rtol=1e-5)
    attention, mlp = (seen[name].reshape(-1, 32)[3:9] for name in ("attention", "mlp"))
    np.testing.assert_allclose(found.attention[1], attention.norm(dim=-1), rtol=1e-5)
    np.testing.assert_allclose(found.mlp[1], mlp.norm(dim=-1), rtol=1e-5)
    np.testing.assert_allclose(found.attention_cosine[1], cosine(attention, hidden[1][0, 3:9]), atol=1e-5)
    if where.norms == "parallel":
        np.testing.assert_allclose(found.mlp_cosine[1], cosine(mlp, hidden[1][0, 3:9]), atol=1e-5)
    if where.norms == "before":
        np.testing.assert_allclose(found.mlp_cosine[1], cosine(mlp, hidden[1][0, 3:9] + attention), atol=1e-5)
    if where.norms == "after":
        assert found.sum_difference is None
    else:
        assert found.sum_difference is not None
        assert found.sum_difference < 1e-5


@pytest.mark.parametrize("family", ["llama", "gpt2", "bloom", "bert"])
def test_a_head_is_what_the_output_projection_makes_of_its_slice(family: str) -> None:
    lm = shaken(family)
    found = stream.written(lm, TEXT)
    module: Any = lm.blocks()[2].get_submodule(adapters.of(lm).output)
    seen: dict[str, torch.Tensor] = {}
    handle = module.register_forward_pre_hook(lambda _m, given: seen.update(mixed=given[0][0]))
    with torch.no_grad():
        states = lm.model(**lm.encode(TEXT).inputs, output_hidden_states=True).hidden_states
        handle.remove()
        for head in range(4):
            alone = torch.zeros_like(seen["mixed"])
            part = slice(8 * head, 8 * head + 8)
            alone[:, part] = seen["mixed"][:, part]
            made = torch.nn.functional.linear(alone, module.weight.T if family == "gpt2" else module.weight)
            np.testing.assert_allclose(found.heads[2, head], made.norm(dim=-1), rtol=1e-4)
            np.testing.assert_allclose(found.heads_cosine[2, head], cosine(made, states[2][0]), atol=1e-5)


def test_a_part_that_is_switched_off_writes_nothing() -> None:
    lm = shaken("llama")
    with interventions.changed(lm, [Part("head", 1, 2), Part("attention", 0, scale=0.5), Part("layer", 2)]):
        found = stream.written(lm, TEXT)
    assert found.difference < 1e-5
    assert found.sum_difference is not None
    assert found.sum_difference < 1e-5
    assert found.heads[1, 2].max() == 0
    assert found.heads_cosine[1, 2].max() == 0
    assert found.mlp[2].max() == 0
    np.testing.assert_allclose(found.heads[0], stream.written(lm, TEXT).heads[0] / 2, rtol=1e-5)


def test_the_engine_asks_for_a_window() -> None:
    lm = shaken("llama")
    ask = stream.ANALYSES["stream"]
    settings = (("first", "-1"), ("count", "4"))
    found = ask(lm, Request("stream", "x", TEXT, settings=settings), lambda *_: None)
    assert isinstance(found, StreamTrace)
    assert found.first == len(TEXT) - 4
    assert found.stream.shape == (4, 4)
    whole = ask(lm, Request("stream", "x", TEXT), lambda *_: None)
    assert isinstance(whole, StreamTrace)
    np.testing.assert_allclose(found.heads, whole.heads[..., -4:], rtol=1e-5)
    again = traces.from_bytes(traces.to_bytes(found))
    assert traces.to_bytes(again) == traces.to_bytes(found)
    with pytest.raises(InputError, match="whole number"):
        ask(lm, Request("stream", "x", TEXT, settings=(("first", "x"),)), lambda *_: None)


def test_a_family_without_an_adapter_is_refused() -> None:
    with pytest.raises(InputError, match="falcon"):
        stream.written(shaken("falcon"), TEXT)
