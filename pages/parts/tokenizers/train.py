"""The view "train" of the page of tokenizers: BPE is trained on a text, and its merges are played."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, bpe, bpe_check, bpe_files, bpe_places
from models.bpe import BpeTraining
from models.bpe_check import BpeCheck
from models.tokens import grapheme_edges
from pages.parts import corpus
from viz import page, state
from viz.components import merge_player
from viz.components.merge_player import Around
from viz.tokenizer_words import train as words

MERGES: Final = 200


@dataclass(frozen=True)
class Trained:
    """A training, and what names it."""

    key: str  # identifies it, for caches and for the browser
    corpus: corpus.Chosen
    training: BpeTraining
    facts: dict[str, str]


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        trained = _train(controls)
        if trained is not None:
            _draw(trained, complaints)


def _draw(trained: Trained, complaints: list[str]) -> None:
    """The figure, and all that goes with it."""
    training = trained.training
    last = len(training.merges)
    view, wrong = state.read(
        {"step": state.Whole(last + 1), "from": state.Whole(len(training.text)), "spaces": state.Whole(2)},
        st.query_params,
    )
    complaints.extend(wrong)
    if training.note:
        st.info(page.plain(training.note), icon=":material/info:")
    at = Around("", view.get("step", 0), view.get("from", 0))
    sent = Around.read((st.session_state.get(merge_player.KEY) or {}).get("around"))
    if sent and sent.is_within(trained.key, last, len(training.text)):
        at = sent
    first, end = merge_player.window(at.step, last)
    start = at.start
    if start == merge_player.SEEK:
        found = _place(trained.key, at.step, training)
        start = view.get("from", 0) if found is None else found
    merge_player.player(_packed(trained.key, first, end, at.start, start, not at.training, trained), view)
    _badge(_checked(trained.key, start, training))
    page.facts(*trained.facts.values())
    name = f"orrery-bpe-{trained.key[:8]}"
    page.downloads(
        (
            ("Merges as CSV", f"{name}.csv", "text/csv", lambda: bpe_files.merges_csv(training, trained.facts)),
            ("tokenizer.json", f"{name}-tokenizer.json", "application/json", training.document.encode),
        )
    )


def _train(controls: DeltaGenerator) -> Trained | None:
    """What the controls ask for; None once the visitor has stopped it.

    Raises:
        InputError: it can't be trained.
    """
    with controls:
        place = st.container()  # the corpus comes first, but where it fails the other controls stand all the same
        unit = page.choose("Begin with", get_args(bpe.Unit), key="unit", help=words.UNIT)
        words_by = page.choose("Cut into words by", get_args(bpe.Pretokenizer), key="pretokenizer", help=words.CUT)
        merges = page.number("Merges", (0, bpe.MAX_MERGES), MERGES, key="merges", help=words.MERGES)
        marked = st.checkbox("Mark the end of a word", key="end", bind="query-params", help=words.END)
        with place:
            chosen = corpus.choose()
    options: dict[str, Any] = {"unit": unit, "pretokenizer": words_by, "end_of_word": marked}
    settings = f"bpe {chosen.content} {merges} {options}"
    work = background.LONG.submit(settings, lambda: bpe.train(chosen.text, merges, **options), "Training BPE")
    training = page.wait(work, settings)
    if training is None:
        return None
    ends = ", ends marked" if marked else ""
    facts = {
        "training": f"BPE trained on {chosen.title}, {len(chosen.text):,} characters",
        "settings": f"{len(training.merges):,} merges of {unit}, cut into words by {words_by}{ends}",
        "library": f"tokenizers {version('tokenizers')}",
    }
    return Trained(hashlib.sha256(settings.encode()).hexdigest()[:16], chosen, training, facts)


@st.cache_resource(max_entries=64, show_spinner=False)
def _packed(key: str, first: int, last: int, asked: int, start: int, full: bool, _trained: Trained) -> bytes:
    """What travels: the pair tables of some steps, a part of the text, and, at first, all that holds for them all."""
    training = _trained.training
    trees = training.trees(start, start + bpe.SHOWN_TEXT)
    part = training.text[trees.start : trees.end]
    near = merge_player.near(training.window(first, last), trees, part, grapheme_edges(part))
    return merge_player.pack(key, asked, start, _whole(_trained) if full else None, near)


def _whole(trained: Trained) -> dict[str, Any]:
    training = trained.training
    return merge_player.whole(
        title=trained.corpus.title,
        facts=list(trained.facts.values()),
        unit=training.unit,
        mark=bpe.MARK if training.marked else "",
        characters=len(training.text),
        alphabet=training.pieces[: training.rules[:, 2].min(initial=len(training.pieces))],
        rules=training.rules,
        counts=training.winner_counts,
        corpus_tokens=training.corpus_tokens,
        vocabulary_sizes=training.vocabulary_sizes,
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _place(key: str, step: int, _training: BpeTraining) -> int | None:
    return bpe_places.first(_training, step - 1)


@st.cache_data(max_entries=256, show_spinner=False)
def _checked(key: str, start: int, _training: BpeTraining) -> BpeCheck:
    return bpe_check.check(_training, start, start + bpe.SHOWN_TEXT)


def _badge(check: BpeCheck) -> None:
    if check.good:
        said = f"At the end, {check.tokens:,} of {check.tokens:,} tokens are the library's"
    else:
        said = f"At the end, {check.different:,} of {check.tokens:,} tokens are not the library's"
    page.badge(said, good=check.good, explanation=words.CHECK)
