"""The view "replay" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import bpe, catalog
from pages.parts.tokenizers import replay
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import merge_trees
from viz.tokenizer_words import replay as words


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("tokenizers", {"view": "replay", **query})


@pytest.mark.parametrize("key", ["smollm2-135m", "cl100k_base", "o200k_base", "qwen", "deepseek"])
def test_the_badge_counts_the_librarys_tokens(key: str) -> None:
    app = opened(tokenizer=key)
    assert sentences(app) == []
    assert is_whole(app)
    ids = catalog.tokenizer(key)(words.TEXT, add_special_tokens=False)["input_ids"]
    assert f"the library's own {len(ids)} tokens" in " ".join(badges(app))


def test_the_presets_show_what_they_say() -> None:
    for _, _, query in words.WORDS.presets:
        app = opened(**query)
        assert sentences(app) == []
        assert not app.warning
        assert "the library's own" in " ".join(badges(app))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"word": "9"}, "from 0 to 8"),
        ({"word": "x"}, "from 0 to 8"),
        ({"step": "8"}, "from 0 to 7"),
        ({"word": "1", "step": "<script>alert(1)</script>"}, "from 0 to 9"),
        ({"tokenizer": "minilm-l6-v2"}, "is of another kind; this view shows “smollm2-135m”"),
        ({"tokenizer": "whitespace"}, "Whitespace is of another kind"),
        ({"tokenizer": "trained here"}, "trained here is of another kind"),
    ],
)
def test_what_cant_be_shown_is_said_in_one_sentence(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    captions = [line.value for line in app.caption if "this view" in line.value]
    said = [*sentences(app), *(box.value for box in app.warning), *captions]
    assert len(said) == 1
    assert part in said[0].replace("\\", "")
    assert is_whole(app)
    assert app.text_area(key="text").value == words.TEXT


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "The text is empty; type a word or a sentence."),
        ("a" * 20_001, "at most 20,000"),
    ],
    ids=["empty", "long"],
)
def test_bad_text_typed(text: str, part: str) -> None:
    app = opened()
    app.text_area(key="text").set_value(text).run()
    assert len(sentences(app)) == 1
    assert part in sentences(app)[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == text


@pytest.mark.parametrize(
    "text",
    [
        " " * 3000,
        "\n\t \r\n",
        "NUL \x00",
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦🇩🇪" * 9,
        "</script><img src=x>",
        "e\u0301" * 20,
        "\ufeff\u202e x",
    ],
    ids=["spaces", "lines", "nul", "rtl", "emoji", "script", "marks", "bidi"],
)
def test_ugly_text_is_replayed(text: str) -> None:
    app = opened(text=text)
    assert sentences(app) == []
    assert "the library's own" in " ".join(badges(app))


def test_the_files_hold_every_merge() -> None:
    found = bpe.replay("smollm2-135m", 'unstoppable, "é"\n=1+1 👩‍🚀')
    table = pd.read_csv(io.BytesIO(replay.csv_of(found, "SmolLM2")), comment="#")
    assert table["rank"].tolist() == [step.rank for step in found.steps]
    assert table["id"].tolist() == [step.token for step in found.steps]
    assert table["word"].tolist() == [step.word for step in found.steps]
    assert [json.loads(cell) for cell in table["made"]] == [step.made for step in found.steps]

    record: dict[str, Any] = json.loads(replay.json_of(found, "SmolLM2"))
    assert record["text"] == found.text
    assert [number for word in record["words"] for number in word["ids"]] == found.library_ids.tolist() == record["ids"]
    for word in record["words"]:
        letters = len(word["nodes"]) - len(word["merges"])
        for merge in word["merges"]:
            halves = (word["nodes"][merge["left"]], word["nodes"][merge["right"]])
            assert word["nodes"][merge["made"]]["bytes"] == "".join(half["bytes"] for half in halves)
            assert merge["made"] >= letters


def test_a_word_travels_once() -> None:
    once = bpe.replay("smollm2-135m", " the cat")
    often = bpe.replay("smollm2-135m", " the cat" * 1000)
    packed = merge_trees.pack(often, ())
    data = json.loads(b"{" + packed + b"}")["data"]
    assert data["words"] == json.loads(b"{" + merge_trees.pack(once, ()) + b"}")["data"]["words"]
    assert data["order"] == [0, 1] * 1000
