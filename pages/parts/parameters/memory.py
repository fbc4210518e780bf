"""The view "memory" of the page of parameters: what a model needs to run and to be trained."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import costs, tables
from models.devices import DEVICES
from models.traces import InputError
from pages.parts.parameters import (
    counted,
    memory_cache,
    memory_compute,
    memory_devices,
    memory_training,
    memory_work,
    which,
)
from pages.parts.parameters.memory_work import Case
from viz import cost_charts, page
from viz.parameter_words import memory as words

USUAL: Final = "llama-3-8b"
FORMATS: Final = ("bfloat16", *(name for name in costs.FORMATS if name != "bfloat16"))


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            above = st.container()
            name = page.choose("Number format", FORMATS, key="dtype", help=words.DTYPE)
            context = page.number("Context", (1, 2**20), 8192, key="context", step=1024, help=words.CONTEXT)
            texts = page.number("Batch", (1, 4096), 1, key="batch", help=words.BATCH)
            rank = page.number("Rank of LoRA", (1, 1024), 8, key="rank", help=words.RANK)
            below = st.container()
        try:
            with above:
                chosen = which.ask(usual=USUAL)
            found = counted.count(chosen) if chosen else None
            config = memory_work.configured(found.chosen) if found else None
        except InputError:
            with below:
                memory_training.keep_targets()
            raise
        if found is None or config is None:
            with below:
                memory_training.keep_targets()
            return
        with below:
            targets = memory_training.ask_targets(found.trace, complaints)
        case = Case(found.chosen, found.trace, config, name, context, texts)
        _summary(case)
        _weights(case)
        memory_cache.show(case)
        memory_training.show(case, rank, targets)
        memory_compute.show(case)
        memory_devices.show(case)
        page.facts(
            case.trace.model_class,
            case.chosen.source,
            *(f"{package} {version}" for package, version in case.trace.source.versions.items()),
        )


def _summary(case: Case) -> None:
    """All in four numbers."""
    said = {"Weights": cost_charts.size(case.held)}
    try:
        best = [memory_devices.best(case, device) for device in DEVICES]
        said["KV cache"] = cost_charts.size(case.kept)
        said["For one token"] = cost_charts.operations(costs.for_one_token(case.trace, case.config, case.context))
        said["Fits on"] = f"{sum(each.fits for each in best)} of {len(best)} devices"
        fitting = [each.tokens_a_second for each in best if each.fits]
        said["At best"] = f"{cost_charts.rate(max(fitting))} tokens/s" if fitting else "\u2013"
    except InputError:  # said below, in the place of each figure
        pass
    with st.container(horizontal=True, gap="medium"):
        for label, value in said.items():
            st.markdown(f"{label}  \n**{value}**", help=words.SUMMARY[label], width="content")


def _weights(case: Case) -> None:
    """The weights in every format."""
    sizes = {name: case.trace.total * each for name, each in costs.FORMATS.items()}
    st.header(words.WEIGHTS, anchor=False)
    figure = cost_charts.weights(
        sizes, case.dtype, f"{case.chosen.title}: {case.trace.total:,} parameters", dark=memory_work.dark()
    )
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key="weights chart")
    active = case.trace.active
    if active is None:
        st.caption(words.ACTIVE_UNKNOWN)
    elif active == case.trace.total:
        read = int(costs.weights_read(case.trace))
        senses = any(costs.SENSES.search(name) for name in case.trace.names)
        idle = words.SENSES if senses else words.LOOKED_UP
        st.caption(words.ALL_ACTIVE if read == active else idle.format(read=read))
    else:
        st.caption(
            words.ACTIVE.format(
                active=active,
                share=active / case.trace.total,
                size=cost_charts.size(active * costs.FORMATS[case.dtype]),
            )
        )
    rows = [[name, each, case.trace.total * each, None if active is None else active * each] for name, each in
            costs.FORMATS.items()]  # fmt: skip
    columns = ["format", "bytes_a_number", "bytes", "bytes_that_work_on_a_token"]
    page.downloads([("Weights, CSV", "orrery-weights.csv", "text/csv", lambda: tables.csv(case.origin, columns, rows))])
