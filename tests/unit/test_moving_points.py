"""What travels of moving points: the same scale on both axes, each still place once, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from viz import state
from viz.components import moving_points
from viz.components.moving_points import Curve, Detail, Groups, Still

FLOATS = st.floats(-1e6, 1e6, width=32)
FRAMES = np.array([[[0, 0], [4, 1]], [[2, 1], [4, -1]], [[1, 0], [0, 0]]], dtype=np.float32)


def packed(frames: NDArray[np.float32] = FRAMES, **more: Any) -> bytes:
    given: dict[str, Any] = {
        "labels": [f"p{i}" for i in range(frames.shape[1])],
        "steps": [f"step {k}" for k in range(len(frames))],
    }
    given |= {"title": "title", "facts": ["fact"], "parameter": "layer"} | more
    return moving_points.pack(frames, given.pop("labels"), **given)


def data(blob: bytes) -> dict[str, Any]:
    return dict(json.loads(b"{" + blob + b"}")["data"])


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 8)).flatmap(
        lambda size: arrays(np.float32, (*size, 2), elements=FLOATS)
    )
)
def test_coordinates_are_within_a_step_of_the_longer_side(frames: NDArray[np.float32]) -> None:
    sent = data(packed(frames))
    low, high = np.array(sent["low"]), np.array(sent["high"])
    side = (high - low).max()
    back = low + np.array(sent["frames"]).reshape(frames.shape) / 65535 * side  # one scale, across and up
    assert np.abs(back - frames).max() <= side / 65535 + 1e-9
    np.testing.assert_array_equal(low, frames.min(axis=(0, 1)))
    np.testing.assert_array_equal(high, frames.max(axis=(0, 1)))


def test_still_places_travel_once_and_lie_within_the_picture() -> None:
    still = np.array([[8, 0], [8, 0]], dtype=np.float32)
    sent = data(packed(still=Still(still, "the table")))
    assert sent["high"] == [8, 1]
    assert sent["still"] == {"name": "the table", "places": [65535, round(65535 / 8)], "of": [0, 0]}


def test_a_number_that_is_missing_has_no_place_on_its_curve() -> None:
    (curve,) = data(packed(curves=[Curve("loss", [float("nan"), 1.5, 1 / 3], group=1)], axis="loss"))["curves"]
    assert curve == {"name": "loss", "values": [None, 1.5, 0.33333], "points": [], "group": 1, "between": False}


def test_groups_and_details_travel_as_they_are() -> None:
    sent = data(
        packed(
            groups=Groups([1, 0], ["a", "b"]),
            group_name="sentence",
            details=[Detail("on the ", "bank", ".", ("ba", "nk")), Detail("", "bank", "")],
        )
    )
    assert sent["groups"] == {"name": "sentence", "of": [1, 0], "names": ["a", "b"]}
    assert sent["details"][0] == {"before": "on the ", "word": "bank", "after": ".", "pieces": ["ba", "nk"]}


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"frames": np.zeros((2, 3, 3), dtype=np.float32)}, "is meant"),
        ({"frames": np.zeros((1, 0, 2), dtype=np.float32)}, "is meant"),
        ({"frames": np.zeros((1, moving_points.MOST + 1, 2), dtype=np.float32)}, "at most"),
        ({"frames": np.full((1, 1, 2), np.nan, dtype=np.float32)}, "not finite"),
        ({"labels": ["one"]}, "1 labels"),
        ({"steps": ["one"]}, "1 steps"),
        ({"remarks": ["one"]}, "1 remarks"),
        ({"details": [Detail("", "", "")]}, "1 details"),
        ({"still": Still(np.zeros((1, 2), dtype=np.float32), "s")}, "still points"),
        ({"groups": Groups([0, 2], ["a", "b"])}, "groups of points"),
        ({"groups": Groups([0], ["a"])}, "groups of points"),
        ({"curves": [Curve("c", [1, 2])]}, "curve 'c'"),
        ({"curves": [Curve("c", [1, 2, 3], (2,))]}, "curve 'c'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(more: dict[str, Any], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        packed(**more)


def test_what_a_link_may_say() -> None:
    table = moving_points.parameters("epoch", 3, 2)
    assert state.read(table, {"epoch": "2", "point": "1"}) == ({"epoch": 2, "point": 1}, [])
    values, complaints = state.read(table, {"epoch": "3", "point": "x"})
    assert values == {}
    assert len(complaints) == 2
    assert moving_points.defaults("epoch", 2) == {"epoch": 2, "point": None}
