"""How do points in two or three dimensions reach the browser, where a hand pans, turns and searches them?

    data = {"title": name, "facts": [line below a saved picture], "labels": texts, "count": points,
            "low": [least coordinate], "high": [largest], "places": coordinates axis by axis,
            "colour": null | {"kind": "groups", "of", "names"} | {"kind": "magnitude", "of", "name", "low", "high"}
                      | {"kind": "rank", "name"},
            "sizes": null | quarters of the usual radius, "links": {"pairs": [from, to, ...], "arrows": whether},
            "asks": whether the page is told which point is chosen}

Coordinates and magnitudes are rounded to steps of 1/65,535 of their range, which is finer than a screen: all low bytes,
then all high bytes, in base64. Labels travel as one text, with a character between them that no label needs. GloVe's
400,000 words in the plane, coloured by a magnitude, are 3.5 MB, and 50,000 are 0.5 MB; panning, turning, zooming,
searching and choosing ask nothing of the server, unless the page wants to know what is chosen.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
BETWEEN: Final = "\x7f"  # labels: one byte even in JSON; in a label it is shown, and so sent, as its sign
LARGEST: Final = 4.0  # times the usual radius

# The state that the browser owns, and the values that it leaves out of the URL: the middle of the view (0, 0 is the
# middle of the points, 1 their longest side), and from where three dimensions are seen, in degrees.
DEFAULTS: Final[dict[str, Any]] = {
    "x": 0,
    "y": 0,
    "zoom": 1,
    "turn": 30,
    "tilt": 20,
    "point": None,
    "find": "",
}


@dataclass(frozen=True)
class Groups:
    """Each point belongs to one of several groups, told apart by colour, shape and name."""

    of: ArrayLike  # [point] index of its group
    names: Sequence[str]  # [group], at most 256


@dataclass(frozen=True)
class Magnitude:
    """Each point has a number, shown on the sequential scale."""

    of: ArrayLike  # [point]
    name: str  # "length of the vector"


@dataclass(frozen=True)
class Rank:
    """Each point's place in the order in which they are given: 1 is the strongest of the sequential scale."""

    name: str  # "rank by frequency"


def parameters(points: int) -> dict[str, state.Kind]:
    """What a link may say of a cloud of so many points, for `viz.state.read`."""
    return {
        "x": state.Number(-1, 1),
        "y": state.Number(-1, 1),
        "zoom": state.Number(0.5, 1000),
        "turn": state.Number(-180, 180),
        "tilt": state.Number(-90, 90),
        "point": state.Whole(points),
        "find": state.Text(80),
    }


def pack(
    points: NDArray[np.float32],
    labels: Sequence[str],
    *,
    title: str,
    facts: Sequence[str],
    colour: Groups | Magnitude | Rank | None = None,
    sizes: ArrayLike | None = None,
    links: Sequence[tuple[int, int]] = (),
    arrows: bool = False,
    box: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
    asks: bool = False,
) -> bytes:
    """The points as they travel.

    Args:
        points: finite, [point, 2 or 3]; the most important first: they lie on top, and their labels are placed first.
        labels: [point]
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        colour: what colours show.
        sizes: [point] radius, 1 the usual, up to `LARGEST`; rounded to quarters.
        links: pairs of points to connect.
        arrows: whether each link points at its second point.
        box: (least, largest) coordinates that the picture has room for, so that a view means the same of two clouds:
            a point outside lies on its edge. None: those of the points.
        asks: whether the page is told which point is chosen: `point_cloud(...).chosen`, -1 for none.

    Raises:
        ValueError: the parts don't fit together, or there is no point.
    """
    count = len(points)
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not count:
        raise ValueError(f"points of shape {points.shape}: one point or more in 2 or 3 dimensions is meant")
    if not np.isfinite(points).all():
        raise ValueError("some coordinates are not finite numbers")
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} points")
    pairs = np.asarray(links, dtype=np.int64).reshape(-1, 2)
    if pairs.size and not 0 <= pairs.min() <= pairs.max() < count:
        raise ValueError(f"links from {pairs.min()} to {pairs.max()} between {count} points")
    low, high = box or (points.min(axis=0), points.max(axis=0))
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "labels": BETWEEN.join(label.replace(BETWEEN, "\u2421") for label in labels),
            "count": count,
            "low": low.tolist(),
            "high": high.tolist(),
            "places": shared.two_bytes(_steps(points, low, high).T),
            "colour": None if colour is None else _colour(colour, count),
            "sizes": None if sizes is None else _quarters(sizes, count),
            "links": {"pairs": pairs.ravel().tolist(), "arrows": arrows},
            "asks": asks,
        }
    )


def _steps(values: NDArray[Any], low: ArrayLike, high: ArrayLike) -> NDArray[np.uint16]:
    """Numbers as steps of their range; all of them 0 where the range is a single number."""
    # In float64 no difference of two float32 overflows.
    least = np.asarray(low, dtype=np.float64)
    extent = np.asarray(high, dtype=np.float64) - least
    steps = np.rint((values - least) / np.where(extent > 0, extent, 1) * STEPS)
    return np.clip(steps, 0, STEPS).astype(np.uint16)


def _colour(colour: Groups | Magnitude | Rank, count: int) -> dict[str, Any]:
    if isinstance(colour, Rank):
        return {"kind": "rank", "name": colour.name}
    of = np.asarray(colour.of)
    if of.shape != (count,):
        raise ValueError(f"colours of shape {of.shape} for {count} points")
    if isinstance(colour, Groups):
        if not 0 <= of.min() <= of.max() < len(colour.names) <= 256:
            raise ValueError(f"groups from {of.min()} to {of.max()}, with {len(colour.names)} names")
        return {
            "kind": "groups",
            "of": base64.b64encode(of.astype("u1").tobytes()).decode(),
            "names": list(colour.names),
        }
    if not np.isfinite(of).all():
        raise ValueError("some magnitudes are not finite numbers")
    low, high = float(of.min()), float(of.max())
    return {
        "kind": "magnitude",
        "of": shared.two_bytes(_steps(of, low, high)),
        "name": colour.name,
        "low": low,
        "high": high,
    }


def _quarters(sizes: ArrayLike, count: int) -> str:
    radii = np.asarray(sizes, dtype=np.float64)
    if radii.shape != (count,) or not ((radii > 0) & (radii <= LARGEST)).all():
        raise ValueError(f"sizes of shape {radii.shape} for {count} points: each is above 0 and at most {LARGEST:g}")
    return base64.b64encode(np.maximum(1, np.rint(4 * radii)).astype("u1").tobytes()).decode()


def point_cloud(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any] = DEFAULTS, command: int = 0
) -> ComponentResult:
    """Show a cloud in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(points), ...)`.
        defaults: `DEFAULTS`, or with other values where the page opens on a certain view.
        command: how often the page itself has set the state.
    """
    return shared.figure(
        FOLDER, packed, key=key, state=state, defaults=defaults, command=command, on_chosen_change=lambda: None
    )
