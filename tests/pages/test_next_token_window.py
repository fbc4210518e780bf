"""The view "window" as a script: the figure's data, the files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import catalog, window
from models.traces import WindowTrace
from pages.parts.next_token import window as view
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import context_window

BADGE = "Windows run one by one give the same within"
SHORT = "red, green, blue, red, green,"


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("next_token", {"view": "window"} | query)


def captions(app: AppTest) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def is_whole(app: AppTest) -> bool:
    return bool(app.title and app.selectbox and app.text_area and len(app.header) == 2)


@pytest.fixture(scope="module")
def long() -> WindowTrace:
    """A text over the limit of its model."""
    return window.trace(catalog.wrap(tiny_model("gpt2"), tiny_tokenizer()), '=1, "two" ' * 20)


def test_a_view() -> None:
    app = opened(text=SHORT, window="3")
    assert sentences(app) == []
    assert is_whole(app)
    assert not app.warning
    assert BADGE in badges(app)[0]
    assert "green" in badges(app)[0]
    assert "its own window: 8,192 tokens" in captions(app)
    assert "run here: at most 512" in captions(app)
    assert app.toggle(key="chat").value is False


def test_a_chat_is_read_with_its_template() -> None:
    app = opened(text="Hi", chat="true")
    assert sentences(app) == []
    assert "text of 3" in captions(app)  # over 30 tokens: the template's system message too
    assert app.toggle(key="chat").value is True


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The prompt is empty"),
        ({"text": "a" * 20_001}, "at most 20,000"),
        ({"text": "word", "model": "minilm-l6-v2"}, "minilm-l6-v2"),
    ],
    ids=["empty", "very long", "encoder"],
)
def test_what_cannot_be_shown_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    said = [*sentences(app), *(box.value.replace("\\", "") for box in app.warning)]
    assert any(part in sentence for sentence in said)
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


@pytest.mark.parametrize("text", ["x", "🙂", "<|im_end|>", "</script><b>x</b>", "\u202eabc\n\n", "=1+1"])
def test_ugly_texts_have_windows(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert BADGE in badges(app)[0]


def test_a_link_that_asks_too_much_is_told() -> None:
    app = opened(text=SHORT, window="0", target="7")
    told = " ".join(box.value.replace("\\", "") for box in app.warning)
    assert "asks for window “0”" in told
    assert "follows the token 7" in told
    assert sentences(app) == []


def test_a_long_text_is_said_to_be_one(long: WindowTrace) -> None:
    data = json.loads(b"{" + context_window.pack(long, ["fact"]) + b"}")["data"]
    assert (data["total"], data["lost"], len(data["tokens"])) == (200, 72, 128)
    assert data["opening"] == ('=1, "two" ' * 20)[:72]
    assert data["tokens"][-1]["id"] == long.token_table.ids[-1]
    assert data["windows"][-1] == 128
    np.testing.assert_allclose(data["probabilities"], long.probabilities, rtol=1e-4)
    for row, likely in zip(data["probabilities"], data["likely"], strict=True):
        assert [row[place] for place in likely] == sorted(row, reverse=True)[: len(likely)]
    assert context_window.defaults(long)["window"] == max(long.windows[long.windows <= 64])


def test_the_files(long: WindowTrace) -> None:
    table = pd.read_csv(io.BytesIO(view.windows_csv(long)), comment="#", float_precision="round_trip")
    assert table["window"].tolist() == long.windows.tolist()
    np.testing.assert_array_equal(table["KL divergence"], long.divergences)
    assert table["its probability"].iloc[-1] == table["of the largest window's favourite"].iloc[-1]
    table = pd.read_csv(io.BytesIO(view.predictions_csv(long)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["probability"].astype(np.float32), long.probabilities.ravel())
    assert [json.loads(text) for text in table["text"][: len(long.texts)]] == list(long.texts)
