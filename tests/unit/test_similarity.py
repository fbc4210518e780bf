"""What travels of tables of similarities: which numbers can be told from it, how large it is, what is refused."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from viz.components import similarity


def packed(values: NDArray[Any], *, low: float = -1, high: float = 1, **more: Any) -> bytes:
    pictures, rows, columns = values.shape
    labels: dict[str, Any] = {
        "rows": [f"row {i}" for i in range(rows)],
        "columns": [f"column {i}" for i in range(columns)],
        "titles": [f"picture {i}" for i in range(pictures)],
        "title": "title",
        "facts": ["fact"],
    }
    return similarity.pack(values, low=low, high=high, **labels | more)


def data(blob: bytes) -> dict[str, Any]:
    return dict(json.loads(b"{" + blob + b"}")["data"])


def numbers(sent: dict[str, Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    low, high = np.frombuffer(base64.b64decode(sent["values"]), dtype="u1").astype(np.int64).reshape(2, -1)
    return (sent["least"] + (low + 256 * high)).reshape(shape) / 10.0 ** sent["digits"]


@given(arrays(np.float32, array_shapes(min_dims=3, max_dims=3, max_side=5), elements=st.floats(-1, 1, width=32)))
def test_cosines_are_thousandths(values: NDArray[np.float32]) -> None:
    sent = data(packed(values))
    assert sent["digits"] == 3
    assert (numbers(sent, values.shape) == np.round(values.astype(float), 3)).all()


@given(st.floats(1e-6, 1e6), st.floats(-10, 10))
def test_any_range_travels_within_a_thousandth_of_it(extent: float, begin: float) -> None:
    low, high = begin * extent, (begin + 1) * extent
    values = np.linspace(low, high, 60).reshape(1, 6, 10)
    sent = data(packed(values, low=low, high=high))
    assert np.abs(numbers(sent, values.shape) - values).max() <= (high - low) * 0.000501


def test_all_else_travels_as_it_is() -> None:
    values = np.zeros((1, 2, 2))
    sent = data(packed(values, rows=["</script>", "\x7f\u202e"], columns=None, facts=["<b>"]))
    assert sent["rows"] == ["</script>", "\x7f\u202e"]
    assert sent["columns"] is None
    assert (sent["low"], sent["high"], sent["facts"], sent["titles"]) == (-1, 1, ["<b>"], ["picture 0"])


def test_the_largest_is_two_bytes_a_cell() -> None:
    vectors = np.random.default_rng(0).normal(size=(500, 30))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    blob = packed(np.clip(np.stack([vectors @ vectors.T] * 4), -1, 1))
    assert len(zlib.compress(blob, 6)) < 2_000_000


@pytest.mark.parametrize(
    ("values", "more", "sentence"),
    [
        (np.zeros((1, 2, 2)), {"rows": ["a"]}, "for \\(1, 1, 2\\) pictures"),
        (np.zeros((1, 2, 3)), {"columns": None}, "for \\(1, 2, 2\\) pictures"),
        (np.zeros((2, 1, 1)), {"titles": []}, "for \\(0, 1, 1\\) pictures"),
        (np.zeros((1, 0, 0)), {}, "values of shape"),
        (np.zeros((1, 1001, 1000)), {}, "1,000,000 at most"),
        (np.full((1, 1, 1), np.nan), {}, "not finite"),
        (np.full((1, 1, 1), np.inf), {}, "not finite"),
        (np.full((1, 1, 1), 1.01), {}, "values from 1.01"),
        (np.full((1, 1, 1), -0.1), {"low": 0}, "values from -0.1"),
        (np.zeros((1, 1, 1)), {"low": 1}, "colours from 1 to 1"),
    ],
)
def test_parts_that_do_not_fit_are_refused(values: NDArray[np.float64], more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        packed(values, **more)


def test_a_link_may_hold_what_the_figure_owns() -> None:
    kinds = similarity.parameters(3, 4, 5)
    assert set(kinds) == set(similarity.DEFAULTS)
    for name, most in (("picture", 2), ("row", 3), ("column", 4)):
        assert kinds[name].parse(str(most)) == most
        with pytest.raises(ValueError, match=str(most + 1)):
            kinds[name].parse(str(most + 1))
