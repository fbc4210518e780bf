"""Can the model in this folder be opened safely, and is it one that Orrery can show?

Only config.json, .safetensors files and tokenizer files are read. A pickle (.bin, .pt) can run code when it
is opened, and a config may ask for code of its own (`auto_map`) or for another model (an adapter): all are
refused, never tried. Everything here is read from file headers, so it is quick and needs no torch.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open

from models.progress import Cancelled
from models.traces import InputError

if TYPE_CHECKING:
    from models.catalog import Kind

SINGLE: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"  # which tensor is in which of several files
PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".msgpack", ".h5"})
ADAPTER: Final = "adapter_config.json"
# Each of these sets is enough for transformers to build a tokenizer.
TOKENIZERS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"tokenizer.json"}),
    frozenset({"tokenizer.model"}),
    frozenset({"vocab.txt"}),
    frozenset({"vocab.json", "merges.txt"}),
    frozenset({"spiece.model"}),
    frozenset({"sentencepiece.bpe.model"}),
    frozenset({"tekken.json"}),
)
# While from_pretrained builds a model it changes torch's state for the whole process (the default dtype, say).
BUILDING: Final = threading.Lock()
CONFIG_BYTES: Final = 10_000_000  # a config.json is a few kilobytes


@contextmanager
def from_pretrained() -> Iterator[None]:
    """While it lasts, one from_pretrained runs, and nobody else builds a model.

    Raises:
        Cancelled: the process is ending, and starts none of the threads any more in which weights are read.
    """
    with BUILDING:
        try:
            yield
        except RuntimeError as error:
            if "interpreter shutdown" in str(error):
                raise Cancelled from error
            raise


def check_names(names: Iterable[str], title: str) -> None:
    """Refuse by file names alone, before anything is opened or downloaded.

    Raises:
        InputError: an adapter, pickles only, no weights, or no tokenizer.
    """
    present = set(names)
    if ADAPTER in present:
        raise InputError(f"{title} is an adapter, not a whole model; merge it into its base model and open that.")
    if SINGLE not in present and INDEX not in present:
        if any(Path(name).suffix in PICKLES for name in present):
            raise InputError(
                f"{title} has its weights only in files that can run code when opened (pickles or the like); "
                "convert it to safetensors, or choose a model that has them."
            )
        raise InputError(f"{title} has no {SINGLE}; choose a model with safetensors weights, or a .gguf file.")
    if "config.json" not in present:
        raise InputError(f"{title} has no config.json; choose a model in the transformers format.")
    check_tokenizer_names(present, title)


def check_tokenizer_names(names: Iterable[str], title: str) -> None:
    """Refuse a model without a tokenizer.

    Raises:
        InputError: the files of no known tokenizer are there.
    """
    present = set(names)
    if not any(needed <= present for needed in TOKENIZERS):
        raise InputError(f"{title} has no tokenizer files; add its tokenizer.json to the folder.")


def read_config(folder: Path, title: str) -> dict[str, Any]:
    """The folder's config.json.

    Raises:
        InputError: it is missing or damaged.
    """
    file = folder / "config.json"
    try:
        if file.stat().st_size > CONFIG_BYTES:
            raise ValueError("too large")
        config = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("not an object")
    except (OSError, ValueError) as error:
        raise InputError(f"The config.json of {title} can't be read; copy or download the model again.") from error
    return config


def kind_of(config: dict[str, Any], title: str) -> Kind:
    """Whether a config describes a causal language model ("decoder") or an encoder.

    Raises:
        InputError: it is another kind of model, needs code of its own, or is quantised.
    """
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    family = config.get("model_type")
    if family not in CONFIG_MAPPING_NAMES:
        if "auto_map" in config:
            raise InputError(
                f"{title} needs Python code from its own folder, which Orrery never runs; "
                "choose a model that transformers knows itself."
            )
        raise InputError(f"{title} is of a family that transformers doesn't know; choose another model.")
    if config.get("is_encoder_decoder"):
        raise encoder_decoder(title)
    if config.get("quantization_config"):
        raise InputError(
            f"{title} is stored quantised for special hardware; choose the original model or a .gguf file of it."
        )
    causal = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(family)
    masked = MODEL_FOR_MASKED_LM_MAPPING_NAMES.get(family)
    architecture = next(iter(config.get("architectures") or ()), None)
    if causal and (architecture == causal or (architecture is None and not masked)):
        return "decoder"
    if masked and architecture != causal and not config.get("is_decoder"):
        return "encoder"
    raise InputError(
        f"{title} is a {architecture or family}, neither a causal language model nor an encoder; choose one of those."
    )


def encoder_decoder(title: str) -> InputError:
    """The refusal of a model that reads with one half and writes with the other."""
    return InputError(
        f"{title} is an encoder-decoder, which is not shown yet; choose a causal language model or an encoder."
    )


def weight_files(folder: Path, title: str) -> list[Path]:
    """The safetensors files that hold the weights.

    Raises:
        InputError: one is missing, or the list of them is damaged.
    """
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = sorted({str(name) for name in index["weight_map"].values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"The file {INDEX} of {title} can't be read; copy or download the model again.") from error
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise InputError(f"The file {INDEX} of {title} names files outside the model's folder; it is not opened.")
        if not (folder / name).is_file():
            raise InputError(f"The weight file {name} of {title} is missing; copy or download the model again.")
    return [folder / name for name in names]


def count_parameters(files: Iterable[Path], title: str) -> int:
    """The numbers in the weight files, from their headers.

    Raises:
        InputError: a file is truncated or damaged.
    """
    total = 0
    for file in files:
        try:
            with safe_open(file, framework="numpy") as weights:
                names = list(weights.keys())
                total += sum(int(np.prod(weights.get_slice(name).get_shape())) for name in names)
        except (SafetensorError, OSError) as error:
            raise InputError(
                f"The weight file {file.name} of {title} is truncated or damaged; copy or download it again."
            ) from error
    return total


def check(folder: Path, title: str) -> tuple[Kind, int]:
    """What kind of model a folder holds, and how many parameters.

    Raises:
        InputError: it can't be opened safely, or isn't a model that Orrery can show.
    """
    check_names((file.name for file in folder.iterdir()), title)
    kind = kind_of(read_config(folder, title), title)
    return kind, count_parameters(weight_files(folder, title), title)
