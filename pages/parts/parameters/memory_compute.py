"""How much arithmetic does a token take, part by part, and does torch count the same?"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from models import costs, tables
from models.traces import InputError, Part
from pages.parts.parameters import memory_work
from pages.parts.parameters.memory_work import Case
from viz import cost_charts, page
from viz.parameter_words import memory as words


def show(case: Case) -> None:
    """Operations to write a token and to read one, and torch's own count of the reading."""
    st.header(words.COMPUTE, anchor=False)
    tokens = _readable(case)
    try:
        read = costs.arithmetic(case.trace, case.config, tokens)
        scores = costs.reading_scores(case.config, tokens)
    except InputError as error:
        st.info(page.plain(str(error)))
        return
    rows = {
        f"reading {cost_charts.tokens(tokens)}, each": {
            part: count / tokens for part, count in _split(read, scores).items()
        }
    }
    said = ""
    try:
        written = costs.writing(case.trace, case.config, case.context)
        alone = costs.writing_scores(case.config, case.context)
        rows = {f"writing one behind {case.context:,}": _split(written, alone)} | rows
        anew = costs.unfolding(case.config, case.context)
        if anew is not None:
            folded = sum(written.values())
            said = words.UNFOLDING.format(
                folded=cost_charts.operations(folded), unfolded=cost_charts.operations(folded + anew)
            )
    except InputError as error:
        st.info(page.plain(str(error)))
    figure = cost_charts.flops(rows, f"{case.chosen.title}: operations for one token", dark=memory_work.dark())
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key="operations chart")
    if tokens < case.context:
        st.caption(words.FEWER.format(tokens=tokens))
    if said:
        st.caption(said)
    _check(case, tokens, sum(read.values()))
    _table(case, rows)


def _readable(case: Case) -> int:
    """How many of the tokens can be read at once: an encoder's table of positions ends."""
    tables_ = [shape[0] for shape, part in zip(case.trace.shapes, case.trace.parts, strict=True) if part == "position"]
    if costs.writes(case.config) or not tables_:
        return case.context
    return min(case.context, *tables_)


def _split(parts: Mapping[Part, int], scores: float) -> dict[str, float]:
    """Attention's matrices apart from its scores and sums."""
    split: dict[str, float] = {str(part): count for part, count in parts.items()}
    return split | {"attention": parts["attention"] - scores, "scores": scores}


def _check(case: Case, tokens: int, ours: int) -> None:
    """Ours beside torch's, and the cache beside transformers'."""
    try:
        found = memory_work.counted(case, tokens)
    except InputError as error:
        st.caption(page.plain(str(error)))
        return
    if found is None:
        return
    theirs = found.operations
    said = words.EQUAL if ours == theirs else words.UNEQUAL
    page.badge(
        said.format(tokens=cost_charts.tokens(tokens), ours=ours, theirs=theirs),
        good=ours == theirs,
        explanation=words.COUNTED,
    )
    try:
        numbers = costs.cache_numbers(case.config, tokens)
    except InputError:
        return
    if found.kept is not None:
        said = words.EQUAL_CACHE if numbers == found.kept else words.UNEQUAL_CACHE
        page.badge(said.format(ours=numbers, theirs=found.kept), good=numbers == found.kept, explanation=words.COUNTED)


def _table(case: Case, rows: Mapping[str, Mapping[str, float]]) -> None:
    """Each part's operations and share."""
    names: dict[str, str] = {part: name for part, (name, _) in cost_charts.PRODUCTS.items()}
    parts = [part for part in names if any(row.get(part) for row in rows.values())]
    st.dataframe(
        {
            "part": [names[part] for part in parts],
            **{name: [row.get(part, 0) for part in parts] for name, row in rows.items()},
        },
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in rows},
    )
    cells: list[list[str | float]] = [[names[part], *(row.get(part, 0) for row in rows.values())] for part in parts]
    columns = ["part", *(name.replace(",", "") for name in rows)]
    page.downloads(
        [("Operations, CSV", "orrery-operations.csv", "text/csv", lambda: tables.csv(case.origin, columns, cells))]
    )
