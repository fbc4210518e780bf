"""What does running a model cost in memory and arithmetic, by its configuration alone?

    weights         parameters x bytes a number
    cache           2 x layers x key/value heads x head size x tokens x texts x bytes     (keys and values)
                    a layer with a sliding window of w keeps w - 1 tokens before the one that is read
                    latent (DeepSeek-V2, arXiv:2405.04434): layers x (rank + RoPE part) x tokens x texts x bytes
    arithmetic      2 x (numbers in the matrices that a token meets), and for attention 4 x heads x head size x tokens
                    a token and layer: once for the scores, once for the weighted sum; a product and a sum are 2
    training        16 bytes a parameter: in float32 weights, gradients and Adam's two means in 4 bytes each; in mixed
                    precision weights and gradients in 2, and 4 each for a float32 copy and the two means
                    (Micikevicius et al. 2017, arXiv:1710.03740; Rajbhandari et al. 2019, arXiv:1910.02054)
    LoRA            rank x (inputs + outputs) for each matrix that is adapted (Hu et al. 2021, arXiv:2106.09685)
    activations     tokens x texts x width x (34 + 5 heads tokens / width) bytes a layer in 16 bits, without
                    recomputing any (Korthikanti et al. 2022, arXiv:2205.05198, equation 2)
    at best         a token takes as long as reading the weights and the cache once, or as its arithmetic, whichever is
                    longer (the roofline of Williams et al. 2009, doi:10.1145/1498765.1498785)

The cache's size is that of transformers' own, the arithmetic that of torch's flop counter (tests/unit/test_costs.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.devices import Device
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
    found["attention"] = found.get("attention", 0) + tokens * _scores(config) * tokens
    return found


def for_one_token(trace: ParametersTrace, config: PreTrainedConfig, context: int) -> int:
    """Floating-point operations to write one token behind `context` tokens whose keys and values are kept.

    Raises:
        InputError: as `arithmetic`.
    """
    matrices = sum(arithmetic(trace, config, 1).values()) - _scores(config)
    return matrices + _scores(config) * (context + 1)


def _scores(config: PreTrainedConfig) -> int:
    """Floating-point operations, in all layers, for one token to attend to one other: scores and weighted sum."""
    text: Any = config.get_text_config(decoder=True)
    layers = cache(config)
    if unfolded_numbers(config, 1) is not None:
        size = text.qk_nope_head_dim + text.qk_rope_head_dim + text.v_head_dim
    else:
        size = layers[0].key + layers[0].value
    return 2 * len(layers) * int(text.num_attention_heads * size)


def adapted(trace: ParametersTrace, rank: int, targets: Collection[str]) -> int:
    """Parameters that LoRA trains, for all matrices the last part of whose name is among `targets` ("q_proj").

    Raises:
        InputError: a rank below 1, or no matrix by these names.
    """
    if rank < 1:
        raise InputError("The rank of LoRA is at least 1.")
    found = [
        (shape, held)
        for name, shape, held in zip(trace.names, trace.shapes, trace.experts.tolist(), strict=True)
        if name.removesuffix(".weight").rpartition(".")[2] in targets and len(shape) - (held > 1) == 2
    ]
    if not found:
        raise InputError(f"This model has no matrix called {', '.join(sorted(targets)) or 'nothing'}.")
    return sum(held * rank * (shape[-2] + shape[-1]) for shape, held in found)


def activation_bytes(config: PreTrainedConfig, tokens: int, texts: int = 1) -> int:
    """What training keeps of the pass forward, in 16 bits, for a decoder of the usual kind."""
    text: Any = config.get_text_config(decoder=True)
    width, heads = text.hidden_size, text.num_attention_heads
    return int(text.num_hidden_layers * texts * (34 * tokens * width + 5 * heads * tokens * tokens))


@dataclass(frozen=True)
class Best:
    """How fast a device can write at best."""

    tokens_a_second: float  # of all texts together
    bound: str  # "memory" or "arithmetic": what it waits for
    fits: bool
    bytes: float  # weights and cache


def best(
    trace: ParametersTrace, config: PreTrainedConfig, device: Device, *, numbers: str, context: int, texts: int = 1
) -> Best:
    """The roofline of one device, for `texts` texts written at once behind `context` tokens each.

    Weights are in the format `numbers` (one of FORMATS), the cache in 16 bits. Several texts choose experts of their
    own, at most all there are.

    Raises:
        InputError: as `arithmetic`.
    """
    weights, kept = trace.total * FORMATS[numbers], 2 * cache_numbers(config, context, texts)
    experts = sum(count for count, part in zip(trace.counts.tolist(), trace.parts, strict=True) if part == "experts")
    rest = trace.total - experts
    chosen = min(experts, ((trace.active or trace.total) - rest) * texts)
    reading = ((rest + chosen) * FORMATS[numbers] + kept) / device.bandwidth
    computing = texts * for_one_token(trace, config, context) / device.arithmetic
    return Best(
        texts / max(reading, computing),
        "memory" if reading >= computing else "arithmetic",
        weights + kept <= device.memory,
        weights + kept,
    )
