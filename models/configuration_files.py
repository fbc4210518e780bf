"""Where is the configuration of a model that is known by its name, and what does it say?

Beside the weights, in the header of a .gguf file, or on the hub: of a model there, only its config.json is downloaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import checkpoint, configurations, hub, importing
from models.progress import Progress
from models.traces import InputError

if TYPE_CHECKING:
    from models.catalog import Reference


def is_here(reference: Reference) -> bool:
    """Whether it can be read without a network."""
    return reference.origin != "hub" or hub.cached_config(hub.split(reference.location)[0]) is not None


def read(reference: Reference, report: Progress) -> tuple[dict[str, Any], str]:
    """The fields of a model's configuration, and where they come from.

    Raises:
        InputError: there is none, or it can't be read or had.
    """
    place = Path(reference.location)
    if reference.origin == "hub":
        file, commit = hub.config(reference, report)
        source = f"config.json of {reference.location} on the hub, commit {commit[:8]}"
        return configurations.read(file.read_text("utf-8", errors="replace")), source
    if place.suffix == ".gguf" and place.is_file():
        return _of_gguf(place, reference.title), f"the header of {place.name}"
    return checkpoint.read_config(place, reference.title), f"config.json of {reference.title} on this machine"


def _of_gguf(file: Path, title: str) -> dict[str, Any]:
    """As transformers reads it from the header of a file that whoever runs Orrery has named."""
    importing.for_models()
    from transformers import PreTrainedConfig

    try:
        fields, _ = PreTrainedConfig.get_config_dict(file.parent, gguf_file=file.name, local_files_only=True)
    except Exception as error:  # a damaged header can fail anywhere in the reader
        raise InputError(f"{title} is damaged, or a .gguf file of a family that transformers can't read.") from error
    return dict(fields)
