"""What travels of a cloud of points: what can be told from it, how large it is, and what is refused."""

from __future__ import annotations

import base64
import json
import random
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from viz.components import point_cloud
from viz.components.point_cloud import Groups, Magnitude, Rank

FLOATS = st.floats(-(2.0**126), 2.0**126, width=32)


def packed(points: NDArray[np.float32], **more: Any) -> bytes:
    labels = more.pop("labels", [str(i) for i in range(len(points))])
    return point_cloud.pack(points, labels, title="title", facts=["fact"], **more)


def data(blob: bytes) -> dict[str, Any]:
    return dict(json.loads(b"{" + blob + b"}")["data"])


def numbers(text: str) -> NDArray[np.int64]:
    low, high = np.frombuffer(base64.b64decode(text), dtype="u1").astype(np.int64).reshape(2, -1)
    return low + 256 * high


@given(
    st.integers(2, 3).flatmap(
        lambda dimensions: arrays(np.float32, st.tuples(st.integers(1, 30), st.just(dimensions)), elements=FLOATS)
    )
)
def test_coordinates_are_within_a_step_of_their_range(points: NDArray[np.float32]) -> None:
    sent = data(packed(points))
    low, high = np.array(sent["low"]), np.array(sent["high"])
    steps = numbers(sent["places"]).reshape(points.shape[1], -1).T
    assert (low <= points).all()
    assert (points <= high).all()
    assert (np.abs(low + steps / 65535 * (high - low) - points) <= (high - low) / 65535).all()


@given(arrays(np.float32, st.integers(1, 30), elements=FLOATS))
def test_magnitudes_are_within_a_step_of_their_range(values: NDArray[np.float32]) -> None:
    points = np.zeros((len(values), 2), dtype=np.float32)
    sent = data(packed(points, colour=Magnitude(values, "length")))["colour"]
    low, high = sent["low"], sent["high"]
    assert (low, high) == (values.min(), values.max())
    assert (np.abs(low + numbers(sent["of"]) / 65535 * (high - low) - values) <= (high - low) / 65535).all()


def test_all_else_travels_as_it_is() -> None:
    points = np.array([[0, 0], [1, 2], [3, 1]], dtype=np.float32)
    sent = data(
        packed(
            points,
            labels=["</script>", "\x7f\u202e", ""],
            colour=Groups([2, 0, 1], ["a", "b", "c"]),
            sizes=[1, 0.1, 4],
            links=[(0, 1), (2, 0)],
            arrows=True,
        )
    )
    assert sent["labels"].split("\x7f") == ["</script>", "\u2421\u202e", ""]
    assert list(base64.b64decode(sent["colour"]["of"])) == [2, 0, 1]
    assert sent["colour"]["names"] == ["a", "b", "c"]
    assert list(base64.b64decode(sent["sizes"])) == [4, 1, 16]
    assert sent["links"] == {"pairs": [0, 1, 2, 0], "arrows": True}


def test_two_clouds_in_one_box_stand_in_the_same_places() -> None:
    points = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    box = (points.min(axis=0), points.max(axis=0))
    whole, part = data(packed(points)), data(packed(points[:9], box=box))
    assert (part["low"], part["high"]) == (whole["low"], whole["high"])
    steps = numbers(whole["places"]).reshape(2, -1)
    assert numbers(part["places"]).reshape(2, -1).tolist() == steps[:, :9].tolist()
    outside = data(packed(points, box=(box[0] / 2, box[1] / 2)))
    assert {0, 65535} <= set(numbers(outside["places"]).tolist())


def test_a_rank_needs_no_numbers() -> None:
    sent = data(packed(SQUARE.astype(np.float32), colour=Rank("rank by frequency"), asks=True))
    assert sent["colour"] == {"kind": "rank", "name": "rank by frequency"}
    assert sent["asks"] is True
    assert data(packed(SQUARE.astype(np.float32)))["asks"] is False


@pytest.mark.parametrize(("count", "most"), [(50_000, 600_000), (400_000, 3_500_000)])
def test_a_large_cloud_is_small(count: int, most: int) -> None:
    random_ = random.Random(0)
    # Nearly as hard to compress as GloVe's words, 4.6 bytes each: letters by their frequency in English.
    letters = "eeeeeeeeeeeeettttttttttaaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddlllcccuuummmwwffggyyppbbvk"
    words = ["".join(random_.choices(letters, k=random_.randint(3, 10))) for _ in range(count)]
    assert len(zlib.compress("\n".join(words).encode(), 6)) > 4.2 * count
    points = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    rank = Magnitude(np.log(np.arange(count) + 1.0), "logarithm of the rank")
    assert len(zlib.compress(packed(points, labels=words, colour=rank), 6)) < most


SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)


@pytest.mark.parametrize(
    ("points", "more", "sentence"),
    [
        (np.zeros((0, 2)), {}, "one point or more"),
        (np.zeros((3, 4)), {}, "one point or more"),
        (np.zeros(3), {}, "one point or more"),
        (np.array([[0, np.nan]]), {}, "not finite"),
        (np.array([[0, np.inf]]), {}, "not finite"),
        (SQUARE, {"labels": ["a"]}, "1 labels for 4 points"),
        (SQUARE, {"links": [(0, 4)]}, "links from 0 to 4"),
        (SQUARE, {"links": [(-1, 2)]}, "links from -1 to 2"),
        (SQUARE, {"colour": Groups([0, 1, 2, 3], ["a"])}, "groups from 0 to 3"),
        (SQUARE, {"colour": Groups([0, 1], ["a", "b"])}, "colours of shape"),
        (SQUARE, {"colour": Groups([0, 0, 0, 0], ["a"] * 257)}, "with 257 names"),
        (SQUARE, {"colour": Magnitude([0, 1, np.nan, 2], "length")}, "magnitudes are not finite"),
        (SQUARE, {"sizes": [1, 1, 1]}, "sizes of shape"),
        (SQUARE, {"sizes": [1, 1, 0, 1]}, "above 0"),
        (SQUARE, {"sizes": [1, 1, 5, 1]}, "at most 4"),
    ],
)
def test_parts_that_do_not_fit_are_refused(points: NDArray[np.float64], more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        packed(points.astype(np.float32), **more)


def test_a_link_may_hold_what_the_figure_owns() -> None:
    assert set(point_cloud.parameters(3)) == set(point_cloud.DEFAULTS)
    for name, kind in point_cloud.parameters(3).items():
        if point_cloud.DEFAULTS[name] is not None:
            assert kind.parse(str(point_cloud.DEFAULTS[name])) == point_cloud.DEFAULTS[name]
