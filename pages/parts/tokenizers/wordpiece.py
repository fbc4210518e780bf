"""The view "wordpiece" of the page of tokenizers: the greedy longest match, and how its vocabulary is chosen."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, splits, wordpiece
from models.traces import InputError, WordPieceReplay
from pages.parts.tokenizers import which, wordpiece_files, wordpiece_training
from viz import page, state
from viz import tokenizer_words as shared_words
from viz.components import longest_match
from viz.tokenizer_words import wordpiece as words

PARTS = {"cut": "Cut a text", "train": "Choose a vocabulary"}


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    part = page.tabs("Part", PARTS, key="part")
    with page.complaining() as complaints:
        with controls:
            # What the other part needs is drawn, too, closed: a control that is not drawn forgets what was chosen.
            with st.container() if part == "cut" else st.expander("Text to cut"):
                text = page.type_text("Text", words.TEXT, key="text", help=shared_words.TEXT)
                name, file = which.ask("Tokenizer", {"WordPiece"}, usual="minilm-l6-v2", also=(which.TRAINED,))
            own = part == "train" or name == which.TRAINED
            with st.container() if own else st.expander("Training"):
                lesson = wordpiece_training.ask()
        if part == "train":
            wordpiece_training.show(lesson, complaints)
            return
        picked = wordpiece_training.trained_here(lesson) if name == which.TRAINED else which.pick(name, file)
        if picked is not None:
            _match(picked, text, complaints)


@st.cache_resource(max_entries=16, show_spinner=False)
def _reader(content: str, _tokenizer: Any) -> wordpiece.WordPieceReader:
    return wordpiece.read(_tokenizer)


def _match(picked: which.Picked, text: str, complaints: list[str]) -> None:
    """The longest match on a text, and all that goes with it; `complaints` gets what the link asks for in vain."""
    splits.check(text, wordpiece.MAX_CHARACTERS)
    if not text:
        raise InputError("The text is empty; type a word or a sentence.")
    reader = _reader(picked.content, picked.tokenizer)
    tokenizer = picked.tried(text).tokenizer
    content = f"match {picked.content} {hashlib.sha256(text.encode()).hexdigest()}"
    work = background.QUICK.submit(content, lambda: wordpiece.replay(reader, text), "Looking words up")
    found = page.wait(work, content)
    if found is None:
        return
    if not found.words:
        raise InputError("The tokenizer keeps nothing of this text; type a word or a sentence.")
    view, wrong = state.read({"word": state.Whole(len(found.words))}, st.query_params)
    word = found.words[view.get("word", 0)]
    steps = longest_match.lookups(word.starts.tolist(), word.ends.tolist(), len(word.text))
    at, also_wrong = state.read({"step": state.Whole(steps + 1)}, st.query_params)
    complaints += [*wrong, *also_wrong]
    packed = _packed_match(content, picked.title, found, reader)
    longest_match.longest_match(packed, key="longest match", state=view | at, defaults={"word": 0, "step": 0})
    ids = list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    same = ids == found.ids.tolist()
    page.badge(
        f"{len(ids):,} token{'s' if len(ids) != 1 else ''}, the same as the library's"
        if same
        else "The library cuts this text in another way",
        good=same,
        explanation=words.CHECK,
    )
    which.source(picked)
    page.downloads(
        (
            ("All matches, CSV", "matches.csv", "text/csv", partial(wordpiece_files.matches_csv, found, picked.title)),
            ("Words, JSON", "words.json", "application/json", partial(wordpiece_files.words_json, found, picked.title)),
        )
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed_match(content: str, title: str, _replay: WordPieceReplay, _reader: wordpiece.WordPieceReader) -> bytes:
    return longest_match.pack(_replay, _reader.unknown, _reader.limit, (f"Tokenizer: {title}",))
