"""The unigram view as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.families import tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from tests.unit.test_unigram import library

YOURS = "your tokenizer.json"


def opened(file: str | None = None, **query: str) -> AppTest:
    """The view as it stands when a link has been opened and a file was dropped; trained on little, to be quick."""
    app = visiting.opened("tokenizers", {"view": "unigram", "corpus": "low"} | query)
    if file is not None:
        app.file_uploader(key="file").upload("tokenizer.json", file.encode(), "application/json").run()
        app.selectbox(key="tokenizer").set_value(YOURS).run()
    return app


def test_the_usual_view_agrees_with_sentencepiece() -> None:
    app = opened(corpus="english")
    assert sentences(app) == []
    assert is_whole(app)
    path, training = badges(app)
    assert "green-badge" in path
    assert "Best path as sentencepiece's; the 20 best within" in path
    assert "green-badge" in training
    assert app.number_input(key="size").value == 1000


def test_a_size_that_the_corpus_has_not_is_told_and_the_nearest_taken() -> None:
    app = opened(text="lowest")
    assert sentences(app) == []
    assert "the largest that works is 17. It is used instead." in app.info[0].value.replace("\\", "")
    assert len(badges(app)) == 2
    app = opened(text="lowest", size="5")
    assert "the smallest that works is 14. It is used instead." in app.info[0].value.replace("\\", "")
    app = opened(text="lowest", size="16")
    assert not app.info
    assert len(badges(app)) == 2


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("part", "![x](http://example.org/x.png)", "one of lattice, best, samples, rounds"),
        ("word", "7", "from 0 to 0"),
        ("edge", "-1", "from 0 to"),
        ("n", "0", "from 1 to 20"),
        ("samples", "100000", "from 1 to 1000"),
        ("alpha", "-0.1", "from 0 to 100"),
        ("alpha", "nan", "from 0 to 100"),
        ("seed", "9999999999", "from 0 to"),
        ("round", "50", "from 0 to 0"),
        ("size", "x", "from 4 to 32000"),
    ],
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(text="lowest", **{name: value})
    assert sentences(app) == []
    said = [box.value for box in app.warning]
    assert len(said) == 1
    assert part in said[0].replace("\\", "")
    assert "![" not in said[0]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The text is empty"),
        ({"text": " \n\t"}, "The text is empty"),
        ({"text": "\u200b\ufeff"}, "keeps nothing of this text"),
        ({"text": "low " * 2_000}, "at most 5,000 are shown at once"),
        ({"text": "low", "corpus": "pasted"}, "The corpus is empty"),
        ({"text": "low", "corpus": "pasted", "pasted": "\u200b\u200b"}, "nothing in this corpus"),
        ({"text": "low", "corpus": "file"}, "a link can't carry it"),
        ({"text": "low", "tokenizer": YOURS}, "drop that file here"),
        ({"text": "low", "tokenizer": "../../etc/passwd"}, "not the name of a model"),
        ({"text": "low", "tokenizer": "<script>alert(1)</script>"}, "not the name of a model"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_gets_one_sentence_and_leaves_the_page_whole(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    said = sentences(app)
    assert len(said) == 1
    assert part in said[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


def test_a_corpus_too_large_says_how_much_works() -> None:
    app = opened(text="low", corpus="pasted")
    app.text_area(key="pasted").set_value("猫 " * 300_000).run()
    (said,) = sentences(app)
    assert said == "The corpus has 1.2 MB and unigram training reads up to 1 MB here; use a part of it."


def test_a_text_too_long_can_be_cut_by_a_click() -> None:
    app = opened(text="low " * 2_000)
    cut = next(button for button in app.button if "fits" in button.label)
    app = cut.click().run()
    assert sentences(app) == []
    assert len(app.text_area(key="text").value or "") == 5_000
    assert "green-badge" in badges(app)[0]


@pytest.mark.parametrize(
    "text",
    [
        "NUL \x00 here",
        "مرحبا",
        "👩‍👩‍👧‍👦 and 🇩🇪",
        "</script><script>alert(1)</script>",
        "e\u0301\u0302" * 20,
        "\u202e x",
        "a" * 500,
        "▁ <s> <unk>",
    ],
    ids=["nul", "rtl", "emoji", "script", "marks", "bidi", "run", "control"],
)
def test_ugly_text_is_shown_as_sentencepiece_has_it(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert "green-badge" in badges(app)[0]


@pytest.mark.parametrize("byte_fallback", [False, True], ids=["unknown", "bytes"])
def test_a_tokenizer_json_of_ones_own(byte_fallback: bool) -> None:
    app = opened(library(byte_fallback).to_str(), text="newest 猫 ☃ hello 😀")
    assert sentences(app) == []
    (path,) = badges(app)
    assert "Best path as the tokenizers library's" in path
    assert "green-badge" in path
    app.text_area(key="text").set_value("").run()
    assert sentences(app) == ["The text is empty; type a word or a sentence."]


def without_unknown() -> str:
    record = json.loads(library().to_str())
    record["model"]["unk_id"] = None
    return json.dumps(record)


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (tiny_tokenizer().backend_tokenizer.to_str(), "this one is BPE"),
        ("not json", "not JSON"),
        ("{}", "not a tokenizer.json"),
        (without_unknown(), "no way to write some characters"),
    ],
    ids=["BPE", "text", "empty", "no unknown"],
)
def test_a_file_that_is_of_no_use_gets_one_sentence(file: str, part: str) -> None:
    app = opened(file, text="newest ☃")
    said = sentences(app)
    assert len(said) == 1
    assert part in said[0]
    assert is_whole(app)


def test_a_tokenizer_of_another_view_is_told_apart() -> None:
    app = opened(tokenizer="smollm2-135m", text="lowest")
    assert sentences(app) == []
    assert any("SmolLM2 is of another kind" in caption.value for caption in app.caption)
    assert len(badges(app)) == 2


def test_a_link_to_the_hub_downloads_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = opened(tokenizer="someone/some-model", text="lowest")
    assert sentences(app) == []
    assert "isn't on this machine" in app.info[0].value.replace("\\", "")
