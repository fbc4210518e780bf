"""The view "stream" of the page of the inside as a script: what it shows, its files, and what it can't be given."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import attribution, catalog, engine, stream
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import AttributionTrace, StreamTrace, Trace
from pages.parts.inside import stream_files
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import residual_stream

TEXT = "Hello, world"
BOTH = ["Stream, CSV", "Stream, trace", "Shares, CSV", "Shares, JSON", "Shares, trace"]


def opened(**query: str) -> AppTest:
    app = visiting.opened("inside", {"view": "stream", **query})
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return shaken("gpt2")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> list[Request]:
    """What the page asks for; a tiny model answers in the place of the usual one."""
    found: list[Request] = []

    def peek(request: Request) -> Trace | None:
        found.append(request)
        analyses = stream.ANALYSES | attribution.ANALYSES
        trace: Any = analyses[request.analysis](tiny, request, lambda *_: None)
        return dataclasses.replace(trace, source=dataclasses.replace(trace.source, model="smollm2-135m"))

    monkeypatch.setattr(engine, "peek", peek)
    return found


def test_the_default_view_is_the_models_own() -> None:
    app = opened(rival="Rome")
    assert sentences(app) == []
    assert not app.warning
    assert is_whole(app)
    assert labels(app) == BOTH
    assert [badge.split("[")[0] for badge in badges(app)] == [":green-badge"] * 3


def test_what_the_page_asks_for(asked: list[Request]) -> None:
    app = opened(text=TEXT, answer="#7", rival="a")
    assert sentences(app) == []
    window = {("count", "64"), ("first", "-1")}
    assert [(each.analysis, set(each.settings)) for each in asked] == [
        ("stream", window),
        ("attribution", window | {("answer", "#7"), ("rival", "a")}),
    ]
    assert [field.value for field in app.text_input] == ["#7", "a"]


def test_a_long_text_is_shown_in_part_and_says_so(asked: list[Request]) -> None:
    app = opened(text="ab " * 40)
    assert sentences(app) == []
    assert app.caption[0].value == ("The text has 120 tokens; 56 to 119 are shown, and the model reads all of them.")
    app.number_input(key="first").set_value(8).run()
    assert "8 to 71 are shown" in app.caption[0].value
    assert ("first", "8") in asked[-1].settings
    assert labels(opened(text="ab " * 40, first="8", token="71")) == BOTH
    assert "token" in opened(text="ab " * 40, first="8", token="72").warning[0].value


def test_a_sum_that_differs_is_told(asked: list[Request], monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> None:
    found = attribution.attribute(tiny, TEXT, count=None)
    wrong = dataclasses.replace(found, mlps=found.mlps * 1.001)
    monkeypatch.setitem(attribution.ANALYSES, "attribution", lambda *_: wrong)
    assert [badge.split("[")[0] for badge in badges(opened(text=TEXT))] == [
        ":green-badge",
        ":green-badge",
        ":red-badge",
    ]


def test_an_encoder_has_a_stream_and_no_shares() -> None:
    app = opened(model="minilm-l6-v2")
    assert sentences(app) == []
    assert "predicts no next token" in app.info[0].value
    assert labels(app) == BOTH[:2]
    assert len(badges(app)) == 1
    assert badges(app)[0].startswith(":green")


def test_a_family_without_an_adapter_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    falcon = shaken("falcon")

    def peek(request: Request) -> Trace | None:
        return stream.ANALYSES["stream"](falcon, request, lambda *_: None)

    monkeypatch.setattr(engine, "peek", peek)
    app = opened(text=TEXT)
    assert len(sentences(app)) == 1
    assert "of the family falcon" in sentences(app)[0]
    assert is_whole(app)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"rival": "two words"}, "no single token"),
        ({"answer": "#300"}, "no token #300"),
        ({"answer": "#7", "rival": "#7"}, "two different ones"),
        ({"rival": "\x00\x07"}, "no single token"),
        ({"rival": "<img src=x>" * 40}, "no single token"),
    ],
)
def test_a_token_that_is_none_leaves_the_stream(query: dict[str, str], sentence: str, asked: list[Request]) -> None:
    app = opened(text=TEXT, **query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert labels(app) == BOTH[:2]
    assert {field.key: field.value for field in app.text_input} == {"answer": "", "rival": ""} | query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({"text": "word " * 700}, "at most 512"), ({"model": "no such model/x/y"}, "no such model")],
)
def test_what_can_not_be_used_is_told(query: dict[str, str], sentence: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)


@pytest.mark.parametrize(
    ("name", "value"), [("token", "12"), ("layer", "3"), ("head", "4"), ("written", "loudness"), ("head", "-1")]
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, asked: list[Request]) -> None:
    app = opened(text=TEXT, **{name: value})
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert name in app.warning[0].value
    assert labels(app) == BOTH


@pytest.mark.parametrize("text", ["\x00\x07\x1b[0m\r\n\t", "مرحبا بالعالم", "👩\u200d🚀", "<b>|`x`", "a", "  "])
def test_odd_texts_have_a_stream(text: str, asked: list[Request]) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert labels(app) == BOTH


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


def test_files_hold_every_number(tiny: LanguageModel) -> None:
    text = '=1+1,\n"ab"'
    trace = stream.written(tiny, text, first=2, count=4)
    table = pd.read_csv(io.BytesIO(stream_files.stream_csv(trace)), comment="#")
    assert [json.loads(word) for word in table["text"].drop_duplicates()] == list(dict.fromkeys(text[2:6]))
    heads = table[table["part"] == '"head"'].sort_values(["layer", "head", "position"])
    np.testing.assert_allclose(heads["norm"], trace.heads.ravel(), rtol=1e-6)
    np.testing.assert_allclose(heads["cosine"], trace.heads_cosine.ravel(), rtol=1e-6)
    for part in ("attention", "mlp"):
        rows = table[table["part"] == f'"{part}"'].sort_values(["layer", "position"])
        np.testing.assert_allclose(rows["norm"], getattr(trace, part).ravel(), rtol=1e-6)
    ours = table[table["part"].isin(['"input"', '"stream"'])].sort_values(["position", "layer"], na_position="first")
    np.testing.assert_allclose(ours["norm"], trace.stream.T.ravel(), rtol=1e-6)

    shares = attribution.attribute(tiny, text, 7, 70, first=2, count=4)
    table = pd.read_csv(io.BytesIO(stream_files.shares_csv(shares)), comment="#")
    np.testing.assert_allclose(table.groupby("position")["share"].sum(), shares.totals, atol=1e-5)
    assert set(table["token_id"]) == {7}
    assert set(table["rival_id"]) == {70}
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in table["text"])
    document = json.loads(stream_files.shares_json(shares))
    places = document["positions"]
    assert [place["position"] for place in places] == [2, 3, 4, 5]
    with torch.inference_mode():
        logits = tiny.model(**tiny.encode(text).inputs).logits[0, 2:6].double()
    np.testing.assert_allclose([place["logit_difference"] for place in places], logits[:, 7] - logits[:, 70], atol=1e-5)
    np.testing.assert_array_equal([place["heads"] for place in places], shares.heads)


def test_the_figure_gets_what_the_traces_say(tiny: LanguageModel) -> None:
    trace = stream.written(tiny, TEXT, first=2, count=4)
    found = attribution.attribute(tiny, TEXT, 7, 70, first=2, count=4)
    packed = residual_stream.pack(trace, found, title="A title", facts=[])
    data: dict[str, Any] = json.loads(b"{" + packed + b"}")["data"]
    shares = data["shares"]

    def numbers(text: str, theirs: Any) -> Any:
        return np.frombuffer(base64.b64decode(text), "<f4").reshape(theirs.shape)

    for name, theirs in {
        "stream": trace.stream.T,
        "attention": trace.attention.T,
        "mlp_cosine": trace.mlp_cosine.T,
        "head": trace.heads.transpose(2, 0, 1),
        "head_cosine": trace.heads_cosine.transpose(2, 0, 1),
    }.items():
        np.testing.assert_array_equal(numbers(data[name], theirs), theirs)
    for name, exact in {"attention": found.attention, "mlp": found.mlps, "head": found.heads}.items():
        np.testing.assert_array_equal(numbers(shares[name], exact), exact.astype(np.float32))
    # What is summed in the browser, layer by layer, comes to the sum that stands beside it.
    layers = sum(numbers(shares[name], found.mlps).sum(axis=1) for name in ("attention", "mlp"))
    np.testing.assert_allclose(layers + shares["embedding"] + shares["constant"], shares["sums"], rtol=1e-5, atol=1e-6)


def test_the_badge_measures_by_the_largest_share(tiny: LanguageModel) -> None:
    found = attribution.attribute(tiny, TEXT, 7, 70)
    large = dataclasses.replace(found, embedding=found.totals + 1e6, constant=np.full_like(found.totals, 1.0 - 1e6))
    assert large.differences.max() < 1e-4


def test_the_presets_show_what_their_words_say() -> None:
    lm = catalog.load("smollm2-135m")
    paris = attribution.ANALYSES["attribution"](
        lm, Request("attribution", "x", "The capital of France is", settings=(("rival", "Rome"),)), lambda *_: None
    )
    assert isinstance(paris, AttributionTrace)
    assert np.unravel_index(np.abs(paris.heads[-1]).argmax(), (30, 9)) == (23, 4)
    assert paris.heads[-1, 23, 4] == pytest.approx(3.01, abs=0.02)
    assert paris.totals[-1] == pytest.approx(7.31, abs=0.02)
    found = stream.written(lm, "The capital of France is")
    assert isinstance(found, StreamTrace)
    assert found.stream[12, 0] == pytest.approx(22_712, rel=1e-3)
    assert found.stream[12, 1:].max() < 160
    assert found.heads_cosine[11, 6, -1] == pytest.approx(-0.65, abs=0.01)
