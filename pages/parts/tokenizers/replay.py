"""The view "replay" of the page of tokenizers: a tokenizer's own merges on the visitor's text."""

from __future__ import annotations

import hashlib
import json
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, bpe, splits, tables
from models.traces import BpeReplay, InputError
from pages.parts.tokenizers import which
from viz import page, state
from viz import tokenizer_words as shared_words
from viz.components.merge_trees import merge_trees, pack
from viz.tokenizer_words import replay as words

MAX_CHARACTERS = 20_000


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            text = page.type_text("Text", words.TEXT, key="text", help=shared_words.TEXT)
            picked = which.choose("Tokenizer", {"BPE"}, usual="smollm2-135m")
        if picked is not None:
            _replay(picked, text, complaints)


def _replay(picked: which.Picked, text: str, complaints: list[str]) -> None:
    """The figure, and all that goes with it; `complaints` gets what the link asks for in vain."""
    splits.check(text, MAX_CHARACTERS)
    if not text:
        raise InputError("The text is empty; type a word or a sentence.")
    tokenizer = picked.tried(text).tokenizer
    content = f"replay {picked.content} {hashlib.sha256(text.encode()).hexdigest()}"
    work = background.QUICK.submit(content, lambda: bpe.replay(tokenizer, text), "Replaying the merges")
    found = page.wait(work, content)
    if found is None:
        return
    if not found.words:
        raise InputError("The tokenizer keeps nothing of this text; type a word or a sentence.")
    view, wrong = state.read({"word": state.Whole(len(found.words))}, st.query_params)
    merges = len(found.words[view.get("word", 0)].merges)
    at, also_wrong = state.read({"step": state.Whole(merges + 1)}, st.query_params)
    complaints += [*wrong, *also_wrong]
    packed = _packed(content, picked.title, found)
    merge_trees(packed, key="merge trees", state=view | at, defaults={"word": 0, "step": 0})
    tokens = len(found.library_ids)
    page.badge(
        f"These merges give the library's own {tokens:,} token{'s' if tokens != 1 else ''}"
        if found.matches
        else "These merges don't give the library's tokens",
        good=found.matches,
        explanation=words.CHECK,
    )
    which.source(picked)
    page.downloads(
        (
            ("All merges, CSV", "merges.csv", "text/csv", partial(csv_of, found, picked.title)),
            ("All merges, JSON", "merges.json", "application/json", partial(json_of, found, picked.title)),
        )
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(content: str, title: str, _replay: BpeReplay) -> bytes:
    """A replay as it travels to the browser; `content` identifies it."""
    return pack(_replay, (f"Tokenizer: {title}", "The merges are the tokenizer's own, in the order of their ranks."))


def csv_of(replay: BpeReplay, title: str) -> bytes:
    """Every merge of a text, word by word; pieces as the vocabulary spells them."""
    return tables.csv(
        {"tokenizer": title, "text": replay.text},
        ("word", "merge", "left", "right", "made", "rank", "id"),
        [(step.word, step.merge, step.left, step.right, step.made, step.rank, step.token) for step in replay.steps],
    )


def json_of(replay: BpeReplay, title: str) -> bytes:
    """The text, its words and the ids they become, and every merge."""
    record = {
        "tokenizer": title,
        "text": replay.text,
        "ids": replay.ids.tolist(),
        "words": [
            {
                "text": word.text,
                "span": word.span,
                "outcome": word.outcome,
                "ids": word.ids.tolist(),
                "nodes": [
                    {"piece": piece, "id": number, "bytes": raw.hex()}
                    for piece, number, raw in zip(word.pieces, word.node_ids.tolist(), word.raw, strict=True)
                ],
                "merges": [
                    {"left": left, "right": right, "made": word.letters + merge, "rank": rank}
                    for merge, (left, right, rank) in enumerate(word.merges.tolist())
                ],
            }
            for word in replay.words
        ],
    }
    return json.dumps(record, ensure_ascii=False).encode()
