"""The view "vocabulary" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from tokenizers import Regex, Tokenizer, decoders, models

from tests.pages import visiting
from tests.pages.visiting import badges


def opened(**query: str) -> AppTest:
    app = visiting.opened("tokenizers", {"view": "vocabulary", **query})
    assert not app.exception, app.exception
    return app


def test_every_entry_is_the_librarys() -> None:
    app = opened()
    assert not app.error
    assert not app.warning
    assert "All 49,152 entries are the library's" in badges(app)[0]
    assert badges(app)[0].startswith(":green")
    assert len(app.get("plotly_chart")) == 2
    assert [button.proto.label for button in app.get("download_button")] == ["CSV, every entry", "JSON, every entry"]


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("kind", "<b>", "one of all, text, byte"),
        ("script", "Thai runes", "one of all, Latin"),
        ("sort", "size", "one of id, length, text"),
        ("entry", "49152", "from 0 to 49151"),
        ("search", "a" * 201, "up to 200 characters"),
    ],
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, part: str) -> None:
    app = opened(**{name: value})
    assert not app.error
    assert len(app.warning) == 1
    assert part in app.warning[0].value.replace("\\", "")
    assert badges(app)


def drop(tokenizer: Tokenizer) -> AppTest:
    app = opened()
    app.file_uploader[0].set_value([("own.json", tokenizer.to_str().encode(), "application/json")]).run()
    app.selectbox(key="tokenizer").set_value("your tokenizer.json").run()
    assert not app.exception
    assert not app.error
    return app


def test_a_strangers_decoder_is_not_run() -> None:
    own = Tokenizer(models.BPE({"a": 0, "b": 1}, [], unk_token="a"))
    assert "All 2 entries are the library's" in badges(drop(own))[0]
    own.decoder = decoders.Replace(Regex("(a|aa)+$"), "")
    assert "All 2 entries are in the library under their ids" in badges(drop(own))[0]


def test_a_vocabulary_that_is_no_bpe() -> None:
    app = opened(tokenizer="minilm-l6-v2", kind="unreachable")
    assert "All 30,522 entries are the library's" in badges(app)[0]
