"""What does each tokenizer keep of a text? The badge of the view "compare"."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import comparison, tokenizer_catalog
from models.traces import Comparison
from pages.parts.tokenizers.which import Picked
from viz import page
from viz.tokenizer_words import compare as words


def is_learnt(picked: Picked) -> bool:
    """Whether it belongs to a model, and isn't one of the simple ways to split."""
    entry = tokenizer_catalog.TOKENIZERS.get(picked.key)
    return entry is None or entry.kind != "simple"


def check(content: str, compared: Comparison, shown: Sequence[Picked]) -> None:
    """The badge, and what each row drops; `content` identifies the comparison."""
    exact, sentences = _kept(content, compared, shown)
    entries = [tokenizer_catalog.TOKENIZERS.get(picked.key) for picked in shown]
    must = [entry is not None and entry.kind == "BPE" for entry in entries]
    page.badge(
        f"{sum(exact)} of {len(exact)} {'row gives' if len(exact) == 1 else 'rows give'} the text back byte for byte",
        good=all(is_exact or not needed for is_exact, needed in zip(exact, must, strict=True)),
        explanation=words.CHECK,
    )
    if sentences:
        page.facts(*sentences)


@st.cache_data(max_entries=64, show_spinner=False)
def _kept(content: str, _compared: Comparison, _shown: Sequence[Picked]) -> tuple[list[bool], list[str]]:
    exact = [comparison.is_exact(_compared, row) for row in range(len(_shown))]
    sentences = []
    for row, picked in enumerate(_shown):
        if exact[row]:
            continue
        said = []
        table = _compared.rows[row].token_table
        if b"".join(table.raw) != _compared.text.encode():
            left_out = _compared.left_out(row)
            said.append("drops white space" + (f" and “{left_out[:12]}”" if left_out else ""))
        if is_learnt(picked) and (others := comparison.respelled(_compared.rows[row])):
            said.append(f"{others} of its {len(table)} tokens {words.RESPELLED}")
        sentences.append(f"{picked.title}: {'; '.join(said)}")
    return exact, sentences
