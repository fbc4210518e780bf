"""How have the sizes of language models grown, and which of them are only rumours?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from viz import theme
from viz.parameter_charts import COLOURS
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

Shown = Literal["total and active", "total", "active on a token"]
SHOWN: Final[tuple[Shown, ...]] = ("total and active", "total", "active on a token")
Axis = Literal["logarithmic", "linear"]
AXES: Final[tuple[Axis, ...]] = ("logarithmic", "linear")
CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-history"}
}
FLOOR: Final = 150e9  # below it, a linear axis has no room for names
# The models that are named in the picture, so few that no name lies on another, and where their names stand.
LABELS: Final = {
    "Sequence to sequence LSTM": "top right",
    "Transformer (base)": "bottom center",
    "GPT-2": "middle left",
    "T5 11B": "middle left",
    "GPT-3": "middle left",
    "Switch-C": "middle left",
    "all-MiniLM-L6-v2": "bottom center",
    "GPT-4": "top left",
    "Phi-2": "bottom center",
    "SmolLM2 135M": "middle left",
    "DeepSeek-V4-Pro": "top left",
    "Gemma 3 270M": "top center",
}
SHORT: Final = {
    "Sequence to sequence LSTM": "LSTM",
    "Transformer (base)": "Transformer",
    "all-MiniLM-L6-v2": "MiniLM",
    "DeepSeek-V4-Pro": "DeepSeek-V4",
}
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Sized(Protocol):
    """A model and its size."""

    @property
    def name(self) -> str: ...
    @property
    def month(self) -> str: ...
    @property
    def year(self) -> float: ...
    @property
    def parameters(self) -> float: ...
    @property
    def active(self) -> float | None: ...
    @property
    def experts(self) -> bool: ...
    @property
    def rumour(self) -> bool: ...
    @property
    def installed(self) -> str: ...
    @property
    def source(self) -> str: ...


def sizes(models: Sequence[Sized], *, shown: Shown, axis: Axis, dark: bool) -> go.Figure:
    """A point for each model; of one with experts also the part that works on one token, with a line between the two.

    A rumour is hollow, says so, and stands in a series of its own.
    """
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    experts = COLOURS["experts"]
    facts = [model for model in models if not model.rumour]
    rumours = [model for model in models if model.rumour]
    figure = go.Figure()
    if shown == "total and active":
        for group, dash in ((facts, "solid"), (rumours, "dot")):
            _lines(figure, group, colour=experts, dash=dash)
        hollow = _marker("circle-open", paper["ink"], 7)
        _points(figure, "experts: active on a token", facts, _active, _marker("diamond", experts, 6), named=False)
        _points(figure, "rumour: active on a token", rumours, _active, hollow, named=False)
    count = working if shown == "active on a token" else _all
    dense = [model for model in facts if not model.experts and not model.installed]
    mixed = [model for model in facts if model.experts]
    here = [model for model in facts if model.installed]
    name = "experts: active on a token" if count is working else "experts: all"
    _points(figure, "without experts", dense, count, _marker("circle", paper["quiet"], 8))
    _points(figure, name, mixed, count, _marker("diamond", experts, 10))
    _points(figure, "installed in this app", here, count, _marker("star", paper["accent"], 14))
    _points(figure, "rumour", rumours, count, _marker("circle-open", paper["ink"], 11))
    dress(figure, dark=dark)
    logarithmic = axis == "logarithmic"
    if not logarithmic:
        for series in figure.data:
            series.text = [
                name if height > FLOOR else "" for name, height in zip(series.text or (), series.y, strict=False)
            ]
    steps = [10.0**power for power in range(7, 13)] if logarithmic else [step * 250e9 for step in range(8)]
    figure.update_layout(
        title_text="Parameters of language models",
        height=600,
        xaxis={"range": [2014.2, 2027.2], "dtick": 2, "tickformat": "d", "showgrid": False, "fixedrange": True},
        yaxis={
            "type": "log" if logarithmic else "linear",
            "range": [6.8, 12.7] if logarithmic else [-60e9, 2.05e12],
            "tickvals": steps,
            "ticktext": [theme.in_short(step) for step in steps],
            "fixedrange": True,
            "ticksuffix": " ",
        },
        showlegend=True,
        legend={"orientation": "h", "y": -0.09, "yanchor": "top", "x": 0, "traceorder": "normal"},
    )
    return figure


def working(model: Sized) -> float | None:
    """How many parameters work on one token; None where that isn't known."""
    return model.active or (None if model.experts else model.parameters)


def _active(model: Sized) -> float | None:
    return model.active


def _all(model: Sized) -> float | None:
    return model.parameters


def _marker(symbol: str, colour: str, size: int) -> dict[str, Any]:
    return {"symbol": symbol, "color": colour, "size": size, "line": {"width": 2 if "open" in symbol else 0}}


def _points(
    figure: go.Figure,
    name: str,
    models: Sequence[Sized],
    count: Callable[[Sized], float | None],
    marker: dict[str, Any],
    *,
    named: bool = True,
) -> None:
    """A series, of the models whose count is known; the names of some stand beside their points."""
    found = [model for model in models if count(model)]
    if not found:
        return
    figure.add_scatter(
        x=[model.year for model in found],
        y=[count(model) for model in found],
        name=name,
        mode="markers+text" if named else "markers",
        text=[_label(model) for model in found],
        textposition=[LABELS.get(model.name, "top center") for model in found],
        customdata=[_about(model) for model in found],
        marker=marker,
        legendrank=1 if named else 2,
        cliponaxis=False,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _lines(figure: go.Figure, models: Sequence[Sized], *, colour: str, dash: str) -> None:
    """From all parameters of each model to those that work on one token."""
    ends = [(model.year, model.parameters, model.active) for model in models if model.active]
    figure.add_scatter(
        x=[place for year, _, _ in ends for place in (year, year, None)],
        y=[place for _, most, active in ends for place in (most, active, None)],
        mode="lines",
        line={"color": colour, "width": 1, "dash": dash},
        opacity=0.6,
        hoverinfo="skip",
        showlegend=False,
    )


def _label(model: Sized) -> str:
    if model.name not in LABELS:
        return ""
    name = SHORT.get(model.name, model.name)
    return f"{name} (rumour)" if model.rumour else name


def _about(model: Sized) -> str:
    """What is said of a model when a hand is over its point."""
    year, month = model.month.split("-")
    active = f", of which {theme.in_words(model.active)} work on one token" if model.active else ""
    kind = "<br>A RUMOUR, not published by its makers" if model.rumour else ""
    here = "<br>installed in this app" if model.installed else ""
    return (
        f"<b>{model.name}</b>, {MONTHS[int(month) - 1]} {year}<br>{theme.in_words(model.parameters)} parameters{active}"
        f"{kind}{here}<br>{model.source.replace('; ', ';<br>')}"
    )
