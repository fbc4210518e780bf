"""The view "unigram" of the page of tokenizers: the lattice of a text, its best ways, samples, and training."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import unigram, unigram_check
from models.traces import InputError, UnigramTraining
from models.unigram_check import Check
from pages.parts.tokenizers import unigram_files, unigram_source, which
from pages.parts.tokenizers.unigram_source import Tokenizer
from viz import page, state, theme
from viz.components import lattice as component
from viz.components import shared
from viz.components.lattice import DEFAULTS, Drawn, Shown
from viz.tokenizer_words import unigram as words

MAX_STEPS = 1_000_000  # characters times samples
# What the figure takes from a link; what this text and tokenizer don't have, it leaves out by itself.
FIGURE: dict[str, state.Kind] = {
    "part": state.Choice(component.PARTS),
    "word": state.Whole(10**9),
    "edge": state.Whole(10**9),
    "n": state.Whole(component.MAX_BEST + 1, 1),
    "round": state.Whole(10**9),
}
DRAWING: dict[str, state.Kind] = {
    "samples": state.Whole(unigram.MAX_SAMPLES + 1, 1),
    "alpha": state.Number(0, 100),
    "seed": state.Whole(10**9),
}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            text = page.type_text("Text", words.TEXT, key="text", help=words.TEXT_HELP)
            wish = unigram_source.ask()
        _draw(wish, text, complaints)


def _draw(wish: unigram_source.Asked, text: str, complaints: list[str]) -> None:
    """The figure, and all that goes with it; `complaints` gets what the link asks for in vain."""
    tokenizer = unigram_source.get(wish, text)
    if tokenizer is None:
        return
    shown, check = _analysed(tokenizer.content, text, tokenizer)
    training = tokenizer.training
    here: dict[str, state.Kind] = {
        "part": state.Choice(component.PARTS if training else component.PARTS[:-1]),
        "word": state.Whole(len(component.words(shown.lattice)) - 1),
        "edge": state.Whole(len(shown.lattice.starts)),
        "round": state.Whole(len(training.sizes) if training else 1),
    }
    complaints += state.read(FIGURE | DRAWING | here, st.query_params)[1]
    view, _ = state.read(FIGURE | DRAWING, st.query_params)
    # What the browser asked for last; the link that Streamlit remembers may be older.
    latest = (st.session_state.get("lattice") or {}).get("drawing") or {}
    asked = DEFAULTS | view | state.read(DRAWING, {name: str(value) for name, value in latest.items()})[0]
    drawn = _drawn(tokenizer.content, text, asked["alpha"], asked["samples"], asked["seed"], shown)
    facts = [f"{tokenizer.title} · {check.library} {version(check.library)}"]
    packed = _packed(tokenizer.content, text, (drawn.alpha, drawn.asked, drawn.seed), shown, drawn, training, facts)
    shared.figure(
        component.FOLDER, packed, key="lattice", state=view, defaults=DEFAULTS, on_drawing_change=lambda: None
    )
    _badges(check, training)
    if tokenizer.picked:
        which.source(tokenizer.picked)
    else:
        page.facts(f"Trained here on {tokenizer.title}", f"sentencepiece {version('sentencepiece')}")
    unigram_files.save(shown, drawn, tokenizer.pieces, training)


@st.cache_resource(max_entries=64, show_spinner=False)
def _analysed(content: str, text: str, _tokenizer: Tokenizer) -> tuple[Shown, Check]:
    """The lattice of a text, its best paths, and what the library says to them.

    Raises:
        InputError: the text is too long, or there is nothing left of it, or it has characters without a piece.
    """
    lattice = unigram.lattice(_tokenizer.pieces, text)
    if not lattice.normalized:
        raise InputError("The tokenizer keeps nothing of this text; type a word or a sentence.")
    nearest = unigram.n_best(lattice, component.MAX_BEST)
    check = unigram_check.check(_tokenizer.source, lattice, nearest)
    before, after = unigram.around(lattice)
    return Shown(_tokenizer.title, check.library, lattice, before, after, nearest, unigram.ways(lattice)), check


@st.cache_resource(max_entries=64, show_spinner=False)
def _drawn(content: str, text: str, alpha: float, asked: int, seed: int, _shown: Shown) -> Drawn:
    """Samples of a text, the same ones together."""
    lattice = _shown.lattice
    count = max(1, min(asked, MAX_STEPS // len(lattice.normalized)))
    found = unigram.sample(lattice, alpha=alpha, count=count, seed=seed)
    paths = {path.edges.tobytes(): path for path in found}
    counts = Counter(path.edges.tobytes() for path in found)
    total = unigram.log_sum(lattice, alpha)
    ranked = sorted(paths, key=lambda key: (-counts[key], -paths[key].log_probability))
    return Drawn(
        alpha=alpha,
        seed=seed,
        asked=asked,
        count=count,
        paths=tuple(paths[key] for key in ranked),
        counts=np.array([counts[key] for key in ranked], dtype=np.int64),
        expected=np.exp([min(0.0, alpha * paths[key].log_probability - total) for key in ranked]),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(
    content: str,
    text: str,
    settings: tuple[float, int, int],
    _shown: Shown,
    _drawn: Drawn,
    _training: UnigramTraining | None,
    _facts: list[str],
) -> bytes:
    return shared.pack(component.data(_shown, _drawn, _training, _facts))


def _badges(check: Check, training: UnigramTraining | None) -> None:
    """Whether the library says the same."""
    with st.container(horizontal=True):
        if not check.same_path:
            page.badge(f"{check.library} cuts this text in another way", good=False, explanation=words.CHECK)
        elif check.compared:
            page.badge(
                f"Best path as sentencepiece's; the {check.compared} best within {theme.power(check.difference)}",
                good=check.good,
                explanation=words.CHECK,
            )
        else:
            page.badge("Best path as the tokenizers library's", good=True, explanation=words.CHECK_PATH)
        if training:
            page.badge(
                f"Our rounds end with {100 * training.agreement:.1f}% of sentencepiece's pieces",
                good=training.agreement >= 0.97,
                explanation=words.AGREEMENT,
            )
