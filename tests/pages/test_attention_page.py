"""The attention page as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import os

import pytest
from streamlit.testing.v1 import AppTest

from models import catalog
from tests.pages import visiting
from tests.pages.visiting import is_whole, sentences


def opened(**query: str) -> AppTest:
    """The page as it stands when a link has been opened."""
    return visiting.opened("attention", query)


def test_home_shows_the_machine() -> None:
    app = visiting.opened("home", {})
    assert not app.exception
    assert app.title[0].value == "Orrery"


def test_default_view() -> None:
    app = opened()
    assert sentences(app) == []
    assert is_whole(app)
    assert "13 of 512 tokens" in [caption.value for caption in app.caption]
    assert any("Read from the model" in markdown.value.replace("\\", "") for markdown in app.markdown)


def test_a_link_sets_every_control() -> None:
    app = opened(model="minilm-l6-v2", text="One.", pair="Two.", compare="another model", model2="smollm2-135m")
    assert sentences(app) == []
    assert app.selectbox(key="model").value == "minilm-l6-v2"
    assert app.text_area(key="text").value == "One."
    assert app.text_input(key="pair").value == "Two."
    assert app.selectbox(key="model2").value == "smollm2-135m"


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("layer", "999", "from 0 to 29"),
        ("layer", "<script>alert(1)</script>", "from 0 to 29"),
        ("head", "9", "from 0 to 8"),
        ("view", "![x](http://example.org/x.png)", "one of map"),
        ("token", "-1", "from 0 to"),
        ("filter", "nan", "a number"),
        ("compare", "nonsense", "another text"),
    ],
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    said = [box.value for box in app.warning]
    assert len(said) == 1
    assert part in said[0].replace("\\", "")
    assert "![" not in said[0]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": "word " * 2000}, "at most 512"),
        ({"text": "a" * 100_000}, "at most 20,000"),
        ({"text": "x", "model": "no-such-model/../../etc"}, "not the name of a model"),
        ({"text": "x", "model": "../../etc/passwd"}, "not the name of a model"),
        ({"text": "x", "model": "/etc"}, "not the name of a model"),
        ({"text": "x", "model": "<script>alert(1)</script>"}, "not the name of a model"),
        ({"text": "x", "model": "bad\x00name"}, "not the name of a model"),
    ],
    ids=["tokens", "characters", "dots", "passwd", "folder", "script", "nul"],
)
def test_bad_input_gets_one_sentence_and_leaves_the_page_whole(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    said = sentences(app)
    assert len(said) == 1
    assert part in said[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty; type a word or a sentence."),
        ("a" * 1_000_000, "The text has 1,000,000 characters; at most 20,000 are read at once, so use a part of it."),
    ],
    ids=["empty", "1 MB"],
)
def test_bad_text_typed(text: str, sentence: str) -> None:
    app = opened()
    app.text_area(key="text").set_value(text).run()
    assert sentences(app) == [sentence]
    assert is_whole(app)


def test_ten_thousand_spaces() -> None:
    """The decoder has tokens for runs of spaces, so that they fit; the encoder keeps none of them."""
    app = opened(text=" " * 10_000, compare="another model")
    assert sentences(app) == ["The tokenizer keeps nothing of this text; type a word or a sentence."]
    assert is_whole(app)


@pytest.mark.parametrize(
    "text",
    [
        "NUL \x00 here",
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦 and 🇩🇪",
        "</script><script>alert(1)</script>",
        "e\u0301\u0302" * 20,
        "\ufeff\u202e x",
    ],
    ids=["nul", "rtl", "emoji", "script", "marks", "bidi"],
)
def test_ugly_text_is_shown(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert is_whole(app)


def test_a_text_too_long_can_be_cut_by_a_click() -> None:
    app = opened(text="word " * 2000)
    assert "at most 512" in sentences(app)[0]
    cut = next(button for button in app.button if "fits" in button.label)
    app = cut.click().run()
    assert sentences(app) == []
    assert "512 of 512 tokens" in [caption.value for caption in app.caption]


def test_one_bad_text_of_two_leaves_the_other() -> None:
    app = opened(compare="another text", text2="a" * 30_000)
    assert len(sentences(app)) == 1
    assert any("Read from the model" in markdown.value.replace("\\", "") for markdown in app.markdown)


def test_a_link_to_the_hub_downloads_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert "isn't on this machine" in app.info[0].value.replace("\\", "")
    assert any("download" in button.label for button in app.button)


def test_a_model_that_is_offered_comes_from_the_hub_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only requirements.txt was read; here without a network, so that one sentence is all there is."""
    monkeypatch.setattr(catalog, "package_folder", lambda package: None)
    app = opened(text="Where do the weights come from?")
    assert len(sentences(app)) == 1
    assert "hub" in sentences(app)[0]
    assert not app.info
    assert is_whole(app)


def test_only_the_listed_models_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ORRERY_MODELS", "minilm-l6-v2")
    app = opened()
    assert list(app.selectbox(key="model").options) == ["minilm-l6-v2"]
    app = opened(model="smollm2-135m")
    assert not app.exception
    assert "it can be one of minilm-l6-v2" in app.warning[0].value.replace("\\", "")


def test_presenting_keeps_the_view() -> None:
    app = opened(present="1", layer="3")
    assert sentences(app) == []
    assert app.toggle(key="presenter").value is True


def test_induction_heads_are_found() -> None:
    app = opened()
    app = next(button for button in app.button if "induction" in button.label).click().run()
    assert sentences(app) == []
    assert app.query_params["sort"] == "induction"
