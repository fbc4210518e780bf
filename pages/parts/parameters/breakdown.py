"""The view "breakdown" of the page of parameters: every tensor in its place, counted two ways."""

from __future__ import annotations

import json

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import tables, traces
from pages.parts.parameters import counted, which
from pages.parts.parameters.counted import Counted
from viz import page, parameter_charts
from viz.parameter_words import breakdown as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        with controls:
            chosen = which.ask()
            kind = page.choose("Drawing", parameter_charts.KINDS, key="shape", help=words.SHAPE)
            group = page.choose("First by", parameter_charts.GROUPS, key="group", help=words.GROUP)
        found = counted.count(chosen) if chosen else None
        if found is None:
            return
        trace = found.trace
        dark = st.context.theme.type == "dark"
        figure = parameter_charts.tree(
            trace,
            found.chosen.title,
            kind=next(each for each in parameter_charts.KINDS if each == kind),
            group=next(each for each in parameter_charts.GROUPS if each == group),
            dark=dark,
        )
        st.plotly_chart(figure, config=parameter_charts.CONFIG, theme=None)
        if trace.active is not None and trace.active != trace.total:
            st.markdown(words.ACTIVE.format(active=trace.active))
        for name, other in trace.tied:
            st.caption(words.TIED.format(name=page.plain(name), other=page.plain(other)))
        _check(found)
        page.facts(
            trace.model_class,
            found.chosen.source,
            *(f"{name} {version}" for name, version in trace.source.versions.items()),
        )
        _formula(found)
        _save(found)


def _check(found: Counted) -> None:
    """Both counts beside each other."""
    if found.formula is None:
        st.caption(words.NONE)
        return
    ours, theirs = found.formula.total, found.trace.total
    said = words.EQUAL if ours == theirs else words.UNEQUAL
    page.badge(said.format(formula=ours, tensors=theirs), good=ours == theirs, explanation=words.CHECK)


def _formula(found: Counted) -> None:
    """Each matrix with its formula, the numbers put in."""
    if found.formula is None:
        return
    st.header(words.FORMULA, anchor=False)
    st.dataframe(
        {
            "what": [term.name for term in found.formula.terms],
            "formula": [term.formula.replace("*", " · ") for term in found.formula.terms],
            "numbers": [term.numbers.replace("*", " · ") for term in found.formula.terms],
            "each": [term.each for term in found.formula.terms],
            "times": [term.times for term in found.formula.terms],
            "parameters": [term.count for term in found.formula.terms],
            "note": [f"is the {term.tied}, counted there" if term.tied else "" for term in found.formula.terms],
        },
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in ("each", "times", "parameters")
        },
    )
    symbols = ", ".join(f"{name} = {value:,}" for name, value in found.formula.symbols.items())
    st.caption(words.SYMBOLS.format(symbols=symbols))


def _save(found: Counted) -> None:
    """All tensors, the configuration, the trace."""
    trace = found.trace
    rows = [
        [name, " x ".join(map(str, shape)), count, part, layer if layer >= 0 else None, held]
        for name, shape, count, part, layer, held in zip(
            trace.names,
            trace.shapes,
            trace.counts.tolist(),
            trace.parts,
            trace.layers.tolist(),
            trace.experts.tolist(),
            strict=True,
        )
    ]
    origin = {"model": found.chosen.title, "source": found.chosen.source, "class": trace.model_class}
    columns = ["tensor", "shape", "parameters", "part", "block", "experts"]
    fields = json.dumps(found.chosen.fields, indent=2)
    page.downloads(
        [
            ("Tensors, CSV", "orrery-parameters.csv", "text/csv", lambda: tables.csv(origin, columns, rows)),
            (
                "Configuration, JSON",
                "config.json",
                "application/json",
                fields.encode,
            ),
            ("Trace", "orrery-parameters.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        ]
    )
