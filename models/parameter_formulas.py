"""How many parameters does a model have, by its architecture's own formula?

Written down from the papers, matrix by matrix, in the symbols of the configuration, for the families of
`models.published`; for any other there is no formula rather than a wrong one. models/parameters.py counts the tensors
of the built model, and a test holds the two against each other.

    V tokens    P positions    d width    L layers    h heads    k size of a head    g key/value heads    m width of MLP
    E experts   e width of one expert   s shared experts   a, c ranks of queries and of keys and values (DeepSeek)

GPT-2: Radford et al. 2019. BERT: Devlin et al. 2018, arXiv:1810.04805. T5: Raffel et al. 2019, arXiv:1910.10683. Llama:
Touvron et al. 2023, arXiv:2302.13971. Mixtral: Jiang et al. 2024, arXiv:2401.04088. DeepSeek-V3: arXiv:2412.19437.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.traces import Part

if TYPE_CHECKING:
    from transformers import PreTrainedConfig


@dataclass(frozen=True)
class Term:
    """One matrix or vector, and how often the model has it."""

    name: str  # "query"
    part: Part
    formula: str  # in symbols: "d*h*k"
    numbers: str  # the same with the numbers put in
    each: int
    times: int  # layers that have it, experts included in the formula
    tied: str = ""  # the term whose numbers it shares: it counts nothing

    @property
    def count(self) -> int:
        """Parameters in all."""
        return 0 if self.tied else self.each * self.times


@dataclass(frozen=True)
class Formula:
    """A whole model."""

    symbols: dict[str, int]
    terms: tuple[Term, ...]

    @property
    def total(self) -> int:
        """All parameters."""
        return sum(term.count for term in self.terms)


Line = tuple[str, Part, str, int]  # name, part, formula, times
Lines = Iterator[Line]


def count(config: PreTrainedConfig) -> Formula | None:
    """The formula of a configuration; None for a family or a head that has none here."""
    family = FAMILIES.get(config.model_type)
    if family is None:
        return None
    symbols, lines, heads = family(config)
    named = (config.architectures or [None])[0]
    if not heads or (named is not None and named not in heads):
        return None
    return summed(symbols, lines)


def summed(symbols: dict[str, int], lines: Lines) -> Formula:
    """The formula of a model whose matrices are named one by one; "V*d = embedding" shares that term's numbers."""
    terms = []
    for name, part, formula, times in lines:
        formula, _, tied = formula.partition(" = ")
        terms.append(
            Term(name, part, formula, _with_numbers(formula, symbols), evaluate(formula, symbols), times, tied)
        )
    return Formula(symbols, tuple(terms))


def evaluate(formula: str, symbols: Mapping[str, int]) -> int:
    """The value of sums and products of symbols and whole numbers.

    >>> evaluate("3*d*(m + 1)", {"d": 2, "m": 4})
    30
    """

    def value(node: ast.expr) -> int:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return value(node.left) + value(node.right)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return value(node.left) * value(node.right)
        if isinstance(node, ast.Name):
            return symbols[node.id]
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        raise ValueError(formula)

    return value(ast.parse(formula, mode="eval").body)


def _with_numbers(formula: str, symbols: Mapping[str, int]) -> str:
    return re.sub(r"[A-Za-z]\w*", lambda found: str(symbols[found[0]]), formula)


def _head(config: Any) -> Lines:
    """The output head: the embedding once more, or a table of its own."""
    yield "output head", "head", "V*d = embedding" if config.tie_word_embeddings else "V*d", 1


def _attention(layers: int, *, bias: bool = False, bias_out: bool = False, norms: bool = False) -> Lines:
    """Queries for h heads, keys and values for g."""
    yield "query", "attention", "d*h*k + h*k" if bias else "d*h*k", layers
    for name in ("key", "value"):
        yield name, "attention", "d*g*k + g*k" if bias else "d*g*k", layers
    yield "attention output", "attention", "h*k*d + d" if bias_out else "h*k*d", layers
    if norms:
        yield "norms of queries and keys", "norm", "2*k", layers


def _gated(layers: int, *, bias: bool = False) -> Lines:
    for name in ("gate", "up"):
        yield name, "mlp", "d*m + m" if bias else "d*m", layers
    yield "down", "mlp", "m*d + d" if bias else "m*d", layers


def _sizes(config: Any) -> dict[str, int]:
    heads = config.num_attention_heads
    return {
        "V": config.vocab_size,
        "d": config.hidden_size,
        "L": config.num_hidden_layers,
        "h": heads,
        "k": getattr(config, "head_dim", None) or config.hidden_size // heads,
        "g": getattr(config, "num_key_value_heads", None) or heads,
        "m": config.intermediate_size,
    }


def _llama(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    """Llama and those built like it, each with its own small differences."""
    family: str = config.model_type
    layers = config.num_hidden_layers
    own_bias = family in BIASED and bool(config.attention_bias)  # the others have it without, or ignore the field
    qkv_bias = own_bias or family == "qwen2"
    norms = 4 if family == "gemma2" else 2

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        yield from _attention(layers, bias=qkv_bias, bias_out=own_bias, norms=family == "qwen3")
        yield from _gated(layers, bias=family == "llama" and bool(config.mlp_bias))
        yield "norms", "norm", f"{norms}*d", layers
        yield "final norm", "norm", "d", 1
        yield from _head(config)

    return _sizes(config), lines(), (NAMES[family],)


def _mixtral(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    layers = config.num_hidden_layers

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        yield from _attention(layers)
        yield "router", "router", "d*E", layers
        yield "experts", "experts", "E*3*d*m", layers
        yield "norms", "norm", "2*d", layers
        yield "final norm", "norm", "d", 1
        yield from _head(config)

    return _sizes(config) | {"E": config.num_local_experts}, lines(), ("MixtralForCausalLM",)


def _deepseek(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    """Keys and values come from one short vector a token; the first layers have a plain MLP."""
    layers = config.num_hidden_layers
    dense = max(0, min(config.first_k_dense_replace, layers))
    symbols = _sizes(config) | {
        "n": config.qk_nope_head_dim,
        "r": config.qk_rope_head_dim,
        "v": config.v_head_dim,
        "c": config.kv_lora_rank,
        "E": config.n_routed_experts,
        "e": config.moe_intermediate_size,
        "s": config.n_shared_experts,
    }
    del symbols["k"], symbols["g"]
    if config.q_lora_rank is not None:
        symbols["a"] = config.q_lora_rank

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        bias = bool(config.attention_bias)
        if config.q_lora_rank is None:
            yield "query", "attention", "d*h*(n + r)", layers
        else:
            yield "query, down", "attention", "d*a + a" if bias else "d*a", layers
            yield "norm of the query's short vector", "norm", "a", layers
            yield "query, up", "attention", "a*h*(n + r)", layers
        yield "key and value, down", "attention", "d*(c + r) + c + r" if bias else "d*(c + r)", layers
        yield "norm of the short vector", "norm", "c", layers
        yield "key and value, up", "attention", "c*h*(n + v)", layers
        yield "attention output", "attention", "h*v*d + d" if bias else "h*v*d", layers
        yield "MLP of the first layers", "mlp", "3*d*m", dense
        yield "router", "router", "d*E", layers - dense
        yield "experts", "experts", "E*3*d*e", layers - dense
        yield "shared experts", "mlp", "3*d*e*s", layers - dense
        yield "norms", "norm", "2*d", layers
        yield "final norm", "norm", "d", 1
        yield from _head(config)

    return symbols, lines(), ("DeepseekV3ForCausalLM",)


def _phi(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    """Attention and MLP side by side behind one LayerNorm; biases everywhere."""
    layers = config.num_hidden_layers

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        yield from _attention(layers, bias=True, bias_out=True)
        if config.qk_layernorm:
            yield "norms of queries and keys", "norm", "4*k", layers
        yield "MLP, first", "mlp", "d*m + m", layers
        yield "MLP, second", "mlp", "m*d + d", layers
        yield "norm", "norm", "2*d", layers
        yield "final norm", "norm", "2*d", 1
        yield from _head(config)
        yield "bias of the output head", "head", "V", 1

    return _sizes(config), lines(), ("PhiForCausalLM",)


def _gpt2(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    layers = config.n_layer
    symbols = {
        "V": config.vocab_size,
        "P": config.n_positions,
        "d": config.n_embd,
        "L": layers,
        "m": config.n_inner if config.n_inner is not None else 4 * config.n_embd,
    }

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        yield "positions", "position", "P*d", 1
        for name in ("query", "key", "value", "attention output"):
            yield name, "attention", "d*d + d", layers
        if config.add_cross_attention:
            for name in ("query", "key", "value", "attention output"):
                yield f"{name}, across", "attention", "d*d + d", layers
        yield "MLP, up", "mlp", "d*m + m", layers
        yield "MLP, down", "mlp", "m*d + d", layers
        yield "norms", "norm", "3*2*d" if config.add_cross_attention else "2*2*d", layers
        yield "final norm", "norm", "2*d", 1
        yield from _head(config)

    return symbols, lines(), ("GPT2LMHeadModel",)


def _bert(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    layers = config.num_hidden_layers
    symbols = _sizes(config) | {"P": config.max_position_embeddings, "t": config.type_vocab_size}
    for name in ("k", "g", "h"):
        del symbols[name]

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        yield "positions", "position", "P*d", 1
        yield "segments", "embedding", "t*d", 1
        yield "norm of the embedding", "norm", "2*d", 1
        for name in ("query", "key", "value", "attention output"):
            yield name, "attention", "d*d + d", layers
        yield "MLP, up", "mlp", "d*m + m", layers
        yield "MLP, down", "mlp", "m*d + d", layers
        yield "norms", "norm", "2*2*d", layers
        if (config.architectures or ["BertModel"])[0] == "BertModel":
            yield "pooler", "other", "d*d + d", 1
            return
        yield "transform before the head", "head", "d*d + d + 2*d", 1
        # A head of its own brings a bias of its own, besides the one that transformers keeps next to it.
        yield "bias of the output head", "head", "V" if config.tie_word_embeddings else "2*V", 1
        yield from _head(config)

    plain = not config.is_decoder and not config.add_cross_attention
    return symbols, lines(), ("BertModel", "BertForMaskedLM") if plain else ()


def _t5(config: Any) -> tuple[dict[str, int], Lines, tuple[str, ...]]:
    symbols = {
        "V": config.vocab_size,
        "d": config.d_model,
        "L": config.num_layers,
        "D": config.num_decoder_layers,
        "h": config.num_heads,
        "k": config.d_kv,
        "m": config.d_ff,
        "b": config.relative_attention_num_buckets,
    }

    def lines() -> Lines:
        yield "embedding", "embedding", "V*d", 1
        for stack, layers, kinds in (
            ("encoder", config.num_layers, ("",)),
            ("decoder", config.num_decoder_layers, ("", ", across")),
        ):
            for kind in kinds:
                for name in ("query", "key", "value", "attention output"):
                    yield f"{stack}: {name}{kind}", "attention", "h*k*d", layers
            yield f"{stack}: distances (in its first layer)", "position", "b*h", min(layers, 1)
            for name in ("gate", "up") if config.is_gated_act else ("up",):
                yield f"{stack}: {name}", "mlp", "d*m", layers
            yield f"{stack}: down", "mlp", "m*d", layers
            yield f"{stack}: norms", "norm", f"{len(kinds) + 1}*d", layers
            yield f"{stack}: final norm", "norm", "d", 1
        yield from _head(config)

    return symbols, lines(), ("T5ForConditionalGeneration",)


BIASED: Final = frozenset({"llama", "qwen3", "gemma", "gemma2"})  # whose attention may have biases
NAMES: Final = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma": "GemmaForCausalLM",
    "gemma2": "Gemma2ForCausalLM",
    "phi3": "Phi3ForCausalLM",
}
FAMILIES: Final[dict[str, Callable[[Any], tuple[dict[str, int], Lines, tuple[str, ...]]]]] = {
    **dict.fromkeys(NAMES, _llama),
    "mixtral": _mixtral,
    "deepseek_v3": _deepseek,
    "phi": _phi,
    "gpt2": _gpt2,
    "bert": _bert,
    "t5": _t5,
}
