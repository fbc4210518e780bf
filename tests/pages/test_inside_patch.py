"""The view "patch" as a script: what it shows, its files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import catalog, engine, inside, next_token, patching, vocabulary
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import InputError, Trace
from pages.parts.inside import patch_files
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences

TEXT, OTHER = "Hello, world", "Hellish moon"


def opened(**query: str) -> AppTest:
    return visiting.opened("inside", {"view": "patch", **query})


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return catalog.wrap(tiny_model("llama"), tiny_tokenizer())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tiny: LanguageModel) -> list[Request]:
    """The page is answered by a tiny model, and this is what it asks of it."""
    seen: list[Request] = []

    def peek(request: Request) -> Trace:
        seen.append(request)
        analyses = next_token.ANALYSES if request.analysis in next_token.ANALYSES else inside.ANALYSES
        found: Any = analyses[request.analysis](tiny, request, lambda *_: None)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, model="smollm2-135m"))

    monkeypatch.setattr(engine, "peek", peek)
    return seen


def test_the_default_view_is_checked_by_plain_passes() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert is_whole(app)
    assert [badge.split("[")[0] for badge in badges(app)] == [":green-badge"]
    assert "the two prompts and 3 patches" in badges(app)[0]
    assert labels(app) == ["CSV", "JSON", "Trace"]
    assert any("Layer 23 is the first" in caption.value for caption in app.caption)


@pytest.mark.parametrize(("what", "name"), [("MLP", "mlp"), ("attention", "attention"), ("heads", "heads")])
def test_each_part_is_its_own_request(what: str, name: str, asked: list[Request]) -> None:
    app = opened(text=TEXT, other=OTHER, what=what, layer="2", token="5", head="3")
    assert sentences(app) == []
    assert asked[-1] == Request("patching", "smollm2-135m", TEXT, OTHER, (("what", name),))
    assert badges(app)[0].startswith(":green")
    assert len(app.warning) == 0


def test_answer_and_rival_are_texts_or_ids(asked: list[Request]) -> None:
    app = opened(text=TEXT, other=OTHER, answer="Q", rival="#7")
    assert sentences(app) == []
    assert dict(asked[-1].settings) == {"what": "residual", "answer": "Q", "rival": "#7"}
    for link, sentence in (
        ({"answer": "quite a word"}, "no single token"),
        ({"answer": "#400"}, "ids go from #0 to #299"),
        ({"answer": "#7", "rival": "#7"}, "same token"),
    ):
        app = opened(text=TEXT, other=OTHER, **link)
        assert sentence in sentences(app)[0]
        assert is_whole(app)


def test_of_a_long_prompt_a_part_is_shown(asked: list[Request]) -> None:
    both = "Both of them begin with this, and go on for quite a while. "
    app = opened(text=both + TEXT, other=both + OTHER, first="4")
    assert sentences(app) == []
    assert ("first", "4") in asked[-1].settings
    assert any("4 to 67 are shown and patched" in caption.value for caption in app.caption)
    app = opened(text=both + TEXT, other=both + OTHER, what="heads")
    assert asked[-1].settings == (("what", "heads"),)  # the last ones
    assert any(f"{len(both + TEXT) - 64} to" in caption.value for caption in app.caption)
    assert sentences(app) == []


def test_a_prompt_patched_with_itself_says_so(asked: list[Request]) -> None:
    app = opened(text=TEXT, other=TEXT)
    assert sentences(app) == []
    assert any("none moves the difference by more than" in caption.value for caption in app.caption)
    assert badges(app)[0].startswith(":green")


def test_a_patch_that_differs_is_told(asked: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.peek

    def wrong(request: Request) -> Trace | None:
        found: Any = right(request)
        return dataclasses.replace(found, alone=found.alone + 0.01) if request.analysis == "patching" else found

    monkeypatch.setattr(engine, "peek", wrong)
    assert badges(opened(text=TEXT, other=OTHER))[0].startswith(":red")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"other": "The capital of France is not"}, "The prompts have 5 and 6 tokens"),
        ({"text": "word " * 700}, "at most 512"),
        ({"other": "word " * 700}, "at most 512"),
        ({"model": "minilm-l6-v2"}, "predicts no next token"),
        ({"model": "no such model/x/y"}, "no such model"),
    ],
)
def test_what_can_not_be_patched_is_told(query: dict[str, str], sentence: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)
    for key in ("text", "other"):
        assert app.text_area(key=key).value == query.get(key, app.text_area(key=key).value)


@pytest.mark.parametrize("key", ["text", "other"])
def test_an_empty_prompt_is_told(key: str) -> None:
    app = opened()
    app.text_area(key=key).set_value("").run()
    assert "The prompt is empty" in sentences(app)[0]
    assert is_whole(app)


def test_a_prompt_too_long_is_cut_by_a_click(asked: list[Request]) -> None:
    app = opened(text="a" * 128, other="b" * 200)
    assert "at most 128" in sentences(app)[0]
    app.button(key="fit other").click().run()
    assert app.text_area(key="other").value == "b" * 128
    assert sentences(app) == []


@pytest.mark.parametrize("text", ["\x00\x07\x1b[0m\r\n\t", "مرحبا", "👩\u200d🚀", "<b>|`x`", "  "])
def test_odd_prompts_can_be_patched(text: str, asked: list[Request]) -> None:
    app = opened(text=f"{text}a", other=f"{text}b")
    assert sentences(app) == []
    assert labels(app) == ["CSV", "JSON", "Trace"]


@pytest.mark.parametrize(("name", "value"), [("layer", "3"), ("token", "12"), ("what", "soul"), ("token", "-1")])
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, asked: list[Request]) -> None:
    app = opened(text=TEXT, other=OTHER, **{name: value})
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert name in app.warning[0].value


@pytest.mark.parametrize("what", ["mlp", "heads"])
def test_files_hold_every_number(what: Any, tiny: LanguageModel) -> None:
    trace = patching.patch(tiny, '=1+1, "ab"', '=1+2, "ba"', what=what)
    table = pd.read_csv(io.BytesIO(patch_files.csv(trace)), comment="#")
    np.testing.assert_allclose(table["difference"], trace.patched.ravel())
    np.testing.assert_allclose(table["recovered"], trace.recovered.ravel())
    np.testing.assert_allclose(table["likely_8_probability"], trace.top_probabilities[..., 7].ravel())
    columns = trace.patched.shape[1]
    assert table["layer"].tolist() == [layer for layer in range(3) for _ in range(columns)]
    if what == "mlp":
        assert [json.loads(text) for text in table["other_text"][:columns]] == list(trace.other_table.texts)
        assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in table["text"])
    document = json.loads(patch_files.json_(trace))
    assert document["runs"]["difference"] == trace.before
    assert [each["difference"] for each in document["patches"]] == pytest.approx(trace.patched.ravel().tolist())
    names = [name for name, _ in document["patches"][columns + 2]["likely"]]
    assert names == list(vocabulary.texts(tiny.tokenizer, trace.top[1, 2].tolist()))


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


def test_the_page_refuses_what_the_analysis_refuses(asked: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.peek

    def refuse(request: Request) -> Trace | None:
        if request.analysis == "patching":
            raise InputError("This family isn't described here.")
        return right(request)

    monkeypatch.setattr(engine, "peek", refuse)
    app = opened(text=TEXT, other=OTHER)
    assert sentences(app) == ["This family isn't described here."]
    assert is_whole(app)
