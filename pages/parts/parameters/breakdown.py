"""The view "breakdown" of the page of parameters: every tensor in its place, counted two ways."""

from __future__ import annotations

from collections import defaultdict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.traces import ParametersTrace
from pages.parts.parameters import breakdown_files, breakdown_tables, counted, which
from pages.parts.parameters.counted import Counted
from viz import page, parameter_charts, parameter_tree
from viz.parameter_words import breakdown as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining():
        with controls:
            above = st.container()  # the model is asked for last: a wrong one takes no other control off the page
            kind = page.choose("Drawing", parameter_charts.KINDS, key="shape", help=words.SHAPE)
            group = page.choose("First by", parameter_tree.GROUPS, key="group", help=words.GROUP)
            inner = st.container()
        with above:
            chosen = which.ask()
        found = counted.count(chosen) if chosen else None
        if found is None:
            return
        trace = found.trace
        first = next(each for each in parameter_tree.GROUPS if each == group)
        with inner:
            opened = page.choose("Open", parameter_tree.openable(trace, first), key="open", help=words.OPEN)
        figure = parameter_charts.tree(
            parameter_tree.areas(trace, found.chosen.title, first, opened),
            kind=next(each for each in parameter_charts.KINDS if each == kind),
            opened=opened,
            dark=st.context.theme.type == "dark",
        )
        st.plotly_chart(figure, config=parameter_charts.CONFIG, theme=None, key="tree")
        _say(trace)
        _check(found)
        versions = (f"{name} {version}" for name, version in trace.source.versions.items())
        page.facts(trace.model_class, found.chosen.source, *versions)
        breakdown_tables.parts(trace)
        breakdown_tables.formula(found)
        breakdown_files.save(found)


def _say(trace: ParametersTrace) -> None:
    """What works on one token, and what is used twice."""
    if trace.active is None:
        st.markdown(words.UNKNOWN)
    elif trace.active != trace.total:
        held, used = int(trace.experts.max()), int(trace.used.max())
        chosen = words.CHOSEN.format(used=used, held=held) if held > 1 else ""
        st.markdown(
            words.ACTIVE.format(total=trace.total, active=trace.active, share=trace.active / trace.total) + chosen
        )
    again: dict[str, list[str]] = defaultdict(list)
    for name, first in trace.tied:
        again[first].append(name)
    for first, names in list(again.items())[:3]:
        others = page.plain(", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""))
        st.caption(words.TIED.format(name=page.plain(first), others=others))


def _check(found: Counted) -> None:
    """Both counts beside each other."""
    if found.formula is None:
        said = words.NONE.format(kind=page.plain(found.trace.model_class), family=page.plain(found.trace.family))
        st.caption(said)
        return
    ours, theirs = found.formula.total, found.trace.total
    said = words.EQUAL if ours == theirs else words.UNEQUAL
    sentence = said.format(formula=ours, tensors=theirs, apart=abs(ours - theirs))
    page.badge(sentence, good=ours == theirs, explanation=words.CHECK)
