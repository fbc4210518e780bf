"""What does running a model cost in memory and arithmetic, by its configuration alone?

    weights         parameters x bytes a number
    cache           2 x layers x key/value heads x head size x tokens x texts x bytes     (keys and values)
                    a layer with a sliding window of w keeps w - 1 tokens before the one that is read
                    latent (DeepSeek-V2, arXiv:2405.04434): layers x (rank + RoPE part) x tokens x texts x bytes
    arithmetic      2 x (numbers in the matrices that a token meets), and for attention 4 x heads x head size x tokens
                    a token and layer: once for the scores, once for the weighted sum; a product and a sum are 2
                    latent, when a token is written: 2 x heads x (2 x rank + RoPE part) x tokens, since queries are
                    folded to the kept vectors rather than each of these unfolded to keys and values again
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

import dataclasses
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from models import importing
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
# What a model that sees or hears has beside what reads text, by the names in the path of a tensor.
SENSES: Final = re.compile(r"vision|visual|image|audio|speech|multi_?modal|connector|projector")
WINDOW: Final = 4096  # Mistral 7B's, for what would be with a window


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


@dataclass(frozen=True)
class CacheKind:
    """One way to keep keys and values."""

    name: str
    layers: list[CacheLayer]
    own: bool  # whether the model does it so

    def numbers(self, context: int, texts: int = 1) -> int:
        """How many numbers it keeps for so many texts of `context` tokens each."""
        return kept_numbers(self.layers, context, texts)


def cache(config: PreTrainedConfig) -> list[CacheLayer]:
    """[layer] what transformers keeps of keys and values.

    Raises:
        InputError: it doesn't write token by token, a layer isn't attention, or its sizes aren't known.
    """
    if config.is_encoder_decoder:
        raise InputError(
            "An encoder-decoder keeps keys and values of what it reads and of what it writes; only models that do both "
            "in one text are reckoned here."
        )
    if not writes(config):
        raise InputError("An encoder reads its whole text at once and writes nothing, so it keeps no keys and values.")
    text: Any = config.get_text_config(decoder=True)
    windows = _windows(text)
    latent = getattr(text, "kv_lora_rank", None)
    groups, key, value = _heads(text)
    if latent:
        groups, key, value = 1, latent + text.qk_rope_head_dim, 0
    return [CacheLayer(groups, key, value, window) for window in windows]


def writes(config: PreTrainedConfig) -> bool:
    """Whether the model writes texts, as a decoder does."""
    importing.for_models()
    from transformers.models.auto import modeling_auto as auto

    families = {config.model_type, config.get_text_config(decoder=True).model_type}  # what hears or sees may write, too
    reads = families & set(auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES) and not getattr(config, "is_decoder", False)
    return bool(config.is_encoder_decoder or (families & set(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) and not reads))


def kept_numbers(layers: Sequence[CacheLayer], context: int, texts: int = 1) -> int:
    """How many numbers these layers keep for so many texts of `context` tokens each."""
    return texts * sum(layer.heads * (layer.key + layer.value) * layer.tokens(context) for layer in layers)


def cache_numbers(config: PreTrainedConfig, context: int, texts: int = 1) -> int:
    """How many numbers transformers keeps for so many texts of `context` tokens each. Raises as `cache`."""
    return kept_numbers(cache(config), context, texts)


def number_bytes(name: str) -> float:
    """Bytes that a number of the cache takes beside weights in that format: 16 bits, unless all is in float32."""
    return 4 if name == "float32" else 2


def cache_kinds(config: PreTrainedConfig) -> list[CacheKind]:
    """How the model keeps keys and values, and how much the same model would keep otherwise; its own is the first.

    Raises:
        InputError: as `cache`.
    """
    own = cache(config)
    text: Any = config.get_text_config(decoder=True)
    count = int(text.num_attention_heads)
    latent = bool(getattr(text, "kv_lora_rank", None))
    groups, key, value = _heads(text)
    single = [dataclasses.replace(layer, heads=1, key=key, value=value) for layer in own]

    def shared(heads: int) -> list[CacheLayer]:
        return [dataclasses.replace(layer, heads=heads) for layer in single]

    names = {count: "multi-head", 1: "multi-query: one head"}
    offered = {count: shared(count), 1: shared(1)}
    if count % 4 == 0 and count > 4:
        offered[count // 4] = shared(count // 4)
    if not latent:
        offered[groups] = own
    for heads in offered:
        names.setdefault(heads, f"grouped: {heads} heads")
    found = [CacheKind("latent", own, own=True)] if latent else []
    for heads in sorted(offered, reverse=True):
        name = f"{names[heads]}, unfolded" if latent and heads == count else names[heads]
        found.append(CacheKind(name, offered[heads], own=not latent and heads == groups))
    found.sort(key=lambda kind: not kind.own)
    near = sum(layer.window is not None for layer in own)
    if near:
        found[0] = dataclasses.replace(found[0], name=f"{found[0].name}, window in {near} of {len(own)} layers")
        everywhere = [dataclasses.replace(layer, window=None) for layer in own]
        found.append(CacheKind("its own without the window", everywhere, own=False))
    else:
        nearby = [dataclasses.replace(layer, window=WINDOW) for layer in own]
        found.append(CacheKind(f"its own, window of {WINDOW:,} tokens", nearby, own=False))
    return found


def unfolded_numbers(config: PreTrainedConfig, context: int, texts: int = 1) -> int | None:
    """As `cache_numbers` if the keys and values were kept that a latent vector is unfolded to; None without such."""
    text: Any = config.get_text_config(decoder=True)
    if not getattr(text, "kv_lora_rank", None):
        return None
    _, key, value = _heads(text)
    return texts * context * int(text.num_hidden_layers * text.num_attention_heads * (key + value))


def arithmetic(trace: ParametersTrace, config: PreTrainedConfig, tokens: int) -> dict[Part, int]:
    """Floating-point operations to read `tokens` tokens at once, by part; the mask saves none, as in a plain product.

    An encoder-decoder reads as many with either.

    Raises:
        InputError: a layer isn't attention, or it isn't known how many experts work on a token.
    """
    found = _products(trace, tokens)
    found["attention"] = found.get("attention", 0) + reading_scores(config, tokens)
    return found


def for_one_token(trace: ParametersTrace, config: PreTrainedConfig, context: int) -> int:
    """Floating-point operations to write one token behind `context` tokens whose keys and values are kept.

    Raises:
        InputError: as `writing`.
    """
    return sum(writing(trace, config, context).values())


def writing(trace: ParametersTrace, config: PreTrainedConfig, context: int) -> dict[Part, int]:
    """`for_one_token` by part.

    Raises:
        InputError: as `arithmetic` and `cache`.
    """
    scores = writing_scores(config, context)
    found = _products(trace, 1)
    found["attention"] = found.get("attention", 0) + scores
    return found


def reading_scores(config: PreTrainedConfig, tokens: int) -> int:
    """Floating-point operations of all layers for `tokens` tokens to attend to each other: scores and weighted sums.

    Those that a mask or a window hides are counted, as a plain product computes them.

    Raises:
        InputError: a layer isn't attention.
    """
    text: Any = config.get_text_config(decoder=True)
    windows = _windows(text)
    _, key, value = _heads(text)
    if config.is_encoder_decoder:  # a decoder's layer attends to its own text and to the encoder's
        both: Any = config
        encoder, decoder = ("encoder_layers", "decoder_layers")
        if not hasattr(both, encoder):
            encoder, decoder = ("num_layers", "num_decoder_layers")
        layers = getattr(both, encoder, 0) + 2 * getattr(both, decoder, 0)
    else:
        layers = len(windows)
    return 2 * layers * int(text.num_attention_heads * (key + value)) * tokens * tokens


def writing_scores(config: PreTrainedConfig, context: int) -> int:
    """The same for one token behind `context` tokens that are kept, itself among those that it attends to.

    Raises:
        InputError: as `cache`.
    """
    text: Any = config.get_text_config(decoder=True)
    latent = getattr(text, "kv_lora_rank", None)
    _, key, value = _heads(text)
    size = 2 * latent + text.qk_rope_head_dim if latent else key + value
    return 2 * int(text.num_attention_heads * size) * sum(layer.tokens(context) + 1 for layer in cache(config))


def unfolding(config: PreTrainedConfig, context: int) -> int | None:
    """How many more operations a token takes if kept latent vectors are unfolded at each step, as transformers does.

    None where nothing is latent.
    """
    text: Any = config.get_text_config(decoder=True)
    latent = getattr(text, "kv_lora_rank", None)
    if not latent:
        return None
    _, key, value = _heads(text)
    heads, layers = text.num_attention_heads, text.num_hidden_layers
    anew = 2 * context * layers * latent * heads * (text.qk_nope_head_dim + value)
    return int(anew + 2 * layers * heads * (key + value) * (context + 1) - writing_scores(config, context))


def _heads(text: Any) -> tuple[int, int, int]:
    """Heads of keys and values as they are multiplied, and numbers in a key and a value of one head.

    Raises:
        InputError: the configuration doesn't say.
    """
    heads = getattr(text, "num_attention_heads", None)
    if not isinstance(heads, int) or not isinstance(getattr(text, "hidden_size", None), int):
        raise InputError("The configuration doesn't say how wide the model is and how many heads its attention has.")
    if getattr(text, "kv_lora_rank", None):
        return heads, text.qk_nope_head_dim + text.qk_rope_head_dim, text.v_head_dim
    groups = getattr(text, "num_key_value_heads", None) or heads
    if text.model_type == "falcon":  # it says in words of its own how many there are
        groups = 1 if text.multi_query and not text.new_decoder_architecture else text.num_kv_heads
    try:
        size = getattr(text, "head_dim", None) or text.hidden_size // heads
    except RuntimeError as error:  # transformers refuses to give one value for blocks that differ (Gemma 4)
        raise InputError(
            "The heads of this model differ in size from layer to layer; only equal ones are reckoned here."
        ) from error
    return groups, size, size


def _windows(text: Any) -> list[int | None]:
    """[layer] how many tokens its attention reaches to; None: all.

    Raises:
        InputError: a layer isn't attention.
    """
    kinds = list(getattr(text, "layer_types", None) or [])
    window = getattr(text, "sliding_window", None)
    if not kinds:
        everywhere = window is not None and getattr(text, "use_sliding_window", True)
        kinds = ["sliding_attention" if everywhere else "full_attention"] * text.num_hidden_layers
    strange = next((kind for kind in kinds if kind not in {"full_attention", "sliding_attention"}), None)
    if strange is not None:
        raise InputError(
            f"Layers of this model are {strange}: their memory isn't a cache of keys and values, and their arithmetic "
            "has no formula here."
        )
    return [window if kind == "sliding_attention" else None for kind in kinds]


def _products(trace: ParametersTrace, tokens: int) -> dict[Part, int]:
    """Floating-point operations of the matrices with weights, by part, for `tokens` tokens of text.

    Raises:
        InputError: it isn't known how many experts work on a token, or layers are gone through several times.
    """
    if trace.active is None:
        raise InputError("The configuration doesn't say how many experts work on one token.")
    if any("albert_layer_groups" in name for name in trace.names):
        raise InputError("This model goes through the same layers several times; its arithmetic has no formula here.")
    found: dict[Part, int] = {}
    again = _second_uses(trace)
    for name, shape, count, part, held, used in zip(
        trace.names,
        trace.shapes,
        trace.counts.tolist(),
        trace.parts,
        trace.experts.tolist(),
        trace.used.tolist(),
        strict=True,
    ):
        matrix = len(shape) - (held > 1) == 2 and not name.endswith("bias")
        if matrix and part not in LOOKED_UP and name not in again and not SENSES.search(name):
            read = 1 if "pooler" in name else tokens  # an encoder's pooler takes the first token alone
            found[part] = found.get(part, 0) + 2 * read * (count // held * used)
    counts = trace.leaves
    for source in again:
        found["head"] = found.get("head", 0) + 2 * tokens * counts[source]
    return found


def _second_uses(trace: ParametersTrace) -> list[str]:
    """The embeddings that are the output head too."""
    heads = ("head", "embed_out", "decoder.weight", "output_projection")
    return [source for name, source in trace.tied if not name.endswith("bias") and any(head in name for head in heads)]


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


def adaptable(trace: ParametersTrace) -> list[str]:
    """What the matrices are called that LoRA can stand beside: those of attention and MLP, in the model's order."""
    return list(
        dict.fromkeys(
            name.removesuffix(".weight").rpartition(".")[2]
            for name, shape, part in zip(trace.names, trace.shapes, trace.parts, strict=True)
            if part in {"attention", "mlp"} and len(shape) == 2
        )
    )


@dataclass(frozen=True)
class Activations:
    """Bytes that training keeps of the pass forward."""

    scores: int  # tokens x tokens for each head: what FlashAttention (arXiv:2205.14135) doesn't keep
    rest: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.scores + self.rest


def activations(config: PreTrainedConfig, tokens: int, texts: int = 1, *, size: int = 2) -> Activations:
    """What training keeps of the pass forward, for a decoder of GPT-3's kind with dropout; a number has `size` bytes.

    Two of the 34 bytes, and one of the 5, are masks of dropout of one byte each.

    Raises:
        InputError: a layer isn't attention, or it has an encoder beside its decoder.
    """
    if config.is_encoder_decoder:
        raise InputError("What an encoder-decoder keeps of its pass forward has no formula here.")
    text: Any = config.get_text_config(decoder=True)
    layers = len(_windows(text))
    _heads(text)
    width, heads = text.hidden_size, text.num_attention_heads
    scores = layers * texts * (2 * size + 1) * heads * tokens * tokens
    return Activations(int(scores), int(layers * texts * (16 * size + 2) * tokens * width))


@dataclass(frozen=True)
class Training:
    """Bytes that one way of training holds, without activations."""

    name: str
    trained: int  # parameters
    weights: float
    gradients: float
    optimiser: float
    size: int  # bytes of a number of the pass forward


def training(parameters: int, adapters: int) -> tuple[Training, Training, Training]:
    """A model of so many parameters trained whole with Adam, in float32 and in mixed precision, and with LoRA."""
    held = parameters + adapters
    return (
        Training("Adam, float32", parameters, 4 * parameters, 4 * parameters, 8 * parameters, 4),
        Training("Adam, mixed precision", parameters, 2 * parameters, 2 * parameters, 12 * parameters, 2),
        Training("LoRA, mixed precision", adapters, 2 * held, 2 * adapters, 12 * adapters, 2),
    )


@dataclass(frozen=True)
class Best:
    """How fast a device can write at best."""

    tokens_a_second: float  # of all texts together
    bound: Literal["memory", "arithmetic"]  # what it waits for
    fits: bool
    bytes: float  # weights and cache
    intensity: float  # floating-point operations for each byte that is read


def best(
    trace: ParametersTrace, config: PreTrainedConfig, device: Device, *, numbers: str, context: int, texts: int = 1
) -> Best:
    """The roofline of one device, for `texts` texts written at once behind `context` tokens each.

    Weights are in the format `numbers` (one of FORMATS), the cache as `number_bytes` says.

    Raises:
        InputError: as `writing`.
    """
    kept = number_bytes(numbers) * cache_numbers(config, context, texts)
    held = trace.total * FORMATS[numbers] + kept
    read = weights_read(trace, texts) * FORMATS[numbers] + kept
    operations = texts * for_one_token(trace, config, context)
    reading, computing = read / device.bandwidth, operations / device.arithmetic
    return Best(
        texts / max(reading, computing),
        "memory" if reading >= computing else "arithmetic",
        held <= device.memory,
        held,
        operations / read,
    )


def weights_read(trace: ParametersTrace, texts: int = 1) -> float:
    """Parameters that one step reads to write a token of each of `texts` texts.

    Not the tables that rows are looked up in, nor what sees or hears. Of E experts, k of which work on a token,
    E (1 - (1 - k/E)^texts) are read on average, if the router chooses each as often and for each text anew.

    Raises:
        InputError: it isn't known how many experts work on a token.
    """
    if trace.active is None:
        raise InputError("The configuration doesn't say how many experts work on one token.")
    again = set(_second_uses(trace))
    by_part = list(zip(trace.names, trace.counts.tolist(), trace.parts, strict=True))
    idle = sum(
        count for name, count, part in by_part if SENSES.search(name) or (part in LOOKED_UP and name not in again)
    )
    experts = sum(count for _, count, part in by_part if part == "experts")
    rest = trace.total - experts
    share = (trace.active - rest) / experts if experts else 0.0
    return rest - idle + experts * (1 - (1 - share) ** texts)
