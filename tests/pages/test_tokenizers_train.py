"""The view "train" as a script: what it trains, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import visiting
from tests.pages.visiting import sentences
from viz import page
from viz.tokenizer_words.train import WORDS


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("tokenizers", {"view": "train", **query})


def said(app: AppTest) -> str:
    """All badges and quiet lines."""
    return " ".join(box.value.replace("\\", "") for box in (*app.markdown, *app.caption))


def test_the_usual_view_is_checked_against_the_library() -> None:
    app = opened()
    assert sentences(app) == []
    assert ":green-badge" in said(app)
    assert "tokens are the library's" in said(app)
    assert "200 merges of bytes, cut into words by gpt2" in said(app)
    assert not app.info
    assert not app.warning


def test_a_link_sets_every_control() -> None:
    app = opened(corpus="low", unit="characters", pretokenizer="whitespace", merges="7", end="true")
    assert sentences(app) == []
    assert app.selectbox(key="corpus").value == "low"
    assert app.selectbox(key="unit").value == "characters"
    assert app.selectbox(key="pretokenizer").value == "whitespace"
    assert app.number_input(key="merges").value == 7
    assert app.checkbox(key="end").value is True
    assert "7 merges of characters, cut into words by whitespace, ends marked" in said(app)


def test_fewer_merges_than_asked_for() -> None:
    app = opened(corpus="low", pretokenizer="whitespace")
    assert "holds only 12 merges of the 200 asked for" in app.info[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"corpus": "pasted"}, "There is no text to train on; paste some, or choose a file that has words in it."),
        ({"corpus": "file"}, "Choose a text file of up to 10 MB to train on; a link can't carry it."),
        ({"corpus": "pasted", "pasted": "a</w>", "end": "true"}, "train without the mark"),
        ({"corpus": "pasted", "pasted": "ab" * 120_000, "pretokenizer": "none"}, "without a break, too long"),
    ],
    ids=["empty", "no file", "mark", "one long word"],
)
def test_what_cannot_be_trained_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], sentence: str) -> None:
    app = opened(merges="77", unit="characters", **query)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert app.number_input(key="merges").value == 77
    assert app.selectbox(key="unit").value == "characters"
    assert app.header[0].value == "What to notice"


@pytest.mark.parametrize("text", ["a", "a b c", "\x00", "\u202e", "e\u0301" * 40, "👩\u200d👩\u200d👧", "a" * 3000])
def test_any_text_with_a_word_in_it_is_trained_on(text: str) -> None:
    app = opened(corpus="pasted", pasted=text, pretokenizer="none")
    assert sentences(app) == []
    assert ":green-badge" in said(app)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("step", "9999", "from 0 to 12"),
        ("step", "<img src=x>", "from 0 to 12"),
        ("from", "-3", "from 0 to 94"),
        ("spaces", "2", "from 0 to 1"),
        ("merges", "100001", "from 0 to 100000"),
        ("unit", "letters", "one of bytes, characters"),
        ("pretokenizer", "![x](http://example.org/x.png)", "one of gpt2, whitespace, none"),
    ],
)
def test_an_impossible_value_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(**{"corpus": "low", "unit": "characters", "pretokenizer": "whitespace", name: value})
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert part in app.warning[0].value.replace("\\", "")
    assert "![" not in app.warning[0].value


def test_too_much_pasted_text() -> None:
    app = opened(corpus="pasted", merges="77")
    app.text_area(key="pasted").set_value("word " * (2 * 2**20 + 1)).run()
    assert "training takes up to 10 MB" in sentences(app)[0]
    assert app.number_input(key="merges").value == 77
    app.text_area(key="pasted").set_value("low lower").run()
    assert sentences(app) == []


def test_a_training_that_was_stopped_leaves_the_page_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "wait", lambda job, content: None)
    app = opened(merges="77")
    assert sentences(app) == []
    assert app.number_input(key="merges").value == 77
    assert app.header[0].value == "What to notice"


@pytest.mark.parametrize("preset", WORDS.presets, ids=[label for label, _, _ in WORDS.presets])
def test_every_preset_opens(preset: tuple[str, str, dict[str, str]]) -> None:
    app = opened(**preset[2])
    assert sentences(app) == []
    assert not app.warning
    assert ":green-badge" in said(app)
