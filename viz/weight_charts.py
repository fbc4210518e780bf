"""How are the numbers of a matrix spread, and how fast do its singular values fall, beside those of a random one?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import MatrixTrace
from viz import theme
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-weights"}
}
HEIGHT: Final = 360
FAR: Final = 4  # deviations
MINUS: Final = "\N{MINUS SIGN}"
LEAST: Final = 1e-6  # of the largest singular value: smaller ones are drawn at the lower edge


def beyond_normal() -> float:
    """The share of a normal distribution that lies further from its mean than `FAR` deviations."""
    return math.erfc(FAR / math.sqrt(2))


def normal(trace: MatrixTrace) -> NDArray[np.float64]:
    """[bin] how many weights each bin would hold if they had a normal distribution; none where all are alike."""
    if not trace.deviation:
        return np.zeros(len(trace.counts))
    places = (trace.edges - trace.mean) / (trace.deviation * math.sqrt(2))
    below = np.array([math.erf(place) for place in places.tolist()]) / 2
    return np.diff(below) * float(trace.counts.sum())


def histogram(trace: MatrixTrace, *, dark: bool) -> go.Figure:
    """How many weights lie in each of the bins, on a logarithmic scale, and a normal curve of the same deviation."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    middles = (trace.edges[1:] + trace.edges[:-1]) / 2
    expected = normal(trace)
    seen = expected >= 0.5
    figure = go.Figure()
    figure.add_bar(
        x=middles,
        y=trace.counts,
        width=np.diff(trace.edges),
        name="weights",
        marker={"color": paper["accent"], "line": {"width": 0}},
        hovertemplate="about %{x:.4g}: %{y:,} weights<extra></extra>",
    )
    figure.add_scatter(
        x=middles[seen],
        y=expected[seen],
        name="normal distribution",
        mode="lines",
        line={"color": paper["ink"], "width": 1.5, "dash": "dash"},
        hovertemplate="about %{x:.4g}: a normal distribution has %{y:,.0f}<extra></extra>",
    )
    dress(figure, dark=dark)
    for sign, written in ((-1, MINUS), (1, "+")):
        figure.add_vline(
            trace.mean + sign * FAR * trace.deviation,
            line={"color": paper["quiet"], "width": 1, "dash": "dot"},
            annotation={
                "text": f"{written}{FAR} deviations",
                "font": {"color": paper["quiet"], "size": 11},
                "textangle": -90,
            },
            annotation_position="top right" if sign > 0 else "top left",
        )
    most = max(int(trace.counts.max()), 1)
    figure.update_layout(
        title_text="Distribution",
        height=HEIGHT,
        bargap=0,
        xaxis={"title": "weight", "showgrid": False},
        yaxis={"title": "weights", "type": "log", "range": [math.log10(0.5), math.log10(2 * most)], "dtick": 1},
        **_legend(),
    )
    return figure


def singular(trace: MatrixTrace, random: NDArray[np.float64], *, dark: bool) -> go.Figure:
    """The singular values, falling, on a logarithmic scale, and what a random matrix like this one would have."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    top = max(float(trace.singular[0]), float(random[0]), 1e-30)
    least = LEAST * top
    places = np.arange(1, len(trace.singular) + 1)
    figure = go.Figure()
    for values, name, line in (
        (trace.singular, "this matrix", {"color": paper["accent"], "width": 2.5}),
        (random, "random numbers", {"color": paper["ink"], "width": 1.5, "dash": "dash"}),
    ):
        figure.add_scatter(
            x=places,
            y=np.maximum(values, least),
            name=name,
            mode="lines" if len(places) > 1 else "markers",
            line=line,
            customdata=values,
            hovertemplate="%{x:,}: %{customdata:.4g}<extra>%{fullData.name}</extra>",
        )
    dress(figure, dark=dark)
    bottom = max(least, min(float(trace.singular[-1]), float(random[-1])))
    figure.update_layout(
        title_text="Singular values",
        height=HEIGHT,
        xaxis={"title": "direction, from the strongest", "showgrid": False},
        yaxis={"title": "singular value", "type": "log", "range": [math.log10(bottom / 1.5), math.log10(top * 1.5)]},
        **_legend(),
    )
    return figure


def _legend() -> dict[str, Any]:
    """A legend between the title and the drawing, however many lines it takes."""
    return {
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
        "margin": {"l": 8, "r": 16, "t": 76, "b": 8},
        "title_y": 0.97,
    }
