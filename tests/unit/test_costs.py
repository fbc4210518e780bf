"""Memory and arithmetic: transformers' own cache and torch's own counter, on small models of many families."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from models import configurations, costs, flops_counted, parameters
from models.devices import DEVICES
from models.published import PUBLISHED
from models.traces import InputError
from tests.families import DECODERS, ENCODERS, tiny_model

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


SEES: dict[str, Any] = {
    "text_config": SIZES | {"head_dim": 8, "model_type": "gemma3_text"},
    "vision_config": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
                      "image_size": 28, "patch_size": 14},
    "mm_tokens_per_image": 4,
}  # fmt: skip


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        ("biogpt", SIZES),  # its head is called output_projection
        ("ctrl", {"n_embd": 32, "n_layer": 2, "n_head": 4, "dff": 48, "vocab_size": 300}),  # its embedding is called w
        ("ernie4_5_moe", SIZES | {"moe_num_experts": 4, "moe_k": 2}),  # a bias of its router has two dimensions
        ("gemma3", SEES),  # text passes by what sees
    ],
)
def test_the_arithmetic_of_odd_families_is_what_torch_counts(family: str, sizes: dict[str, Any]) -> None:
    config = AutoConfig.for_model(family, **sizes)
    trace = parameters.breakdown(config)
    assert sum(costs.arithmetic(trace, config, 9).values()) == flops_counted.reading(config, 9).operations


def test_what_hears_or_sees_writes_if_its_text_model_does() -> None:
    assert all(costs.writes(AutoConfig.for_model(family)) for family in ("gemma3", "qwen2_audio", "llama"))
    assert not any(costs.writes(AutoConfig.for_model(family)) for family in ("modernvbert", "bert"))


def test_a_model_that_goes_through_its_layers_several_times_is_refused() -> None:
    config = AutoConfig.for_model("albert")
    with pytest.raises(InputError, match="several times"):
        costs.arithmetic(parameters.breakdown(config), config, 9)


@pytest.mark.parametrize("family", ENCODERS)
def test_an_encoder_reads_as_torch_counts_and_keeps_nothing(family: str) -> None:
    model = tiny_model(family)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.arange(3, 12)[None])
    trace = parameters.breakdown(model.config)
    assert sum(costs.arithmetic(trace, model.config, 9).values()) == counter.get_total_flops()
    with pytest.raises(InputError, match="encoder reads its whole text"):
        costs.cache(model.config)


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        ("t5", {"d_model": 32, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4, "d_kv": 6, "d_ff": 48}),
        ("bart", {"d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
                  "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48}),
    ],
)  # fmt: skip
def test_an_encoder_decoder_reads_as_torch_counts(family: str, sizes: dict[str, Any]) -> None:
    config = AutoConfig.for_model(family, vocab_size=300, pad_token_id=0, decoder_start_token_id=0, **sizes)
    model = AutoModelForSeq2SeqLM.from_config(config, attn_implementation="eager").eval()
    ids = torch.arange(3, 12)[None]
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(input_ids=ids, decoder_input_ids=ids, use_cache=False)
    trace = parameters.breakdown(config)
    assert sum(costs.arithmetic(trace, config, 9).values()) == counter.get_total_flops()
    for refused in (costs.cache, lambda config: costs.activations(config, 9)):
        with pytest.raises(InputError, match="encoder-decoder"):
            refused(config)


@pytest.mark.parametrize("family", ["gpt2", "gemma2", "falcon", "mixtral", "deepseek_v3", "bert"])
def test_a_pass_without_numbers_counts_as_one_with_them(family: str) -> None:
    model = tiny_model(family) if family in ENCODERS else model_of(family)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.arange(3, 12)[None])
    found = flops_counted.reading(model.config, 9)
    assert found.operations == counter.get_total_flops()
    assert found.kept == (None if family == "bert" else costs.cache_numbers(model.config, 9))


@pytest.mark.parametrize("name", ["gpt2", "llama-3.2-1b", "phi-2", "t5-base", "bert-base"])
def test_published_models_read_as_torch_counts(name: str) -> None:
    config = configurations.build(PUBLISHED[name].fields)
    trace = parameters.breakdown(config)
    assert sum(costs.arithmetic(trace, config, 500).values()) == flops_counted.reading(config, 500).operations


def test_a_strangers_pass_is_counted_apart() -> None:
    given = '{"model_type": "gpt2", "n_layer": 2, "n_embd": 64, "n_head": 4, "vocab_size": 100}'
    config = configurations.build(configurations.read(given))
    assert flops_counted.reading_apart(given, 20) == flops_counted.reading(config, 20)
    with pytest.raises(InputError, match="not among those"):
        flops_counted.reading_apart('{"model_type": "no-such-family"}', 20)
    with pytest.raises(InputError, match="can't follow"):
        flops_counted.reading(AutoConfig.for_model("bert", max_position_embeddings=8), 20)


def test_the_latent_cache_is_smaller() -> None:
    config = AutoConfig.for_model("deepseek_v3")
    assert costs.cache_numbers(config, 1000) == 1000 * 61 * (512 + 64)
    assert costs.unfolded_numbers(config, 1000) == 1000 * 61 * 128 * (128 + 64 + 128)
    assert costs.unfolded_numbers(AutoConfig.for_model("llama"), 1000) is None


def test_what_keeps_no_keys_and_values_is_refused() -> None:
    config = AutoConfig.for_model("qwen3_next")
    with pytest.raises(InputError, match="linear_attention"):
        costs.cache(config)


def test_heads_that_differ_from_layer_to_layer_are_refused() -> None:
    with pytest.raises(InputError, match="differ in size from layer to layer"):
        costs.cache(AutoConfig.for_model("gemma4_text"))


@pytest.mark.parametrize(
    "family", ["gpt2", "llama", "qwen2", "phi", "mixtral", "deepseek_v3", "mistral", "gemma2", "falcon"]
)
def test_writing_one_token_is_what_torch_counts(family: str) -> None:
    model = model_of(family)
    with torch.inference_mode():
        kept = model(torch.arange(3, 12)[None], use_cache=True).past_key_values
        with FlopCounterMode(display=False) as counter:
            model(torch.tensor([[5]]), past_key_values=kept, use_cache=True)
    ours = costs.for_one_token(parameters.breakdown(model.config), model.config, 9)
    unfolding = costs.unfolding(model.config, 9)
    assert (unfolding is not None) == (family == "deepseek_v3")
    assert ours + (unfolding or 0) == counter.get_total_flops()


def test_queries_can_be_folded_to_the_latent_vectors_with_the_arithmetic_that_is_counted() -> None:
    config = model_of("deepseek_v3").config
    attention = model_of("deepseek_v3").model.layers[0].self_attn
    heads, rank, rope, tokens = config.num_attention_heads, config.kv_lora_rank, config.qk_rope_head_dim, 9
    states = torch.randn(1, tokens, config.hidden_size)
    still = (torch.ones(1, tokens, rope), torch.zeros(1, tokens, rope))  # positions turn nothing
    with torch.inference_mode():
        mask = torch.full((tokens, tokens), float("-inf")).triu(1)[None, None]
        theirs = attention(states, position_embeddings=still, attention_mask=mask)[0][0, -1]
        latent, turned = attention.kv_a_proj_with_mqa(states[0]).split([rank, rope], dim=-1)
        latent = attention.kv_a_layernorm(latent)
        query = attention.q_b_proj(attention.q_a_layernorm(attention.q_a_proj(states[0, -1:]))).view(heads, 1, -1)
        plain, apart = query.split([config.qk_nope_head_dim, rope], dim=-1)
        unfold = attention.kv_b_proj.weight.view(heads, -1, rank)
        to_keys, to_values = unfold.split([config.qk_nope_head_dim, config.v_head_dim], dim=1)
        folded = plain @ to_keys
        with FlopCounterMode(display=False) as counter:
            scores = folded[:, 0] @ latent.T + apart[:, 0] @ turned.T
            mixed = (scores * attention.scaling).softmax(-1) @ latent
        ours = attention.o_proj((to_values @ mixed[:, :, None]).flatten())
    assert ours.numpy() == pytest.approx(theirs.numpy(), abs=1e-6)
    layers = config.num_hidden_layers
    assert costs.writing_scores(config, tokens - 1) == layers * counter.get_total_flops()


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
    read = trace.total - trace.leaves["model.embed_tokens.weight"]  # a row of it
    assert alone.tokens_a_second == pytest.approx(3350e9 / (2 * read + 2 * costs.cache_numbers(config, 1000)))
    assert alone.intensity == pytest.approx(costs.for_one_token(trace, config, 1000) * alone.tokens_a_second / 3350e9)
    many = costs.best(trace, config, h100, numbers="bfloat16", context=10, texts=2000)
    assert many.bound == "arithmetic"
    assert many.tokens_a_second == pytest.approx(989.4e12 / costs.for_one_token(trace, config, 10))
    assert not costs.best(trace, config, DEVICES[0], numbers="bfloat16", context=1000).fits


def test_a_cache_in_float32_is_twice_as_large() -> None:
    config = configurations.build(PUBLISHED["gpt2"].fields)
    trace = parameters.breakdown(config)
    found = {numbers: costs.best(trace, config, DEVICES[0], numbers=numbers, context=100) for numbers in costs.FORMATS}
    kept = costs.cache_numbers(config, 100)
    assert found["float32"].bytes == 4 * (trace.total + kept)
    assert found["int8"].bytes == trace.total + 2 * kept


@pytest.mark.parametrize(("texts", "name"), [(1, "mixtral"), (4, "mixtral"), (3, "qwen3_moe"), (5, "deepseek_v3")])
def test_a_batch_reads_the_experts_that_one_of_its_texts_has_chosen(texts: int, name: str) -> None:
    config = model_of(name).config
    trace = parameters.breakdown(config)
    experts = sum(count for count, part in zip(trace.counts.tolist(), trace.parts, strict=True) if part == "experts")
    count = getattr(config, "n_routed_experts", None) or config.num_local_experts
    draws = np.random.default_rng(0)
    chosen = [
        len({int(one) for _ in range(texts) for one in draws.choice(count, config.num_experts_per_tok, replace=False)})
        for _ in range(4000)
    ]
    read = costs.weights_read(trace, texts) - (costs.weights_read(trace) - experts * config.num_experts_per_tok / count)
    assert read / experts * count == pytest.approx(np.mean(chosen), rel=0.01)


def test_what_a_model_would_keep_with_other_heads() -> None:
    kept = {
        name: {kind.name: kind for kind in costs.cache_kinds(configurations.build(PUBLISHED[name].fields))}
        for name in ("llama-3-8b", "llama-2-7b", "deepseek-v3", "gemma-2-9b", "gemma-2b")
    }
    assert all(sum(kind.own for kind in kinds.values()) == 1 for kinds in kept.values())
    assert all(next(iter(kinds.values())).own for kinds in kept.values())
    llama = kept["llama-3-8b"]
    # Llama 2 7B is Llama 3 8B with a head of keys for each of queries, and both have 32 layers of 32 heads of 128.
    assert llama["grouped: 8 heads"].own
    assert llama["multi-head"].numbers(1000) == kept["llama-2-7b"]["multi-head"].numbers(1000) == 1000 * 32 * 2 * 4096
    assert llama["multi-query: one head"].numbers(1000, 3) == 3 * 1000 * 32 * 2 * 128
    assert llama["its own, window of 4,096 tokens"].numbers(10**6) == 4095 * 32 * 2 * 1024
    assert kept["deepseek-v3"]["latent"].numbers(1000) == 1000 * 61 * 576
    config = configurations.build(PUBLISHED["deepseek-v3"].fields)
    assert kept["deepseek-v3"]["multi-head, unfolded"].numbers(7, 2) == costs.unfolded_numbers(config, 7, 2)
    gemma = kept["gemma-2-9b"]
    assert gemma["grouped: 8 heads, window in 21 of 42 layers"].own
    assert gemma["its own without the window"].numbers(10_000) == 10_000 * 42 * 2 * 8 * 256
    assert kept["gemma-2b"]["multi-query: one head"].own


def test_activations_of_gpt3_are_the_papers() -> None:
    config = configurations.build(PUBLISHED["gpt3-175b"].fields)
    kept = costs.activations(config, 2048)
    # Korthikanti et al., section 4.1: 5 a s / h is 80 for GPT-3, beside the 34 of all else.
    assert kept.scores == 80 * 96 * 2048 * 12288
    assert kept.rest == 34 * 96 * 2048 * 12288
    double = costs.activations(config, 2048, 3, size=4)
    assert double.total == 3 * 96 * (66 * 2048 * 12288 + 9 * 96 * 2048 * 2048)
    with pytest.raises(InputError, match="linear_attention"):
        costs.activations(AutoConfig.for_model("qwen3_next"), 10)


def test_training_holds_what_torch_holds() -> None:
    model = tiny_model("gpt2")
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.arange(3, 12)[None]).logits.sum().backward()
    optimiser.step()
    trace = parameters.breakdown(model.config)
    adapters = costs.adapted(trace, 2, {"c_attn"})
    whole, mixed, lora = costs.training(trace.total, adapters)
    means = [value for one in optimiser.state.values() for value in one.values() if value.dim()]
    assert whole.weights == sum(weight.nbytes for weight in model.parameters())
    assert whole.gradients == sum(weight.grad.nbytes for weight in model.parameters())
    assert whole.optimiser == sum(mean.nbytes for mean in means)
    assert mixed.weights + mixed.gradients + mixed.optimiser == 16 * trace.total
    assert (lora.trained, lora.weights + lora.gradients + lora.optimiser) == (adapters, 2 * trace.total + 16 * adapters)


def test_the_matrices_beside_which_lora_can_stand() -> None:
    assert costs.adaptable(parameters.breakdown(tiny_model("gpt2").config)) == ["c_attn", "c_proj", "c_fc"]
    assert costs.adaptable(parameters.breakdown(model_of("mixtral").config)) == ["q_proj", "k_proj", "v_proj", "o_proj"]
    for family in (*DECODERS, *ENCODERS):
        trace = parameters.breakdown(tiny_model(family).config)
        assert costs.adapted(trace, 1, costs.adaptable(trace)) > 0


def test_every_device_has_its_figures_and_their_source() -> None:
    assert {device.kind for device in DEVICES} == {"board", "phone", "CPU", "GPU", "NPU"}
    assert len({device.name for device in DEVICES}) == len(DEVICES)
    assert all(len(device.source) > 20 and min(device.memory, device.bandwidth) > 1e9 for device in DEVICES)
