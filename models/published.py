"""Which published models can be counted without a network? Their configurations, each with its source.

A configuration holds the fields that decide a model's shapes, as in the `config.json` that was published with it.
GPT-3 was published as a table in its paper; its shapes are GPT-2's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Published:
    """One model, by its configuration alone."""

    title: str
    year: int
    source: str  # where the fields come from
    fields: dict[str, Any]


def _gpt2(width: int, layers: int, heads: int, **more: Any) -> dict[str, Any]:
    return {"model_type": "gpt2", "n_embd": width, "n_layer": layers, "n_head": heads, "vocab_size": 50257, **more}


def _bert(width: int, layers: int, heads: int) -> dict[str, Any]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 4 * width,
        "vocab_size": 30522,
    }


def _t5(width: int, layers: int, heads: int, mlp: int, head: int = 64) -> dict[str, Any]:
    return {
        "model_type": "t5",
        "d_model": width,
        "num_layers": layers,
        "num_decoder_layers": layers,
        "num_heads": heads,
        "d_ff": mlp,
        "d_kv": head,
        "vocab_size": 32128,
        "feed_forward_proj": "relu",
        "tie_word_embeddings": True,
    }


def _llama(
    width: int, layers: int, heads: int, groups: int, mlp: int, vocabulary: int, *, family: str = "llama", **more: Any
) -> dict[str, Any]:
    """The fields of a decoder with RoPE, RMSNorm and a gated MLP: most since 2023."""
    return {
        "model_type": family,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "intermediate_size": mlp,
        "vocab_size": vocabulary,
        "tie_word_embeddings": False,
        **more,
    }


def _on_hub(name: str) -> str:
    return f"config.json of {name} on the Hugging Face hub"


PUBLISHED: Final[dict[str, Published]] = {
    "gpt2": Published("GPT-2 small", 2019, _on_hub("openai-community/gpt2"), _gpt2(768, 12, 12)),
    "gpt2-medium": Published("GPT-2 medium", 2019, _on_hub("openai-community/gpt2-medium"), _gpt2(1024, 24, 16)),
    "gpt2-large": Published("GPT-2 large", 2019, _on_hub("openai-community/gpt2-large"), _gpt2(1280, 36, 20)),
    "gpt2-xl": Published("GPT-2 XL", 2019, _on_hub("openai-community/gpt2-xl"), _gpt2(1600, 48, 25)),
    "gpt3-175b": Published(
        "GPT-3 175B",
        2020,
        "Brown et al. 2020, arXiv:2005.14165, table 2.1, with GPT-2's vocabulary",
        _gpt2(12288, 96, 96, n_positions=2048),
    ),
    "bert-base": Published("BERT base", 2018, _on_hub("google-bert/bert-base-uncased"), _bert(768, 12, 12)),
    "bert-large": Published("BERT large", 2018, _on_hub("google-bert/bert-large-uncased"), _bert(1024, 24, 16)),
    "t5-small": Published("T5 small", 2019, _on_hub("google-t5/t5-small"), _t5(512, 6, 8, 2048)),
    "t5-base": Published("T5 base", 2019, _on_hub("google-t5/t5-base"), _t5(768, 12, 12, 3072)),
    "t5-large": Published("T5 large", 2019, _on_hub("google-t5/t5-large"), _t5(1024, 24, 16, 4096)),
    "t5-3b": Published("T5 3B", 2019, _on_hub("google-t5/t5-3b"), _t5(1024, 24, 32, 16384, 128)),
    "t5-11b": Published("T5 11B", 2019, _on_hub("google-t5/t5-11b"), _t5(1024, 24, 128, 65536, 128)),
    "llama-2-7b": Published(
        "Llama 2 7B", 2023, _on_hub("meta-llama/Llama-2-7b-hf"), _llama(4096, 32, 32, 32, 11008, 32000)
    ),
    "llama-2-13b": Published(
        "Llama 2 13B", 2023, _on_hub("meta-llama/Llama-2-13b-hf"), _llama(5120, 40, 40, 40, 13824, 32000)
    ),
    "llama-2-70b": Published(
        "Llama 2 70B", 2023, _on_hub("meta-llama/Llama-2-70b-hf"), _llama(8192, 80, 64, 8, 28672, 32000)
    ),
    "llama-3-8b": Published(
        "Llama 3 8B", 2024, _on_hub("meta-llama/Meta-Llama-3-8B"), _llama(4096, 32, 32, 8, 14336, 128256)
    ),
    "llama-3-70b": Published(
        "Llama 3 70B", 2024, _on_hub("meta-llama/Meta-Llama-3-70B"), _llama(8192, 80, 64, 8, 28672, 128256)
    ),
    "llama-3.1-405b": Published(
        "Llama 3.1 405B", 2024, _on_hub("meta-llama/Llama-3.1-405B"), _llama(16384, 126, 128, 8, 53248, 128256)
    ),
    "llama-3.2-1b": Published(
        "Llama 3.2 1B",
        2024,
        _on_hub("meta-llama/Llama-3.2-1B"),
        _llama(2048, 16, 32, 8, 8192, 128256, head_dim=64, tie_word_embeddings=True),
    ),
    "llama-3.2-3b": Published(
        "Llama 3.2 3B",
        2024,
        _on_hub("meta-llama/Llama-3.2-3B"),
        _llama(3072, 28, 24, 8, 8192, 128256, head_dim=128, tie_word_embeddings=True),
    ),
    "mistral-7b": Published(
        "Mistral 7B",
        2023,
        _on_hub("mistralai/Mistral-7B-v0.1"),
        _llama(4096, 32, 32, 8, 14336, 32000, family="mistral", sliding_window=4096),
    ),
    "mixtral-8x7b": Published(
        "Mixtral 8x7B",
        2023,
        _on_hub("mistralai/Mixtral-8x7B-v0.1"),
        _llama(
            4096, 32, 32, 8, 14336, 32000, family="mixtral", num_local_experts=8, num_experts_per_tok=2,
        ),
    ),
    "qwen2-0.5b": Published(
        "Qwen2 0.5B",
        2024,
        _on_hub("Qwen/Qwen2-0.5B"),
        _llama(896, 24, 14, 2, 4864, 151936, family="qwen2", tie_word_embeddings=True),
    ),
    "qwen2-1.5b": Published(
        "Qwen2 1.5B",
        2024,
        _on_hub("Qwen/Qwen2-1.5B"),
        _llama(1536, 28, 12, 2, 8960, 151936, family="qwen2", tie_word_embeddings=True),
    ),
    "qwen2-7b": Published(
        "Qwen2 7B", 2024, _on_hub("Qwen/Qwen2-7B"), _llama(3584, 28, 28, 4, 18944, 152064, family="qwen2")
    ),
    "qwen2-72b": Published(
        "Qwen2 72B", 2024, _on_hub("Qwen/Qwen2-72B"), _llama(8192, 80, 64, 8, 29568, 152064, family="qwen2")
    ),
    "qwen3-0.6b": Published(
        "Qwen3 0.6B",
        2025,
        _on_hub("Qwen/Qwen3-0.6B"),
        _llama(1024, 28, 16, 8, 3072, 151936, family="qwen3", head_dim=128, tie_word_embeddings=True),
    ),
    "qwen3-8b": Published(
        "Qwen3 8B",
        2025,
        _on_hub("Qwen/Qwen3-8B"),
        _llama(4096, 36, 32, 8, 12288, 151936, family="qwen3", head_dim=128),
    ),
    "gemma-2b": Published(
        "Gemma 2B",
        2024,
        _on_hub("google/gemma-2b"),
        _llama(2048, 18, 8, 1, 16384, 256000, family="gemma", head_dim=256, tie_word_embeddings=True),
    ),
    "gemma-7b": Published(
        "Gemma 7B",
        2024,
        _on_hub("google/gemma-7b"),
        _llama(3072, 28, 16, 16, 24576, 256000, family="gemma", head_dim=256, tie_word_embeddings=True),
    ),
    "gemma-2-2b": Published(
        "Gemma 2 2B",
        2024,
        _on_hub("google/gemma-2-2b"),
        _llama(2304, 26, 8, 4, 9216, 256000, family="gemma2", head_dim=256, tie_word_embeddings=True),
    ),
    "gemma-2-9b": Published(
        "Gemma 2 9B",
        2024,
        _on_hub("google/gemma-2-9b"),
        _llama(3584, 42, 16, 8, 14336, 256000, family="gemma2", head_dim=256, tie_word_embeddings=True),
    ),
    "gemma-2-27b": Published(
        "Gemma 2 27B",
        2024,
        _on_hub("google/gemma-2-27b"),
        _llama(4608, 46, 32, 16, 36864, 256000, family="gemma2", head_dim=128, tie_word_embeddings=True),
    ),
    "phi-2": Published(
        "Phi-2", 2023, _on_hub("microsoft/phi-2"), _llama(2560, 32, 32, 32, 10240, 51200, family="phi")
    ),
    "phi-3-mini": Published(
        "Phi-3 mini",
        2024,
        _on_hub("microsoft/Phi-3-mini-4k-instruct"),
        _llama(3072, 32, 32, 32, 8192, 32064, family="phi3", pad_token_id=32000, sliding_window=2047),
    ),
    "deepseek-v3": Published(
        "DeepSeek-V3",
        2024,
        f"{_on_hub('deepseek-ai/DeepSeek-V3')}; without its multi-token prediction layer",
        _llama(
            7168, 61, 128, 128, 18432, 129280, family="deepseek_v3", q_lora_rank=1536, kv_lora_rank=512,
            qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128, n_routed_experts=256, n_shared_experts=1,
            num_experts_per_tok=8, moe_intermediate_size=2048, first_k_dense_replace=3,
        ),
    ),
    "smollm2-135m": Published(
        "SmolLM2 135M",
        2024,
        _on_hub("HuggingFaceTB/SmolLM2-135M"),
        _llama(576, 30, 9, 3, 1536, 49152, tie_word_embeddings=True),
    ),
    "smollm2-360m": Published(
        "SmolLM2 360M",
        2024,
        _on_hub("HuggingFaceTB/SmolLM2-360M"),
        _llama(960, 32, 15, 5, 2560, 49152, tie_word_embeddings=True),
    ),
    "smollm2-1.7b": Published(
        "SmolLM2 1.7B",
        2024,
        _on_hub("HuggingFaceTB/SmolLM2-1.7B"),
        _llama(2048, 24, 32, 32, 8192, 49152, tie_word_embeddings=True),
    ),
}  # fmt: skip
