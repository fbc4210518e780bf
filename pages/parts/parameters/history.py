"""The view "history" of the page of parameters: how large language models have been."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import history, tables
from models.history import Size
from viz import history_charts, page, theme
from viz.parameter_words import history as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        with controls:
            shown = page.choose("Parameters", history_charts.SHOWN, key="sizes", help=words.SIZES)
            rumours = page.choose("Rumours", ("shown", "left out"), key="rumours", help=words.RUMOURS)
            axis = page.choose("Axis", history_charts.AXES, key="axis", help=words.AXIS)
        models = [size for size in history.SIZES if rumours == "shown" or not size.rumour]
        figure = history_charts.sizes(
            models,
            shown=next(each for each in history_charts.SHOWN if each == shown),
            axis=next(each for each in history_charts.AXES if each == axis),
            dark=st.context.theme.type == "dark",
        )
        st.plotly_chart(figure, config=history_charts.CONFIG, theme=None, alt=_summary(models))
        if shown == history_charts.SHOWN[2]:
            unknown = ", ".join(size.name for size in models if not history_charts.working(size))
            st.caption(words.UNKNOWN.format(names=unknown))
        missing = "; ".join(f"{name} ({source})" for name, source in history.UNPUBLISHED)
        st.caption(words.UNPUBLISHED.format(names=page.plain(missing)))
        _table(models)
        page.downloads([("Table, CSV", "orrery-history.csv", "text/csv", lambda: csv(models))])


def _summary(models: Sequence[Size]) -> str:
    """The picture in words."""
    largest = max((size for size in models if not size.rumour), key=lambda size: size.parameters)
    first, *_ = sorted(models, key=lambda size: size.year)
    return words.SUMMARY.format(
        count=len(models),
        first=first.name,
        least=theme.in_words(first.parameters),
        largest=largest.name,
        most=theme.in_words(largest.parameters),
    )


def _table(models: Sequence[Size]) -> None:
    """Every point, with its source."""
    st.header(words.TABLE, anchor=False)
    st.dataframe(
        {
            "model": [size.name for size in models],
            "month": [size.month for size in models],
            "parameters": [int(size.parameters) for size in models],
            "active on a token": [size.active and int(size.active) for size in models],
            "status": [words.STATUS[size.rumour] for size in models],
            "source": [size.source for size in models],
            "count it": [f"parameters?model={size.published}" if size.published else None for size in models],
        },
        hide_index=True,
        placeholder="–",
        column_config={
            "parameters": st.column_config.NumberColumn(format="localized"),
            "active on a token": st.column_config.NumberColumn(format="localized"),
            "source": st.column_config.TextColumn(width="large"),
            "count it": st.column_config.LinkColumn(display_text="break down", help=words.COUNT),
        },
    )


def csv(models: Sequence[Size]) -> bytes:
    """One row for each model."""
    rows = (
        (size.name, size.month, int(size.parameters), size.active and int(size.active), words.STATUS[size.rumour],
         "yes" if size.experts else "no", size.source)
        for size in models
    )  # fmt: skip
    columns = ("model", "month", "parameters", "active_on_a_token", "status", "experts", "source")
    return tables.csv({"what": words.TITLE}, columns, rows)
