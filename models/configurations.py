"""Which model does a configuration describe, and can it be built without harm?

A configuration is the `config.json` that comes with every model: a family (`model_type`) and its sizes. Whoever pastes
one is a stranger: code of the model's own (`auto_map`) is never run, and sizes that no model has are refused before
anything is built, each by the name of its field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from models import importing
from models.traces import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

MOST_CHARACTERS: Final = 200_000
LARGEST: Final = 10**9  # of any size; the largest vocabularies and windows in use have 8 digits
WIDEST: Final = 10**7  # of a width; the widest in use are below 100,000
MOST_LAYERS: Final = 2_000
MOST_EXPERTS: Final = 20_000
MOST_LABELS: Final = 100_000
DEEPEST: Final = 20  # objects and lists inside each other
# What is a size, by its name; and those among them that may be -1, which stands for none.
SIZE: Final = re.compile(r"size|(^|_)dim|rank|heads|layers|expert|buckets|labels|^d_|^n_|^num_")
WIDTH: Final = re.compile(r"^(?!.*vocab).*(_size|_dim|n_embd|n_inner)$|^d_|^dim$|rank")
MAY_BE_NEGATIVE: Final = frozenset({"max_relative_positions", "chunk_size", "num_images"})
# Fields that say how a model is loaded or run, not what it is made of; some would make transformers load more.
LEFT_OUT: Final = frozenset(
    {
        "auto_map", "quantization_config", "dtype", "torch_dtype", "attn_implementation", "experts_implementation",
        "attribute_map", "sub_configs", "base_model_tp_plan", "base_model_pp_plan", "base_model_ep_plan",
    }
)  # fmt: skip
# What transformers' own check of a field's type calls these.
TYPES: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "list": "a list",
    "dict": "an object",
    "NoneType": "null",
}
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
        if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError):
            raise InputError("A number in this has thousands of digits, which no model's has.") from error
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ", or nested too deeply"
        raise InputError(f"This is not JSON{where}; give the whole config.json of a model.") from error
    if not isinstance(fields, dict):
        raise InputError("A config.json is an object with names and values in { }; give the whole file.")
    return fields


def build(fields: Mapping[str, Any]) -> PreTrainedConfig:
    """The configuration that these fields describe.

    Raises:
        InputError: a family that transformers doesn't have, or a field that can't be; the sentence names it.
    """
    importing.for_models()
    from transformers import CONFIG_MAPPING

    family = fields.get("model_type")
    if family is not None and not isinstance(family, str):
        raise InputError(f'"model_type" is {_shown(family)}; it must be the name of a family, such as llama or gpt2.')
    if not family:
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
    kind: Any = CONFIG_MAPPING[family]
    own = getattr(kind, "attribute_map", {})
    for name in {*SIZES, *(own.get(size, size) for size in SIZES), "head_dim", "d_kv"} & set(fields):
        if isinstance(fields[name], int) and fields[name] < 1:
            raise InputError(f'"{name}" is {_shown(fields[name])}; it must be at least 1.')
    classes = fields.get("architectures")
    if classes is not None and not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        raise InputError(f'"architectures" is {_shown(classes)}; it must be a list of names.')
    kept = _kept(fields, kind)
    del kept["model_type"]
    try:
        config: PreTrainedConfig = kind(**kept)
    except Exception as error:  # whatever a configuration's own checks raise
        raise InputError(_refusal(error, fields)) from error
    check(config)
    return config


def _kept(fields: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields of a configuration of this kind that say what a model is made of, also of those inside it.

    Raises:
        InputError: a field can't be one, or would make transformers fetch something.
    """
    from transformers import PreTrainedConfig

    kept = {}
    for name, value in fields.items():
        if name in LEFT_OUT or name.startswith("_"):
            continue
        if callable(getattr(kind, name, None)):
            raise InputError(f'"{name[:40]}" is not a field of a configuration; take it out.')
        if name == "backbone" and value is not None:
            raise InputError('"backbone" names another model, and none is fetched for a configuration; take it out.')
        inner = isinstance(value, Mapping) and name not in {"id2label", "label2id"}
        kept[name] = _kept(value, PreTrainedConfig) if inner else value
    return kept


def text_part(config: PreTrainedConfig) -> PreTrainedConfig:
    """The part that is about text, of a model that also sees or hears; else the whole.

    Raises:
        InputError: what stands there is no configuration.
    """
    from transformers import PreTrainedConfig

    try:
        found = config.get_text_config()
    except ValueError:  # there are several
        return config
    if not isinstance(found, PreTrainedConfig):
        raise InputError(f'"text_config" is not a field of the family "{config.model_type}"; take it out.')
    return found


def check(config: PreTrainedConfig) -> None:
    """Refuse sizes that no model can have.

    Raises:
        InputError: the sentence names the field.
    """
    text = text_part(config)
    width, heads = _same(text, "hidden_size"), _same(text, "num_attention_heads")
    own = any(_same(text, name) for name in ("head_dim", "qk_nope_head_dim", "attention_head_size", "d_kv"))
    if isinstance(width, int) and isinstance(heads, int) and not own and width % heads:
        raise InputError(
            f'"hidden_size" is {width:,}, which can\'t be shared out among {heads} heads ("num_attention_heads").'
        )
    padding, vocabulary = _same(text, "pad_token_id"), _same(text, "vocab_size")
    if isinstance(padding, int) and isinstance(vocabulary, int) and padding >= vocabulary > 0:
        raise InputError(f'"pad_token_id" is {padding:,}, but the vocabulary has {vocabulary:,} ("vocab_size").')
    groups = _same(text, "num_key_value_heads")
    if isinstance(heads, int) and isinstance(groups, int) and (groups < 1 or heads % groups):
        raise InputError(f'"num_key_value_heads" is {groups}, which doesn\'t divide the {heads} heads.')


def _same(config: PreTrainedConfig, name: str) -> Any:
    """A field, if all blocks have the same; else None."""
    try:
        return getattr(config, name, None)
    except RuntimeError:  # transformers refuses to give one value for blocks that differ (Gemma 4)
        return None


def _numbers(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, float]]:
    """Every number in the fields, with the name of its field."""
    if depth > DEEPEST:
        raise InputError(f'"{name[:40]}" is nested more than {DEEPEST} deep; no configuration is.')
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, str(key), depth + 1)
    elif isinstance(value, list):
        if len(value) > MOST_EXPERTS:
            raise InputError(f'"{name[:40]}" lists {len(value):,} values; no model has so many.')
        for inner in value:
            yield from _numbers(inner, name, depth + 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield name, value


def _check(name: str, value: float) -> None:
    if math.isnan(value) or (math.isinf(value) and "limit" not in name):
        raise InputError(f'"{name[:40]}" is {value}; it must be a finite number.')
    if not SIZE.search(name) or "token" in name.removesuffix("_per_token"):
        return
    if value < 0 and name not in MAY_BE_NEGATIVE:
        raise InputError(f'"{name[:40]}" is {value:,}; it can\'t be negative.')
    if value > (WIDEST if WIDTH.search(name) else LARGEST):
        raise InputError(f'"{name[:40]}" is {_shown(value)}, which is larger than any model has.')
    counted = "layer" in name and not any(other in name for other in ("norm", "type", "eps", "size", "dim"))
    for is_that, most, what in (
        (counted or name in {"num_blocks", "depth", "n_layer"}, MOST_LAYERS, "layers"),
        ("expert" in name and name.startswith(("n_", "num_", "moe_num")), MOST_EXPERTS, "experts"),
        (name == "num_labels", MOST_LABELS, "labels"),
    ):
        if is_that and value > most:
            raise InputError(f'"{name}" is {value:,}; at most {most:,} {what} can be counted.')


def _refusal(error: Exception, fields: Mapping[str, Any]) -> str:
    """One sentence that says which field can't be, as far as transformers tells."""
    found = re.search(r"field '(\w+)'", str(error))
    wanted = dict.fromkeys(TYPES[kind] for kind in re.findall(r"expected (?:an? )?(\w+)", str(error)) if kind in TYPES)
    if found and wanted:
        name = found[1]
        given = f"is {_shown(fields[name])}; it" if name in fields else "follows from other fields, and"
        return f'"{name}" {given} must be {" or ".join(wanted)}.'
    reason = error.__cause__ if str(error).startswith("Class validation") else None
    return f"The configuration can't be read: {first_line(reason if isinstance(reason, Exception) else error)}"


def _shown(value: Any) -> str:
    """A value as JSON writes it, and not at length."""
    written = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else json.dumps(value)
    return written if len(written) <= 40 else f"{written[:40]}…"


def first_line(error: Exception) -> str:
    """What a library says of an error, as the end of a sentence."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line[:160].rstrip(".: ") + "."
