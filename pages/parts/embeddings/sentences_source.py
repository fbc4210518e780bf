"""Where do the vectors of the view "sentences" come from? A model, by the engine, or the visitor's own file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import catalog
from models.engine import Request
from models.traces import POOLINGS, InputError, SentenceTrace, Source
from pages.parts import running
from pages.parts.embeddings import sentences_texts
from pages.parts.embeddings.sentences_texts import Texts
from pages.parts.running import answer
from viz import page
from viz.embedding_words import sentences as words

CUT = 100  # characters of a text that stand beside its point


@dataclass(frozen=True)
class Embedded:
    """Texts and their vectors."""

    texts: Texts
    vectors: NDArray[np.float32]  # [text, dimension]
    content: str  # identifies them, for caches
    source: Source
    request: Request | None = None  # None: the vectors are the visitor's own
    trace: SentenceTrace | None = None

    @property
    def facts(self) -> list[str]:
        """The lines below a saved picture."""
        if self.trace is None:
            return [f"Vectors: {self.texts.title}"]
        return [f"Texts: {self.texts.title}", f"Model: {self.source.made_by}, pooling {self.trace.pooling}"]

    @property
    def short(self) -> list[str]:
        """[text] what stands beside a point or a row."""
        return [line if len(line) <= CUT else line[:CUT] + "…" for line in self.texts.lines]

    @property
    def where(self) -> list[int]:
        """[text] the line or row of each, from 1."""
        return [place + 1 for place in self.texts.places.tolist()]


Draw = Callable[[Embedded, list[str]], None]  # the second gets what the link asks for in vain


def ask(every_pooling: bool) -> tuple[Texts, str, str]:
    """The texts, the model and the pooling, chosen in the current container.

    Raises:
        InputError: there are no texts.
    """
    kind = sentences_texts.choose()
    place = st.container()  # the texts come first, but where they can't be had the other controls stand all the same
    model, pooling = "", "mean"
    if kind != sentences_texts.VECTORS:
        entries = sorted(catalog.available(), key=lambda entry: entry.kind != "encoder")
        offered = [entry.key for entry in entries]
        model = page.choose("Model", offered, key="model", free=catalog.is_open(), help=words.MODEL)
        if not every_pooling:
            pooling = page.choose("Pooling", POOLINGS, key="pooling", help=words.POOLING)
    with place:
        return sentences_texts.get(kind), model, pooling


def embed(texts: Texts, model: str, pooling: str) -> Embedded | None:
    """The texts with their vectors; None where the visitor stopped it or a question to them is open.

    Raises:
        InputError: they can't be embedded.
    """
    if texts.vectors is not None:
        content = hashlib.sha256(repr(texts.vectors.shape).encode() + texts.vectors.tobytes()).hexdigest()
        own = Source("your own vectors", content[:12], texts.title, versions={"numpy": version("numpy")})
        return Embedded(texts, texts.vectors, content, own)
    request = Request("sentences", model, "\n".join(texts.lines), settings=(("pooling", pooling),))
    trace = answer(request)
    if not isinstance(trace, SentenceTrace):
        return None
    return Embedded(texts, trace.vectors, running.key(request), trace.source, request, trace)


def unread(trace: SentenceTrace, where: Sequence[int], said: str) -> None:
    """A sentence about the texts that are longer than the model reads; `where` numbers all texts."""
    over = np.flatnonzero(trace.unread).tolist()
    if over:
        named = ", ".join(f"{where[number]:,}" for number in over[:5])
        st.info(
            said.format(
                count="1 text is" if len(over) == 1 else f"{len(over):,} texts are",
                named=named + (", …" if len(over) > 5 else ""),
                limit=catalog.resolve(trace.source.model).max_tokens,
            ),
            icon=":material/content_cut:",
        )


def needs_model(found: Embedded, what: str) -> Request:
    """The request behind the vectors.

    Raises:
        InputError: they are the visitor's own.
    """
    if found.request is None:
        raise InputError(
            f"{what} needs a model that reads the texts, and these are vectors; choose another view of them."
        )
    return found.request
