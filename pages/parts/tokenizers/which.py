"""Which tokenizer does the visitor mean? One of the catalog's, any model's of the hub, or a tokenizer.json of theirs.

The catalog's are known. A stranger's is a stranger's data: it is tried with each text in a process with limits
(models.tokenizer_file) before it is used here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import streamlit as st

from models import background, catalog, tokenizer_catalog, tokenizer_file
from models.traces import InputError
from pages.parts.running import may_fetch
from viz import page
from viz import tokenizer_words as words

YOURS = "your tokenizer.json"
TRAINED = "trained here"


@dataclass(frozen=True)
class Picked:
    """A tokenizer, and how far it can be trusted."""

    key: str  # its name in a link
    title: str
    tokenizer: Any  # of transformers, or a `simple_tokenizers.Splitter`
    content: str  # identifies what it does, for caches
    document: bytes = b""  # a stranger's tokenizer.json; b"": one of the catalog's

    def tried(self, text: str) -> Picked:
        """The same, once it is known to get through this text.

        Raises:
            InputError: it doesn't.
        """
        if self.document:
            _try(self.content, text, self.document)
        return self


def choose(label: str, kinds: Collection[tokenizer_catalog.Kind], *, usual: str) -> Picked | None:
    """One tokenizer, chosen in the current container; None while a question to the visitor is open.

    Raises:
        InputError: the one asked for can't be used.
    """
    return pick(*ask(label, kinds, usual=usual))


def ask(
    label: str, kinds: Collection[tokenizer_catalog.Kind], *, usual: str, also: Collection[str] = ()
) -> tuple[str, Any | None]:
    """The name of a tokenizer, chosen in the current container, for `pick`; and the visitor's own file.

    Names in `also` are offered, too, and it is for the caller to know them.
    """
    offered = [entry.key for entry in tokenizer_catalog.available() if entry.kind in kinds]
    offered.sort(key=lambda name: name != usual)
    offered.extend(also)
    above = st.container()  # the file is asked for below, and looked at first
    file = upload()
    if file is not None:
        offered.append(YOURS)
    with above:
        name = page.choose(label, offered, key="tokenizer", free=catalog.is_open(), help=words.TOKENIZER)
        known = tokenizer_catalog.TOKENIZERS.get(name)
        if name not in offered and (known or name == TRAINED):  # chosen in another view
            title = page.plain(known.title if known else name)
            st.caption(f"{title} is of another kind; this view shows “{usual}” instead.")
            name = usual
    return name, file


def upload() -> Any | None:
    """The visitor's own tokenizer.json, as Streamlit holds it."""
    return st.file_uploader("Your own tokenizer.json", type="json", key="file", max_upload_size=64, help=words.FILE)


def pick(name: str, file: Any | None) -> Picked | None:
    """The tokenizer by that name; None while a question to the visitor is open.

    Raises:
        InputError: there is none, or it can't be used.
    """
    if name == YOURS:
        if file is None:
            raise InputError("This link was made with somebody's own tokenizer.json; drop that file here, too.")
        return _theirs(file)
    if name in tokenizer_catalog.TOKENIZERS:
        entry = tokenizer_catalog.TOKENIZERS[name]
        known = _known(entry)
        return known and Picked(name, entry.title, known, f"{name} {entry.source}")
    reference = catalog.resolve(name)
    if not may_fetch(reference):
        return None
    from models import loading

    content = f"tokenizer {reference.name} {reference.revision}"
    work = background.LONG.submit(content, lambda: loading.tokenizer(reference), f"Getting the tokenizer of {name}")
    found = page.wait(work, content)
    if found is None:
        return None
    backend = getattr(found, "backend_tokenizer", None)
    if backend is None:
        raise InputError(f"The tokenizer of {name} has no tokenizer.json; choose another model.")
    document = backend.to_str().encode()
    return Picked(name, reference.title, found, hashlib.sha256(document).hexdigest(), document)


def source(*shown: Picked) -> None:
    """Where the tokenizers of a figure come from: one quiet line."""
    entries = [tokenizer_catalog.TOKENIZERS.get(picked.key) for picked in shown]
    page.facts(
        *(
            f"{picked.title}: {entry.source}, {entry.licence}" if entry and entry.source else picked.title
            for picked, entry in zip(shown, entries, strict=True)
        ),
        *(f"{package} {version(package)}" for package in ("tokenizers", "transformers")),
    )


def _known(entry: tokenizer_catalog.TokenizerEntry) -> Any | None:
    """One of the catalog's; None if the visitor doesn't wait for it."""
    found = tokenizer_catalog.ready(entry.key)
    if found is not None:
        return found
    content = f"tokenizer {entry.key}"
    work = background.QUICK.submit(
        content, lambda: tokenizer_catalog.share(entry.key), f"Reading the vocabulary: {entry.title}"
    )
    return page.wait(work, content)


def _theirs(file: Any) -> Picked | None:
    """What was dropped on the page."""
    blob: bytes = file.getvalue()
    content = hashlib.sha256(blob).hexdigest()
    work = background.LONG.submit(
        f"file {content}", lambda: tokenizer_file.from_json(blob), "Trying your tokenizer.json"
    )
    found = page.wait(work, content)
    return found and Picked(YOURS, file.name, found, content, blob)


@st.cache_data(max_entries=256, show_spinner="Trying the tokenizer on this text …")
def _try(content: str, text: str, _document: bytes) -> None:
    tokenizer_file.check(_document, text)
