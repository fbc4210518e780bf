"""The view "vocabulary" of the page of tokenizers: every entry of a tokenizer, to search and to sort."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, vocabulary, vocabulary_check, vocabulary_files
from models.traces import Vocabulary
from models.vocabulary_check import VocabularyCheck
from pages.parts.tokenizers import which
from pages.parts.tokenizers.which import Picked
from viz import page, state, vocabulary_charts
from viz.components.vocabulary_list import FILTERS, SORTS, pack, vocabulary_list
from viz.tokenizer_words import vocabulary as words

MAX_SEARCH = 200


@dataclass(frozen=True)
class Read:
    """All that is known of one vocabulary, and its data as they travel."""

    entries: Vocabulary
    check: VocabularyCheck
    packed: bytes


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with controls:
        picked = which.choose("Tokenizer", ("BPE", "WordPiece"), usual="smollm2-135m")
    if picked is None:
        return
    content = f"vocabulary {picked.content}"
    work = background.LONG.submit(content, lambda: read(picked), f"Reading every entry of {picked.title}")
    found = page.wait(work, content)
    if found is None:
        return
    view, complaints = state.read(
        {
            "search": state.Text(MAX_SEARCH),
            "kind": state.Choice(FILTERS),
            "script": state.Choice(("all", *found.entries.by_script())),
            "sort": state.Choice(SORTS),
            "entry": state.Whole(int(found.entries.ids[-1]) + 1),
        },
        st.query_params,
    )
    page.complain_once(complaints)
    vocabulary_list(found.packed, view, key="vocabulary list", command=st.session_state.get("script chosen", 0))
    badge(found)
    which.source(picked)
    charts(picked.content, found.entries)
    save(picked, found.entries)


def read(picked: Picked) -> Read:
    """Everything about a tokenizer's vocabulary; takes seconds."""
    entries = vocabulary.describe(picked.tokenizer)
    check = vocabulary_check.check(picked.tokenizer, entries, trusted=not picked.document)
    return Read(entries, check, pack(entries, check.split, title=picked.title, facts=[words.PICTURE]))


def badge(found: Read) -> None:
    """Ours against the library's, entry by entry."""
    count, check = len(found.entries), found.check
    said = f"All {count:,} entries are the library's"
    if not check.decoded:
        said = f"All {count:,} entries are in the library under their ids"
    if check.entries != count:
        said = f"{count:,} entries here, {check.entries:,} in the library"
    if check.differing:
        said = f"{check.differing:,} of {count:,} entries differ from the library's"
    good = check.entries == count and not check.differing
    page.badge(said, good=good, explanation=words.CHECK if check.decoded else words.CHECK_OF_STRANGERS)


def charts(content: str, entries: Vocabulary) -> None:
    """Lengths and scripts; a click on a script shows its entries."""
    dark = st.context.theme.type == "dark"
    key = f"scripts {content}"

    def follow() -> None:
        points: list[dict[str, Any]] = st.session_state[key].selection.points
        st.query_params["script"] = points[0]["y"] if points else "all"
        st.session_state["script chosen"] = st.session_state.get("script chosen", 0) + 1

    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(vocabulary_charts.lengths(entries, dark=dark), config=vocabulary_charts.CONFIG, theme=None)
        st.caption(words.LENGTHS)
    with right:
        st.plotly_chart(
            vocabulary_charts.scripts(entries, dark=dark),
            key=key,
            on_select=follow,
            selection_mode="points",
            config=vocabulary_charts.CONFIG,
            theme=None,
        )
        st.caption(words.SCRIPTS)


def save(picked: Picked, entries: Vocabulary) -> None:
    """The whole vocabulary as files."""
    name = "orrery-vocabulary-" + (re.sub(r"[^A-Za-z0-9._]+", "-", picked.key).strip("-.")[:60] or "tokenizer")
    origin = {"tokenizer": picked.title, "content": picked.content}
    page.downloads(
        (
            ("CSV, every entry", f"{name}.csv", "text/csv", lambda: vocabulary_files.csv(entries, origin)),
            ("JSON, every entry", f"{name}.json", "application/json", lambda: vocabulary_files.json_(entries, origin)),
        )
    )
