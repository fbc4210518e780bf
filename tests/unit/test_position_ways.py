"""The ways of telling positions: formulas against transformers, and scores against the model's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from models import catalog, position_ways, traces
from models import forward_arithmetic as arithmetic
from models.traces import InputError
from tests.families import hooks, shaken, tiny_model, tiny_tokenizer

TEXT = "Hello, world"
ROTARY = ("llama", "qwen2", "qwen3", "mistral", "gemma2", "gpt_neox", "phi")
LEARNED = ("gpt2", "opt", "bert", "roberta", "distilbert")


@pytest.mark.parametrize("family", ROTARY)
def test_scores_at_every_distance_are_transformers(family: str) -> None:
    lm = shaken(family)
    trace = position_ways.rotated(lm, TEXT, token=-1, key=3)
    assert hooks(lm) == 0
    assert (trace.token, trace.key) == (len(TEXT) - 1, 3)
    assert trace.difference < 1e-5
    assert trace.shifted < 1e-4
    assert trace.own < 1e-5
    # Once more, by hand: a fresh module from the configuration, and one layer and head.
    rotary: Any = lm.model.base_model.rotary_emb
    module = type(rotary)(lm.model.config)
    far, scores = 7, trace.by_distance(8)
    cosine, sine = module(torch.zeros(1), torch.tensor([[far, 0]]))
    width = cosine.shape[-1]
    query, key = torch.tensor(trace.queries[1, 3]), torch.tensor(trace.keys[1, 3 * trace.keys.shape[1] // lm.heads])
    turned = apply_rotary_pos_emb(
        query[None, None, None, :width].expand(1, 1, 2, -1),
        key[None, None, None, :width].expand(1, 1, 2, -1),
        cosine,
        sine,
    )
    product = turned[0][0, 0, 0] @ turned[1][0, 0, 1] + query[width:] @ key[width:]
    assert float(product) * trace.scales[1] == pytest.approx(scores[1, 3, far], abs=1e-4)


def test_the_formula_is_llamas_with_its_base() -> None:
    config = LlamaConfig(
        hidden_size=64, num_attention_heads=4, rope_parameters={"rope_type": "default", "rope_theta": 500.0}
    )
    cosine, sine = LlamaRotaryEmbedding(config)(torch.zeros(1), torch.arange(100)[None])
    ours = position_ways.sinusoidal(100, 16, 500.0)
    np.testing.assert_allclose(ours[:, 0::2], sine[0, :, :8].numpy(), atol=1e-5)
    np.testing.assert_allclose(ours[:, 1::2], cosine[0, :, :8].numpy(), atol=1e-5)


def test_a_sum_of_positions_is_a_rotation() -> None:
    table = position_ways.sinusoidal(200, 32, 10_000.0)
    frequencies = 10_000.0 ** (-np.arange(16) / 16)
    cosine, sine = np.cos(37 * frequencies), np.sin(37 * frequencies)
    turn = np.zeros((32, 32))
    for pair in range(16):
        block = [[cosine[pair], sine[pair]], [-sine[pair], cosine[pair]]]
        turn[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = block
    np.testing.assert_allclose(table[:163] @ turn.T, table[37:], atol=1e-12)
    np.testing.assert_allclose(
        table @ table.T,
        np.cos((np.arange(200)[:, None, None] - np.arange(200)[:, None]) * frequencies).sum(-1),
        atol=1e-10,
    )


@pytest.mark.parametrize("heads", [1, 4, 7, 12, 16, 63])
def test_slopes_are_blooms(heads: int) -> None:
    theirs = build_alibi_tensor(torch.ones(1, 5), heads, torch.float32).reshape(heads, 5)
    ours = arithmetic.slopes(heads)[:, None] * torch.arange(5)
    torch.testing.assert_close(ours, theirs)
    assert float(arithmetic.slopes(8)[0]) == 0.5


@pytest.mark.parametrize("family", [*ROTARY, *LEARNED, "bloom"])
def test_a_model_says_its_own_way(family: str) -> None:
    lm = shaken(family)
    trace = position_ways.ways(lm)
    assert trace.kind == ("rotary" if family in ROTARY else "learned" if family in LEARNED else "alibi")
    assert trace.sinusoidal < 1e-6
    assert trace.alibi < 1e-6
    if family in LEARNED:
        assert trace.table.shape[1] == 32
    if family == "llama":
        config = lm.model.config
        np.testing.assert_allclose(trace.frequencies, trace.base ** (-np.arange(4) / 4), rtol=1e-6)
        assert trace.base == config.rope_parameters["rope_theta"]
    if family == "gpt2":
        np.testing.assert_array_equal(trace.table, lm.model.transformer.wpe.weight.detach().numpy()[:128])


def test_of_falcons_the_configuration_says_which_way() -> None:
    model = tiny_model("falcon")
    assert position_ways.ways(catalog.wrap(model, tiny_tokenizer())).kind == "rotary"
    model.config.alibi = True
    assert position_ways.ways(catalog.wrap(model, tiny_tokenizer())).kind == "alibi"


def test_stretched_angles_are_the_models() -> None:
    scaled = {"rope_type": "yarn", "rope_theta": 10_000.0, "factor": 4.0, "original_max_position_embeddings": 32}
    model = tiny_model("llama")
    config = model.config
    config.rope_parameters = scaled
    lm = catalog.wrap(type(model)(config).eval(), tiny_tokenizer())
    trace = position_ways.rotated(lm, TEXT, token=-1, key=0)
    assert trace.scaling > 1
    assert trace.difference < 1e-5
    assert trace.own < 1e-5


def test_traces_come_back_from_their_files() -> None:
    lm = shaken("llama")
    trace = position_ways.rotated(lm, TEXT, token=-1, key=0)
    again = traces.from_bytes(traces.to_bytes(trace))
    assert isinstance(again, traces.RotatedTrace)
    np.testing.assert_array_equal(again.queries, trace.queries)
    assert again.token_table.texts == trace.token_table.texts
    own = traces.from_bytes(traces.to_bytes(position_ways.ways(lm)))
    assert isinstance(own, traces.WayTrace)
    assert math.isclose(own.base, 10_000.0)


@pytest.mark.parametrize(
    ("family", "token", "key", "part"),
    [
        ("gpt2", -1, 0, "no rotary positions"),
        ("falcon", -1, 0, "aren't described"),
        ("llama", 99, 0, "no token 99"),
        ("llama", -1, 40, "no token 40"),
    ],
)
def test_what_can_not_be_turned_is_refused(family: str, token: int, key: int, part: str) -> None:
    with pytest.raises(InputError, match=part):
        position_ways.rotated(shaken(family), TEXT, token=token, key=key)
