"""What does training hold in memory: all of a model, or thin matrices beside some of its own (LoRA)?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from models import costs, tables
from models.costs import Activations, Training
from models.traces import InputError, ParametersTrace
from pages.parts.parameters import memory_work
from pages.parts.parameters.memory_work import Case
from viz import cost_charts, page, state
from viz.parameter_words import memory as words

KEY: Final = "targets"
# What LoRA's paper adapts, queries and values, as families call them; the first whose names a model has.
PAIRS: Final = (
    ("q_proj", "v_proj"), ("query", "value"), ("q", "v"), ("q_lin", "v_lin"), ("c_attn",), ("query_key_value",),
    ("q_b_proj", "kv_b_proj"),
)  # fmt: skip


def ask_targets(trace: ParametersTrace, complaints: list[str]) -> list[str]:
    """The matrices that LoRA adapts, in the current container; `complaints` gets what the link asks for in vain."""
    offered = costs.adaptable(trace)
    usual = next((list(pair) for pair in PAIRS if set(pair) <= set(offered)), offered[:1])
    if KEY not in st.session_state:
        strange = [name for name in st.query_params.get_all(KEY) if name not in offered]
        if strange and offered:
            complaints += state.read({KEY: state.Choice(tuple(offered))}, {KEY: strange[0]})[1]
    else:  # another model calls its matrices otherwise
        before = st.session_state[KEY]
        kept = [name for name in before if name in offered]
        if kept != before or st.session_state.get(f"usual {KEY}", usual) == before != usual:
            st.session_state[KEY] = kept if kept and kept == before else usual
    st.session_state[f"usual {KEY}"] = usual
    return _choose(offered, usual)


def keep_targets() -> None:
    """The same while there is no model to choose from, so that what was chosen isn't lost."""
    names = st.session_state.get(KEY) or st.query_params.get_all(KEY)
    if names:
        _choose(names, names)


def _choose(offered: list[str], usual: list[str]) -> list[str]:
    chosen = st.multiselect("LoRA beside", offered, usual, key=KEY, bind="query-params", help=words.TARGETS)
    return list(chosen)


def show(case: Case, rank: int, targets: list[str]) -> None:
    """Weights, gradients, optimiser and activations of three ways to train."""
    st.header(words.TRAINING, anchor=False)
    adapters = 0
    try:
        adapters = costs.adapted(case.trace, rank, targets)
    except InputError as error:
        st.info(words.NO_LORA if not targets else page.plain(str(error)))
    ways = [way for way in costs.training(case.trace.total, adapters) if way.trained]
    kept = _activations(case, ways)
    rows = {
        way.name: {"weights": way.weights, "gradients": way.gradients, "optimiser": way.optimiser}
        | ({"activations": one.rest, "scores": one.scores} if one else {})
        for way, one in zip(ways, kept, strict=True)
    }
    title = f"Training {case.chosen.title}, {case.texts:,} x {cost_charts.tokens(case.context)} at once"
    figure = cost_charts.training(rows, title, dark=memory_work.dark())
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key="training chart")
    if adapters:
        st.caption(
            words.LORA.format(
                adapters=adapters, rank=rank, share=adapters / (case.trace.total + adapters),
                targets=page.plain(", ".join(targets)),
            )
        )  # fmt: skip
    if all(kept):
        st.caption(words.ACTIVATIONS)
    _table(case, ways, kept, {"rank": str(rank), "targets": ", ".join(targets)})


def _activations(case: Case, ways: Sequence[Training]) -> list[Activations | None]:
    """[way] what it keeps of the pass forward; None, and a sentence, where there is no formula."""
    try:
        return [costs.activations(case.config, case.context, case.texts, size=way.size) for way in ways]
    except InputError as error:
        st.info(page.plain(str(error)))
        return [None for _ in ways]


def _table(case: Case, ways: Sequence[Training], kept: Sequence[Activations | None], lora: dict[str, str]) -> None:
    columns = ["way", "parameters trained", "weights", "gradients", "optimiser", "activations", "scores", "total"]
    rows = [
        [
            way.name, way.trained, way.weights, way.gradients, way.optimiser,
            one.rest if one else None, one.scores if one else None,
            way.weights + way.gradients + way.optimiser + (one.total if one else 0),
        ]
        for way, one in zip(ways, kept, strict=True)
    ]  # fmt: skip
    st.dataframe(
        {name: [row[place] for row in rows] for place, name in enumerate(columns)},
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in columns[1:]},
    )
    origin = case.origin | lora | {"unit": "bytes"}
    page.downloads([("Training, CSV", "orrery-training.csv", "text/csv", lambda: tables.csv(origin, columns, rows))])
