"""Training a WordPiece on the page: by count, as the library does, and by score beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import streamlit as st

from models import background, tokenizer_file, wordpiece
from models.traces import InputError, WordPieceTraining
from pages.parts import corpus
from pages.parts.tokenizers import which, wordpiece_files
from viz import page, state
from viz.components import pair_rankings
from viz.tokenizer_words import wordpiece as words


@dataclass(frozen=True)
class Lesson:
    """What a WordPiece is trained on; an error waits until the training is asked for."""

    size: int
    corpus: corpus.Chosen | InputError


def ask() -> Lesson:
    """What to train on, asked in the current container."""
    try:
        chosen: corpus.Chosen | InputError = corpus.choose()
    except InputError as error:
        chosen = error
    limits = (1, wordpiece.MAX_VOCABULARY)
    size = page.number("Vocabulary size", limits, words.SIZE, key="size", step=100, help=words.SIZE_HELP)
    return Lesson(size, chosen)


def _train(lesson: Lesson) -> tuple[WordPieceTraining, str, str] | None:
    """A training, what identifies it, and its name; None if the visitor stopped it."""
    if isinstance(lesson.corpus, InputError):
        raise lesson.corpus
    chosen, size = lesson.corpus, lesson.size
    length = len(chosen.text.encode(errors="surrogatepass"))
    if length > wordpiece.MAX_CORPUS_BYTES:
        raise InputError(
            f"The corpus has {length / 1e6:.1f} MB and WordPiece is trained on up to "
            f"{wordpiece.MAX_CORPUS_BYTES / 1e6:.0f} MB here; use a part of it."
        )
    content = f"wordpiece {chosen.content} {size}"
    work = background.LONG.submit(
        content, lambda: wordpiece.train(chosen.text, vocabulary_size=size), "Training WordPiece by count and by score"
    )
    found = page.wait(work, content)
    return (found, content, f"{chosen.title}, {len(found.vocabulary):,} entries") if found else None


def trained_here(lesson: Lesson) -> which.Picked | None:
    """The tokenizer that the library trained; None if the visitor stopped it.

    Raises:
        InputError: there is nothing to train on, or too much.
    """
    found = _train(lesson)
    if found is None:
        return None
    training, content, title = found
    return which.Picked(which.TRAINED, f"Trained here on {title}", _tokenizer(content, training), content)


@st.cache_resource(max_entries=8, show_spinner=False)
def _tokenizer(content: str, _training: WordPieceTraining) -> Any:
    return tokenizer_file.trusted(_training.tokenizer)


def show(lesson: Lesson, complaints: list[str]) -> None:
    """A training by count beside one by score, and all that goes with it.

    `complaints` gets what the link asks for in vain.

    Raises:
        InputError: there is nothing to train on, or too much.
    """
    found = _train(lesson)
    if found is None:
        return
    training, content, title = found
    steps = max(len(training.by_count), len(training.by_likelihood))
    if not steps:
        raise InputError("This corpus and vocabulary size leave nothing to merge; use more text or a larger size.")
    view, wrong = state.read({"step": state.Whole(steps + 1)}, st.query_params)
    complaints += wrong
    packed = _packed(content, title, training)
    pair_rankings.pair_rankings(packed, key="pair rankings", state=view, defaults={"step": 0})
    merged = set(training.vocabulary[: training.alphabet]) | wordpiece_files.made(training.by_count, wordpiece.PREFIX)
    page.badge(
        f"The merges by count give the library's vocabulary of {len(training.vocabulary):,}",
        good=merged == set(training.vocabulary),
        explanation=words.CHECK_TRAINING,
    )
    page.facts(f"Trained on {title}", f"tokenizers {version('tokenizers')}")
    by_count = partial(wordpiece_files.ranking_csv, training.by_count, title)
    by_score = partial(wordpiece_files.ranking_csv, training.by_likelihood, title)
    page.downloads(
        (
            ("Merges by count, CSV", "by-count.csv", "text/csv", by_count),
            ("Merges by score, CSV", "by-score.csv", "text/csv", by_score),
            ("The library's tokenizer.json", "tokenizer.json", "application/json", training.tokenizer.encode),
        )
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _packed(content: str, title: str, _training: WordPieceTraining) -> bytes:
    return pair_rankings.pack(_training, wordpiece.PREFIX, (f"Trained on {title}",))
