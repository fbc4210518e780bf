"""How does the Transformer of the paper reach the browser? Its blocks, each with the terms that count it.

    data = {"facts": [line below a saved picture], "total", "inside": parameters of torch.nn.Transformer alone,
            "layers", "symbols": {letter: number}, "colours": {part: colour}, "blocks": {name: {"title", "part", "each",
            "times", "terms": [{"name", "formula", "numbers", "each", "tensors": [torch's name]}]}}}

The layer that is opened and the block that is chosen are the figure's own parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from viz import parameter_charts, state
from viz.components import shared

FOLDER: Final = Path(__file__).parent
MOST_LAYERS: Final = 48

# name: title, part, the beginnings of its terms' names
_BLOCKS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "source": ("Source embedding", "embedding", ("source embedding",)),
    "encoder": ("One encoder layer", "", ("encoder: self", "encoder: feed", "encoder: norms")),
    "encoder-self": ("Self-attention", "attention", ("encoder: self",)),
    "encoder-mlp": ("Feed-forward", "mlp", ("encoder: feed",)),
    "encoder-norms": ("Two norms", "norm", ("encoder: norms",)),
    "encoder-final": ("Final norm", "norm", ("encoder: final",)),
    "target": ("Target embedding", "embedding", ("target embedding",)),
    "decoder": ("One decoder layer", "", ("decoder: self", "decoder: cross", "decoder: feed", "decoder: norms")),
    "decoder-self": ("Self-attention", "attention", ("decoder: self",)),
    "decoder-cross": ("Cross-attention", "attention", ("decoder: cross",)),
    "decoder-mlp": ("Feed-forward", "mlp", ("decoder: feed",)),
    "decoder-norms": ("Three norms", "norm", ("decoder: norms",)),
    "decoder-final": ("Final norm", "norm", ("decoder: final",)),
    "head": ("Output head", "head", ("output head",)),
}
_TENSORS: Final[dict[str, tuple[str, ...]]] = {
    "self-attention, queries, keys, values": ("self_attn.in_proj_weight", "self_attn.in_proj_bias"),
    "self-attention, output": ("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
    "cross-attention, queries, keys, values": ("multihead_attn.in_proj_weight", "multihead_attn.in_proj_bias"),
    "cross-attention, output": ("multihead_attn.out_proj.weight", "multihead_attn.out_proj.bias"),
    "feed-forward, up": ("linear1.weight", "linear1.bias"),
    "feed-forward, down": ("linear2.weight", "linear2.bias"),
    "final norm": ("norm.weight", "norm.bias"),
    "output head": ("head.weight", "head.bias"),
    "source embedding": ("source_embedding.weight",),
    "target embedding": ("target_embedding.weight",),
}
DEFAULTS: Final[Mapping[str, Any]] = {"opened": 1, "sublayer": "decoder-cross"}


def parameters() -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {"opened": state.Whole(MOST_LAYERS + 1, 1), "sublayer": state.Choice(tuple(_BLOCKS))}


def pack(terms: Sequence[Mapping[str, Any]], symbols: Mapping[str, int], facts: Sequence[str]) -> bytes:
    """The blocks as they travel.

    Args:
        terms: of the formula: "name", "formula", "numbers", "each" and "times".
        symbols: the letters of the formulas.
        facts: the lines below a saved picture.
    """
    blocks = {}
    for name, (title, part, beginnings) in _BLOCKS.items():
        own = [term for term in terms if str(term["name"]).startswith(beginnings)]
        blocks[name] = {
            "title": title,
            "part": part,
            "each": sum(term["each"] for term in own),
            "times": own[0]["times"],
            "terms": [
                {key: term[key] for key in ("formula", "numbers", "each")} | _named(str(term["name"])) for term in own
            ],
        }
    counts = {str(term["name"]): term["each"] * term["times"] for term in terms}
    return shared.pack(
        {
            "facts": list(facts),
            "total": sum(counts.values()),
            "inside": sum(count for name, count in counts.items() if ":" in name),
            "layers": symbols["L"],
            "symbols": dict(symbols),
            "blocks": blocks,
            "colours": {str(part): colour for part, colour in parameter_charts.COLOURS.items()},
        }
    )


def _named(name: str) -> dict[str, Any]:
    """A term's name without its stack, and torch's names for its tensors."""
    stack, _, own = name.rpartition(": ")
    if own == "norms":
        norms = range(1, 4 if stack == "decoder" else 3)
        return {"name": own, "tensors": [f"norm{norm}.{kind}" for norm in norms for kind in ("weight", "bias")]}
    return {"name": own, "tensors": list(_TENSORS[own])}


def encoder_decoder(packed: bytes, *, key: str, state: Mapping[str, Any]) -> None:
    """Show the Transformer in a Streamlit page; the parameters it owns are `opened` and `block`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
