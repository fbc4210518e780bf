"""How do points that move from step to step, along axes that stay, reach the browser, where a hand plays them?

    data = {"title": name, "facts": [line below a saved picture], "parameter": name of the step in the link,
            "steps": [name], "remarks": [step], "axes": [name across, name up], "low": [least], "high": [largest],
            "labels": [point], "frames": [step][x, y, x, y, ...], "groups": null | {"name", "of", "names"},
            "still": null | {"name", "places": [x, y, ...], "of": [point -> place]},
            "details": null | [point] {"before", "word", "after", "pieces"},
            "axis": name of the curves' values, "curves": [{"name", "values": [step], "points", "group", "between"}],
            "near": null | {"name", "names", "places": [step][point][neighbour], "values": alike}}

Coordinates are whole steps of 1/65,535 of the longer side, the same for both axes. Playing, stepping, choosing a point
and scrubbing ask nothing of the server.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
MOST: Final = 400  # points: each is drawn by itself


@dataclass(frozen=True)
class Groups:
    """Each point belongs to one of several groups, told apart by colour, shape and name."""

    of: Sequence[int]  # [point] index of its group
    names: Sequence[str]  # [group]


@dataclass(frozen=True)
class Still:
    """Where points would be that cannot move: one for each point, drawn once where several are the same."""

    points: NDArray[np.float32]  # [point, 2] along the same axes
    name: str  # what they are


@dataclass(frozen=True)
class Detail:
    """Where a point comes from: a word in its sentence."""

    before: str
    word: str
    after: str
    pieces: Sequence[str] = ()  # what a tokenizer makes of the word


@dataclass(frozen=True)
class Curve:
    """A number that changes from step to step.

    One of certain points is drawn when one of these is chosen, and before that where there are few; one of none always.
    """

    name: str
    values: Sequence[float] | NDArray[np.floating]  # [step]; NaN where there is none
    points: Sequence[int] = ()  # those that it is about
    group: int | None = None  # whose colour it has
    between: bool = False  # about points of different groups: dashed, as those of two such points are


@dataclass(frozen=True)
class Near:
    """Who is nearest to each point at each step, counted in all dimensions; told of the point in hand."""

    name: str  # by what: "cosine"
    names: Sequence[str]  # of all who may be near, also of those that aren't in the picture
    places: NDArray[np.int64]  # [step, point, neighbour] in `names`, the nearest first
    values: NDArray[np.float32]  # [step, point, neighbour]


def parameters(name: str, steps: int, points: int) -> dict[str, state.Kind]:
    """What a link may say of so many steps and points, for `viz.state.read`; `name` is the step's ("layer")."""
    return {name: state.Whole(steps), "point": state.Whole(points)}


def defaults(name: str, step: int) -> dict[str, Any]:
    """The state that need not stand in the link: this step, and no point chosen."""
    return {name: step, "point": None}


def pack(
    frames: NDArray[np.float32],
    labels: Sequence[str],
    *,
    title: str,
    facts: Sequence[str],
    parameter: str,
    steps: Sequence[str],
    remarks: Sequence[str] = (),
    axes: tuple[str, str] = ("", ""),
    groups: Groups | None = None,
    group_name: str = "group",
    still: Still | None = None,
    details: Sequence[Detail] | None = None,
    axis: str = "",
    curves: Sequence[Curve] = (),
    near: Near | None = None,
) -> bytes:
    """The points as they travel.

    Args:
        frames: finite, [step, point, 2]; the most important point first: its label is placed first.
        labels: [point] short: they stand in the picture.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        parameter: the step's name in the link, "layer" or "epoch".
        steps: [step] "layer 3".
        remarks: [step] a sentence below the step's name, or none at all.
        axes: what the axes across and up are.
        groups: what colours and shapes show.
        group_name: what a group is, "sentence".
        still: points that cannot move.
        details: [point] a list beside the picture, from which a point can be chosen too.
        axis: what the curves' values are, "cosine".
        curves: drawn below, with a cursor at the step.
        near: listed below.

    Raises:
        ValueError: the parts don't fit together, or there is no point.
    """
    if frames.ndim != 3 or frames.shape[2] != 2 or not frames.size:
        raise ValueError(f"frames of shape {frames.shape}: [step, point, 2] is meant")
    count = frames.shape[1]
    if count > MOST:
        raise ValueError(f"{count} points; at most {MOST} can be drawn one by one")
    if len(labels) != count or len(steps) != len(frames):
        raise ValueError(f"{len(labels)} labels and {len(steps)} steps for frames of shape {frames.shape}")
    if remarks and len(remarks) != len(steps):
        raise ValueError(f"{len(remarks)} remarks for {len(steps)} steps")
    if details is not None and len(details) != count:
        raise ValueError(f"{len(details)} details for {count} points")
    if still is not None and still.points.shape != (count, 2):
        raise ValueError(f"still points of shape {still.points.shape} for {count} points")
    if groups is not None and (
        len(groups.of) != count or not 0 <= min(groups.of) <= max(groups.of) < len(groups.names)
    ):
        raise ValueError(f"{len(groups.of)} groups of points for {count} points and {len(groups.names)} names")
    for curve in curves:
        if len(curve.values) != len(steps) or any(not 0 <= point < count for point in curve.points):
            raise ValueError(f"the curve {curve.name!r} doesn't fit {len(steps)} steps and {count} points")
    if near is not None and not near.places.shape == near.values.shape == (*frames.shape[:2], near.places.shape[-1]):
        raise ValueError(f"neighbours {near.places.shape}, {near.values.shape} for frames of shape {frames.shape}")
    everything = frames.reshape(-1, 2) if still is None else np.concatenate([frames.reshape(-1, 2), still.points])
    if not np.isfinite(everything).all():
        raise ValueError("some coordinates are not finite numbers")
    low, high = everything.min(axis=0).astype(np.float64), everything.max(axis=0).astype(np.float64)
    side = float((high - low).max()) or 1.0

    def whole(places: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.rint((places - low) / side * STEPS).astype(np.int64)

    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "parameter": parameter,
            "steps": list(steps),
            "remarks": list(remarks),
            "axes": list(axes),
            "low": low.tolist(),
            "high": high.tolist(),
            "labels": list(labels),
            "frames": [whole(frame).ravel().tolist() for frame in frames],
            "groups": groups and {"name": group_name, "of": list(groups.of), "names": list(groups.names)},
            "still": still and _still(still, whole),
            "details": details
            and [
                {"before": one.before, "word": one.word, "after": one.after, "pieces": list(one.pieces)}
                for one in details
            ],
            "axis": axis,
            "curves": [
                {
                    "name": curve.name,
                    "values": [round(float(v), 5) if math.isfinite(v) else None for v in curve.values],
                    "points": list(curve.points),
                    "group": curve.group,
                    "between": curve.between,
                }
                for curve in curves
            ],
            "near": near
            and {
                "name": near.name,
                "names": list(near.names),
                "places": near.places.tolist(),
                "values": near.values.astype(np.float64).round(4).tolist(),
            },
        }
    )


def _still(still: Still, whole: Callable[[NDArray[np.float32]], NDArray[np.int64]]) -> dict[str, Any]:
    """Each place once."""
    places, of = np.unique(whole(still.points), axis=0, return_inverse=True)
    return {"name": still.name, "places": places.ravel().tolist(), "of": of.ravel().tolist()}


def moving_points(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any], command: int = 0
) -> ComponentResult:
    """Show moving points in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: from `defaults`.
        command: how often the page itself has set the state.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, command=command)
