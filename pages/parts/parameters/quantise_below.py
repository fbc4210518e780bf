"""What stands below the figure of a changed matrix: its error and its size, the check, where its weights come from."""

from __future__ import annotations

import math

import streamlit as st

from models.traces import QuantisedTrace
from pages.parts.parameters import loaded
from viz import page, quantise_charts, theme
from viz.parameter_words import quantise as words


def numbers(trace: QuantisedTrace) -> None:
    """What is lost, and what is won: a table."""
    count = trace.shape[0] * trace.shape[1]
    left = count - round(trace.share * count)
    made = words.PRUNED if trace.method == "prune" else words.ROUNDED
    noise = f"{trace.signal_to_noise:.1f} dB" if math.isfinite(trace.signal_to_noise) else "\N{INFINITY}"
    rows = [
        (words.ERROR, "", f"{100 * trace.relative:.3g}%" if trace.error else "none"),
        (words.NOISE, "", noise),
        (words.LARGEST, "", f"{trace.largest:.3g}"),
        (words.ZEROS, *(f"{zeros:,} ({100 * zeros / count:.3g}%)" for zeros in trace.zeros)),
        (
            words.SIZE,
            words.PLAIN.format(bytes=trace.width * count, count=count, width=8 * trace.width),
            made.format(
                bytes=trace.bytes,
                count=count,
                left=left,
                bits=trace.bits,
                scales=trace.scales,
                each=8 * trace.bytes / count,
                times=trace.width * count / trace.bytes,
                width=8 * trace.width,
            ),
        ),
    ]
    head = ("", "as loaded", quantise_charts.changed(trace))
    lines = [head, ("---",) * 3, *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def check(trace: QuantisedTrace) -> None:
    """What torch makes of the same matrix."""
    said = words.SAME_PRUNED if trace.method == "prune" else words.SAME
    page.badge(
        said.format(difference=theme.power(trace.check)),
        good=trace.check <= 1e-6 * max(map(abs, trace.edges.tolist())),
        explanation=words.CHECK,
    )


def source(trace: QuantisedTrace) -> None:
    """Which model, which matrix, and whether its weights had been rounded before they were loaded."""
    file = loaded.gguf(trace.source.model)
    if file:
        few = 0 < trace.levels < 32
        levels = words.LEVELS.format(levels=trace.levels, bits=math.ceil(math.log2(max(trace.levels, 2))))
        st.caption(words.FILE.format(file=page.plain(file), dtype=trace.source.dtype, levels=levels if few else ""))
    page.facts(*facts(trace), *(f"{package} {version}" for package, version in trace.source.versions.items()))


def facts(trace: QuantisedTrace) -> list[str]:
    """The lines below a saved picture."""
    rows, columns = trace.shape
    made = trace.source
    block = "" if trace.method == "prune" else f", {f'blocks of {trace.block}' if trace.block else 'one scale a row'}"
    return [
        f"{made.model}, revision {made.revision[:12]}",
        f"{trace.matrix}, {rows:,} x {columns:,}",
        f"{quantise_charts.changed(trace)}{block}",
        f"computed in {made.dtype} on {made.device}",
    ]
