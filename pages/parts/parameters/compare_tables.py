"""Which numbers do the models have that are compared? Two tables, and files of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count as counting

import streamlit as st

from models import parameters_compared, tables
from pages.parts.parameters.counted import Counted
from viz import page
from viz.comparison_charts import Model
from viz.parameter_charts import NAMES
from viz.parameter_words import compare as words


def parts(models: Sequence[Model]) -> None:
    """Every part of every model, in numbers and in shares."""
    st.header(words.PARTS, anchor=False)
    rows = _rows(models)
    columns: dict[str, list[str | int | float | None]] = {"part": [name for name, _ in rows]}
    for title, number in zip(_titles(models), counting()):
        total = models[number].total
        counts = [counts[number] for _, counts in rows]
        columns[title] = list(counts)
        columns[f"{title}, share"] = [None if count is None else 100 * count / total for count in counts]
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={"part": st.column_config.TextColumn(pinned=True, width=140)}
        | {name: st.column_config.NumberColumn(format="localized") for name in _titles(models)}
        | {
            f"{name}, share": st.column_config.NumberColumn("share", format="%.3g %%", width=72)
            for name in _titles(models)
        },
    )


def sizes(found: Sequence[Counted]) -> None:
    """The configurations beside each other; a row is marked where they differ."""
    st.header(words.SIZES, anchor=False)
    facts = [parameters_compared.facts(each.chosen.fields, each.trace, each.formula) for each in found]
    names = [name for name in facts[0] if any(each[name] != parameters_compared.LESS for each in facts)]
    columns = {"size": names, "differs": ["≠" if len({each[name] for each in facts}) > 1 else "" for name in names]}
    for title, each in zip(_titles(found), facts, strict=True):
        columns[title] = [each[name] for name in names]
    pinned = {name: st.column_config.TextColumn(pinned=True) for name in ("size", "differs")}
    st.dataframe(columns, hide_index=True, height="content", column_config=pinned)
    st.caption(words.DIFFER)


def save(found: Sequence[Counted], models: Sequence[Model]) -> None:
    """The buttons below."""
    page.downloads(
        [
            ("Parts, CSV", "orrery-comparison.csv", "text/csv", lambda: csv(found, models)),
            (
                "Configurations, JSON",
                "orrery-configurations.json",
                "application/json",
                lambda: json.dumps({each.chosen.key: each.chosen.fields for each in found}, indent=2).encode(),
            ),
        ]
    )


def csv(found: Sequence[Counted], models: Sequence[Model]) -> bytes:
    """One row for each part of each model; empty where it isn't known how many work on one token."""
    rows = (
        (
            each.chosen.key,
            model.title,
            part,
            count,
            count / model.total,
            None if model.active is None else model.active[part],
        )
        for each, model in zip(found, models, strict=True)
        for part, count in model.counts.items()
    )
    origin = {f"source of {each.chosen.key}": each.chosen.source for each in found}
    return tables.csv(origin, ("model", "title", "part", "parameters", "share", "active_on_a_token"), rows)


def _rows(models: Sequence[Model]) -> list[tuple[str, list[int | None]]]:
    """[part, then all, then what works on one token] its name, and its count in each model that has it."""
    rows = [
        (name, [model.counts.get(part) for model in models])
        for part, name in NAMES.items()
        if any(part in model.counts for model in models)
    ]
    whole: list[tuple[str, list[int | None]]] = [*rows, ("All", [model.total for model in models])]
    if any(model.chooses for model in models):
        active = [model.active or {} for model in models]
        whole += [
            ("Experts, on a token", [each.get("experts") for each in active]),
            ("All, on a token", [sum(each.values()) or None for each in active]),
        ]
    return whole


def _titles(models: Sequence[Model] | Sequence[Counted]) -> list[str]:
    """Their names, each another: two of one name get a number."""
    names = [each.title if isinstance(each, Model) else each.chosen.title for each in models]
    return [name if names.count(name) == 1 else f"{name} ({number + 1})" for number, name in enumerate(names)]
