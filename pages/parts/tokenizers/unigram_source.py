"""Which unigram tokenizer does the visitor mean: one that is trained here on a corpus, or one from a tokenizer.json?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from models import background, unigram
from models.traces import InputError, UnigramTraining
from models.unigram_pieces import UnigramPieces
from models.unigram_training import MAX_CORPUS_BYTES, MAX_VOCABULARY, META, SizeError
from pages.parts import corpus
from pages.parts.tokenizers import which
from viz import page
from viz.tokenizer_words import unigram as words


@dataclass(frozen=True)
class Tokenizer:
    """One unigram tokenizer, ready to cut a text."""

    title: str
    content: str  # identifies it, for caches
    source: Any  # sentencepiece's file, or a tokenizer of transformers
    pieces: UnigramPieces
    training: UnigramTraining | None = None  # where it was trained here
    picked: which.Picked | None = None  # where it wasn't


@dataclass(frozen=True)
class Asked:
    """What the controls say."""

    name: str
    file: Any | None
    corpus: corpus.Chosen | None = None  # where one is trained
    size: int = words.SIZE


def ask() -> Asked:
    """The controls, in the current container.

    Raises:
        InputError: the corpus can't be read.
    """
    name, file = which.ask("Tokenizer", (), usual=which.TRAINED, also=[which.TRAINED])
    if name != which.TRAINED:
        return Asked(name, file)
    chosen = corpus.choose()
    limits = (META + 1, MAX_VOCABULARY)
    size = page.number("Vocabulary size", limits, words.SIZE, key="size", step=100, help=words.SIZE_HELP)
    return Asked(name, file, chosen, size)


def get(asked: Asked, text: str) -> Tokenizer | None:
    """The tokenizer, trained or read; None while a question to the visitor is open, or where the work was stopped.

    Raises:
        InputError: it can't be used, or not with this text.
    """
    if not text.strip():
        raise InputError("The text is empty; type a word or a sentence.")
    if asked.corpus is not None:
        return _train(asked.corpus, asked.size)
    picked = which.pick(asked.name, asked.file)
    if picked is None:
        return None
    pieces = _read(picked.content, picked.tokenizer)
    picked.tried(text)
    return Tokenizer(picked.title, picked.content, picked.tokenizer, pieces, picked=picked)


def _train(chosen: corpus.Chosen, size: int) -> Tokenizer | None:
    length = len(chosen.text.encode(errors="surrogatepass"))
    if length > MAX_CORPUS_BYTES:
        raise InputError(
            f"The corpus has {length / 1e6:.1f} MB and unigram training reads up to {MAX_CORPUS_BYTES / 1e6:.0f} MB "
            "here; use a part of it."
        )
    trained = _trained(chosen, size)
    if isinstance(trained, SizeError):
        st.info(page.plain(f"{trained} It is used instead."), icon=":material/straighten:")
        size = trained.fitting
        trained = _trained(chosen, size)
    if not isinstance(trained, UnigramTraining):
        return None
    content = f"unigram {chosen.content} {size}"
    title = f"{chosen.title}, {size:,} pieces"
    return Tokenizer(title, content, trained.model, _read(content, trained.model), trained)


def _trained(chosen: corpus.Chosen, size: int) -> UnigramTraining | SizeError | None:
    """The vocabulary, or why there is none of this size, which is worth keeping too; None: stopped."""

    def work() -> UnigramTraining | SizeError:
        try:
            return unigram.train(chosen.text, vocabulary_size=size)
        except SizeError as error:
            return error

    content = f"unigram {chosen.content} {size}"
    sentence = f"Training a unigram vocabulary of {size:,} pieces"
    job: background.Work[UnigramTraining | SizeError] = background.LONG.submit(content, work, sentence)
    return page.wait(job, content)


@st.cache_resource(max_entries=16, show_spinner="Reading the vocabulary …")
def _read(content: str, _source: Any) -> UnigramPieces:
    return unigram.read(_source)
