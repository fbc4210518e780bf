"""The view "lens" as a script: what it asks for, its files, and that nothing a visitor can give it breaks it."""

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

from models import engine, lens
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import InputError, LensTrace, Trace
from pages.parts.inside import lens_files
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import lens as component

TEXT = "The capital of France is"


def opened(**query: str) -> AppTest:
    app = visiting.opened("inside", {"view": "lens", **query})
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return shaken("llama")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> list[Request]:
    """The requests for a lens; they are answered by a tiny model, and not by the engine."""
    requests: list[Request] = []

    def peek(request: Request) -> Trace | None:
        requests.append(request)
        found = lens.ANALYSES["lens"](tiny, request, lambda *_: None)
        assert isinstance(found, LensTrace)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, model="smollm2-135m"))

    monkeypatch.setattr(engine, "peek", peek)
    return requests


def test_the_default_view_is_the_models_own_answer() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert is_whole(app)
    assert labels(app) == ["All cells, CSV", "Trace"]
    assert badges(app)[0].startswith(":green")
    assert app.text_area(key="text").value == TEXT
    assert not app.get("number_input")


def test_files_hold_every_number(tiny: LanguageModel) -> None:
    text = '=1+1, "ab"\n'
    trace = lens.logit_lens(tiny, text, [70], first=3, count=5).trace
    table = pd.read_csv(io.BytesIO(lens_files.csv(trace)), comment="#")
    layers = tiny.layers + 1
    assert table["layer"].map(json.loads).tolist() == [
        str(n - 1) if n else "input" for n in range(layers) for _ in range(5)
    ]
    assert table["token"].tolist() == [*range(3, 8)] * layers
    assert [json.loads(cell) for cell in table["text"]] == [*text[3:8]] * layers
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in table["text"])
    np.testing.assert_array_equal(table["entropy"].astype(np.float32), trace.entropies.ravel())
    with torch.inference_mode():
        logits = tiny.model(**tiny.encode(text).inputs).logits[0, 3:8].double()
    last = table[-5:]
    np.testing.assert_array_equal(last["answer_id"], logits.argmax(-1))
    assert (last["answer_rank"] == 1).all()
    np.testing.assert_allclose(last["followed_probability"], logits.softmax(-1)[:, 70], rtol=1e-4)
    np.testing.assert_array_equal(last["followed_rank"], 1 + (logits > logits[:, [70]]).sum(-1))
    for rank in range(10):
        np.testing.assert_array_equal(last[f"top_{rank + 1}_id"], logits.topk(10).indices[:, rank])
        np.testing.assert_allclose(
            last[f"top_{rank + 1}_probability"], logits.softmax(-1).topk(10).values[:, rank], rtol=1e-4
        )
        named = [json.loads(cell) for cell in last[f"top_{rank + 1}"]]
        assert named == [dict(zip(trace.entries, trace.texts, strict=True))[n] for n in last[f"top_{rank + 1}_id"]]


def test_a_long_text_is_windowed_and_says_so(asked: list[Request]) -> None:
    text = "abcdefghij" * 8
    app = opened(text=text)
    assert sentences(app) == []
    assert "80 tokens; 16 to 79 are shown" in app.caption[0].value.replace("\\", "")
    assert app.number_input(key="first").value == -1
    app = opened(text=text, first="3", token="5")
    assert not app.warning
    assert "80 tokens; 3 to 66 are shown" in app.caption[0].value.replace("\\", "")
    assert dict(asked[-1].settings)["first"] == "3"
    app = opened(text=text, first="17")
    assert len(app.warning) == 1
    assert "first" in app.warning[0].value
    assert "16 to 79 are shown" in app.caption[0].value.replace("\\", "")


def test_a_token_is_followed(asked: list[Request]) -> None:
    app = opened(text=TEXT, follow="x")
    assert sentences(app) == []
    assert dict(asked[-1].settings)["follow"] == "x"
    app.text_input(key="follow").set_value("").run()
    assert sentences(app) == []
    assert dict(asked[-1].settings)["follow"] == ""


@pytest.mark.parametrize(
    ("follow", "sentence"), [("two words", "no single token"), ("#4000", "no token #4000"), ("\x00\x01", "no single")]
)
def test_what_can_not_be_followed_is_told(follow: str, sentence: str, asked: list[Request]) -> None:
    app = opened(text=TEXT, follow=follow)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)
    assert app.text_input(key="follow").value == follow


def test_a_lens_that_is_not_the_models_own_is_told(monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> None:
    trace = dataclasses.replace(lens.logit_lens(tiny, TEXT).trace, difference=1e-3)
    monkeypatch.setattr(
        engine,
        "peek",
        lambda request: dataclasses.replace(trace, source=dataclasses.replace(trace.source, model="smollm2-135m")),
    )
    assert badges(opened(text=TEXT))[0].startswith(":red")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"text": "word " * 700}, "at most 512"),
        ({"model": "minilm-l6-v2"}, "predicts no next token"),
        ({"model": "no such model/x/y"}, "no such model"),
    ],
)
def test_what_can_not_be_used_is_told(query: dict[str, str], sentence: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1 or app.warning
    assert sentence in " ".join([*sentences(app), *(box.value.replace("\\", "") for box in app.warning)])
    assert is_whole(app)


def test_an_empty_text_is_told() -> None:
    app = opened()
    app.text_area(key="text").set_value("").run()
    assert "The text is empty" in sentences(app)[0]


@pytest.mark.parametrize(
    "text", ["\x00\x07\x1b[0m\r\n\t", "مرحبا بالعالم", "👩\u200d🚀👨\u200d👩\u200d👧", "<b>|`x`", "a" * 128, "  ", "x"]
)
def test_odd_texts_have_a_lens(text: str, asked: list[Request]) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert len(labels(app)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("token", "60"), ("token", "-1"), ("colour", "taste"), ("layer", "30"), ("layer", "-1"), ("spaces", "2")],
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert name in app.warning[0].value


def test_what_is_switched_off_is_off_here(asked: list[Request]) -> None:
    app = opened(text=TEXT, off="l1,0.2x0.5")
    assert sentences(app) == []
    assert asked[-1].off == "0.2x0.5,l1"


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


def test_the_figure_gets_what_the_trace_says(tiny: LanguageModel) -> None:
    trace = lens.logit_lens(tiny, TEXT, [70], first=2, count=4).trace
    packed = component.pack(trace, title="A title", facts=["a fact"], query={"model": "m", "text": TEXT})
    data: dict[str, Any] = json.loads(b"{" + packed + b"}")["data"]
    assert [token["text"] for token in data["tokens"]] == [*TEXT[2:6]]
    assert (data["first"], data["total"], data["vocabulary"]) == (2, len(TEXT), 300)
    ids = np.array([number for number, _ in data["entries"]])
    np.testing.assert_array_equal(ids[np.array(data["top"])], trace.ids)
    np.testing.assert_allclose(data["probabilities"], trace.probabilities, rtol=1e-4)
    np.testing.assert_allclose(data["entropies"], trace.entropies, rtol=1e-4)
    assert data["settled"] == trace.settled.tolist()
    for number, followed in enumerate(data["followed"]):
        np.testing.assert_array_equal(ids[followed["entries"]], trace.followed[number])
        np.testing.assert_array_equal(followed["ranks"], trace.followed_ranks[number])
        np.testing.assert_allclose(followed["probabilities"], trace.followed_probabilities[number], rtol=1e-4)


def test_what_the_engine_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Request) -> Trace | None:
        raise InputError("Between the last layer and the logits stands more than a norm and a head.")

    monkeypatch.setattr(engine, "peek", refuse)
    app = opened()
    assert "more than a norm and a head" in sentences(app)[0]
    assert is_whole(app)
