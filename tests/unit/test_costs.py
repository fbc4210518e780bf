"""Memory and arithmetic: transformers' own cache and torch's own counter, on small models of many families."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM

from models import costs, parameters
from models.devices import DEVICES
from models.traces import InputError
from tests.families import DECODERS, tiny_model

SIZES: dict[str, Any] = {
    "vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48,
    "num_key_value_heads": 2, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
WITH_EXPERTS: dict[str, dict[str, Any]] = {
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
    "qwen3_moe": {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "head_dim": 8},
    "deepseek_v3": {
        "num_key_value_heads": 4, "q_lora_rank": 12, "kv_lora_rank": 10, "qk_rope_head_dim": 4, "qk_nope_head_dim": 6,
        "v_head_dim": 5, "n_routed_experts": 8, "n_group": 2, "topk_group": 1, "num_experts_per_tok": 2,
        "moe_intermediate_size": 24, "first_k_dense_replace": 1, "head_dim": 4,
    },
}  # fmt: skip


def model_of(family: str) -> Any:
    if family in DECODERS:
        return tiny_model(family)
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **(SIZES | WITH_EXPERTS[family]))
    return AutoModelForCausalLM.from_config(config, attn_implementation="eager", experts_implementation="eager").eval()


@pytest.mark.parametrize("family", [*DECODERS, *WITH_EXPERTS])
@pytest.mark.parametrize("tokens", [3, 11])
def test_the_cache_is_transformers_own(family: str, tokens: int) -> None:
    model = model_of(family)
    with torch.inference_mode():
        kept = model(torch.arange(3, 3 + tokens).expand(2, -1), use_cache=True).past_key_values
    theirs = sum(layer.keys.numel() + layer.values.numel() for layer in kept.layers)
    assert costs.cache_numbers(model.config, tokens, 2) == theirs


@pytest.mark.parametrize("family", [*DECODERS, *WITH_EXPERTS])
def test_the_arithmetic_is_what_torch_counts(family: str) -> None:
    model = model_of(family)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.arange(3, 12)[None], use_cache=False)
    trace = parameters.breakdown(model.config)
    assert sum(costs.arithmetic(trace, model.config, 9).values()) == counter.get_total_flops()


def test_the_latent_cache_is_smaller() -> None:
    config = AutoConfig.for_model("deepseek_v3")
    assert costs.cache_numbers(config, 1000) == 1000 * 61 * (512 + 64)
    assert costs.unfolded_numbers(config, 1000) == 1000 * 61 * 128 * (128 + 64 + 128)
    assert costs.unfolded_numbers(AutoConfig.for_model("llama"), 1000) is None


def test_what_keeps_no_keys_and_values_is_refused() -> None:
    config = AutoConfig.for_model("qwen3_next")
    with pytest.raises(InputError, match="linear_attention"):
        costs.cache(config)


@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen2", "phi", "mixtral", "deepseek_v3"])
def test_writing_one_token_is_what_torch_counts(family: str) -> None:
    model = model_of(family)
    with torch.inference_mode():
        kept = model(torch.arange(3, 12)[None], use_cache=True).past_key_values
        with FlopCounterMode(display=False) as counter:
            model(torch.tensor([[5]]), past_key_values=kept, use_cache=True)
    ours = costs.for_one_token(parameters.breakdown(model.config), model.config, 9)
    unfolding = 0
    if family == "deepseek_v3":  # transformers unfolds the kept vectors anew at each step
        unfolding = 2 * 9 * 3 * model.config.kv_lora_rank * 4 * (6 + 5)
    assert ours + unfolding == counter.get_total_flops()


def test_lora_trains_two_thin_matrices_beside_each_target() -> None:
    model = tiny_model("llama")
    trace = parameters.breakdown(model.config)
    beside = [
        (torch.nn.Linear(linear.in_features, 4, bias=False), torch.nn.Linear(4, linear.out_features, bias=False))
        for name, linear in model.named_modules()
        if name.endswith(("q_proj", "v_proj"))
    ]
    count = sum(weight.numel() for pair in beside for layer in pair for weight in layer.parameters())
    assert costs.adapted(trace, 4, {"q_proj", "v_proj"}) == count
    for rank, targets in ((0, {"q_proj"}), (4, {"nothing"}), (4, set())):
        with pytest.raises(InputError):
            costs.adapted(trace, rank, targets)


def test_a_large_model_waits_for_memory_and_many_texts_for_arithmetic() -> None:
    config = AutoConfig.for_model("llama", hidden_size=4096, num_hidden_layers=32, intermediate_size=11008)
    trace = parameters.breakdown(config)
    h100 = next(device for device in DEVICES if "H100" in device.name)
    alone = costs.best(trace, config, h100, numbers="bfloat16", context=1000)
    assert alone.bound == "memory"
    assert alone.fits
    assert alone.tokens_a_second == pytest.approx(3350e9 / (2 * trace.total + 2 * costs.cache_numbers(config, 1000)))
    many = costs.best(trace, config, h100, numbers="bfloat16", context=10, texts=2000)
    assert many.bound == "arithmetic"
    assert many.tokens_a_second == pytest.approx(989.4e12 / costs.for_one_token(trace, config, 10))
    assert not costs.best(trace, config, DEVICES[0], numbers="bfloat16", context=1000).fits
