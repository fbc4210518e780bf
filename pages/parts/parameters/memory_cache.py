"""How large is the cache of keys and values, and how large would it be with other heads or a window?"""

from __future__ import annotations

import bisect
from typing import Final

import streamlit as st

from models import costs, tables
from models.costs import CacheKind
from models.traces import InputError
from pages.parts.parameters import memory_work
from pages.parts.parameters.memory_work import Case
from viz import cost_charts, page
from viz.cost_charts import Line
from viz.parameter_words import memory as words

LONGEST: Final = 2**40  # tokens


def show(case: Case) -> None:
    """Against context and against batch, as the model has it and otherwise."""
    st.header(words.CACHE, anchor=False)
    try:
        kinds = costs.cache_kinds(case.config)
    except InputError as error:
        st.info(page.plain(str(error)))
        return
    each = costs.number_bytes(case.dtype)
    contexts = _doubled(min(128, case.context), max(131_072, 4 * case.context))
    batches = _doubled(1, max(128, 4 * case.texts))
    own = kinds[0]
    left, right = st.columns(2, gap="large")
    with left:
        lines = [
            Line(kind.name, kind.own, [each * kind.numbers(place, case.texts) for place in contexts]) for kind in kinds
        ]
        several = "s" if case.texts > 1 else ""
        title = f"Cache by context, {case.texts:,} text{several}"
        _chart(lines, case.held, contexts, case.context, "tokens of context", title)
    with right:
        lines = [
            Line(kind.name, kind.own, [each * kind.numbers(case.context, place) for place in batches]) for kind in kinds
        ]
        title = f"Cache by batch, {cost_charts.tokens(case.context)} each"
        _chart(lines, case.held, batches, case.texts, "texts at once", title)
    token = each * (own.numbers(case.context + 1) - own.numbers(case.context))
    st.caption(
        words.CACHE_NOTE.format(
            name=own.name,
            kept=cost_charts.size(case.kept),
            token=cost_charts.size(token),
            bits=int(8 * each),
            full="" if token else words.NO_MORE,
            grown=_grown(own, case, each),
        )
    )
    _table(case, kinds, each)


def _grown(own: CacheKind, case: Case, each: float) -> str:
    """From which context on the cache outgrows the weights: not in proportion, where windows become full."""

    def kept(tokens: int) -> float:
        return each * own.numbers(tokens, case.texts)

    if kept(LONGEST) < case.held:
        return words.NEVER
    tokens = bisect.bisect_left(range(LONGEST), case.held, key=kept)
    return words.AS_MUCH.format(tokens=cost_charts.tokens(tokens), each=" in each text" if case.texts > 1 else "")


def _doubled(least: int, most: int) -> list[int]:
    """From the least, each twice the one before, until the most is reached."""
    places = [least]
    while places[-1] < most:
        places.append(2 * places[-1])
    return places


def _chart(lines: list[Line], held: float, places: list[int], chosen: int, what: str, title: str) -> None:
    figure = cost_charts.cache(lines, places, chosen, what, title, held=held, dark=memory_work.dark())
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key=f"cache by {what}")


def _table(case: Case, kinds: list[CacheKind], each: float) -> None:
    """All of them at the chosen context and batch."""
    kept = [each * kind.numbers(case.context, case.texts) for kind in kinds]
    st.dataframe(
        {
            "keys and values": [kind.name for kind in kinds],
            "": ["the model's own" if kind.own else "what if" for kind in kinds],
            "bytes": kept,
            "size": [cost_charts.size(value) for value in kept],
            "times its own": [value / kept[0] if kept[0] else None for value in kept],
        },
        hide_index=True,
        column_config={
            "bytes": st.column_config.NumberColumn(format="localized"),
            "times its own": st.column_config.NumberColumn(format="%.3g"),
        },
    )
    rows = [
        [kind.name, "own" if kind.own else "what if", number, value]
        for kind, number, value in zip(
            kinds, (kind.numbers(case.context, case.texts) for kind in kinds), kept, strict=True
        )
    ]
    columns = ["kind", "whose", "numbers", "bytes"]
    page.downloads([("Cache, CSV", "orrery-cache.csv", "text/csv", lambda: tables.csv(case.origin, columns, rows))])
