"""The formulas of the shipped table's families are exact; other families and other heads have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import configurations, parameter_formulas, parameters
from models.published import PUBLISHED

# As their authors, or the hub, count them.
TOTALS = {
    "gpt2": 124_439_808, "gpt2-medium": 354_823_168, "gpt2-large": 774_030_080, "gpt2-xl": 1_557_611_200,
    "bert-base": 109_482_240, "bert-large": 335_141_888, "t5-small": 60_506_624, "t5-base": 222_903_552,
    "t5-large": 737_668_096, "t5-3b": 2_851_598_336, "t5-11b": 11_307_321_344, "llama-2-7b": 6_738_415_616,
    "llama-2-13b": 13_015_864_320, "llama-2-70b": 68_976_648_192, "llama-3-8b": 8_030_261_248,
    "llama-3-70b": 70_553_706_496, "llama-3.1-405b": 405_853_388_800, "llama-3.2-1b": 1_235_814_400,
    "llama-3.2-3b": 3_212_749_824, "mistral-7b": 7_241_732_096, "mixtral-8x7b": 46_702_792_704,
    "qwen2-0.5b": 494_032_768, "qwen2-1.5b": 1_543_714_304, "qwen2-7b": 7_615_616_512, "qwen2-72b": 72_706_203_648,
    "qwen3-0.6b": 596_049_920, "qwen3-8b": 8_190_735_360, "gemma-2b": 2_506_172_416, "gemma-7b": 8_537_680_896,
    "gemma-2-2b": 2_614_341_888, "gemma-2-9b": 9_241_705_984, "gemma-2-27b": 27_227_128_320,
    "phi-2": 2_779_683_840, "phi-3-mini": 3_821_079_552, "deepseek-v3": 671_026_404_352,
    "smollm2-135m": 134_515_008, "smollm2-360m": 361_821_120, "smollm2-1.7b": 1_711_376_384,
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_model_is_counted_the_same_both_ways(name: str) -> None:
    config = configurations.build(PUBLISHED[name].fields)
    formula = parameter_formulas.count(config)
    assert formula is not None
    assert formula.total == parameters.breakdown(config).total
    assert PUBLISHED[name].source
    if name in TOTALS:
        assert formula.total == TOTALS[name]


def test_gpt3_has_the_175_billion_of_its_name() -> None:
    formula = parameter_formulas.count(configurations.build(PUBLISHED["gpt3-175b"].fields))
    assert formula is not None
    assert round(formula.total / 1e9) == 175


@pytest.mark.parametrize("seed", range(60))
def test_any_configuration_of_these_families_is_counted_the_same_both_ways(seed: int) -> None:
    random = np.random.default_rng(seed)
    family = sorted(parameter_formulas.FAMILIES)[seed % len(parameter_formulas.FAMILIES)]

    def whole(least: int, most: int) -> int:
        return int(random.integers(least, most + 1))

    groups, head = whole(1, 3), 2 * whole(1, 6)
    heads = groups * whole(1, 3)
    fields: dict[str, Any] = {
        "model_type": family, "vocab_size": whole(5, 300), "num_hidden_layers": whole(1, 4),
        "num_attention_heads": heads, "hidden_size": heads * head, "intermediate_size": whole(3, 90),
        "tie_word_embeddings": bool(whole(0, 1)), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    }  # fmt: skip
    if family not in {"gpt2", "bert", "t5", "deepseek_v3"}:
        fields["num_key_value_heads"] = groups
    if family not in {"gpt2", "bert", "t5", "deepseek_v3", "phi", "phi3"}:
        fields |= {"head_dim": 2 * whole(1, 9)}
    fields |= {"attention_bias": bool(whole(0, 1)), "mlp_bias": bool(whole(0, 1))}  # most families ignore them
    own: dict[str, dict[str, Any]] = {
        "gpt2": {"n_inner": [None, 77][whole(0, 1)], "n_positions": whole(4, 40)},
        "bert": {"architectures": [["BertModel", "BertForMaskedLM"][whole(0, 1)]], "type_vocab_size": whole(1, 4)},
        "t5": {
            "d_kv": whole(1, 9), "d_ff": whole(3, 50), "num_decoder_layers": whole(1, 4),
            "feed_forward_proj": ["relu", "gated-gelu"][whole(0, 1)], "relative_attention_num_buckets": whole(4, 40),
        },
        "mixtral": {"num_local_experts": whole(1, 6), "num_experts_per_tok": 1},
        "deepseek_v3": {
            "q_lora_rank": [None, 12][whole(0, 1)], "kv_lora_rank": whole(2, 20), "qk_rope_head_dim": 4,
            "qk_nope_head_dim": whole(2, 9), "v_head_dim": whole(2, 9), "n_routed_experts": 8, "n_group": 2,
            "topk_group": 1, "n_shared_experts": whole(1, 3), "moe_intermediate_size": whole(3, 30),
            "first_k_dense_replace": whole(0, 5), "num_key_value_heads": heads,
        },
        "phi": {"qk_layernorm": bool(whole(0, 1))},
    }  # fmt: skip
    config = configurations.build(fields | own.get(family, {}))
    formula = parameter_formulas.count(config)
    assert formula is not None
    assert formula.total == parameters.breakdown(config).total, fields


@pytest.mark.parametrize(
    "fields",
    [
        {"model_type": "bloom"},
        {"model_type": "qwen2_moe"},
        {"model_type": "bert", "is_decoder": True},
        {"model_type": "bert", "architectures": ["BertForSequenceClassification"]},
        {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]},
    ],
)
def test_there_is_no_formula_rather_than_a_wrong_one(fields: dict[str, Any]) -> None:
    assert parameter_formulas.count(configurations.build(fields)) is None


@pytest.mark.parametrize("family", parameter_formulas.FAMILIES)
def test_a_bias_that_a_family_does_not_know_is_not_counted(family: str) -> None:
    asked = {"attention_bias": True, "mlp_bias": True, "qkv_bias": True, "use_bias": True, "num_hidden_layers": 1}
    config = configurations.build({"model_type": family, **asked})
    formula = parameter_formulas.count(config)
    assert formula is not None
    assert formula.total == parameters.breakdown(config).total


def test_the_numbers_are_put_into_the_symbols() -> None:
    formula = parameter_formulas.count(configurations.build(PUBLISHED["llama-3-8b"].fields))
    assert formula is not None
    query = next(term for term in formula.terms if term.name == "query")
    assert (query.formula, query.numbers, query.count) == ("d*h*k", "4096*32*128", 32 * 4096 * 32 * 128)
    for wrong in ("d - 1", "d**2", "__import__('os')"):
        with pytest.raises((ValueError, KeyError)):
            parameter_formulas.evaluate(wrong, {"d": 2})
