"""How do the numbers differ, and with them perhaps the text, when the same is computed in several ways?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from models import catalog
from models.engine import Request
from models.traces import VariationTrace
from pages.parts.next_token import vary_files
from pages.parts.next_token.asking import Prompt
from pages.parts.running import answer
from viz import page, state
from viz.components import number_ways
from viz.next_token_words import vary as words


def ask(prompt: Prompt, tokens: int) -> Callable[[list[str]], None]:
    """What draws the figure."""

    def draw(complaints: list[str]) -> None:
        settings = (*prompt.settings, ("tokens", str(tokens)))
        trace = answer(Request("variation", prompt.model, prompt.text, settings=settings))
        if isinstance(trace, VariationTrace):
            _show(trace, complaints)

    return draw


def _show(trace: VariationTrace, complaints: list[str]) -> None:
    """The ways, the check, the files."""
    view, wrong = state.read(number_ways.parameters(trace), st.query_params)
    complaints += wrong
    source = trace.source
    packed = number_ways.pack(
        trace,
        words.WAYS,
        title=words.NUMBERS_TITLE.format(model=catalog.resolve(source.model).title),
        facts=[f"Prompt: {source.text}", f"Model: {source.made_by}, revision {source.revision[:12]}"],
    )
    number_ways.number_ways(packed, trace, key="number ways", state=view)
    apart = [step for step in trace.parted if step is not None]
    steps = int((trace.tokens[0] >= 0).sum())
    if apart:
        st.markdown(
            words.PARTED.format(
                count=len(apart), ways=len(trace.ways) - 1, first=min(apart) + 1, s="s" if len(apart) == 1 else ""
            )
        )
    else:
        st.markdown(words.NEVER.format(ways=len(trace.ways) - 1, steps=steps, s="" if steps == 1 else "s"))
    checked = np.isfinite(trace.differences[1:])
    good = explained(trace)
    page.badge(
        words.BOUND.format(count=int(checked.sum()), outcome="holds" if good else "fails"),
        good=good,
        explanation=words.BOUND_HELP,
    )
    page.source(source, len(trace.token_table))
    vary_files.save_numbers(trace)


def explained(trace: VariationTrace) -> bool:
    """Whether every token that differs from the first way's stands where twice the difference reaches the margin."""
    apart = [(way, step) for way, step in enumerate(trace.parted) if step is not None]
    return all(2 * trace.differences[way, step] >= trace.margins[0, step] for way, step in apart)
