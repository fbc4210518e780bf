"""How does a named model become one that can be asked?

Weights come from the installed package, else from the local cache, else from the hub; only safetensors and
GGUF, only model classes that transformers itself has, never code from the model's own folder. Attention is
"eager": the faster implementations have no weights to show. float32 on a CPU, bfloat16 (float16 where that
isn't supported) elsewhere.
"""

from __future__ import annotations

import copy
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import catalog, checkpoint, importing
from models.memory import limit
from models.progress import Progress
from models.traces import InputError

if TYPE_CHECKING:
    import torch

    from models.catalog import Reference
    from models.language_model import LanguageModel

_verified: set[str] = set()  # catalog keys whose files were checked in this process
_verifying = threading.Lock()


def load(reference: Reference, *, progress: Progress | None = None) -> LanguageModel:
    """The model that a reference points to, ready and read-only.

    `progress` is called with a sentence and, where it is known, how much of that step is done (0 to 1); what
    it raises ends the loading.

    Raises:
        InputError: the model can't be had, isn't safe to open, doesn't fit, or isn't one that Orrery can
        show.
    """
    report = progress or _silent
    place = device()
    precision = _precision(place)

    def check_parameters(count: int) -> None:
        _check_memory(count * precision.itemsize, reference.title)

    folder, revision = _folder(reference, report, check_parameters)
    kind, parameters = checkpoint.check(folder, reference.title)
    check_parameters(parameters)

    report(f"Loading {reference.title}", None)
    from transformers import AutoModel, AutoModelForCausalLM

    from models.language_model import LanguageModel

    family = AutoModelForCausalLM if kind == "decoder" else AutoModel
    try:
        with checkpoint.from_pretrained():
            model, info = family.from_pretrained(
                folder,
                dtype=precision,
                attn_implementation="eager",
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, ImportError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"The weights of {reference.title} don't fit what its config.json says; "
            "copy or download it again, or choose another model."
        ) from error
    if model.config.is_encoder_decoder:  # a config.json need not say so
        raise checkpoint.encoder_decoder(reference.title)
    # An encoder's pooler stands behind the last layer and is often left out of a checkpoint; anything else
    # that is missing would be filled with random numbers.
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name.split("."))
    if missing:
        raise InputError(
            f"The weights of {reference.title} are incomplete ({missing[0]} is missing); choose another model."
        )
    try:
        model = model.to(place)
    except RuntimeError as error:  # torch's out-of-memory errors among them
        raise InputError(f"{reference.title} doesn't fit on {place}; set ORRERY_DEVICE=cpu.") from error
    model.eval().requires_grad_(False)
    tokens = _tokenizer(folder, reference.title)
    return LanguageModel(model, tokens, reference.name, revision, reference.max_tokens)


def wrap(hf_model: Any, hf_tokenizer: Any, *, name: str | None = None) -> LanguageModel:
    """A transformers model that is already loaded.

    The model is never written on: unless it is in eval mode with eager attention already, a second skeleton
    is made that shares its weights, and set so.

    Raises:
        InputError: the model is an encoder-decoder.
    """
    from models.language_model import LanguageModel

    title = name or Path(getattr(hf_model.config, "_name_or_path", "")).name or type(hf_model).__name__
    if getattr(hf_model.config, "is_encoder_decoder", False):
        raise checkpoint.encoder_decoder(title)
    model = hf_model
    training = any(module.training for module in model.modules())
    if training or model.config._attn_implementation != "eager":
        shared = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
        model = copy.deepcopy(hf_model, shared)
        model.set_attn_implementation("eager")
        model.eval()
    return LanguageModel(model, hf_tokenizer, title, f"in memory {_fingerprint(hf_model)}")


def tokenizer(reference: Reference) -> Any:
    """The tokenizer of the model that a reference points to.

    Raises:
        InputError: it can't be had.
    """
    folder, _ = _folder(reference, _silent, lambda _count: None, weights=False)
    return _tokenizer(folder, reference.title)


def device() -> torch.device:
    """Where models run: ORRERY_DEVICE ("cpu", "cuda", "cuda:1", "mps"), or the best there is.

    Raises:
        InputError: ORRERY_DEVICE names nothing that this machine has.
    """
    import torch

    setting = os.environ.get("ORRERY_DEVICE", "").strip() or "auto"
    if setting == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        place = torch.device(setting)
        torch.empty(1, device=place)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(
            f"ORRERY_DEVICE is {catalog.shown(setting)}, which this machine doesn't have; set it to auto or cpu."
        ) from error
    return place


def _check_memory(size: int, title: str) -> None:
    """Refuse weights of `size` bytes where that is more than the memory set aside for models."""
    if size > limit():
        raise InputError(
            f"{title} needs {size / 1e9:.1f} GB of memory and {limit() / 1e9:.1f} GB are set aside for "
            "models here; choose a smaller model, or raise ORRERY_MEMORY_GB."
        )


def _precision(place: torch.device) -> torch.dtype:
    import torch

    if place.type == "cpu":
        return torch.float32
    if place.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.backends.mps.is_macos_or_newer(14, 0)
    return torch.bfloat16 if native else torch.float16


def _folder(
    reference: Reference, report: Progress, check_parameters: Callable[[int], None], *, weights: bool = True
) -> tuple[Path, str]:
    """A folder with the model in the transformers format, and its revision."""
    location, revision = Path(reference.location), reference.revision
    if reference.origin == "hub":
        from models import hub

        location, revision = hub.fetch(reference, report, check_parameters, weights=weights)
    if location.suffix != ".gguf" or location.is_dir():
        if reference.origin == "package":
            _verify(reference.name, report)
        return location, revision
    from models import gguf

    def check(parameters: int) -> None:
        check_parameters(parameters)
        if reference.origin == "package":
            _verify(reference.name, report)

    digest = revision if reference.origin == "package" else catalog.digest_of(location)
    return gguf.converted(location, digest, reference.title, report, check), revision


def _verify(key: str, report: Progress) -> None:
    """Compare every file of an installed model with the catalog, once a process.

    Raises:
        InputError: a file is missing or another.
    """
    with _verifying:
        if key in _verified:
            return
        entry = catalog.MODELS[key]
        folder = catalog.package_folder(entry.package)
        report(f"Checking the files of {entry.title}", None)
        for name, digest in entry.files:
            file = folder / name if folder else Path(name)
            if not file.is_file() or catalog.digest_of(file) != digest:
                raise InputError(
                    f"The file {file.name} of {entry.title} is missing or damaged; install {entry.package} again."
                )
        _verified.add(key)


def _tokenizer(folder: Path, title: str) -> Any:
    importing.for_tokenizers()
    from transformers import AutoTokenizer

    checkpoint.check_tokenizer_names((file.name for file in folder.iterdir()), title)
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # the tokenizers library raises Exception itself for a damaged file
        raise InputError(f"The tokenizer of {title} can't be read; copy or download it again.") from error


def _fingerprint(model: Any) -> str:
    """An id of a model's class, config and weights, from a sample of each tensor."""
    import torch

    seen = hashlib.sha256(type(model).__name__.encode() + model.config.to_json_string().encode())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            flat = weight.detach().reshape(-1)
            sample = flat[:: max(1, flat.numel() // 64)][:65].float().cpu().numpy()
            seen.update(f"{name}{tuple(weight.shape)}".encode() + sample.tobytes())
    return seen.hexdigest()[:16]


def _silent(_sentence: str, _fraction: float | None) -> None:
    """For whoever doesn't ask for progress."""
