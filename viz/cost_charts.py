"""What does a model cost in memory and arithmetic? Charts of bytes, operations and tokens a second."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from viz import parameter_charts, theme
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

CONFIG: Final[dict[str, Any]] = parameter_charts.CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-costs"}
}
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
LEGEND: Final[dict[str, Any]] = {  # at the very bottom, however many lines a narrow page makes of it
    "orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal",
}  # fmt: skip
BOUNDS: Final[dict[str, tuple[str, str]]] = {  # what a device waits for: its colour and its sign
    "memory": (theme.PARTS["query"], "circle"),
    "arithmetic": (theme.PARTS["logits"], "diamond"),
}
HELD: Final[dict[str, str]] = {
    "weights": theme.PARTS["query"],
    "gradients": theme.PARTS["key"],
    "optimiser": theme.PARTS["value"],
    "activations": theme.PARTS["mlp"],
    "scores": theme.PARTS["logits"],
}
# What multiplies: each part's name and colour, attention's matrices apart from its scores.
PRODUCTS: Final[dict[str, tuple[str, str]]] = {
    **{part: (name, parameter_charts.COLOURS[part]) for part, name in parameter_charts.NAMES.items()},
    "attention": ("Attention: matrices", parameter_charts.COLOURS["attention"]),
    "scores": ("Attention: scores and sums", theme.PARTS["key"]),
}


@dataclass(frozen=True)
class Line:
    """One line over contexts or batches."""

    name: str
    own: bool  # the model's own
    bytes: list[float]


@dataclass(frozen=True)
class Spot:
    """One device's best."""

    name: str
    tokens_a_second: float
    bound: str  # one of BOUNDS
    fits: bool
    bandwidth: float  # bytes a second
    arithmetic: float  # floating-point operations a second


def size(count: float) -> str:
    """A number of bytes as a person writes it: 16.1 GB; 1 GB is 10^9 bytes."""
    return _scaled(count, ("B", "kB", "MB", "GB", "TB", "PB", "EB"))


def operations(count: float) -> str:
    """A number of floating-point operations as a person writes it: 16.1 GFLOP."""
    return _scaled(count, ("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"))


def rate(tokens_a_second: float) -> str:
    """Tokens a second, in three digits."""
    return f"{tokens_a_second:,.0f}" if tokens_a_second >= 100 else f"{tokens_a_second:.3g}"


def tokens(count: int) -> str:
    """A number of tokens in words."""
    return f"{count:,} token{'' if count == 1 else 's'}"


def _scaled(count: float, units: Sequence[str]) -> str:
    """Three digits and a unit, each a thousand of the one before."""
    step = 0
    while step < len(units) - 1 and round(count, 2 if count < 10 else 0) >= 1000:
        count, step = count / 1000, step + 1
    digits = 0 if count >= 100 or step == 0 else 1 if count >= 10 else 2
    return f"{count:,.{digits}f}\u00a0{units[step]}"


def weights(formats: Mapping[str, float], chosen: str, title: str, *, dark: bool) -> go.Figure:
    """The weights in each format, {its name: bytes}, the chosen one lit."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure(
        go.Bar(
            x=list(formats.values()),
            y=[f"<b>{name}</b>" if name == chosen else name for name in formats],
            orientation="h",
            marker={"color": [paper["accent"] if name == chosen else paper["line"] for name in formats]},
            text=[size(value) for value in formats.values()],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.0f} bytes<extra></extra>",
        )
    )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text=title,
        height=90 + 28 * len(formats),
        xaxis={"title": "bytes", "range": [0, 1.25 * max(formats.values())], "fixedrange": True, "tickformat": "~s"},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": " ", "showgrid": False},
    )
    return figure


def cache(
    lines: Sequence[Line], places: Sequence[int], chosen: int, what: str, title: str, *, held: float, dark: bool
) -> go.Figure:
    """Bytes of the cache over `places`, numbers of `what`; the model's own line is thick, `held` the weights' bytes."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure()
    for number, line in enumerate(lines):
        figure.add_scatter(
            x=list(places),
            y=line.bytes,
            name=f"<b>{line.name}</b>" if line.own else f"what if: {line.name}",
            mode="lines",
            line={
                "color": paper["accent"] if line.own else theme.HEADS[number % len(theme.HEADS)],
                "width": 4 if line.own else 1.5,
                "dash": DASHES[number % len(DASHES)],
            },
            customdata=[size(value) for value in line.bytes],
            hovertemplate=f"%{{x:,}} {what}: %{{customdata}}<extra>%{{fullData.name}}</extra>",
        )
    figure.add_scatter(
        x=[places[0], places[-1]],
        y=[held, held],
        name=f"the weights: {size(held)}",
        mode="lines",
        line={"color": paper["quiet"], "width": 1.5},
        hoverinfo="name",
    )
    dress(figure, dark=dark)
    figure.add_vline(x=chosen, line={"color": paper["quiet"], "dash": "dot", "width": 1.5})
    figure.update_layout(
        title_text=title,
        height=430,
        xaxis={"title": what, "type": "log", "fixedrange": True, "dtick": 1, "tickformat": "~s"},
        yaxis={"title": "bytes", "type": "log", "fixedrange": True, "dtick": 1, "tickformat": "~s"},
        showlegend=True,
        legend=LEGEND,
    )
    return figure


def training(rows: Mapping[str, Mapping[str, float]], title: str, *, dark: bool) -> go.Figure:
    """What each way of training holds: {way: {one of HELD: bytes}}."""
    return _stacked(rows, {name: (name, colour) for name, colour in HELD.items()}, title, size, "bytes", dark=dark)


def flops(rows: Mapping[str, Mapping[str, float]], title: str, *, dark: bool) -> go.Figure:
    """Operations for a token: {what is done: {part, or "scores": operations}}."""
    return _stacked(rows, PRODUCTS, title, operations, "floating-point operations", dark=dark)


def _stacked(
    rows: Mapping[str, Mapping[str, float]],
    names: Mapping[str, tuple[str, str]],
    title: str,
    written: Callable[[float], str],
    unit: str,
    *,
    dark: bool,
) -> go.Figure:
    """A bar for each row, of the parts that it has: {part: (its name, its colour)}."""
    import plotly.graph_objects as go

    figure = go.Figure()
    totals = [sum(parts.values()) for parts in rows.values()]
    for part, (name, colour) in names.items():
        values = [parts.get(part, 0) for parts in rows.values()]
        if any(values):
            figure.add_bar(
                x=values,
                y=list(rows),
                name=name,
                orientation="h",
                marker={"color": colour},
                customdata=[
                    [written(value), value / total if total else 0] for value, total in zip(values, totals, strict=True)
                ],
                hovertemplate="%{customdata[0]}, %{customdata[1]:.1%}<extra>%{fullData.name}</extra>",
            )
    dress(figure, dark=dark)
    for row, total in zip(rows, totals, strict=True):
        figure.add_annotation(
            x=total, y=row, text=written(total), showarrow=False, xanchor="left", xshift=5, font={"size": 13}
        )
    figure.update_layout(
        title_text=title,
        barmode="stack",
        height=210 + 46 * len(rows),
        xaxis={"title": unit, "range": [0, 1.45 * max(totals)], "fixedrange": True, "tickformat": "~s"},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": " ", "showgrid": False},
        showlegend=True,
        legend=LEGEND,
    )
    return figure


def speeds(spots: Sequence[Spot], title: str, *, dark: bool) -> go.Figure:
    """Tokens a second at best of each device; hollow where the model doesn't fit."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = [spot.tokens_a_second for spot in spots]
    for bound, (colour, sign) in BOUNDS.items():
        for fits in (True, False):
            some = [spot for spot in spots if (spot.bound, spot.fits) == (bound, fits)]
            if some:
                figure.add_scatter(
                    x=[spot.tokens_a_second for spot in some],
                    y=[spot.name for spot in some],
                    name=f"waits for {bound}{'' if fits else ', does not fit'}",
                    mode="markers+text",
                    marker={
                        "color": colour,
                        "size": 12,
                        "symbol": sign if fits else f"{sign}-open",
                        "line": {"width": 2},
                    },
                    text=[f"  {rate(spot.tokens_a_second)}" for spot in some],
                    textposition="middle right",
                    cliponaxis=False,
                    hovertemplate="%{y}: at best %{x:,.4~g} tokens a second<extra>%{fullData.name}</extra>",
                )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text=title,
        height=180 + 27 * len(spots),
        xaxis={
            "title": "tokens a second at best",
            "type": "log",
            "range": [math.log10(min(ends)) - 0.2, math.log10(max(ends)) + 0.6],
            "fixedrange": True,
            "dtick": 1,
            "tickformat": "~g",
        },
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "ticksuffix": " ",
            "categoryorder": "array",
            "categoryarray": [spot.name for spot in spots],
        },
        showlegend=True,
        legend=LEGEND,
    )
    return figure


def roofline(spots: Sequence[Spot], intensity: float, title: str, *, dark: bool) -> go.Figure:
    """Operations a second that each device can do at most, by how many there are for a byte that it reads."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure()
    left, right = min(0.1, intensity / 4), max(10_000.0, intensity * 4)
    for number, spot in enumerate(spots):
        knee = spot.arithmetic / spot.bandwidth
        colour = theme.HEADS[number % len(theme.HEADS)]
        figure.add_scatter(
            x=[left, knee, right],
            y=[left * spot.bandwidth, spot.arithmetic, spot.arithmetic],
            name=spot.name,
            mode="lines",
            line={"color": colour, "width": 1.5, "dash": DASHES[number // len(theme.HEADS)]},
            hovertemplate="%{x:.3~g} operations a byte: at most %{y:.3~s}FLOP/s<extra>%{fullData.name}</extra>",
        )
        figure.add_scatter(
            x=[intensity],
            y=[min(intensity * spot.bandwidth, spot.arithmetic)],
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": BOUNDS[spot.bound][1] + ("" if spot.fits else "-open")},
            hovertemplate="%{x:.3~g} operations a byte: at most %{y:.3~s}FLOP/s<extra>" + spot.name + "</extra>",
            showlegend=False,
        )
    dress(figure, dark=dark)
    figure.add_vline(x=intensity, line={"color": paper["quiet"], "dash": "dot", "width": 1.5})
    axis = {"type": "log", "fixedrange": True, "dtick": 1}
    figure.update_layout(
        title_text=title,
        height=640,
        xaxis=axis | {"title": "operations for each byte read", "tickformat": "~g"},
        yaxis=axis | {"title": "operations a second", "tickformat": "~s"},
        showlegend=True,
        legend=LEGEND,
    )
    return figure
