"""What does running a model cost in memory and arithmetic, by its configuration alone?

    weights         parameters x bytes a number
    cache           2 x layers x key/value heads x head size x tokens x texts x bytes     (keys and values)
                    a layer with a sliding window of w keeps w - 1 tokens before the one that is read
                    latent (DeepSeek-V2, arXiv:2405.04434): layers x (rank + RoPE part) x tokens x texts x bytes
    arithmetic      2 x (numbers in the matrices that a token meets), and for attention 4 x heads x head size x tokens
                    a token and layer: once for the scores, once for the weighted sum; a product and a sum are 2
    training        weights, gradients and Adam's two means in 4 bytes each: 16 bytes a parameter in float32

The cache's size is that of transformers' own, the arithmetic that of torch's flop counter (tests/unit/test_costs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.traces import InputError, ParametersTrace, Part

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

# Bytes that one number takes; the blocks of the GGUF formats carry their scales along.
FORMATS: Final[dict[str, float]] = {
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int8": 1,
    "Q8_0": 34 / 32,
    "Q4_0": 18 / 32,
    "int4": 0.5,
}
LOOKED_UP: Final = frozenset({"embedding", "position"})  # rows are taken out of these tables, nothing is multiplied


@dataclass(frozen=True)
class CacheLayer:
    """What one layer keeps of each token that was read."""

    heads: int
    key: int  # numbers a head
    value: int
    window: int | None  # tokens that it attends to; None: all

    def tokens(self, context: int) -> int:
        """How many tokens it keeps of a text of `context` tokens."""
        return context if self.window is None else min(context, self.window - 1)


def cache(config: PreTrainedConfig) -> list[CacheLayer]:
    """[layer] what transformers keeps of keys and values.

    Raises:
        InputError: a layer isn't attention, or its sizes aren't known.
    """
    text: Any = config.get_text_config(decoder=True)
    heads = text.num_attention_heads
    groups = getattr(text, "num_key_value_heads", None) or heads
    if text.model_type == "falcon":  # it says in words of its own how many there are
        groups = 1 if text.multi_query and not text.new_decoder_architecture else text.num_kv_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // heads
    latent = getattr(text, "kv_lora_rank", None)
    kinds = list(getattr(text, "layer_types", None) or [])
    window = getattr(text, "sliding_window", None)
    if not kinds:
        everywhere = window is not None and getattr(text, "use_sliding_window", True)
        kinds = ["sliding_attention" if everywhere else "full_attention"] * text.num_hidden_layers
    layers = []
    for kind in kinds:
        if kind not in {"full_attention", "sliding_attention"}:
            raise InputError(f"A layer of this model is {kind}, whose memory isn't a cache of keys and values.")
        near = window if kind == "sliding_attention" else None
        if latent:
            layers.append(CacheLayer(1, latent + text.qk_rope_head_dim, 0, near))
        else:
            layers.append(CacheLayer(groups, size, size, near))
    return layers


def cache_numbers(config: PreTrainedConfig, context: int, texts: int = 1) -> int:
    """How many numbers transformers keeps for so many texts of `context` tokens each. Raises as `cache`."""
    return texts * sum(layer.heads * (layer.key + layer.value) * layer.tokens(context) for layer in cache(config))


def unfolded_numbers(config: PreTrainedConfig, context: int, texts: int = 1) -> int | None:
    """The same if the keys and values were kept that a latent vector is unfolded to; None where there is no such."""
    text: Any = config.get_text_config(decoder=True)
    if not getattr(text, "kv_lora_rank", None):
        return None
    head = text.qk_nope_head_dim + text.qk_rope_head_dim + text.v_head_dim
    return texts * context * int(text.num_hidden_layers * text.num_attention_heads * head)


def arithmetic(trace: ParametersTrace, config: PreTrainedConfig, tokens: int) -> dict[Part, int]:
    """Floating-point operations to read `tokens` tokens at once, by part; the mask saves none, as in a plain product.

    Raises:
        InputError: as `cache`, or it isn't known how many experts work on a token.
    """
    if trace.active is None:
        raise InputError("The configuration doesn't say how many experts work on one token.")
    found: dict[Part, int] = {}
    for shape, count, part, held, used in zip(
        trace.shapes, trace.counts.tolist(), trace.parts, trace.experts.tolist(), trace.used.tolist(), strict=True
    ):
        matrix = len(shape) - (held > 1) == 2
        if matrix and part not in LOOKED_UP:
            found[part] = found.get(part, 0) + 2 * tokens * (count // held * used)
    embedding = dict(zip(trace.names, trace.counts.tolist(), strict=True))
    for name, source in trace.tied:
        if "head" in name or "embed_out" in name or "decoder.weight" in name:
            found["head"] = found.get("head", 0) + 2 * tokens * embedding[source]
    text: Any = config.get_text_config(decoder=True)
    layers = cache(config)
    if unfolded_numbers(config, 1) is not None:
        score = text.qk_nope_head_dim + text.qk_rope_head_dim + text.v_head_dim
    else:
        score = layers[0].key + layers[0].value
    products = 2 * len(layers) * text.num_attention_heads * score * tokens * tokens
    found["attention"] = found.get("attention", 0) + products
    return found
