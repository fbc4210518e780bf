"""How does one pair of words train word2vec? A sentence taken apart, beside gensim's training on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from models import word2vec, word2vec_files
from models.traces import Word2VecApart
from pages.parts.embeddings.word2vec_training import LIMITS, Trained
from viz import page, state, theme
from viz.components import word2vec_step
from viz.embedding_words import word2vec as words

MOST_EPOCHS: Final = LIMITS["epochs"][1]
SAME: Final = 1e-5


@dataclass(frozen=True)
class Asked:
    """What the controls say."""

    sentence: str  # empty: one of the text
    after: int  # epochs


def ask() -> Asked:
    """The controls, in the current container."""
    sentence = page.type_text("Sentence to take apart", "", key="sentence", help=words.SENTENCE)
    return Asked(sentence, page.number("After epoch", (0, MOST_EPOCHS), 1, key="after", help=words.AFTER))


def show(trained: Trained, text: str, asked: Asked, complaints: list[str]) -> list[page.File]:
    """The figure and its check; what there is to take away of it.

    Raises:
        InputError: the sentence can't be taken apart, or there is no such epoch.
    """
    sentence = asked.sentence if asked.sentence.strip() else _example(trained.key, trained, text)
    apart = _apart(trained.key, asked.after, sentence, trained)
    view, wrong = state.read(word2vec_step.parameters(apart), st.query_params)
    complaints.extend(wrong)
    facts = (
        *trained.facts.values(),
        f"after {asked.after} {'epoch' if asked.after == 1 else 'epochs'}",
        f"learning rate {apart.steps[0].rate:.4g}",
    )
    packed = word2vec_step.pack(
        apart,
        trained.training.words,
        mode=trained.training.mode,
        epoch=asked.after,
        title="One pair of word2vec",
        facts=facts,
    )
    word2vec_step.word2vec_step(packed, key="word2vec step", state=view, defaults=word2vec_step.defaults(apart))
    good = apart.difference < SAME
    near = f"equal gensim's to {theme.power(apart.difference)}" if apart.difference else "equal gensim's exactly"
    page.badge(
        f"{len(apart.steps)} updates {near if good else f'differ from gensim by {apart.difference:.1g}'}",
        good=good,
        explanation=words.APART_CHECK,
    )
    page.facts(*facts[-2:], f"{len(apart.words)} words, {len(apart.steps)} updates")
    name = f"orrery-word2vec-{trained.key[:8]}-pairs.csv"
    origin = {**trained.facts, "sentence": " ".join(apart.words), "after epoch": str(asked.after)}
    return [("Pairs, CSV", name, "text/csv", lambda: word2vec_files.updates(apart, trained.training, origin))]


@st.cache_data(max_entries=32, show_spinner=False)
def _example(key: str, _trained: Trained, _text: str) -> str:
    return word2vec.example(_trained.training, _text)


@st.cache_resource(max_entries=32, show_spinner=False)
def _apart(key: str, after: int, sentence: str, _trained: Trained) -> Word2VecApart:
    return word2vec.take_apart(_trained.training, after, sentence, seed=_trained.training.seed)
