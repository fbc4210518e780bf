"""Why can keys and values be kept? How much they change when the text grows, in a decoder and in an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import tables, traces
from models.traces import CachingTrace, RereadTrace
from viz import cache_charts, page, theme
from viz.inside_words import cache as words


def decoder(trace: CachingTrace) -> None:
    """The prompt's keys and values, read alone and at the beginning of the longer text."""
    st.header(words.WHY, anchor=False)
    prompt, written = len(trace.token_table), len(trace.written)
    _chart({"keys": trace.key_changes, "values": trace.value_changes}, words.CHANGES)
    most = float(max(trace.key_changes.max(), trace.value_changes.max()))
    page.badge(
        words.STAY.format(prompt=words.counted(prompt), written=written, change=theme.power(most)),
        good=most < 1e-4,
        explanation=words.STAY_HELP,
    )
    st.caption(words.WHY_DECODER)


def encoder(trace: RereadTrace) -> None:
    """The vectors that enter each layer, without the last token and with it."""
    _chart({"vectors that enter the layer": trace.changes}, words.CHANGES)
    layer = int(np.argmax(trace.changes))
    token = trace.token_table.texts[trace.added].strip() or "space"
    st.markdown(
        words.ENCODER.format(
            model=page.plain(trace.source.model),
            token=page.plain(token),
            change=f"{trace.changes[layer]:.1%}"
            if trace.changes[layer] >= 0.001
            else theme.power(trace.changes[layer]),
            layer=layer,
            cosine=f"{trace.cosines.min():.3f}",
            first="" if trace.changes[0] else words.FIRST,
        )
    )
    page.source(trace.source, len(trace.token_table))
    page.downloads(
        (
            ("Changes, CSV", "orrery-cache-changes.csv", "text/csv", lambda: changes_csv(trace)),
            ("Trace", "orrery-reread.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def changes_csv(trace: RereadTrace) -> bytes:
    """One row for every layer of an encoder."""
    source = trace.source
    origin = {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
    origin["compared"] = f"the {trace.added} tokens before token {trace.added}, without it and with it"
    rows = [(layer, float(trace.changes[layer]), float(trace.cosines[layer])) for layer in range(len(trace.changes))]
    return tables.csv(origin, ("layer", "largest change as a share", "least cosine similarity"), rows)


def _chart(rows: Mapping[str, NDArray[np.float64]], title: str) -> None:
    figure: Any = cache_charts.changes(rows, title, dark=st.context.theme.type == "dark")
    st.plotly_chart(figure, config=cache_charts.CONFIG, theme=None, key="cache changes")
