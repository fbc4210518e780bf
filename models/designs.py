"""Which model do a few sizes describe, and what does transformers count in it?

A design is a decoder of the kind of Llama (RMSNorm, gated MLP, RoPE; Touvron et al. 2023, arXiv:2302.13971), or, where
it has several experts, of Mixtral (Jiang et al. 2024, arXiv:2401.04088). The arithmetic that follows a visitor's hand
is the browser's (viz/components/designer/1_count.js); here the same model is built by transformers, without weights,
and counted: the browser's numbers are held against it.

How many tokens a model is trained on, for each of its parameters:

    Chinchilla    20: 1.4 trillion tokens for 70 billion parameters (Hoffmann et al. 2022, arXiv:2203.15556)
    Llama 3 8B    1,868: more than 15 trillion (its model card, April 2024) for 8,030,261,248

Training takes 6 floating-point operations for each parameter and token (Kaplan et al. 2020, arXiv:2001.08361).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from models import configurations, costs, parameters
from models.published import PUBLISHED

# Least and most of every size; the largest products still are exact in a browser's doubles.
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "layers": (1, 400),
    "width": (64, 32_768),
    "heads": (1, 256),
    "kv": (1, 256),
    "head": (0, 512),  # 0: as the width is shared out among the heads
    "mlp": (64, 131_072),
    "vocabulary": (256, 1_048_576),
    "tied": (0, 1),
    "experts": (1, 256),
    "chosen": (1, 256),
    "context": (1, 1_048_576),
}
USUAL: Final = "llama-3.2-1b"
CONTEXT: Final = 8192
TARGET: Final = 1_000_000_000  # parameters that the shapes beside each other have, unless asked otherwise


@dataclass(frozen=True)
class Rule:
    """How long a model was trained, as a rule for others."""

    name: str
    rate: float  # tokens for each parameter
    source: str


RULES: Final = (
    Rule("Chinchilla", 20.0, "1.4 T tokens for 70 B parameters (Hoffmann et al. 2022, arXiv:2203.15556)"),
    Rule("Llama 3 8B", 15e12 / 8_030_261_248, "15 T tokens, “15T+” in its model card of April 2024, for 8.03 B"),
)


@dataclass(frozen=True)
class Trained:
    """One model, and how long it was trained."""

    name: str
    parameters: float
    tokens: float
    source: str


TRAINED: Final = (
    Trained("GPT-3", 175e9, 300e9, "Brown et al. 2020, arXiv:2005.14165"),
    Trained("Chinchilla", 70e9, 1.4e12, "Hoffmann et al. 2022, arXiv:2203.15556"),
    Trained("Llama 2 7B", 6.74e9, 2e12, "Touvron et al. 2023, arXiv:2307.09288"),
    Trained("Llama 3 8B", 8.03e9, 15e12, "its model card, April 2024"),
    Trained("Llama 3.1 405B", 405e9, 15.6e12, "Llama Team 2024, arXiv:2407.21783"),
    Trained("SmolLM2 135M", 134.5e6, 2e12, "Allal et al. 2025, arXiv:2502.02737"),
)
# The share of a GPU's peak that training takes: 38 to 43% for Llama 3.1 405B on H100s (arXiv:2407.21783, table 4).
UTILISATION: Final = 0.4
TRAINED_ON: Final = "NVIDIA H100 80 GB"


@dataclass(frozen=True)
class Counts:
    """What a design comes to; also how the browser sends its own figures."""

    total: int  # parameters
    active: int  # of them, those that work on one token
    cache: int  # numbers kept of `context` tokens
    arithmetic: int  # floating-point operations to write one token behind as many


def fields(design: Mapping[str, int]) -> dict[str, Any]:
    """The config.json of a design, by the names of LIMITS. Shapes that can't be are refused by whoever builds it."""
    experts = design["experts"]
    return {
        "model_type": "mixtral" if experts > 1 else "llama",
        "architectures": ["MixtralForCausalLM" if experts > 1 else "LlamaForCausalLM"],
        "hidden_size": design["width"],
        "num_hidden_layers": design["layers"],
        "num_attention_heads": design["heads"],
        "num_key_value_heads": design["kv"],
        "head_dim": design["head"] or design["width"] // max(1, design["heads"]),
        "intermediate_size": design["mlp"],
        "vocab_size": design["vocabulary"],
        "max_position_embeddings": design["context"],
        "tie_word_embeddings": bool(design["tied"]),
        **({"num_local_experts": experts, "num_experts_per_tok": design["chosen"]} if experts > 1 else {}),
    }


def count(design: Mapping[str, int]) -> Counts:
    """What transformers' own model of a design has, and what models/costs.py makes of it.

    Raises:
        InputError: there is no such model.
    """
    config = configurations.build(fields(design))
    trace = parameters.breakdown(config, name="design")
    context = design["context"]
    return Counts(
        trace.total,
        trace.total if trace.active is None else trace.active,
        costs.cache_numbers(config, context),
        costs.for_one_token(trace, config, context),
    )


def published() -> dict[str, dict[str, int]]:
    """{name in PUBLISHED: its sizes} of the models of this kind."""
    return {name: of(each.fields) for name, each in PUBLISHED.items() if each.fields["model_type"] in KINDS}


KINDS: Final = frozenset({"llama", "mixtral"})


def of(config: Mapping[str, Any]) -> dict[str, int]:
    """The sizes in a configuration of `models.published`."""
    width, heads = config["hidden_size"], config["num_attention_heads"]
    head = config.get("head_dim", width // heads)
    return {
        "layers": config["num_hidden_layers"],
        "width": width,
        "heads": heads,
        "kv": config["num_key_value_heads"],
        "head": 0 if head * heads == width else head,
        "mlp": config["intermediate_size"],
        "vocabulary": config["vocab_size"],
        "tied": int(config["tie_word_embeddings"]),
        "experts": config.get("num_local_experts", 1),
        "chosen": config.get("num_experts_per_tok", 1),
    }
