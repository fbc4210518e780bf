"""How long are the entries of a vocabulary, and in which scripts are they? Two charts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.traces import Vocabulary
from viz import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

BARS: Final = 16  # scripts that are drawn; a vocabulary has up to 50
SHARE: Final = 0.995  # of the entries that the first look at the lengths shows
# What Plotly may add to a chart: no sign of its maker, and a picture to keep as vectors.
CONFIG: Final[dict[str, Any]] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-vocabulary"},
}


def lengths(vocabulary: Vocabulary, *, dark: bool) -> go.Figure:
    """How many entries have 0, 1, 2, ... characters. All are in it; the first look leaves out the rare long ones."""
    counts = vocabulary.lengths()
    shown = int(np.searchsorted(np.cumsum(counts), SHARE * counts.sum())) + 1
    figure = _bars(
        x=list(range(len(counts))),
        y=counts.tolist(),
        dark=dark,
        hovertemplate="%{x} characters: %{y:,} entries<extra></extra>",
    )
    figure.update_layout(
        title_text=f"Length of the entries; the longest has {len(counts) - 1:,} characters",
        height=340,
        xaxis={"title": "characters", "range": [-0.6, shown + 0.6], "showgrid": False},
        yaxis={"title": "entries", "fixedrange": True, "dtick": _step(counts.max())},
    )
    return figure


def scripts(vocabulary: Vocabulary, *, dark: bool) -> go.Figure:
    """How many entries each of the most common scripts has, the most common on top; customdata holds its name."""
    counts = list(vocabulary.by_script().items())
    names = [name for name, _ in counts[:BARS]]
    values = [count for _, count in counts[:BARS]]
    figure = _bars(
        x=values,
        y=names,
        dark=dark,
        orientation="h",
        customdata=names,
        text=[f"{count:,}" for count in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} entries<extra></extra>",
    )
    rest = f"; the first {BARS} of {len(counts)}" if len(counts) > BARS else ""
    figure.update_layout(
        title_text=f"Script of the entries{rest}",
        height=110 + 23 * len(names),
        xaxis={"title": "entries", "range": [0, 1.22 * max(values)], "fixedrange": True, "dtick": _step(max(values))},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": " ", "showgrid": False},
    )
    return figure


def _step(most: int) -> int | None:
    """Between two ticks of an axis of counts: never less than one; None: as Plotly chooses."""
    return 1 if most < 10 else None


def _bars(*, dark: bool, **bars: Any) -> go.Figure:
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure(go.Bar(marker={"color": paper["accent"], "line": {"width": 0}}, **bars))
    dress(figure, dark=dark)
    figure.update_xaxes(tickformat=",d")
    figure.update_yaxes(tickformat=",d")
    return figure


def dress(figure: go.Figure, *, dark: bool) -> None:
    """Give a chart the paper's colours."""
    paper = theme.PAPER["dark" if dark else "light"]
    axis: dict[str, Any] = {"gridcolor": paper["line"], "linecolor": paper["line"], "zerolinecolor": paper["line"]}
    axis |= {"automargin": True}
    figure.update_layout(
        paper_bgcolor=paper["paper"],
        plot_bgcolor=paper["paper"],
        font={"color": paper["ink"], "size": 13, "family": '"Source Sans", system-ui, sans-serif'},
        title={"font": {"size": 15, "color": paper["ink"]}, "x": 0, "xanchor": "left"},
        hoverlabel={"bgcolor": paper["raised"], "font": {"color": paper["ink"]}, "bordercolor": paper["line"]},
        margin={"l": 8, "r": 16, "t": 44, "b": 8},
        xaxis=axis,
        yaxis=axis,
        bargap=0.2,
        showlegend=False,
        dragmode="zoom",
    )
