"""Which model does a configuration describe, and can it be built without harm?

A configuration is the `config.json` that comes with every model: a family (`model_type`) and its sizes. Whoever pastes
one is a stranger: code of the model's own (`auto_map`) is never run, and sizes that no model has are refused before
anything is built, each by the name of its field.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from models import importing
from models.traces import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

MOST_CHARACTERS: Final = 200_000
LARGEST: Final = 10**9  # of any number; the largest vocabularies and windows in use have 8 digits
MOST_LAYERS: Final = 2_000
MOST_EXPERTS: Final = 10_000
# Fields that say how a model is loaded or run, not what it is made of; some would make transformers load more.
LEFT_OUT: Final = frozenset(
    {"auto_map", "quantization_config", "_name_or_path", "dtype", "torch_dtype", "_commit_hash"}
)
# Sizes that every family has under one of these names, through transformers' own table of names.
SIZES: Final = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")


def read(text: str) -> dict[str, Any]:
    """The fields in a config.json.

    Raises:
        InputError: it isn't one.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"This has {len(text):,} characters; a config.json has at most {MOST_CHARACTERS:,}.")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"This is not JSON{where}; paste the whole config.json of a model.") from error
    if not isinstance(fields, dict):
        raise InputError("A config.json is an object with names and values in { }; paste the whole file.")
    return fields


def build(fields: Mapping[str, Any]) -> PreTrainedConfig:
    """The configuration that these fields describe.

    Raises:
        InputError: a family that transformers doesn't have, or a field that can't be; the sentence names it.
    """
    importing.for_models()
    from transformers import CONFIG_MAPPING

    family = fields.get("model_type")
    if not isinstance(family, str) or not family:
        raise InputError(
            'The configuration has no "model_type", so its family is not known; it says llama or gpt2, say.'
        )
    if family not in CONFIG_MAPPING:
        if "auto_map" in fields:
            raise InputError(
                f'The family "{family[:40]}" comes with code of its own ("auto_map"), which is never run here; '
                "choose a model of a family that transformers has."
            )
        raise InputError(f'The family "{family[:40]}" is not among those of the installed transformers.')
    for name, value in _numbers(fields):
        _check(name, value)
    own = getattr(CONFIG_MAPPING[family], "attribute_map", {})
    for name in {*SIZES, *(own.get(size, size) for size in SIZES)} & set(fields):
        if isinstance(fields[name], int) and fields[name] < 1:
            raise InputError(f'"{name}" is {fields[name]:,}; it must be at least 1.')
    kept = {name: value for name, value in fields.items() if name not in LEFT_OUT and name != "model_type"}
    try:
        config = CONFIG_MAPPING[family](**kept)
    except Exception as error:  # whatever a configuration's own checks raise
        raise InputError(f"The configuration can't be read: {_first_line(error)}") from error
    check(config)
    return config


def check(config: PreTrainedConfig) -> None:
    """Refuse sizes that no model can have.

    Raises:
        InputError: the sentence names the field.
    """
    text = config.get_text_config()
    width, heads = getattr(text, "hidden_size", None), getattr(text, "num_attention_heads", None)
    own = getattr(text, "head_dim", None) or getattr(text, "qk_nope_head_dim", None)
    if isinstance(width, int) and isinstance(heads, int) and not own and width % heads:
        raise InputError(
            f'"hidden_size" is {width:,}, which can\'t be shared out among {heads} heads ("num_attention_heads").'
        )
    groups = getattr(text, "num_key_value_heads", None)
    if isinstance(heads, int) and isinstance(groups, int) and (groups < 1 or heads % groups):
        raise InputError(f'"num_key_value_heads" is {groups}, which doesn\'t divide the {heads} heads.')


def _numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number in the fields, with the name of its field."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, str(key))
    elif isinstance(value, list):
        if len(value) > MOST_EXPERTS:
            raise InputError(f'"{name}" lists {len(value):,} values; no model has so many.')
        for inner in value:
            yield from _numbers(inner, name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield name, value


def _check(name: str, value: float) -> None:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise InputError(f'"{name}" is {value:g}, which is larger than any model has.')
    counted = "layer" in name and "norm" not in name and "type" not in name and "eps" not in name
    for is_that, most, what in (
        (counted or name in {"num_blocks", "depth"}, MOST_LAYERS, "layers"),
        ("expert" in name and name.startswith(("n_", "num_", "moe_num")), MOST_EXPERTS, "experts"),
    ):
        if is_that and value > most:
            raise InputError(f'"{name}" is {value:,}; at most {most:,} {what} can be counted.')


def _first_line(error: Exception) -> str:
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line[:200].rstrip(".") + "."
