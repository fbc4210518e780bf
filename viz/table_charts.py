"""How long are the vectors of a table, how far is the head from it, and what does a position's distance leave?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import PositionTrace, TableTrace
from viz import theme
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

BINS: Final = 80
CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-table"}
}


def lengths(trace: TableTrace, *, dark: bool) -> go.Figure:
    """How many tokens have vectors of each length."""
    return _histogram(trace.norms, "Length of the tokens' vectors", "length", dark=dark)


def head(trace: TableTrace, *, dark: bool) -> go.Figure:
    """How many tokens have a row in the output head that points this much the way of their input row."""
    return _histogram(trace.head_cosines, "Cosine between a token's row and its row in the head", "cosine", dark=dark)


def _histogram(values: NDArray[np.float32], title: str, name: str, *, dark: bool) -> go.Figure:
    import plotly.graph_objects as go

    counts, edges = np.histogram(values, BINS)
    low, high = edges[:-1], edges[1:]
    bars = go.Bar(
        x=(low + high) / 2,
        y=counts,
        width=high - low,
        customdata=np.stack([low, high], axis=1),
        marker={"color": theme.PAPER["dark" if dark else "light"]["accent"], "line": {"width": 0}},
        hovertemplate=f"{name} %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}}: %{{y:,}} tokens<extra></extra>",
    )
    figure = go.Figure(bars)
    dress(figure, dark=dark)
    figure.update_layout(
        title_text=title,
        height=340,
        bargap=0,
        xaxis={"title": name, "showgrid": False},
        yaxis={"title": "tokens", "tickformat": ",d", "fixedrange": True},
    )
    return figure


def by_distance(similarity: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 [picture, distance] the mean over all pairs of positions that are so far apart."""
    count = similarity.shape[-1]
    return np.stack([[np.diagonal(one, far).mean() for far in range(count)] for one in similarity.astype(float)])


def distances(trace: PositionTrace, names: tuple[str, ...], *, dark: bool) -> go.Figure:
    """How alike two positions are, by how far apart they are; a curve for each kind of layer."""
    import plotly.graph_objects as go

    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot")
    for number, (name, curve) in enumerate(zip(names, by_distance(trace.similarity), strict=True)):
        figure.add_scatter(
            x=list(range(len(curve))),
            y=curve,
            name=name,
            mode="lines",
            line={"color": theme.HEADS[number % len(theme.HEADS)], "dash": dashes[number % len(dashes)]},
            hovertemplate="%{x} apart: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text="Similarity by distance, mean over all pairs",
        height=320,
        xaxis={"title": "positions apart", "showgrid": False, "tickformat": ",d"},
        yaxis={"title": "similarity", "fixedrange": True},
        showlegend=len(names) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    return figure
