"""Where do a model's parameters lie, from the whole to the single matrix, and how large have models been?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from models.traces import ParametersTrace, Part
from viz import theme
from viz.vocabulary_charts import CONFIG as VOCABULARY_CONFIG
from viz.vocabulary_charts import dress

if TYPE_CHECKING:
    import plotly.graph_objects as go

Kind = Literal["treemap", "sunburst", "icicle"]
KINDS: Final[tuple[Kind, ...]] = ("treemap", "sunburst", "icicle")
Group = Literal["part", "block"]
GROUPS: Final[tuple[Group, ...]] = ("part", "block")
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


def tree(trace: ParametersTrace, title: str, *, kind: Kind, group: Group, dark: bool) -> go.Figure:
    """All tensors in their places; an area is a number of parameters."""
    import plotly.graph_objects as go

    nodes = _nodes(trace, title, group)
    paper = theme.PAPER["dark" if dark else "light"]
    total = trace.total
    drawn = {"treemap": go.Treemap, "sunburst": go.Sunburst, "icicle": go.Icicle}[kind](
        ids=list(nodes),
        labels=[node.label for node in nodes.values()],
        parents=[node.parent for node in nodes.values()],
        values=[node.count for node in nodes.values()],
        customdata=[[node.said, node.count / total] for node in nodes.values()],
        branchvalues="total",
        maxdepth=3 if group == "part" else 4,
        marker={
            "colors": [paper["raised"] if node.part is None else COLOURS[node.part] for node in nodes.values()],
            "line": {"color": paper["paper"], "width": 1},
        },
        hovertemplate=(
            "<b>%{label}</b><br>%{value:,} parameters, %{customdata[1]:.2%} of all%{customdata[0]}<extra></extra>"
        ),
        texttemplate="%{label}<br>%{customdata[1]:.1%}",
        sort=False,
    )
    figure = go.Figure(drawn)
    dress(figure, dark=dark)
    figure.update_layout(title_text=f"{title}: {total:,} parameters", height=560)
    return figure


class _Node:
    """One area."""

    def __init__(self, label: str, parent: str, part: Part | None) -> None:
        self.label, self.parent, self.part = label, parent, part
        self.count = 0
        self.said = ""


def _nodes(trace: ParametersTrace, title: str, group: Group) -> dict[str, _Node]:
    """{id: area}: the whole, and below it what `group` says, down to each tensor."""
    nodes = {"all": _Node(title, "", None)}
    stacks = {stack for stack, block, _ in map(_place, trace.names) if block}
    for path, shape, count, part, held in zip(
        trace.names, trace.shapes, trace.counts.tolist(), trace.parts, trace.experts.tolist(), strict=True
    ):
        stack, block, rest = _place(path)
        way: list[tuple[str, str, Part | None]] = []
        if block and len(stacks) > 1:  # an encoder and a decoder, say
            way.append((stack, stack.split(".")[0], None))
        if group == "part":
            way.append((f"{stack if len(stacks) > 1 else ''} {part}", NAMES[part], part))
            if block:
                way.append((f"{stack} {part} {rest}", f"{_short(rest)} of all blocks", part))
        elif block:
            way += [(f"{stack}.{block}", f"block {block}", None), (f"{stack}.{block} {part}", NAMES[part], part)]
        parent = "all"
        for key, label, own in way:
            nodes.setdefault(key, _Node(label, parent, own))
            parent = key
        nodes[path] = _Node(f"block {block}" if block and group == "part" else _short(rest), parent, part)
        nodes[path].said = f"<br>{path}<br>shape {' x '.join(f'{size:,}' for size in shape)}"
        nodes[path].said += f", {held} experts" if held > 1 else ""
        for key in ("all", *(key for key, _, _ in way), path):
            nodes[key].count += count
    return nodes


def _place(path: str) -> tuple[str, str, str]:
    """The stack of blocks that a tensor stands in, the number of its block, and its path there."""
    found = re.match(r"(.*?)\.(\d+)\.(.*)", path)
    return (found[1], found[2], found[3]) if found else ("", "", path)


def _short(path: str) -> str:
    """The end of a path, as far as it tells what the tensor is."""
    return ".".join(path.removesuffix(".weight").split(".")[-2:])


def shares(traces: Sequence[ParametersTrace], titles: Sequence[str], *, dark: bool) -> go.Figure:
    """What share of each model's parameters each part has."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for part, name in NAMES.items():
        counts = [
            sum(count for count, own in zip(trace.counts.tolist(), trace.parts, strict=True) if own == part)
            for trace in traces
        ]
        if any(counts):
            figure.add_bar(
                y=list(titles),
                x=[count / trace.total for count, trace in zip(counts, traces, strict=True)],
                customdata=counts,
                name=name,
                orientation="h",
                marker={"color": COLOURS[part]},
                hovertemplate="%{customdata:,} parameters, %{x:.2%}<extra>%{fullData.name}</extra>",
            )
    dress(figure, dark=dark)
    figure.update_layout(
        title_text="Shares of the parts",
        barmode="stack",
        height=130 + 44 * len(titles),
        xaxis={"tickformat": ".0%", "range": [0, 1], "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": " ", "showgrid": False},
        showlegend=True,
        legend={"orientation": "h", "y": -0.2, "traceorder": "normal"},
    )
    return figure
