"""Which text is trained on? One that is always at hand, one that is pasted, or a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from models.corpora import CORPORA, WORD_CORPORA, Corpus
from models.traces import InputError
from viz import page
from viz import tokenizer_words as words

MEGABYTES = 10


@dataclass(frozen=True)
class Chosen:
    """A text to train on."""

    title: str
    text: str
    kinds: Mapping[str, str] = field(default_factory=dict)  # what some of its words name, where that is known

    @property
    def content(self) -> str:
        """Identifies the text, for caches."""
        return hashlib.sha256(self.text.encode(errors="surrogatepass")).hexdigest()


def choose(usual: str = "english", shipped: Mapping[str, Corpus] = CORPORA, about: str = words.CORPUS) -> Chosen:
    """A corpus, chosen in the current container.

    Args:
        usual: which one, unless the visitor says otherwise.
        shipped: those that are always at hand.
        about: what the choice means.

    Raises:
        InputError: the file isn't there, is too large, or is no text.
    """
    names = sorted((*shipped, "pasted", "file"), key=lambda name: name != usual)
    name = page.choose("Corpus", names, key="corpus", help=about)
    if name == "pasted":
        return Chosen("your text", page.type_text("Text to train on", "", key="pasted", help=words.PASTED))
    if name == "file":
        file = st.file_uploader(
            "Text file, UTF-8", key="corpus_file", max_upload_size=MEGABYTES, help=words.CORPUS_FILE
        )
        return Chosen(file.name if file else "your file", _text_of(file))
    return Chosen(shipped[name].title, _read(name), shipped[name].kinds)


@st.cache_data(show_spinner=False)
def _read(name: str) -> str:
    return (CORPORA | WORD_CORPORA)[name].read()


def _text_of(file: Any | None) -> str:
    if file is None:
        raise InputError(f"Choose a text file of up to {MEGABYTES} MB to train on; a link can't carry it.")
    blob: bytes = file.getvalue()
    if len(blob) > MEGABYTES * 2**20:
        raise InputError(f"The file has {len(blob) / 2**20:,.0f} MB; choose one of up to {MEGABYTES} MB.")
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "This file is not text in UTF-8; save it as plain text in UTF-8 and choose it again."
        ) from error
