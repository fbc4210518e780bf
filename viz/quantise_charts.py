"""How are a matrix's weights spread before and after, and what do fewer bits, or fewer weights, cost?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import QuantisedTrace
from viz import theme
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROOM: Final = 1.6  # of the tallest bar before: the picture is so tall, and a taller bar after is cut
SHARE: Final = 0.999  # of the weights that the first look shows where counts aren't logarithmic
CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-quantise"}
}


def changed(trace: QuantisedTrace) -> str:
    """What was done to the matrix, in a few words."""
    return f"{100 * trace.share:.4g}% pruned" if trace.method == "prune" else f"{trace.bits} bits"


def histogram(trace: QuantisedTrace, *, log: bool, dark: bool) -> go.Figure:
    """How many weights lie where: a broad bar before, and a narrow one in front of it after."""
    import plotly.graph_objects as go

    middle = (trace.edges[:-1] + trace.edges[1:]) / 2
    wide = float(trace.edges[1] - trace.edges[0])
    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure()
    names = ("as loaded", changed(trace))
    colours = (theme.PARTS["residual"], theme.PARTS["logits"])
    for name, counts, colour, share in zip(names, trace.counts, colours, (1.0, 0.45), strict=True):
        figure.add_bar(
            x=middle,
            y=counts,
            width=wide * share,
            name=name,
            marker={"color": colour, "line": {"width": 0}, "opacity": 0.55 if share == 1 else 1},
            customdata=np.stack([trace.edges[:-1], trace.edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.4f} to %{customdata[1]:.4f}: %{y:,} weights<extra>%{fullData.name}</extra>",
        )
    dress(figure, dark=dark)
    title = "How the weights are spread"
    tallest, top = trace.counts[1].max(), ROOM * trace.counts[0].max()
    figure.update_layout(
        title_text=title,
        height=360,
        barmode="overlay",
        bargap=0,
        xaxis={"title": "weight", "showgrid": False},
        yaxis={"title": "weights", "fixedrange": True},
        showlegend=True,
        legend={
            "y": 0.98,
            "yanchor": "top",
            "x": 0.01,
            "xanchor": "left",
            "bgcolor": "rgba(0,0,0,0)",
        },  # beside the bell
    )
    if log:
        figure.update_yaxes(type="log", title="weights, logarithmic", dtick=1, exponentformat="power")
        return figure
    seen = float(np.interp(SHARE, *_within(trace)))
    largest = trace.edges[-1] if trace.size else 0
    figure.update_layout(xaxis_range=[-seen, seen], title_text=f"{title}; the largest is {largest:.3g}")
    figure.update_yaxes(range=[0, min(top, 1.08 * trace.counts.max())], tickformat=",d")
    if tallest > top:
        figure.add_annotation(
            x=float(middle[trace.counts[1].argmax()]),
            y=1,
            yref="paper",
            text=f"\N{UPWARDS ARROW} {tallest:,}",
            showarrow=False,
            xanchor="left",
            yanchor="top",
            xshift=6,
            font={"color": paper["ink"]},
            bgcolor=paper["paper"],
        )
    return figure


def _within(trace: QuantisedTrace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[bar] what share of the weights lies between -x and x, and x; the bars are as many on both sides of zero."""
    half = len(trace.counts[0]) // 2
    both = trace.counts[0][half:] + np.concatenate([[0], trace.counts[0][:half][::-1]])
    return np.cumsum(both) / both.sum(), trace.edges[half + 1 :]


def trade(traces: Sequence[QuantisedTrace], now: QuantisedTrace, *, dark: bool) -> tuple[go.Figure, go.Figure]:
    """Signal to noise, and how far the next token's distribution has moved, by bits or by the share that is pruned."""
    noise = [trace.signal_to_noise for trace in traces]
    moved = [trace.divergence if trace.divergence > 0 else np.nan for trace in traces]  # its axis has no zero
    left = _curve(traces, now, noise, "Signal to noise of the weights", "dB", theme.PARTS["residual"], dark=dark)
    right = _curve(traces, now, moved, "Divergence of the next token", "bits", theme.PARTS["logits"], dark=dark)
    right.update_yaxes(type="log", dtick=1, exponentformat="power")
    return left, right


def _curve(
    traces: Sequence[QuantisedTrace],
    now: QuantisedTrace,
    values: Sequence[float],
    title: str,
    unit: str,
    colour: str,
    *,
    dark: bool,
) -> go.Figure:
    """One number of each trace; a diamond marks the one that is on show."""
    import plotly.graph_objects as go

    pruned = now.method == "prune"
    x = [trace.share if pruned else trace.bits for trace in traces]
    here = [trace.share == now.share and trace.bits == now.bits for trace in traces]
    figure = go.Figure(
        go.Scatter(
            x=x,
            y=[value if np.isfinite(value) else None for value in values],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={
                "opacity": 1,
                "size": [13 if one else 8 for one in here],
                "symbol": ["diamond" if one else "circle" for one in here],
                "line": {
                    "width": [2 if one else 0 for one in here],
                    "color": theme.PAPER["dark" if dark else "light"]["ink"],
                },
            },
            hovertemplate=f"%{{x}} {'pruned' if pruned else 'bits'}: %{{y:.4g}} {unit}<extra></extra>",
        )
    )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text=f"{title}, {unit}",
        height=300,
        xaxis={
            "title": "pruned" if pruned else "bits of a weight",
            "fixedrange": True,
            "showgrid": False,
            "tickvals": x,
            "tickformat": ".0%" if pruned else "d",
        },
        yaxis={"fixedrange": True},
    )
    return figure
