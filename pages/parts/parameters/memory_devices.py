"""How fast can a device write with a model at best, and does the model fit?"""

from __future__ import annotations

import streamlit as st

from models import costs, tables
from models.costs import Best
from models.devices import DEVICES, Device
from models.traces import InputError
from pages.parts.parameters import memory_work
from pages.parts.parameters.memory_work import Case
from viz import cost_charts, page
from viz.cost_charts import Spot
from viz.parameter_words import memory as words


def best(case: Case, device: Device) -> Best:
    """What a device can do at best. Raises as costs.best."""
    return costs.best(case.trace, case.config, device, numbers=case.dtype, context=case.context, texts=case.texts)


def show(case: Case) -> None:
    """Tokens a second of every device, the rooflines, and where the devices' figures come from."""
    st.header(words.DEVICES, anchor=False)
    try:
        found = [best(case, device) for device in DEVICES]
    except InputError as error:
        st.info(page.plain(str(error)))
        return
    spots = [
        Spot(device.name, one.tokens_a_second, one.bound, one.fits, device.bandwidth, device.arithmetic)
        for device, one in zip(DEVICES, found, strict=True)
    ]
    title = f"{case.chosen.title} in {case.dtype}: {case.texts:,} x {cost_charts.tokens(case.context)} of context"
    dark = memory_work.dark()
    st.plotly_chart(
        cost_charts.speeds(spots, title, dark=dark), config=cost_charts.CONFIG, theme=None, key="speeds chart"
    )
    st.caption(
        words.BEST.format(
            held=cost_charts.size(found[0].bytes),
            read=cost_charts.size(case.texts * costs.for_one_token(case.trace, case.config, case.context)
                                  / found[0].intensity),
            intensity=cost_charts.rate(found[0].intensity),
        )
    )  # fmt: skip
    figure = cost_charts.roofline(spots, found[0].intensity, "The rooflines", dark=dark)
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key="roofline chart")
    st.caption(words.ROOFLINE.format(intensity=cost_charts.rate(found[0].intensity)))
    _table(case, found)


def _table(case: Case, found: list[Best]) -> None:
    both = list(zip(DEVICES, found, strict=True))
    st.dataframe(
        {
            "device": [device.name for device in DEVICES],
            "kind": [device.kind for device in DEVICES],
            "tokens/s at best": [one.tokens_a_second for one in found],
            "waits for": [one.bound for one in found],
            "fits": ["yes" if one.fits else "no" for one in found],
            "memory": [cost_charts.size(device.memory) for device in DEVICES],
            "bandwidth": [f"{cost_charts.size(device.bandwidth)}/s" for device in DEVICES],
            "arithmetic": [f"{cost_charts.operations(device.arithmetic)}/s, {device.numbers}" for device in DEVICES],
            "source": [device.source for device in DEVICES],
        },
        hide_index=True,
        column_config={"tokens/s at best": st.column_config.NumberColumn(format="%.3g")},
    )
    columns = [
        "device", "kind", "tokens_a_second_at_best", "waits_for", "fits", "bytes_needed", "memory_bytes",
        "bandwidth_bytes_a_second", "operations_a_second", "of_numbers_in", "source",
    ]  # fmt: skip
    rows = [
        [
            device.name, device.kind, one.tokens_a_second, one.bound, "yes" if one.fits else "no", one.bytes,
            device.memory, device.bandwidth, device.arithmetic, device.numbers, device.source,
        ]
        for device, one in both
    ]  # fmt: skip
    page.downloads([("Devices, CSV", "orrery-devices.csv", "text/csv", lambda: tables.csv(case.origin, columns, rows))])
