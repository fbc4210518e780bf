"""What a link may hold, and what is said when it holds something else."""

from __future__ import annotations

import math
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz import state

TABLE: dict[str, state.Kind] = {
    "view": state.Choice(("map", "heads")),
    "layer": state.Whole(30),
    "head": state.Wholes(9),
    "filter": state.Number(),
    "search": state.Text(200),
    "count": state.Whole(21, 1),
    "alpha": state.Number(0, 2.5),
    "seed": state.Whole(2**31),
    "token": state.Whole(512, -2),
}


def test_what_is_allowed_is_read() -> None:
    query = {
        "view": "heads",
        "layer": "29",
        "head": "0,8",
        "filter": "0.25",
        "count": "1",
        "alpha": "2.5",
        "seed": "2147483647",
        "token": "-2",
        "unknown": "x",
    }
    values, complaints = state.read(TABLE, query)
    assert values == {
        "view": "heads",
        "layer": 29,
        "head": "0,8",
        "filter": 0.25,
        "count": 1,
        "alpha": 2.5,
        "seed": 2**31 - 1,
        "token": -2,
    }
    assert complaints == []


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("layer", "30", "from 0 to 29"),
        ("layer", "-1", "from 0 to 29"),
        ("layer", "3.7", "from 0 to 29"),
        ("layer", "٣", "from 0 to 29"),
        ("layer", "9" * 5000, "from 0 to 29"),
        ("layer", "", "from 0 to 29"),
        ("head", "1,", "from 0 to 8"),
        ("head", "1,9", "from 0 to 8"),
        ("head", "1," * 100_000, "from 0 to 8"),
        ("view", "<script>alert(1)</script>", "map, heads"),
        ("filter", "nan", "a number"),
        ("filter", "1e999", "a number"),
        ("filter", unquote("%00"), "a number"),
        ("count", "0", "from 1 to 20"),
        ("count", "21", "from 1 to 20"),
        ("alpha", "-0.1", "a number from 0 to 2.5"),
        ("alpha", "2.6", "a number from 0 to 2.5"),
        ("alpha", "nan", "a number from 0 to 2.5"),
        ("seed", "2147483648", "from 0 to 2147483647"),
        ("token", "-3", "from -2 to 511"),
        ("token", "--1", "from -2 to 511"),
        ("token", "-", "from -2 to 511"),
        ("search", "a" * 201, "up to 200 characters"),
        ("search", "\ud800", "up to 200 characters"),
    ],
)
def test_what_is_not_allowed_is_left_out_and_named(name: str, text: str, allowed: str) -> None:
    values, complaints = state.read(TABLE, {name: text})
    assert values == {}
    assert len(complaints) == 1
    assert name in complaints[0]
    assert allowed in complaints[0]
    assert len(complaints[0]) < 250


@given(st.dictionaries(st.sampled_from(sorted(TABLE)), st.text()))
def test_no_link_does_harm(query: dict[str, str]) -> None:
    values, complaints = state.read(TABLE, query)
    assert len(values) + len(complaints) == len(query)
    assert values.get("layer", 0) in range(30)
    assert all(int(head) in range(9) for head in values.get("head", "0").split(","))
    assert math.isfinite(values.get("filter", 0))
