"""What do models have in common, part by part and size by size?

The parts are sums of a trace's tensors. The sizes are the symbols of the architecture's formula where there is one,
with all defaults put in, and else what the config.json says; what neither says isn't guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import numpy as np

from models.parameter_formulas import Formula
from models.parameters import COUNTED, part_of
from models.traces import ParametersTrace, Part

LESS: Final = "–"  # a model that has no such thing
UNSAID: Final = "not stated"

_LAYERS: Final = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
_WIDTH: Final = ("hidden_size", "n_embd", "d_model", "dim")
_HEADS: Final = ("num_attention_heads", "n_head", "num_heads", "n_heads")
_MLP: Final = ("intermediate_size", "n_inner", "d_ff", "ffn_dim")


def by_part(trace: ParametersTrace) -> dict[Part, int]:
    """{part that the model has: all of its parameters}; they add up to `trace.total`."""
    return _sums(trace, trace.counts)


def active_by_part(trace: ParametersTrace) -> dict[Part, int] | None:
    """The same of those that work on one token, `trace.active` in all; None where that isn't known."""
    if trace.active is None:
        return None
    return _sums(trace, trace.counts // trace.experts * trace.used)


def _sums(trace: ParametersTrace, counts: np.ndarray[Any, np.dtype[np.int64]]) -> dict[Part, int]:
    owners = np.array(trace.parts)
    return {part: int(counts[owners == part].sum()) for part in get_args(Part) if part in trace.parts}


def facts(fields: Mapping[str, Any], trace: ParametersTrace, formula: Formula | None) -> dict[str, str]:
    """{what: how large it is}, the same keys for every model, for people."""
    text = fields.get("text_config")
    said = {**fields, **text} if isinstance(text, Mapping) else fields
    symbols = formula.symbols if formula is not None else {}

    def size(symbol: str, *names: str) -> int | None:
        found = symbols.get(symbol, next((said[name] for name in names if said.get(name) is not None), None))
        return found if isinstance(found, int) else None

    heads, width = size("h", *_HEADS), size("d", *_WIDTH)
    layers = _worded(size("L", *_LAYERS))
    if "D" in symbols:
        layers = f"{layers} + {symbols['D']:,}"
    return {
        "family": trace.family,
        "blocks": layers,
        "width": _worded(width),
        "query heads": _worded(heads),
        "key and value heads": _groups(size("g", "num_key_value_heads"), heads, formula),
        "numbers of a head": _head(size("k", "head_dim", "d_kv"), width, heads, formula),
        "width of the MLP": _worded(size("m", *_MLP)) if "mlp" in trace.parts else LESS,
        "vocabulary": _worded(size("V", "vocab_size")),
        "output head": _output(trace),
        **_experts(size("E", *COUNTED), size("e", "moe_intermediate_size", *_MLP), trace),
    }


def _worded(count: int | None) -> str:
    return UNSAID if count is None else f"{count:,}"


def _groups(groups: int | None, heads: int | None, formula: Formula | None) -> str:
    """How many heads the keys and values have; without a number of their own, as many as the queries."""
    if formula is not None and "c" in formula.symbols:  # DeepSeek
        return f"{_worded(heads)}, from {formula.symbols['c']:,} numbers"
    return _worded(heads if groups is None and formula is not None else groups)


def _head(size: int | None, width: int | None, heads: int | None, formula: Formula | None) -> str:
    if formula is not None and "n" in formula.symbols:  # DeepSeek: a part without and a part with the position
        return f"{formula.symbols['n']:,} + {formula.symbols['r']:,}"
    if size is None and formula is not None and width and heads:
        return f"{width // heads:,}"
    return _worded(size)


def _output(trace: ParametersTrace) -> str:
    """Whether the output head is a table of its own."""
    if any(part_of(path) == "head" for path, _ in trace.tied):
        return "the embedding again"
    own = any(part == "head" and len(shape) == 2 for part, shape in zip(trace.parts, trace.shapes, strict=True))
    return "a table of its own" if own else LESS


def _experts(count: int | None, width: int | None, trace: ParametersTrace) -> dict[str, str]:
    names = ("experts in a block", "experts on a token", "width of an expert")
    if "experts" not in trace.parts:
        return dict.fromkeys(names, LESS)
    together = trace.experts > 1
    used = {int(number) for number in trace.used[together] if number >= 0}
    return dict(zip(names, (_worded(count), _worded(max(used, default=None)), _worded(width)), strict=True))
