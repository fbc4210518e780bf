"""How much do vectors change when the text grows? A chart of the largest change in each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import parameter_charts, theme
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

CONFIG: Final[dict[str, Any]] = parameter_charts.CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-cache-changes"}
}
ROUNDING: Final = float(np.finfo(np.float32).eps)  # from 1 to the next number in 32 bits
LEAST: Final = 1e-8  # where no change at all is drawn
LOOKS: Final[dict[str, tuple[str, str]]] = {
    "keys": (theme.PARTS["key"], "circle"),
    "values": (theme.PARTS["value"], "diamond"),
    "vectors that enter the layer": (theme.PARTS["residual"], "square"),
}


def changes(rows: Mapping[str, NDArray[np.float64]], title: str, *, dark: bool) -> go.Figure:
    """The largest change in each layer as a share of the largest number there: {one of LOOKS: [layer]}."""
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    figure = go.Figure()
    for name, values in rows.items():
        colour, symbol = LOOKS[name]
        figure.add_scatter(
            x=list(range(len(values))),
            y=np.where(values == 0, LEAST, values).tolist(),
            name=name,
            mode="markers",
            marker={"color": colour, "size": 8, "symbol": symbol},
            customdata=[theme.power(value) if value else "none: the same to the bit" for value in values.tolist()],
            hovertemplate=f"layer %{{x}}: %{{customdata}}<extra>{name}</extra>",
        )
    layers = max(map(len, rows.values()))
    figure.add_scatter(
        x=[-0.7, layers - 0.3],
        y=[ROUNDING, ROUNDING],
        name=f"one rounding in 32 bits: {theme.power(ROUNDING)}",
        mode="lines",
        line={"color": paper["quiet"], "dash": "dot", "width": 1.5},
        hoverinfo="name",
    )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text=title,
        height=330,
        xaxis={"title": "layer", "fixedrange": True, "range": [-0.7, layers - 0.3], "tickformat": "d"},
        yaxis={
            "title": "largest change, as a share",
            "type": "log",
            "fixedrange": True,
            "range": [-8.4, 0.3],
            "tickvals": [LEAST, 1e-6, 1e-4, 1e-2, 1],
            "ticktext": ["none", "10\u207b\u2076", "10\u207b\u2074", "1 %", "all of it"],
        },
        showlegend=True,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
    )
    return figure
