"""How does a .gguf file become weights that transformers opens at once?

GGUF stores blocks of small integers with a scale each; transformers can undo that, but needs half a minute
for it. So it is done once, into float32 safetensors in the cache folder (any shorter type would round the
values again), and found there from then on. The conversion is written beside its place and moved there when
whole, under a lock between processes: two that start together convert once, and one that is killed leaves
nothing that the next would trust.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import platformdirs
from filelock import FileLock, Timeout

from models import catalog, checkpoint
from models.progress import Progress
from models.traces import InputError

LAYOUT: Final = 1  # raise it when a conversion would come out otherwise than it did
MANIFEST: Final = "orrery.json"  # the size of every other file in the folder
UNFINISHED: Final = ".part"
SIDE_BYTES: Final = 32_000_000  # room for the tokenizer and configs
LOCK_SECONDS: Final = 0.2  # between two looks at a lock that another process holds

# How a byte-level BPE splits text before it merges is named in the file (`tokenizer.ggml.pre`) and defined in
# llama.cpp's llama-vocab.cpp. transformers knows many of the names and takes GPT-2's rule for all others. For
# these that is right:
GPT2_RULE: Final = frozenset({"default", "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "gigachat", "mellum"})
# and for these it holds only after every digit has been set apart:
DIGITS_RULE: Final = frozenset({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"})


def cache_folder() -> Path:
    """Where Orrery keeps what it can make again: ORRERY_CACHE, or the system's place for caches."""
    setting = os.environ.get("ORRERY_CACHE", "")
    return Path(setting).expanduser() if setting else platformdirs.user_cache_path("orrery")


def converted(file: Path, digest: str, title: str, report: Progress, check_parameters: Callable[[int], None]) -> Path:
    """The folder with a .gguf file's model in the transformers format, converted if that wasn't done yet.

    `digest` is the file's SHA-256. `check_parameters` is called before a conversion with the number of
    parameters, and may refuse it.

    Raises:
        InputError: the file is damaged, of a family that can't be converted, or the disk is full.
    """
    home = cache_folder() / "models"
    place = home / f"{digest}-{LAYOUT}"
    if _whole(place):
        return place
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "conversion.lock")
        _acquire(lock, title, report)
    except OSError as error:
        raise InputError(
            f"The cache folder {home} can't be written; set ORRERY_CACHE to a folder that can be."
        ) from error
    try:
        if _whole(place):  # another process was faster
            return place
        for leftover in home.glob(f"*{UNFINISHED}"):  # with the lock held, nobody is working in one
            shutil.rmtree(leftover, ignore_errors=True)
        _write(file, place, title, report, check_parameters)
    finally:
        lock.release()
    return place


def _acquire(lock: FileLock, title: str, report: Progress) -> None:
    while True:
        try:
            lock.acquire(timeout=LOCK_SECONDS)
            return
        except Timeout:
            report(f"Waiting for another process that converts {title}", None)


def _whole(place: Path) -> bool:
    """Whether a conversion is there with every file at its full length."""
    try:
        sizes = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        return bool(sizes) and all((place / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _write(file: Path, place: Path, title: str, report: Progress, check_parameters: Callable[[int], None]) -> None:
    report(f"Reading {title}", None)
    parameters, rule = _read_header(file, title)
    check_parameters(parameters)
    needed = 4 * parameters + SIDE_BYTES
    free = shutil.disk_usage(place.parent).free
    full = InputError(
        f"Converting {title} needs {needed / 1e9:.1f} GB in {place.parent} and {free / 1e9:.1f} GB are free; "
        "make room there, or set ORRERY_CACHE to another disk."
    )
    if needed > free:
        raise full
    report(f"Converting {title}, once (about half a minute)", None)
    draft = Path(tempfile.mkdtemp(suffix=UNFINISHED, dir=place.parent))
    try:
        _convert(file, draft, title, rule)
        report(f"Writing {title} to the cache", None)
        sizes = {part.name: part.stat().st_size for part in draft.iterdir()}
        (draft / MANIFEST).write_text(json.dumps(sizes), encoding="utf-8")
        for part in (*draft.iterdir(), draft):
            _flush(part)
        shutil.rmtree(place, ignore_errors=True)  # one that was damaged
        draft.replace(place)
    except Exception as error:
        # The writer of safetensors reports a full disk in a type of its own.
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise full from error
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the system write a file or folder to the disk before it is moved to its name."""
    if os.name == "nt":
        return  # a folder can't be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_header(file: Path, title: str) -> tuple[int, str]:
    """The number of parameters in a .gguf file, and the name of the rule by which it splits text.

    Raises:
        InputError: the file is damaged, or the rule isn't known here.
    """
    from gguf import GGUFReader

    try:
        reader = GGUFReader(file)
        parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
        rule = _text(reader, "tokenizer.ggml.pre") or "default"
        byte_level = _text(reader, "tokenizer.ggml.model") == "gpt2"
    except Exception as error:  # a damaged header can fail anywhere in the reader
        raise InputError(f"The file {file.name} is truncated or damaged; copy or download it again.") from error
    if byte_level and rule not in GPT2_RULE | DIGITS_RULE | _known_rules():
        raise InputError(
            f"{title} splits text by the rule {catalog.shown(rule)}, which can't be followed exactly here; "
            "open the model's safetensors instead."
        )
    return parameters, rule


def _text(reader: Any, name: str) -> str:
    field = reader.get_field(name)
    return str(field.contents()) if field is not None else ""


def _known_rules() -> frozenset[str]:
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

    return frozenset(GGUF_PRE_TOKENIZER_SPLITS)


def _convert(file: Path, folder: Path, title: str, rule: str) -> None:
    """Write the model and the tokenizer of a .gguf file into a folder."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    unusable = InputError(
        f"{title} is a GGUF file that transformers can't convert; open the model's safetensors instead."
    )
    try:
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
        with checkpoint.from_pretrained():
            model, info = AutoModelForCausalLM.from_pretrained(
                file.parent,
                gguf_file=file.name,
                dtype=torch.float32,
                attn_implementation="eager",
                local_files_only=True,
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, ImportError, KeyError, TypeError, AttributeError) as error:
        raise unusable from error
    if info["missing_keys"]:  # they would be filled with random numbers
        raise unusable
    if rule in DIGITS_RULE:
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
    # The values are plain float32 by now; transformers still calls the model quantised and would not save it.
    model.hf_quantizer = None
    model.is_quantized = False
    del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
