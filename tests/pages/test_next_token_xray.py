"""The view "xray" as a script: what it shows, its files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import catalog, engine, surprise, surprise_compare
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import InputError, SurpriseTrace, Trace
from pages.parts.next_token import xray_files
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences

TEXT = "The capital of France is Rome."


def opened(**query: str) -> AppTest:
    app = visiting.opened("next_token", {"view": "xray", **query})
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return catalog.wrap(tiny_model("llama"), tiny_tokenizer())


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> dict[str, Any]:
    """What the page gets for an X-ray by a model, instead of the engine's answer; at first the tiny model's."""
    given: dict[str, Any] = {}
    usual = engine.peek

    def peek(request: Request) -> Trace | None:
        if request.analysis != "surprise" or request.model == "minilm-l6-v2":
            return usual(request)
        found = given.get(request.model) or surprise.trace(tiny, request.text)
        if isinstance(found, InputError):
            raise found
        return dataclasses.replace(found, source=dataclasses.replace(found.source, model="smollm2-135m"))

    monkeypatch.setattr(engine, "peek", peek)
    return given


def test_the_default_view_is_the_models_own_loss() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert is_whole(app)
    assert labels(app) == ["CSV", "JSON", "Trace"]
    model = catalog.load("smollm2-135m")
    ids = model.tokenizer(app.text_area(key="text").value, return_tensors="pt")["input_ids"]
    assert 40 <= ids.shape[1] <= 80
    with torch.inference_mode():
        loss = float(model.model(input_ids=ids, labels=ids).loss)
    badge = badges(app)[0]
    assert badge.startswith(":green")
    assert float(badge.split("e^")[1].split(",")[0]) == pytest.approx(loss, rel=1e-4)
    assert float(badge.split("perplexity ")[1].split(" =")[0]) == pytest.approx(np.exp(loss), rel=1e-3)


def test_a_loss_that_differs_is_told(answers: dict[str, Any], tiny: LanguageModel) -> None:
    trace = surprise.trace(tiny, TEXT)
    answers["smollm2-135m"] = dataclasses.replace(trace, loss=trace.loss * 1.001)
    assert badges(opened(text=TEXT))[0].startswith(":red")


def test_a_second_model_stands_beside_the_first(answers: dict[str, Any], tiny: LanguageModel) -> None:
    other = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())
    answers["other/model"] = surprise.trace(other, TEXT)
    app = opened(text=TEXT, compare="true", model2="other/model")
    assert sentences(app) == []
    assert [badge.split("[")[0] for badge in badges(app)] == [":green-badge"] * 2
    assert labels(app) == ["CSV", "JSON", "Trace", "Both, CSV", "Second trace"]


def test_what_the_second_model_can_not_do_leaves_the_first(answers: dict[str, Any]) -> None:
    app = opened(text=TEXT, compare="true", model2="minilm-l6-v2")
    assert len(sentences(app)) == 1
    assert "predicts no next token" in sentences(app)[0]
    assert labels(app) == ["CSV", "JSON", "Trace"]
    assert len(badges(app)) == 1


def test_files_hold_every_number(tiny: LanguageModel) -> None:
    trace = surprise.trace(tiny, '=1+1, "ab"\n')
    table = pd.read_csv(io.BytesIO(xray_files.csv(trace)), comment="#")
    assert [json.loads(text) for text in table["text"]] == list(trace.token_table.texts)
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in table["text"])
    assert np.isnan(table["rank"][0])
    np.testing.assert_array_equal(table["rank"][1:], trace.ranks)
    np.testing.assert_allclose(table["surprisal"][1:], trace.surprisals)
    np.testing.assert_allclose(table["probability"][1:], 2.0**-trace.surprisals, rtol=1e-6)
    np.testing.assert_allclose(table["sum"][1:], np.cumsum(trace.surprisals.astype(float)), rtol=1e-6)
    np.testing.assert_allclose(table["likely_5_probability"][1:], trace.likely_probabilities[:, 4], rtol=1e-6)
    document = json.loads(xray_files.json_(trace))
    assert document["perplexity"] == pytest.approx(np.exp(document["loss"]), rel=1e-5)
    assert document["bits_per_byte"] == pytest.approx(float(trace.surprisals.mean()), rel=1e-6)  # a token is a byte
    assert [token["rank"] for token in document["tokens"]] == [None, *trace.ranks.tolist()]
    both = xray_files.both_csv(trace, trace, surprise_compare.compare(trace, trace))
    pieces = pd.read_csv(io.BytesIO(both), comment="#")
    assert "".join(json.loads(text) for text in pieces["text"]) == trace.source.text
    assert pieces["difference"][1:].eq(0).all()


def test_an_infinite_surprise_has_files_too(tiny: LanguageModel, answers: dict[str, Any]) -> None:
    trace = surprise.trace(tiny, "abc")
    never = dataclasses.replace(trace, surprisals=np.array([np.inf, 1], dtype=np.float32), loss=np.inf)
    answers["smollm2-135m"] = never
    app = opened(text="abc")
    assert sentences(app) == []
    assert "infinite" in badges(app)[0]
    assert json.loads(xray_files.json_(never))["tokens"][1]["surprisal"] is None


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"text": "x"}, "a single token"),
        ({"text": "word " * 700}, "at most 512"),
        ({"model": "minilm-l6-v2"}, "predicts no next token"),
        ({"model": "no such model/x/y"}, "no such model"),
    ],
)
def test_what_can_not_be_used_is_told(query: dict[str, str], sentence: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == query.get("text", app.text_area(key="text").value)


def test_an_empty_text_is_told() -> None:
    app = opened()
    app.text_area(key="text").set_value("").run()
    assert "The text is empty" in sentences(app)[0]


def test_a_text_too_long_is_cut_by_a_click(answers: dict[str, Any]) -> None:
    app = opened(text="a" * 200)
    assert "at most 128" in sentences(app)[0]
    app.button(key="fit text").click().run()
    assert sentences(app) == []
    assert app.text_area(key="text").value == "a" * 128


@pytest.mark.parametrize(
    "text", ["\x00\x07\x1b[0m\r\n\t", "مرحبا بالعالم", "👩\u200d🚀👨\u200d👩\u200d👧", "<b>|`x`", "a" * 128, "  "]
)
def test_odd_texts_have_an_x_ray(text: str, answers: dict[str, Any]) -> None:
    app = opened(text=text, compare="true", model2="other/model")
    assert sentences(app) == []
    assert len(labels(app)) == 5


@pytest.mark.parametrize(("name", "value"), [("token", "60"), ("colour", "taste"), ("token", "-1")])
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert name in app.warning[0].value


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


def test_the_trace_says_what_it_holds(tiny: LanguageModel) -> None:
    trace = surprise.trace(tiny, TEXT)
    assert isinstance(trace, SurpriseTrace)
    assert surprise.covered(trace) == (len(TEXT) - 1, len(TEXT) - 1)
