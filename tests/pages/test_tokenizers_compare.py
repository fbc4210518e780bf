"""The view "compare" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models import catalog, comparison, defaults, tokenizer_catalog
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences

BADGE = "rows give the text back byte for byte"


def opened(**query: str | list[str]) -> AppTest:
    """The page as it stands when a link has been opened."""
    return visiting.opened("tokenizers", query)


def test_the_default_view_loads_no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(key: str) -> Any:
        raise AssertionError(f"{key} was loaded")

    monkeypatch.setattr(tokenizer_catalog, "load", refuse)
    monkeypatch.setattr(tokenizer_catalog, "_ready", {})
    monkeypatch.setattr(tokenizer_catalog, "warm", lambda keys: None)
    app = opened()
    assert sentences(app) == []
    assert is_whole(app)
    assert f"6 of 8 {BADGE}" in badges(app)[0]
    assert app.multiselect(key="rows").value == list(defaults.ROWS)


def test_a_link_sets_text_and_rows() -> None:
    app = opened(text="low lower lowest", rows=["bytes", "qwen"])
    assert sentences(app) == []
    assert app.text_area(key="text").value == "low lower lowest"
    assert app.multiselect(key="rows").value == ["bytes", "qwen"]
    assert f"2 of 2 {BADGE}" in badges(app)[0]


def test_what_a_row_drops_is_said() -> None:
    app = opened(text="Élan नमस्ते", rows=["minilm-l6-v2", "whitespace"])
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    found = comparison.compare("Élan नमस्ते", {"minilm-l6-v2": catalog.tokenizer("minilm-l6-v2")})
    assert f"BERT): drops white space and “{found.left_out(0)}”" in said
    assert f"{comparison.respelled(found.rows[0])} of its {found.rows[0].tokens} tokens don't spell" in said
    assert "Whitespace: drops white space" in said


@pytest.mark.parametrize(
    "text",
    ["NUL \x00 here", "مرحبا بالعالم", "👩‍👩‍👧‍👦 and 🇩🇪", "</script><script>alert(1)</script>", "e\u0301\u0302" * 20,
     "\ufeff\u202e x", "\u200b\u200d", " \n\t ", "a" * 2_000],
    ids=["nul", "rtl", "emoji", "script", "marks", "bidi", "zero width", "white space", "run"],
)  # fmt: skip
def test_ugly_text_is_shown(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert is_whole(app)
    assert BADGE in badges(app)[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [("", "no text to compare"), ("ab" * 50_001, "takes 100,000")],
    ids=["empty", "long"],
)
def test_a_text_that_cannot_be_compared_gets_one_sentence(text: str, part: str) -> None:
    app = opened()
    app.text_area(key="text").set_value(text).run()
    (said,) = sentences(app)
    assert part in said
    assert is_whole(app)


def test_a_text_too_long_can_be_cut_by_a_click() -> None:
    app = opened(rows=["words", "bytes"])
    app.text_area(key="text").set_value("ab " * 40_000).run()
    cut = next(button for button in app.button if "fits" in button.label)
    app = cut.click().run()
    assert sentences(app) == []
    assert app.text_area(key="text").value == ("ab " * 40_000)[: comparison.MAX_CHARACTERS]


def test_no_row() -> None:
    app = opened()
    app.multiselect(key="rows").set_value([]).run()
    assert sentences(app) == ["There is no row to show; choose a tokenizer."]
    assert is_whole(app)


def test_an_unknown_row_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(rows=["bytes", "../../etc/passwd", "words"], text="x y")
    (said,) = sentences(app)
    assert "not the name of a model" in said
    assert f"1 of 2 {BADGE}" in badges(app)[0]

    monkeypatch.setenv("ORRERY_MODELS", "minilm-l6-v2")
    app = opened(rows=["bytes", "no-such-one"], text="x")
    assert sentences(app) == []
    assert "one of" in app.warning[0].value


def test_a_link_to_the_hub_downloads_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = opened(rows=["words", "someone/some-model"], text="x")
    assert sentences(app) == []
    assert "isn't on this machine" in app.info[0].value.replace("\\", "")
    assert "1 of 1 row gives the text back" in badges(app)[0]


@pytest.mark.parametrize(("name", "value"), [("token", "99,0"), ("token", "![x](http://example.org)"), ("price", "-3")])
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    (warning,) = app.warning
    assert "the usual one is shown instead" in warning.value.replace("\\", "")
    assert "![" not in warning.value


def test_a_text_without_spaces_between_words_says_what_that_means() -> None:
    app = opened(text="人人生而自由", rows=["words", "bytes"], claim="true")
    assert sentences(app) == []


def test_the_claim_language_by_language() -> None:
    app = opened(rows=["cl100k_base", "words"], claim="true")
    assert sentences(app) == []
    per_words, same, per_characters = (frame.value for frame in app.dataframe)
    assert list(same.columns) == ["GPT-4 (cl100k)"]
    tokenizer = catalog.tokenizer("cl100k_base").backend_tokenizer
    from viz.tokenizer_words.article import ARTICLE_1

    assert same["GPT-4 (cl100k)"].to_dict() == {
        language: len(tokenizer.encode(text, add_special_tokens=False).ids) for language, text in ARTICLE_1.items()
    }
    assert set(same.index) - set(per_words.index) == {"Chinese", "Japanese", "Thai"}
    words = len(ARTICLE_1["English"].split())
    assert per_words.loc["English"].iloc[0] == pytest.approx(1000 * same.loc["English"].iloc[0] / words)
    assert per_characters.loc["English"].iloc[0] == pytest.approx(
        100 * same.loc["English"].iloc[0] / len(ARTICLE_1["English"])
    )


def test_a_long_text_says_what_a_link_can_hold() -> None:
    app = opened(rows=["words"])
    app.text_area(key="text").set_value("猫" * 10_000).run()
    assert any("A link to this text has 90 KB" in caption.value for caption in app.caption)
    app.text_area(key="text").set_value("猫" * 60_000).run()
    assert any("link of 540 KB" in caption.value for caption in app.caption)
