"""How many tokens does the same sentence cost in each language? A table in a drawer of the view "compare"."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from models import comparison, simple_tokenizers
from models.traces import Comparison
from pages.parts.tokenizers import which
from pages.parts.tokenizers.which import Picked
from viz.tokenizer_words import compare as words
from viz.tokenizer_words.article import ARTICLE_1


def show(shown: Sequence[Picked]) -> None:
    """Three tables of the same counts: by words, by meaning, by characters."""
    st.markdown(words.CLAIM)
    found = _compare(" ".join(picked.content for picked in shown), shown)
    if not found:
        return
    titles = [picked.title for picked in shown]
    tables = {
        words.PER_WORDS: lambda compared, row: (
            1000 * tokens / compared.words
            if simple_tokenizers.words_are_parted(compared.text) and (tokens := compared.rows[row].tokens)
            else None
        ),
        words.SAME: lambda compared, row: compared.rows[row].tokens,
        words.PER_CHARACTER: lambda compared, row: 100 * compared.rows[row].tokens / compared.graphemes,
    }
    for tab, count in zip(st.tabs(list(tables)), tables.values(), strict=True):
        frame = pd.DataFrame(
            {title: [count(compared, row) for compared in found.values()] for row, title in enumerate(titles)},
            index=pd.Index(list(found), name="Language"),
        )
        with tab:
            st.dataframe(frame.dropna().style.format("{:,.0f}"), height="content")


@st.cache_resource(max_entries=16, show_spinner=False)
def _compare(content: str, _shown: Sequence[Picked]) -> dict[str, Comparison]:
    """{language: the article under each tokenizer}."""
    every = "\n".join(ARTICLE_1.values())
    tokenizers = {}
    for picked in _shown:
        loaded = picked if picked.tokenizer is not None else which.pick(picked.key, None)
        if loaded is not None:
            tokenizers[picked.key] = loaded.tried(every).tokenizer
    return (
        {language: comparison.compare(text, tokenizers) for language, text in ARTICLE_1.items()} if tokenizers else {}
    )
