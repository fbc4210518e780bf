"""How do models differ, part by part: in shares of the whole, and in numbers?"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from models.traces import Part
from viz import theme
from viz.parameter_charts import COLOURS, NAMES
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

Drawing = Literal["shares", "numbers"]
DRAWINGS: Final[tuple[Drawing, ...]] = ("shares", "numbers")
CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-comparison"}
}
SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up")  # of the first, the second, ... model
POWERS: Final = [10.0**power for power in range(1, 13)]
TITLE: Final = 34  # characters of a model's name in the picture
APART: Final = 0.19  # between two models in a row of numbers, of the row's height


@dataclass(frozen=True)
class Model:
    """One model, part by part."""

    title: str  # may be a stranger's
    counts: Mapping[Part, int]
    active: Mapping[Part, int] | None  # that work on one token; None where that isn't known

    @property
    def total(self) -> int:
        """All parameters."""
        return sum(self.counts.values())

    @property
    def chooses(self) -> bool:
        """Whether only some of them work on one token."""
        return self.active is not None and sum(self.active.values()) != self.total


def shares(models: Sequence[Model], *, dark: bool) -> go.Figure:
    """A bar for each model, as long as the others, cut into its parts; a second one of what works on one token."""
    import plotly.graph_objects as go

    bars: list[tuple[str, Mapping[Part, int]]] = []
    for model in models:
        bars.append((f"<b>{cut(model.title)}</b>: {model.total:,}", model.counts))
        if model.chooses and model.active is not None:
            bars.append((f"of these on one token: {sum(model.active.values()):,}", model.active))
    places = list(range(len(bars)))
    totals = [sum(counts.values()) for _, counts in bars]
    figure = go.Figure()
    for part, name in NAMES.items():
        counts = [parts.get(part, 0) for _, parts in bars]
        if any(counts):
            figure.add_bar(
                y=places,
                x=[count / total for count, total in zip(counts, totals, strict=True)],
                width=0.5,
                customdata=[[title, f"{count:,}"] for (title, _), count in zip(bars, counts, strict=True)],
                name=name,
                orientation="h",
                marker={"color": COLOURS[part], "line": {"width": 0}},
                texttemplate=f"{name} %{{x:.0%}}",
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                hovertemplate=f"%{{customdata[0]}}<br>{name}: %{{customdata[1]}}, %{{x:.3%}}<extra></extra>",
            )
    for place, (title, _) in zip(places, bars, strict=True):
        figure.add_annotation(
            x=0, y=place - 0.42, text=title, showarrow=False, xanchor="left", yanchor="middle", xshift=-2
        )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text="Shares of the parts",
        barmode="stack",
        uniformtext={"minsize": 11, "mode": "hide"},
        height=150 + 58 * len(bars),
        xaxis={"range": [0, 1], "fixedrange": True, "showgrid": False, "showticklabels": False},
        yaxis={"range": [len(bars) - 0.6, -0.72], "fixedrange": True, "showticklabels": False, "showgrid": False},
        showlegend=True,
        legend={"orientation": "h", "y": -0.2 / len(bars), "yanchor": "top", "x": 0, "traceorder": "normal"},
    )
    return figure


def numbers(models: Sequence[Model], *, dark: bool) -> go.Figure:
    """A row for each part, and in it a sign for each model that has it, on a logarithmic axis.

    What works on one token has a small sign.
    """
    import plotly.graph_objects as go

    parts = [part for part in NAMES if any(model.counts.get(part) for model in models)]
    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure()
    for number, model in enumerate(models):
        shift = (number - (len(models) - 1) / 2) * APART
        active = model.active if model.chooses and model.active is not None else {}
        rows = [(row, model.counts.get(part, 0), active.get(part, 0)) for row, part in enumerate(parts, 1)]
        rows.insert(0, (0, model.total, sum(active.values())))
        colour, symbol = theme.HEADS[number], SYMBOLS[number]
        fewer = [(row, count, some) for row, count, some in rows if 0 < some != count]
        title = cut(model.title)
        figure.add_scatter(
            x=[place for _, count, some in fewer for place in (count, some, None)],
            y=[place for row, _, _ in fewer for place in (row + shift, row + shift, None)],
            mode="lines",
            line={"color": colour, "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
        for points, size, what in (
            ([(row, some) for row, _, some in fewer], 6, "on one token"),
            ([(row, count) for row, count, _ in rows if count], 11, "in all"),
        ):
            figure.add_scatter(
                x=[count for _, count in points],
                y=[row + shift for row, _ in points],
                name=title,
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": size},
                customdata=[f"{count:,} {what}" for _, count in points],
                showlegend=size > 6,
                hovertemplate=f"<b>{title}</b><br>%{{customdata}}<extra></extra>",
            )
    dress(figure, dark=dark)
    names = ["All", *(NAMES[part] for part in parts)]
    figure.update_layout(
        title_text="Parameters of the parts, each step ten times as many",
        height=170 + 54 * len(names),
        xaxis={
            "type": "log",
            "tickvals": POWERS,
            "ticktext": [theme.in_short(count) for count in POWERS],
            "tickangle": 0,
            "fixedrange": True,
        },
        yaxis={
            "range": [len(names) - 0.5, -0.5],
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "ticksuffix": " ",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        shapes=[
            {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": row - 0.5, "y1": row - 0.5,
             "line": {"color": paper["line"], "width": 1}, "layer": "below"}
            for row in range(1, len(names))
        ],
        showlegend=True,
        legend={"orientation": "h", "y": -0.8 / len(names), "yanchor": "top", "x": 0, "traceorder": "normal"},
    )  # fmt: skip
    return figure


def cut(title: str) -> str:
    """A model's name as Plotly's letters, which read a little HTML; of a long one the end, where its size stands."""
    name = title if len(title) <= TITLE else f"…{title[1 - TITLE :]}"
    return html.escape(name, quote=False)
