"""What do all bits, or several shares, cost and do, beside each other?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from models import engine, quantised
from models.engine import Request
from models.traces import InputError, QuantisedTrace
from pages.parts.several import answers
from viz import quantise_charts
from viz.parameter_words import quantise as words

LONGEST: Final = 20  # characters of a token in a heading


def show(request: Request, trace: QuantisedTrace, *, asked: bool, texts: Sequence[str]) -> list[QuantisedTrace]:
    """Charts and a table of what `asked` for, or is at hand anyway; the traces, none where they aren't.

    Args:
        request: what is on show.
        trace: its answer.
        asked: whether they may be computed.
        texts: [vocabulary] what a person reads.
    """
    requests = _beside(request)
    if not asked and any(engine.peek(one) is None for one in requests):
        return []
    st.header(words.COMPARED_PRUNED if trace.method == "prune" else words.COMPARED, anchor=False)
    found = answers(requests)
    if found is None:
        return []
    for error in found:
        if isinstance(error, InputError):
            raise error
    several = [one for one in found if isinstance(one, QuantisedTrace)]
    figures = quantise_charts.trade(several, trace, dark=st.context.theme.type == "dark")
    for number, (column, figure) in enumerate(zip(st.columns(2), figures, strict=True)):
        column.plotly_chart(figure, config=quantise_charts.CONFIG, theme=None, key=f"quantise trade {number}")
    st.caption(words.STEADY)
    _table(several, texts)
    return several


def _beside(request: Request) -> list[Request]:
    """The same with every number of bits, or with several shares and its own."""
    settings = dict(request.settings)
    if settings["method"] == "round":
        name, values = "bits", [str(bits) for bits in sorted(quantised.BITS)]
    else:
        own = float(settings["share"])
        name, values = "share", [f"{share:.6g}" for share in sorted({*quantised.SHARES, own})]
    return [replace(request, settings=tuple({**settings, name: value}.items())) for value in values]


def _table(traces: Sequence[QuantisedTrace], texts: Sequence[str]) -> None:
    """What each of them is."""
    first = int(traces[0].logits[0].argmax())
    best = [int(trace.logits[1].argmax()) for trace in traces]
    pruned = traces[0].method == "prune"
    kept = f"p of “{texts[first][:LONGEST] if first < len(texts) else first}”"
    st.dataframe(
        {
            ("pruned" if pruned else "bits"): [100 * trace.share if pruned else trace.bits for trace in traces],
            "bytes": [trace.bytes for trace in traces],
            "error": [100 * trace.relative for trace in traces],
            "signal to noise": [trace.signal_to_noise if trace.error else None for trace in traces],
            "zeros": [100 * trace.zeros[1] / (trace.shape[0] * trace.shape[1]) for trace in traces],
            "divergence": [max(trace.divergence, 0.0) for trace in traces],
            "most probable": [texts[token] if token < len(texts) else str(token) for token in best],
            "its p": [100 * trace.probabilities[1, token] for trace, token in zip(traces, best, strict=True)],
            kept: [100 * trace.probabilities[1, first] for trace in traces],
        },
        hide_index=True,
        column_config={
            "pruned": st.column_config.NumberColumn(format="%g%%"),
            "bytes": st.column_config.NumberColumn(format="localized"),
            "error": st.column_config.NumberColumn(format="%.2f%%"),
            "signal to noise": st.column_config.NumberColumn(format="%.1f dB"),
            "zeros": st.column_config.NumberColumn(format="%.1f%%"),
            "divergence": st.column_config.NumberColumn("divergence, bits", format="%.3g"),
            "its p": st.column_config.NumberColumn(format="%.1f%%"),
            kept: st.column_config.NumberColumn(format="%.1f%%"),
        },
    )
