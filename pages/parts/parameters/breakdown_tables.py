"""How are a model's parts written down? As a table of parts, and matrix by matrix with each one's formula."""

from __future__ import annotations

import re

import streamlit as st

from models.traces import ParametersTrace
from pages.parts.parameters.counted import Counted
from viz.parameter_charts import NAMES, share
from viz.parameter_words import breakdown as words


def parts(trace: ParametersTrace) -> None:
    """Each part with its count and share: what the figure shows, as a table."""
    some_wait = trace.active is not None and trace.active != trace.total
    head = ["part", "tensors", "parameters", "share", *(["on one token"] if some_wait else [])]
    rows = []
    tied = {trace.parts[trace.names.index(first)] for _, first in trace.tied}
    for part, name in NAMES.items():
        own = [number for number, each in enumerate(trace.parts) if each == part]
        if not own:
            continue
        count = int(trace.counts[own].sum())
        active = int((trace.counts[own] // trace.experts[own] * trace.used[own]).sum())
        marked = f"{name}{words.TWICE}" if part in tied else name
        rows.append(
            [marked, f"{len(own):,}", f"{count:,}", share(count, trace.total), *([f"{active:,}"] if some_wait else [])]
        )
    sums = ["all", f"{len(trace.names):,}", f"{trace.total:,}", "100%", *([f"{trace.active:,}"] if some_wait else [])]
    rows.append([f"**{value}**" for value in sums])
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def formula(found: Counted) -> None:
    """Each matrix with its formula, the numbers put in, and what the symbols stand for."""
    if found.formula is None:
        return
    st.header(words.FORMULA, anchor=False)
    terms = found.formula.terms
    st.dataframe(
        {
            "what": [term.name for term in terms],
            "part": [NAMES[term.part] for term in terms],
            "formula": [term.formula.replace("*", " · ") for term in terms],
            "numbers": [_spaced(term.numbers) for term in terms],
            "each": [term.each for term in terms],
            "times": [term.times for term in terms],
            "parameters": [term.count for term in terms],
            "note": [words.SAME.format(tied=term.tied) if term.tied else "" for term in terms],
        },
        hide_index=True,
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in ("each", "times", "parameters")
        },
    )
    own = words.OWN_FIELDS.get(found.trace.family, {})
    symbols = list(found.formula.symbols)
    fields = [own.get(symbol, words.SYMBOLS[symbol][0]) for symbol in symbols]
    given = found.chosen.fields
    st.dataframe(
        {
            "symbol": symbols,
            "is": [words.SYMBOLS[symbol][1] for symbol in symbols],
            "field of the configuration": fields,
            "value": list(found.formula.symbols.values()),
            "from": [
                words.GIVEN if field in given or words.SYMBOLS[symbol][0] in given else words.USUAL
                for symbol, field in zip(symbols, fields, strict=True)
            ],
        },
        hide_index=True,
        height="content",
        column_config={"value": st.column_config.NumberColumn(format="localized")},
    )


def _spaced(numbers: str) -> str:
    """A formula's numbers as people write them."""
    return re.sub(r"\d+", lambda digits: f"{int(digits[0]):,}", numbers).replace("*", " · ")
