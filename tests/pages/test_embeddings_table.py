"""The view "table" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import catalog, embeddings, engine
from models.engine import Request
from models.traces import InputError, PositionTrace, TableTrace, Trace
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, sentences

SMALL = "minilm-l6-v2"


def opened(**query: str) -> AppTest:
    app = visiting.opened("embeddings", {"view": "table", **query})
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Traces, or errors, that the page gets for an analysis instead of the engine's."""
    given: dict[str, Any] = {}
    usual = engine.peek

    def peek(request: Request) -> Trace | None:
        found = given.get(request.analysis)
        if isinstance(found, InputError):
            raise found
        return found or usual(request)

    monkeypatch.setattr(engine, "peek", peek)
    return given


def test_the_default_view_stands() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert app.title
    assert labels(app) == ["CSV", "Trace"]
    assert "15 tokens" in " ".join(caption.value for caption in app.caption)


def test_the_ends_of_the_lengths_are_torchs() -> None:
    app = opened(show="norms", model=SMALL)
    assert sentences(app) == []
    norms = catalog.load(SMALL).model.get_input_embeddings().weight.detach().norm(dim=1)
    tables = [text.value for text in app.markdown if text.value.startswith("| ")]
    for table, order in zip(tables, (norms.argsort()[:10], norms.argsort(descending=True)[:10]), strict=True):
        assert [int(number) for number in re.findall(r"\| (\d+) \|", table)] == order.tolist()
        shown = [float(number) for number in re.findall(r"\| (\d+\.\d+) \|", table)]
        assert shown == pytest.approx(norms[order].tolist(), abs=0.00051)
    caption = " ".join(text.value for text in app.caption)
    assert f"mean length is {norms.mean():.3f}" in caption
    assert f"the middle one {np.median(norms):.3f}" in caption
    assert "**None.**" in " ".join(text.value for text in app.markdown)
    assert len(app.get("plotly_chart")) == 1


def test_an_untied_head_has_its_picture(answers: dict[str, Any]) -> None:
    trace = embeddings.table(catalog.wrap(tiny_model("llama"), tiny_tokenizer()))
    assert trace.head == "untied"
    answers["table"] = dataclasses.replace(trace, source=dataclasses.replace(trace.source, model=SMALL))
    app = opened(show="norms", model=SMALL)
    assert sentences(app) == []
    assert len(app.get("plotly_chart")) == 2
    assert f"{trace.head_difference:.3g}" in next(text.value for text in app.markdown if "Untied" in text.value)
    tied = TableTrace(trace.source, trace.norms, 32, trace.ends, trace.end_texts, "tied", np.empty(0, np.float32), 0)
    answers["table"] = dataclasses.replace(tied, source=dataclasses.replace(trace.source, model=SMALL))
    app = opened(show="norms", model=SMALL)
    assert len(app.get("plotly_chart")) == 1
    assert "**Tied.**" in " ".join(text.value for text in app.markdown)


def test_a_learned_table_of_positions_has_no_formula() -> None:
    app = opened(show="positions", model=SMALL, places="40")
    assert sentences(app) == []
    assert not badges(app)
    assert len(app.get("plotly_chart")) == 1


def test_turning_is_checked_against_its_formula(answers: dict[str, Any]) -> None:
    trace = embeddings.positions(catalog.wrap(tiny_model("phi"), tiny_tokenizer()), count=40)
    source = dataclasses.replace(trace.source, model=SMALL)
    answers["positions"] = dataclasses.replace(trace, source=source)
    app = opened(show="positions")
    assert badges(app)[0].startswith(":green")
    assert "50% of a head's numbers" in " ".join(caption.value for caption in app.caption)
    two = PositionTrace(
        source, "rotary", ("full_attention", "sliding_attention"), np.repeat(trace.similarity, 2, axis=0) * 0.9,
        np.repeat(trace.frequencies, 2, axis=0), 0.5,
    )  # fmt: skip
    answers["positions"] = two
    app = opened(show="positions", picture="1")
    assert not app.warning
    assert badges(app)[0].startswith(":red")


def test_a_model_without_positions_says_so_and_the_rest_stands(answers: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        embeddings.positions(catalog.wrap(tiny_model("bloom"), tiny_tokenizer()))
    answers["positions"] = caught.value
    app = opened(show="positions")
    assert "ALiBi" in sentences(app)[0]
    assert app.header
    assert app.selectbox(key="model").value == "smollm2-135m"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"text": " "}, "keeps nothing of this text"),
        ({"text": "word " * 40}, "at most 32"),
        ({"model": "no such model/x/y"}, "no such model"),
    ],
)
def test_what_can_not_be_used_is_told(query: dict[str, str], sentence: str) -> None:
    app = opened(**{"model": SMALL} | query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert app.text_area(key="text").value == query.get("text", app.text_area(key="text").value)


def test_a_text_too_long_is_cut_by_a_click() -> None:
    app = opened(model=SMALL, text="word " * 40)
    app.button(key="fit text").click().run()
    assert sentences(app) == []
    assert app.text_area(key="text").value == "word " * 30


@pytest.mark.parametrize("text", ["你好，世界", "!!!", "👩‍🚀 <b>|`x`", "the and of"])
def test_odd_texts_have_neighbours(text: str) -> None:
    app = opened(model=SMALL, text=text)
    assert sentences(app) == []
    assert labels(app) == ["CSV", "Trace"]


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


@pytest.mark.parametrize(("name", "value"), [("token", "15"), ("rank", "10"), ("show", "everything"), ("places", "1")])
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value} | ({"show": "positions", "model": SMALL} if name == "places" else {}))
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert name in app.warning[0].value
