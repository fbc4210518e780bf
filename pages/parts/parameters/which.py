"""Which model does the visitor mean, by its configuration?

A published one, one that this installation offers, any on the hub after a click, or one whose config.json is pasted or
dropped on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from models import background, catalog, configuration_files, configurations, defaults
from models.published import PUBLISHED
from models.traces import InputError
from viz import page
from viz.parameter_words import breakdown as words

USUAL: Final = defaults.CONFIGURATION
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
        InputError: it can't be had, or what was pasted is no config.json.
    """
    return named(page.choose(label, offered(usual), key=key, free=catalog.is_open(), help=words.MODEL))


def offered(usual: str = USUAL) -> tuple[str, ...]:
    """The names in the list, the usual one first."""
    names = dict.fromkeys((usual, *PUBLISHED, *(entry.key for entry in catalog.available()), OWN))
    return tuple(names)


def named(name: str) -> Chosen | None:
    """The model by that name; None while a question to the visitor is open. One's own is asked for right here.

    Raises:
        InputError: it can't be had, or what was pasted is no config.json.
    """
    if name == OWN:
        return _own()
    if name in PUBLISHED:
        entry = PUBLISHED[name]
        return Chosen(name, entry.title, entry.source, entry.fields, stranger=False)
    reference = catalog.resolve(name)
    if not (reference.trusted or configuration_files.is_here(reference)) and not page.agreed_to_fetch(
        reference.location, only="config.json"
    ):
        return None
    content = f"configuration {reference.name} {reference.revision}"
    work = background.LONG.watch(
        content, lambda report: configuration_files.read(reference, report), f"Reading the config.json of {name}"
    )
    found = page.wait(work, content)
    if found is None:
        return None
    fields, source = found
    return Chosen(name, reference.title, source, fields, stranger=reference.origin == "hub")


def _own() -> Chosen:
    """What the visitor pastes, or drops: a file's text goes into the box, and so into the link."""
    above = st.container()
    file = st.file_uploader("Your own config.json", type="json", key="config file", max_upload_size=1, help=words.FILE)
    with above:
        if file is not None and st.session_state.get("config taken") != file.file_id:
            with page.guarded():
                st.session_state["config"] = _text_of(file.getvalue())
                st.session_state["config taken"] = file.file_id
        fields = configurations.read(page.type_text("config.json", words.EXAMPLE, key="config", help=words.CONFIG))
    family = fields.get("model_type")
    return Chosen(OWN, f"A {family} of your own", "the configuration that was given", fields, stranger=True)


def _text_of(blob: bytes) -> str:
    """A file's text, if it can be put into the box.

    Raises:
        InputError: it isn't a text, or too long.
    """
    if len(blob) > configurations.MOST_CHARACTERS:
        raise InputError(
            f"The file has {len(blob):,} bytes; a config.json has at most {configurations.MOST_CHARACTERS:,}. "
            "The box below stands as it was."
        )
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("The file is not a text in UTF-8, so no config.json. The box stands as it was.") from error
