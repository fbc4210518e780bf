"""Softmax by hand: torch's probabilities in each format, its ends, and what a link may say of the bars."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import softmax_by_hand
from models.softmax_by_hand import FORMATS, Format
from viz.components import softmax_bars

logits = st.lists(st.floats(-60, 60), min_size=2, max_size=8)


@settings(deadline=None)  # a busy machine is no error
@given(logits, st.sampled_from([0.25, 0.8, 1.0, 3.0, math.inf]), st.sampled_from(FORMATS))
def test_torchs_softmax_in_every_format(z: list[float], temperature: float, held: Format) -> None:
    scaled = torch.tensor(z, dtype=getattr(torch, held)) / torch.tensor(temperature, dtype=getattr(torch, held))
    found = softmax_by_hand.steps(z, temperature, 0.0, held)
    assert found.probabilities.dtype == np.dtype(held)
    np.testing.assert_array_equal(found.scaled, scaled.numpy())
    bound = softmax_by_hand.tolerance(len(z), held)
    np.testing.assert_allclose(found.probabilities, torch.softmax(scaled, 0).numpy(), rtol=0, atol=bound)
    assert softmax_by_hand.check(z, temperature, 0.0, held) <= bound


@settings(deadline=None)  # a busy machine is no error
@given(logits, st.floats(-700, 700))
def test_a_constant_changes_nothing_in_doubles(z: list[float], constant: float) -> None:
    still, moved = (softmax_by_hand.steps(z, 1.0, c, "float64").probabilities for c in (0.0, constant))
    np.testing.assert_allclose(moved, still, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("held", "end"), [("float64", 709.78), ("float32", 88.72), ("float16", 11.09)])
def test_as_written_it_overflows_where_the_format_ends(held: Format, end: float) -> None:
    below, above = (softmax_by_hand.steps([0.0, end + more], 1.0, 0.0, held) for more in (-0.05, 0.05))
    assert np.isfinite(below.naive).all()
    assert np.isnan(above.naive[1])
    assert above.powers[1] == np.inf
    np.testing.assert_allclose(above.probabilities, [0, 1], atol=1e-4)


def test_underflow_is_nothing_by_nothing() -> None:
    found = softmax_by_hand.steps([2.0, 1.0], 1.0, -800.0, "float64")
    assert found.total == 0
    assert np.isnan(found.naive).all()
    assert found.probabilities[0] == pytest.approx(1 / (1 + math.exp(-1)))


def test_the_limit_is_shared_by_equals() -> None:
    assert softmax_by_hand.steps([2.0, 2.0, 1.0], 0.0, 0.0, "float32").probabilities.tolist() == [0.5, 0.5, 0]
    assert softmax_by_hand.check([2.0, 2.0, 1.0], 0.0, 5.0, "float32") == 0


def test_what_is_no_number_in_both_agrees() -> None:
    assert np.isnan(softmax_by_hand.steps([1000.0, 900.0], 0.01, 0.0, "float16").probabilities).all()
    assert softmax_by_hand.check([1000.0, 900.0], 0.01, 0.0, "float16") == 0


@pytest.mark.parametrize("held", FORMATS)
def test_a_wrong_answer_is_found(held: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    right = softmax_by_hand.steps
    monkeypatch.setattr(softmax_by_hand, "steps", lambda z, t, c, held: right(z, 2 * t, c, held))
    assert softmax_by_hand.check([2.0, 1.0, 0.1], 1.0, 0.0, held) > softmax_by_hand.tolerance(3, held)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("z", "2.50,1,-0.1", "2.5,1,-0.1"),
        ("z", "1e3, 2", "1000,2"),
        ("t", "0", "0"),
        ("t", "inf", "inf"),
        ("t", "Infinity", "inf"),
        ("t", "0.80", "0.8"),
    ],
)
def test_a_link_is_read(name: str, text: str, value: str) -> None:
    assert softmax_bars.parameters()[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("z", "1"),
        ("z", ",".join("123456789")),
        ("z", "1,nan"),
        ("z", "1,inf"),
        ("z", "1,10001"),
        ("z", "1,,2"),
        ("z", "<b>,1"),
        ("t", "-1"),
        ("t", "nan"),
        ("t", "-inf"),
        ("t", "0.001"),
        ("t", "101"),
        ("t", ""),
        ("plus", "1001"),
        ("format", "bfloat16"),
        ("bar", "8"),
    ],
)
def test_a_link_that_cannot_be_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        softmax_bars.parameters()[name].parse(text)


def test_numbers_are_written_as_the_browser_writes_them() -> None:
    values: dict[str, Any] = softmax_bars.usual([2.0, float(str(np.float32(8.52349))), -0.1, 7], 3)
    assert values["z"] == "2,8.52349,-0.1"
    assert set(values) == set(softmax_bars.parameters())


def test_what_travels_is_whole() -> None:
    packed = softmax_bars.pack(
        ["<b>", "b"], [1.5, 2], about="a", title="t", facts=["f"], origin=["# a"], cells=['"x"', '"y"']
    )
    data = json.loads(b"{" + packed + b"}")["data"]
    assert data["names"] == ["<b>", "b"]
    assert (data["tokens"], data["shares"], data["vocabulary"]) == (False, None, None)
