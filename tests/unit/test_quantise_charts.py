"""What the charts of a changed matrix draw, and what the figure of its tokens is given."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.traces import QuantisedTrace, Source
from viz import quantise_charts
from viz.components import token_shift


def trace(bits: int = 2) -> QuantisedTrace:
    """A bell of 32 x 64 weights, of which all near zero become zero."""
    weights = np.random.default_rng(0).normal(size=(32, 64))
    edge = float(np.abs(weights).max())
    edges = np.linspace(-edge, edge, 402)
    after = np.where(np.abs(weights) < edge / 4, 0, weights)
    return QuantisedTrace(
        source=Source("some-model", "r1", "abc", None, "float32", "cpu", {}),
        matrix="a.matrix",
        shape=(32, 64),
        method="round",
        bits=bits,
        block=32,
        share=0.0,
        edges=edges,
        counts=np.stack([np.histogram(each, edges)[0] for each in (weights, after)]),
        error=10.0**-bits,
        size=1.0,
        largest=edge / 4,
        zeros=(0, int((after == 0).sum())),
        levels=16,
        check=0.0,
        logits=np.array([[3, 1, 2, 0], [0, 1, 2, 3]], np.float32),
    )


def test_the_histogram_shows_nearly_all_weights_and_says_what_is_cut() -> None:
    made = trace()
    figure = quantise_charts.histogram(made, log=False, dark=False)
    assert [bars.y.tolist() for bars in figure.data] == made.counts.tolist()
    low, high = figure.layout.xaxis.range
    middle = figure.data[0].x
    assert low == -high
    seen = made.counts[0][np.abs(middle) <= high].sum() / made.counts[0].sum()
    assert 0.99 < seen <= 1
    assert figure.layout.yaxis.range[1] < made.counts[1].max()
    assert f"{made.counts[1].max():,}" in figure.layout.annotations[0].text
    whole = quantise_charts.histogram(made, log=True, dark=True)
    assert whole.layout.yaxis.type == "log"
    assert not whole.layout.annotations


def test_the_curves_mark_what_is_shown_and_leave_out_what_has_no_place() -> None:
    several = [trace(bits) for bits in (2, 3, 4)]
    several[2] = replace(several[2], logits=several[2].logits[[0, 0]], error=0.0)  # nothing has changed
    noise, moved = quantise_charts.trade(several, several[1], dark=False)
    assert noise.data[0].x == moved.data[0].x == (2, 3, 4)
    assert noise.data[0].y == pytest.approx((40, 60, None))
    assert moved.data[0].y[:2] == pytest.approx([several[0].divergence] * 2)
    assert moved.data[0].y[2] is None
    assert noise.data[0].marker.symbol == ("circle", "diamond", "circle")


def test_the_sizes_count_the_scales() -> None:
    assert trace(3).bytes == 2048 * 3 / 8 + 64 * 4
    assert replace(trace(3), block=0).bytes == 2048 * 3 / 8 + 32 * 4
    assert replace(trace(), method="prune", share=0.75).bytes == 2048 / 8 + 512 * 4
    short = Source("some-model", "r1", "abc", None, "bfloat16", "cuda", {})
    assert replace(trace(), method="prune", share=0.75, source=short).bytes == 2048 / 8 + 512 * 2


def test_both_lists_of_tokens_and_their_places() -> None:
    made = trace()
    packed = token_shift.pack(
        made.logits,
        made.probabilities,
        ["zero", "one", "<two>"],
        names=("before", "after"),
        divergence=-1e-17,
        title="",
        facts=[],
    )
    data = json.loads("{" + packed.decode() + "}")["data"]
    texts = [token["text"] for token in data["tokens"]]
    assert texts == ["zero", "<two>", "one", ""]  # the last has no text of its own
    assert [[texts[token] for token in each] for each in data["lists"]] == [
        texts,
        ["", "<two>", "one", "zero"],
    ]
    assert data["tokens"][0]["rank"] == [1, 4]
    assert data["tokens"][0]["p"] == pytest.approx([0.6439, 0.0321], abs=1e-4)
    assert data["divergence"] == 0
