"""Where is every parameter of a model, and how many are there?

A model is built from its configuration on torch's meta device: all of its tensors have shapes, and none has numbers,
so that 405 billion parameters take a few megabytes. Each tensor is then counted once, also where a second name stands
for it (an output head that is the embedding, transposed in use).

    trace = parameters.breakdown(AutoConfig.for_model("gpt2"))
    trace.total, trace.active, trace.leaves          # 124439808, 124439808, {"transformer.wte.weight": 38597376, ...}

Active are those that work on one token: of experts (Shazeer et al. 2017, arXiv:1701.06538) only as many as the router
chooses. The same count by formula is models/parameter_formulas.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import checkpoint, configurations, importing
from models.traces import InputError, ParametersTrace, Part, Source

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel

MOST: Final = 10**16  # parameters: a thousand times more than any model has
# How configurations call the number of experts that work on one token; two families have it in their code.
CHOSEN: Final = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "num_selected_experts")
COUNTED: Final = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
CHOSEN_IN_CODE: Final = {"switch_transformers": 1, "nllb-moe": 2}  # arXiv:2101.03961, arXiv:2207.04672
# What a tensor is for, by the names in its path; the first that fits counts.
_PATTERNS: Final[tuple[tuple[Part, str], ...]] = (
    ("experts", r"(^|\.)experts?(\.|$)|\.mlp\.(up|down)_embed\."),  # Doge has a table of them
    ("norm", r"(^|\.)(\w*norm\w*|ln_\w+|ln\d?)(\.\w+)?$"),
    ("position", r"(^|\.)(wpe|\w*position\w*|relative_attention_bias|pos_emb\w*)(\.|$)"),
    ("head", r"(^|\.)(\w*lm_head\w*|embed_out|output_projection|cls)(\.|$)"),
    ("embedding", r"(^|\.)(wte|\w*embed\w*|shared)(\.|$)"),
    ("attention", r"(^|\.)(\w*attn\w*|\w*attention\w*)(\.|$)"),
    (
        "mlp",
        r"(^|\.)(\w*mlp\w*|\w*ffn\w*|\w*feed_forward\w*|DenseReluDense|intermediate|output|fc\w*|shared_expert\w*)(\.|$)",
    ),
)
KINDS: Final = tuple((part, re.compile(pattern, re.IGNORECASE)) for part, pattern in _PATTERNS)


def breakdown(config: PreTrainedConfig | Mapping[str, Any], *, name: str = "") -> ParametersTrace:
    """Every weight tensor of the model that a configuration describes.

    Args:
        config: a transformers configuration, or the fields of a config.json.
        name: what the model is called.

    Raises:
        InputError: the configuration can't be used, or transformers can't build the model from it.
    """
    built = configurations.build(config) if isinstance(config, Mapping) else config
    model = meta(built)
    first: dict[int, str] = {}
    tied: list[tuple[str, str]] = []
    tensors: list[tuple[str, torch.Tensor]] = []
    for path, tensor in model.named_parameters(remove_duplicate=False):
        if id(tensor) in first:
            tied.append((path, first[id(tensor)]))
        else:
            first[id(tensor)] = path
            tensors.append((path, tensor))
    if not tensors:
        raise InputError(f"{type(model).__name__} is a frame without parameters; name another class or none.")
    largest = max(tensors, key=lambda named: named[1].numel())
    if sum(tensor.numel() for _, tensor in tensors) > MOST:
        shape = " x ".join(f"{size:,}" for size in largest[1].shape)
        raise InputError(f"{largest[0]} alone would be {shape} numbers; no model is so large. Are the sizes real?")
    parts = [part_of(path) for path, _ in tensors]
    held, used = _experts(tensors, built)
    parts = ["experts" if count > 1 else part for count, part in zip(held, parts, strict=True)]
    routed = {
        re.split(r"\.experts?\.", path)[0] for (path, _), part in zip(tensors, parts, strict=True) if part == "experts"
    }
    for number, (path, _) in enumerate(tensors):
        if any(path.startswith((f"{block}.gate.", f"{block}.router.")) for block in routed & _blocks(path)):
            parts[number] = "router"
    written = json.dumps(built.to_dict(), sort_keys=True, default=str)
    return ParametersTrace(
        source=Source(
            name or built.model_type,
            hashlib.sha256(written.encode()).hexdigest(),
            "",
            device="meta",
            versions={package: metadata.version(package) for package in ("torch", "transformers")},
        ),
        family=built.model_type,
        model_class=type(model).__name__,
        names=tuple(path for path, _ in tensors),
        shapes=tuple(tuple(tensor.shape) for _, tensor in tensors),
        counts=np.array([tensor.numel() for _, tensor in tensors], dtype=np.int64),
        parts=tuple(parts),
        layers=np.array([layer_of(path) for path, _ in tensors], dtype=np.int64),
        experts=np.array(held, dtype=np.int64),
        used=np.array(used, dtype=np.int64),
        tied=tuple(tied),
    )


def meta(config: PreTrainedConfig) -> PreTrainedModel:
    """The model of a configuration, on the meta device: shapes without numbers.

    The class is the one that the configuration names, else the family's: with a head where it writes.

    Raises:
        InputError: transformers can't build it.
    """
    importing.for_models()
    import torch
    from transformers import PreTrainedModel

    kind = _class(config)
    try:
        # While another thread loads weights, transformers ties none in the whole process.
        with checkpoint.BUILDING, torch.device("meta"):
            built: PreTrainedModel = (
                kind._from_config(config) if issubclass(kind, PreTrainedModel) else kind.from_config(config)
            )
    except Exception as error:  # whatever a model's own code raises on sizes that it can't have
        unknown = [
            name for name, value in config.to_dict().items() if isinstance(error, KeyError) and value in error.args
        ]
        if unknown:
            raise InputError(
                f'"{unknown[0]}" is "{str(error.args[0])[:40]}", which transformers doesn\'t know.'
            ) from error
        if str(error).startswith("Unrecognized configuration class"):
            raise InputError(
                f'transformers has no plain model of the family "{config.model_type}"; '
                'name the class that is meant in "architectures".'
            ) from error
        said = configurations.first_line(error)
        raise InputError(f"transformers can't build this {config.model_type}: {said}") from error
    return built


def part_of(path: str) -> Part:
    """What a tensor is for, by its path in the model."""
    return next((part for part, pattern in KINDS if pattern.search(path)), "other")


def layer_of(path: str) -> int:
    """The number of the block that a tensor stands in, in its stack; -1: in none."""
    found = re.search(r"\.(\d+)\.", path)
    return int(found[1]) if found else -1


def _class(config: PreTrainedConfig) -> Any:
    """The class of transformers that a configuration asks for."""
    import transformers
    from transformers.models.auto import modeling_auto as auto

    for name in config.architectures or ():
        kind = getattr(transformers, name, None)
        if isinstance(kind, type) and issubclass(kind, transformers.PreTrainedModel):
            named: Any = kind
            if named.config_class is type(config):
                return named
    family = config.model_type
    if family in auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES:
        return transformers.AutoModelForSeq2SeqLM
    writes = family not in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES or getattr(config, "is_decoder", False)
    if family in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and writes:
        return transformers.AutoModelForCausalLM
    return transformers.AutoModel


def _blocks(path: str) -> set[str]:
    """All paths that a path begins with."""
    parts = path.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def _chosen(config: PreTrainedConfig) -> int:
    """How many experts work on one token; -1 where the configuration doesn't say."""
    text = configurations.text_part(config)
    said = (getattr(text, name, None) for name in CHOSEN)
    return next((int(number) for number in said if isinstance(number, int)), CHOSEN_IN_CODE.get(config.model_type, -1))


def _experts(tensors: Sequence[tuple[str, torch.Tensor]], config: PreTrainedConfig) -> tuple[list[int], list[int]]:
    """[tensor] how many experts it holds the weights of, and how many of them work on one token.

    Most families hold those of all experts in one tensor, [expert, ...]; where each expert is a module of its own, the
    first ones stand for those that are chosen.
    """
    text, chosen = configurations.text_part(config), _chosen(config)
    count = next((number for name in COUNTED if isinstance(number := getattr(text, name, None), int)), 0)
    together: dict[str, set[int]] = defaultdict(set)
    for path, tensor in tensors:
        named = part_of(path) == "experts"
        tables = tensor.dim() == 2 and named and "_embed." in path
        if tables or (tensor.dim() == 3 and (named or (tensor.shape[0] == count > 1 and "conv" not in path))):
            together[path.rpartition(".")[0]].add(tensor.shape[0])
    held, used = [], []
    for path, tensor in tensors:
        size = tensor.shape[0] if tensor.dim() > 1 else 1
        alone = re.search(r"experts\.(?:expert_)?(\d+)\.", path)
        if size > 1 and size in together[path.rpartition(".")[0]]:
            held.append(size)
            used.append(min(chosen, size))
        else:
            held.append(1)
            used.append(1 if alone is None else -1 if chosen < 0 else int(int(alone[1]) < chosen))
    return held, used
