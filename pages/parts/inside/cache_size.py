"""How large does the cache grow, up to the model's own window, and what do shared heads save?"""

from __future__ import annotations

import dataclasses
from typing import Final

import streamlit as st

from models import costs
from models.costs import CacheLayer
from models.traces import CachingTrace
from viz import cost_charts, page
from viz.cost_charts import Line
from viz.inside_words import cache as words

REACH: Final = 8192  # tokens, where a configuration names no window


def own(trace: CachingTrace) -> list[CacheLayer]:
    """[layer] what the model keeps, by its configuration."""
    rows = zip(trace.key_heads.tolist(), trace.sizes.tolist(), trace.windows.tolist(), strict=True)
    return [CacheLayer(heads, key, value, window or None) for heads, (key, value), window in rows]


def by_formula(trace: CachingTrace) -> list[int]:
    """[step] bytes that the cache should hold."""
    layers = own(trace)
    return [trace.number * costs.kept_numbers(layers, int(tokens)) for tokens in trace.reading[1]]


def kinds(trace: CachingTrace) -> dict[str, list[CacheLayer]]:
    """The model's own way to keep keys and values first, and what the same model would keep otherwise."""
    layers = own(trace)
    most = max(layer.heads for layer in layers)
    found = {words.OWN.format(heads=most, s="s" if most > 1 else ""): layers}
    if most < trace.heads:
        found[words.UNGROUPED.format(heads=trace.heads)] = [
            dataclasses.replace(layer, heads=trace.heads) for layer in layers
        ]
    if most > 1:
        found[words.SINGLE] = [dataclasses.replace(layer, heads=1) for layer in layers]
    if any(layer.window for layer in layers):
        found[words.NO_WINDOW] = [dataclasses.replace(layer, window=None) for layer in layers]
    return found


def show(trace: CachingTrace) -> None:
    """Bytes against context, and the same as a table."""
    st.header(words.SIZE, anchor=False)
    reach, now = trace.reach or REACH, int(trace.reading[1][-1])
    places = [1]
    while 2 * places[-1] < reach:
        places.append(2 * places[-1])
    places.append(max(reach, 2))
    named = kinds(trace)
    lines = [
        Line(name, number == 0, [float(trace.number * costs.kept_numbers(layers, place)) for place in places])
        for number, (name, layers) in enumerate(named.items())
    ]
    title = words.GROWTH.format(reach=reach)
    dark = st.context.theme.type == "dark"
    figure = cost_charts.cache(lines, places, now, "tokens in the text", title, held=float(trace.weights), dark=dark)
    st.plotly_chart(figure, config=cost_charts.CONFIG, theme=None, key="cache growth")
    st.caption(page.plain(words.formula(trace)))
    full = [trace.number * costs.kept_numbers(layers, reach) for layers in named.values()]
    st.dataframe(
        {
            "keys and values": list(named),
            "bytes a token": [trace.number * costs.kept_numbers(layers, 1) for layers in named.values()],
            f"bytes now, {now:,} tokens": [trace.number * costs.kept_numbers(layers, now) for layers in named.values()],
            f"bytes with {reach:,} tokens": full,
            "times its own": [bytes_ / full[0] for bytes_ in full],
        },
        hide_index=True,
        column_config={
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in ("bytes a token", f"bytes now, {now:,} tokens", f"bytes with {reach:,} tokens")
            },
            "times its own": st.column_config.NumberColumn(format="%.3g"),
        },
    )
