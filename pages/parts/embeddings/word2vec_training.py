"""What is word2vec trained on, and how? The controls, the training with what it shows on its way, and its result."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, get_args

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import background, word2vec, word2vec_moving
from models.corpora import WORD_CORPORA
from models.progress import Progress
from models.traces import JointProjection, Word2VecMode, Word2VecTraining
from models.word2vec_moving import Live, NearCheck, Recorder
from pages.parts import corpus
from pages.parts.embeddings.word2vec_watching import Watcher
from viz import page
from viz.embedding_words import word2vec as words

LIMITS: Final = {name: (least, most) for name, least, most in word2vec.RANGES}
RATES: Final = (0.0005, 0.1)
SAMPLES: Final = {"none": 0.0, "0.001": 1e-3, "0.0001": 1e-4, "0.01": 1e-2}
NEAR: Final = 8  # neighbours
FEW: Final = 0.5  # a smaller share of the words trained on is worth telling


@dataclass(frozen=True)
class Trained:
    """A training, what is drawn of it, and what names it."""

    key: str  # identifies it, for caches
    training: Word2VecTraining
    joint: JointProjection
    near: NDArray[np.int64]  # [epoch + 1, word, neighbour]
    cosines: NDArray[np.float32]  # [epoch + 1, word, neighbour]
    check: NearCheck
    facts: dict[str, str]
    kinds: Mapping[str, str]  # what some of the words name; nothing where the text doesn't say


def corpus_of() -> corpus.Chosen:
    """The text, chosen in the current container.

    Raises:
        InputError: the file can't be read.
    """
    return corpus.choose("grammar", WORD_CORPORA, words.CORPUS)


def ask() -> dict[str, Any]:
    """The settings, as `word2vec.train` takes them, from controls in the current container."""

    def number(label: str, name: str, usual: int, about: str) -> int:
        return page.number(label, LIMITS[name], usual, key=name, help=about)

    return {
        "mode": page.choose("Model", get_args(Word2VecMode), key="mode", help=words.MODE),
        "dimensions": number("Dimensions", "dimensions", 20, words.DIMENSIONS),
        "window": number("Window", "window", 3, words.WINDOW),
        "negative": number("Noise words", "negative", 5, words.NEGATIVE),
        "epochs": number("Epochs", "epochs", 30, words.EPOCHS),
        "rate": page.decimal("Learning rate", RATES, 0.025, key="rate", step=0.005, help=words.RATE),
        "sample": SAMPLES[page.choose("Skip frequent words from", tuple(SAMPLES), key="sample", help=words.SAMPLE)],
        "min_count": number("Least count of a word", "min_count", 2, words.MIN_COUNT),
        "seed": number("Seed", "seed", 0, words.SEED),
    }


def train(chosen: corpus.Chosen, settings: dict[str, Any]) -> Trained | None:
    """The training, shown while it is on its way; None once the visitor has stopped it.

    Raises:
        InputError: it can't be trained.
    """
    content = f"word2vec {chosen.content} {chosen.title!r} {settings}"  # the title is in what is kept
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    live = _live(key)
    facts = _facts(chosen, settings)
    work = background.LONG.watch(key, _job(key, chosen, settings, live, facts), "Training word2vec")
    watcher = Watcher(live, settings["epochs"])
    trained = page.wait(work, key, watcher.draw)
    watcher.close()
    if trained is not None:
        _tell(trained.training)
    return trained


def _job(
    key: str, chosen: corpus.Chosen, settings: dict[str, Any], live: Live, facts: dict[str, str]
) -> Callable[[Progress], Trained]:
    def run(report: Progress) -> Trained:
        try:
            training = word2vec.train(chosen.text, **settings, progress=report, on_epoch=Recorder(live))
        finally:
            live.seen = None  # who asks for the same again waits for a new picture
        report("Looking for neighbours", None)
        joint = word2vec_moving.moving(training, chosen.title)
        near, cosines = word2vec_moving.near(training, NEAR)
        check = word2vec_moving.check(training, near, cosines)
        return Trained(key, training, joint, near, cosines, check, facts, chosen.kinds)

    return run


@st.cache_resource(max_entries=32, show_spinner=False)
def _live(key: str) -> Live:
    """What all who wait for one training see of it."""
    return Live()


def _tell(training: Word2VecTraining) -> None:
    """What a visitor should know of how it went."""
    empty = sum(map(math.isnan, training.losses))
    share = training.trained.sum() / (training.counts.sum() * training.epochs)
    if empty:
        epochs = "every epoch" if empty == training.epochs else f"{empty} of {training.epochs} epochs"
        said = f"In {epochs} all words were skipped as too frequent, so nothing was trained and there is no loss."
    elif share < FEW:
        said = f"Only {100 * share:.0f}% of the words were trained on; the others were skipped as too frequent."
    else:
        return
    st.info(f"{said} For a text with few different words, choose to skip none.", icon=":material/info:")


def _facts(chosen: corpus.Chosen, settings: dict[str, Any]) -> dict[str, str]:
    named = {**settings, "rate": f"{settings['rate']:g}", "sample": f"{settings['sample']:g}"}
    return {
        "training": f"word2vec ({named.pop('mode')}) trained on {chosen.title}, {len(chosen.text):,} characters",
        "settings": ", ".join(f"{name} {value}" for name, value in named.items()),
        "library": f"gensim {version('gensim')}",
    }
