"""The view "norms" as a script: each of its four pictures, their files, and what a visitor can't break."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import normalised, padded, unmasked
from pages.parts.inside import norms_files
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import lifted_mask, norm_steps, padded_batch

TEXT = "The capital of France is"


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("inside", {"view": "norms"} | query)


def is_whole(app: AppTest) -> bool:
    return bool(app.title and app.selectbox and app.text_area and len(app.header) == 2)


@pytest.mark.parametrize(
    ("query", "badge"),
    [
        ({}, "All 61 norms of the model recomputed: RMSNorm"),
        ({"model": "minilm-l6-v2", "text": "A cat"}, "All 13 norms of the model recomputed: LayerNorm"),
        ({"show": "mask", "text": "A cat sat"}, "gives its own numbers within 0"),
        ({"show": "mask", "model": "minilm-l6-v2", "text": "A cat"}, "gives its own numbers within"),
        ({"show": "padding"}, "both sides give what it gives alone within"),
        ({"show": "padding", "model": "minilm-l6-v2"}, "both sides give what it gives alone within"),
        ({"show": "truncation", "text": "red, green, blue, red, green,"}, "gives the same within"),
    ],
)
def test_each_picture(query: dict[str, str], badge: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    assert is_whole(app)
    assert not app.warning
    assert any(badge in said and "green" in said for said in badges(app))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The text is empty"),
        ({"text": "a" * 20_001}, "at most 20,000"),
        ({"show": "mask", "text": "x"}, "A text of one token"),
        ({"show": "padding", "text": "one two", "other": "three four"}, "Both texts have 2 tokens"),
        ({"show": "padding", "text": "one two", "other": ""}, "The text is empty"),
        ({"show": "truncation", "text": "word " * 600}, "use a part of it"),
    ],
)
def test_what_cannot_be_shown_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert any(part in sentence for sentence in sentences(app))
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"show": "soul"}, "show “soul”"),
        ({"text": TEXT, "token": "5"}, "token “5”"),
        ({"text": TEXT, "layer": "30"}, "layer “30”"),
        ({"text": TEXT, "norm": "embedding"}, "norm “embedding”"),
        ({"text": TEXT, "times": "inf"}, "times “inf”"),
        ({"show": "mask", "text": TEXT, "head": "9"}, "head “9”"),
        ({"show": "padding", "side": "top"}, "side “top”"),
        ({"show": "truncation", "text": TEXT, "limit": "6"}, "limit “6”"),
    ],
)
def test_a_link_that_asks_too_much_is_told(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    told = " ".join(box.value.replace("\\", "") for box in app.warning)
    assert part in told


@pytest.mark.parametrize("show", ["norm", "mask"])
@pytest.mark.parametrize("text", ["🙂🙂", "<|im_end|> x", "</script><b>x</b>", "\u202eabc\n\n", "=1+1"])
def test_ugly_texts(show: str, text: str) -> None:
    app = opened(show=show, text=text)
    assert sentences(app) == []
    assert badges(app)


def test_the_vectors_travel_exactly() -> None:
    trace = normalised.trace(shaken("bert"), "Hello", position=2)
    data = json.loads(b"{" + norm_steps.pack(trace, (0, 5), ["fact"]) + b"}")["data"]
    vectors = np.frombuffer(base64.b64decode(data["vectors"]), "<f4").reshape(trace.vectors.shape)
    np.testing.assert_array_equal(vectors, trace.vectors)
    assert data["places"][0] == ["embedding", -1]
    assert (data["kind"], data["position"], data["size"]) == ("LayerNorm", 2, 32)
    assert norm_steps.defaults(trace) == {
        "layer": 1, "norm": "attention after", "token": 4, "dim": None, "times": 1, "plus": 0,
    }  # fmt: skip
    table = pd.read_csv(io.BytesIO(norms_files.vectors_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["enters"].astype(np.float32), trace.vectors.ravel())
    np.testing.assert_array_equal(table["bias"].astype(np.float32), trace.biases.ravel())
    table = pd.read_csv(io.BytesIO(norms_files.lengths_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["length behind"].astype(np.float32), trace.lengths[1].ravel())


def test_a_lifted_mask_travels() -> None:
    trace = unmasked.trace(shaken("llama"), "=Hello" * 12, first=3)
    data = json.loads(b"{" + lifted_mask.pack(trace, ["fact"]) + b"}")["data"]
    assert (data["first"], data["shown"], data["count"], len(data["tokens"])) == (3, 64, 72, 65)
    steps = np.frombuffer(base64.b64decode(data["weights"]), np.uint8).reshape(trace.weights.shape)
    np.testing.assert_allclose((steps / 255) ** 2, trace.weights, atol=0.004)
    np.testing.assert_allclose(data["true"], trace.true_probabilities[:, 3:67], rtol=1e-3)
    np.testing.assert_allclose(data["mean"], trace.surprisals.mean(1), atol=1e-4)
    table = pd.read_csv(io.BytesIO(norms_files.leak_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["other mask"][:-1], trace.true_probabilities[1])
    assert table["own mask"].isna().tolist() == [False] * 71 + [True]
    assert [json.loads(text) for text in table["text"][:2]] == ["=", "H"]
    table = pd.read_csv(io.BytesIO(norms_files.heads_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["share to later tokens"], trace.later.ravel())


@pytest.mark.parametrize("family", ["gpt2", "bert"])
def test_a_padded_batch_travels(family: str) -> None:
    trace = padded.trace(shaken(family), "Hello", "Hi there, you")
    data = json.loads(b"{" + padded_batch.pack(trace, ["fact"]) + b"}")["data"]
    np.testing.assert_allclose(data["differences"], trace.differences, rtol=1e-3)
    np.testing.assert_allclose(np.array(data["end"]), trace.at_the_end, rtol=1e-3)
    assert (len(data["tokens"]), len(data["longer"]), data["takes"]) == (5, 13, True)
    table = pd.read_csv(io.BytesIO(norms_files.padded_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["difference"].dropna(), trace.differences.ravel())
    np.testing.assert_array_equal(table["in the batch"].dropna(), trace.probabilities.ravel())
    assert len(table) == 8 * (5 + len(trace.texts))


def test_where_a_model_counts_its_positions_itself() -> None:
    trace = padded.trace(shaken("bloom"), "Hello", "Hi there, you")
    table = pd.read_csv(io.BytesIO(norms_files.padded_csv(trace)), comment="#")
    assert set(table["positions from"].map(json.loads)) == {"model"}
    assert len(table) == 4 * (5 + len(trace.texts))
