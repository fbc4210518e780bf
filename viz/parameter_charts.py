"""Where do a model's parameters lie, from the whole to the single matrix?"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from models.traces import Part
from viz import theme
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from viz.parameter_tree import Area

Kind = Literal["treemap", "sunburst", "icicle"]
KINDS: Final[tuple[Kind, ...]] = ("treemap", "sunburst", "icicle")
COLOURS: Final[dict[Part, str]] = {
    "embedding": theme.PARTS["residual"],
    "position": theme.PARTS["position"],
    "attention": theme.PARTS["query"],
    "mlp": theme.PARTS["mlp"],
    "experts": theme.HEADS[6],
    "router": theme.HEADS[4],
    "norm": theme.PARTS["value"],
    "head": theme.PARTS["logits"],
    "other": theme.HEADS[7],
}
NAMES: Final[dict[Part, str]] = {
    "embedding": "Embedding",
    "position": "Positions",
    "attention": "Attention",
    "mlp": "MLP",
    "experts": "Experts",
    "router": "Router",
    "norm": "Norms",
    "head": "Output head",
    "other": "Other",
}
CONFIG: Final[dict[str, Any]] = VOCABULARY_CONFIG | {
    "toImageButtonOptions": {"format": "svg", "filename": "orrery-parameters"}
}


OWN: Final[dict[Kind, dict[str, Any]]] = {  # settings
    "treemap": {"pathbar": {"thickness": 26}},
    "sunburst": {"leaf": {"opacity": 1}, "insidetextorientation": "radial"},
    "icicle": {"leaf": {"opacity": 1}, "pathbar": {"thickness": 26}},
}
DRAWN: Final = 450  # areas that are drawn at once, about: as many levels inside the outermost one as that allows
SMALLEST: Final = 0.0005  # share that is written as a percentage


def tree(found: Mapping[str, Area], *, kind: Kind, opened: str, dark: bool) -> go.Figure:
    """All areas in their places; the size of each is its number of parameters.

    Args:
        found: {id: area}, the whole first.
        kind: how they are drawn.
        opened: the name of the area that is the outermost one at first.
        dark: on which paper.
    """
    import plotly.graph_objects as go

    paper = theme.PAPER["dark" if dark else "light"]
    whole = next(iter(found.values()))
    places = list(found.values())
    outer = {area.parent for area in places}
    level = next((key for key, area in found.items() if area.way == opened), "all")
    drawn = {"treemap": go.Treemap, "sunburst": go.Sunburst, "icicle": go.Icicle}[kind](
        ids=list(found),
        labels=[
            f"{html.escape(area.label)}  {share(area.count, whole.count)}" if key in outer else html.escape(area.label)
            for key, area in found.items()
        ],
        parents=[area.parent for area in places],
        values=[area.count for area in places],
        customdata=[
            [html.escape(area.label), "".join(f"<br>{html.escape(line)}" for line in area.about)] for area in places
        ],
        text=[
            "" if key in outer else f"<br>{'used twice<br>' if area.tied else ''}{share(area.count, whole.count)}"
            for key, area in found.items()
        ],
        branchvalues="total",
        level=level,
        maxdepth=_levels(found, level),
        marker={
            "colors": [paper["raised"] if area.part is None else COLOURS[area.part] for area in places],
            "line": {"color": paper["paper"], "width": 1},
            "pattern": {
                "shape": ["/" if area.tied else "" for area in places],
                "fillmode": "overlay",
                "fgcolor": paper["paper"],
                "fgopacity": 0.35,
                "solidity": 0.15,
                "size": 12,
            },
        },
        hovertemplate=(
            "<b>%{customdata[0]}</b><br>%{value:,} parameters, %{percentRoot:.2%} of all%{customdata[1]}<extra></extra>"
        ),
        texttemplate="%{label}%{text}",
        textfont={"color": [paper["ink"] if area.part is None else _on(COLOURS[area.part]) for area in places]},
        sort=False,
        **OWN[kind],
    )
    figure = go.Figure(drawn)
    dress(figure, dark=dark)
    figure.update_layout(
        title={"text": f"{html.escape(whole.label)}: {whole.count:,} parameters", "y": 0.985, "yanchor": "top"},
        height=590,
        uirevision=f"{whole.label} {kind} {opened} {len(found)}",  # another figure forgets which area was clicked
        margin_t=72,  # the way to an opened area stands between title and drawing
    )
    return figure


def _on(colour: str) -> str:
    """What can be read on a colour: dark ink or white, whichever stands out more (WCAG's relative luminance)."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    light = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), light, strict=True))
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#FFFFFF"


def _levels(found: Mapping[str, Area], opened: str) -> int:
    """How many levels, from the opened area inwards, are drawn."""
    levels = {opened: 1}
    for key, area in found.items():
        if area.parent in levels:
            levels[key] = levels[area.parent] + 1
    deepest = max(levels.values())
    return max((most for most in range(2, deepest + 1) if sum(n <= most for n in levels.values()) <= DRAWN), default=2)


def share(count: int, whole: int) -> str:
    """A part of the whole, as a percentage that says "less than" rather than 0."""
    if not count or count == whole:
        return "100%" if count else "0%"
    return f"{count / whole:.1%}" if count / whole >= SMALLEST else "<0.1%"
