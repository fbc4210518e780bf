"""Which model does the visitor mean, by its configuration? A published one, or one whose config.json is pasted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from models import configurations
from models.published import PUBLISHED
from viz import page
from viz.parameter_words import breakdown as words

USUAL: Final = "gpt2"
OWN: Final = "own"


@dataclass(frozen=True)
class Chosen:
    """A model's configuration, and where it comes from."""

    key: str  # its name in a link
    title: str
    source: str
    fields: dict[str, Any]  # of its config.json
    stranger: bool  # who wrote it isn't known: its model is built in a process with limits


def ask(label: str = "Model", *, key: str = "model", usual: str = USUAL) -> Chosen | None:
    """A model, chosen in the current container; None while a question to the visitor is open.

    Raises:
        InputError: what was pasted is no config.json.
    """
    name = page.choose(label, (usual, *(each for each in PUBLISHED if each != usual), OWN), key=key, help=words.MODEL)
    if name != OWN:
        return named(name)
    fields = configurations.read(page.type_text("config.json", words.EXAMPLE, key="config", help=words.CONFIG))
    family = fields.get("model_type")
    return Chosen(OWN, f"A {family} of your own", "the configuration that was pasted", fields, stranger=True)


def named(name: str) -> Chosen | None:
    """The model by that name; None while a question to the visitor is open."""
    entry = PUBLISHED[name]
    return Chosen(name, entry.title, entry.source, entry.fields, stranger=False)
