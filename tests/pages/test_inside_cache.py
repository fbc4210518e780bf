"""The view "cache" as a script: the figure's data, the files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import caching, catalog, costs
from models.traces import CacheTimesTrace, CachingTrace, RereadTrace
from pages.parts.inside import cache_files, cache_kept, cache_size
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz import cache_charts
from viz.components import key_value_cache
from viz.inside_words import cache as words

SHORT = {"text": "One, two, three,", "new": "3"}


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("inside", {"view": "cache"} | query)


def said(app: AppTest) -> str:
    return " ".join(words.value.replace("\\", "") for words in [*app.caption, *app.markdown])


@pytest.fixture(scope="module")
def pair() -> tuple[CachingTrace, CacheTimesTrace]:
    """Both traces of one writing."""
    lm = shaken("gemma2")
    return caching.trace(lm, "=1 two", tokens=5), caching.times(lm, "=1 two", tokens=5)


def test_a_view_and_a_measurement() -> None:
    app = opened(**SHORT)
    assert sentences(app) == []
    assert is_whole(app)
    assert not app.warning
    assert "Both ways write the same 3 tokens" in badges(app)[0]
    assert "as the formula says at every step" in badges(app)[1]
    assert "stay when 3 more follow" in badges(app)[2]
    assert "46,080 bytes a token in float32" in said(app)
    assert "2 × 30 layers × 3 heads × 64 numbers × 4 bytes = 46,080 bytes" in said(app)
    assert "a third of what 9 heads need" in said(app)
    assert app.dataframe[0].value["bytes a token"].tolist() == [46_080, 138_240, 15_360]
    assert app.dataframe[0].value["times its own"].tolist() == pytest.approx([1, 3, 1 / 3])
    assert words.NOT_MEASURED in said(app)
    app.button(key="measure").click().run()
    assert sentences(app) == []
    assert "All steps took" in said(app)
    assert "medians of 3 rounds, measured on this server at 20" in said(app)
    assert app.button(key="measure").label == words.AGAIN


def test_an_encoder_keeps_nothing() -> None:
    app = opened(model="minilm-l6-v2", text="a word or two")
    assert sentences(app) == []
    assert is_whole(app)
    assert "minilm-l6-v2 reads both ways, so it can't keep anything." in said(app)
    assert "“two”" in said(app)
    assert not [button for button in app.button if button.key == "measure"]
    assert not [box for box in app.number_input if box.key == "new"]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The prompt is empty"),
        ({"text": "a" * 20_001}, "at most 20,000"),
        ({"text": "word " * 500, "new": "64"}, "64 more are over the 512"),
        ({"text": "a", "model": "minilm-l6-v2"}, "a single token"),
    ],
    ids=["empty", "very long", "no room to write", "one token of an encoder"],
)
def test_what_cannot_be_shown_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert any(part in sentence for sentence in sentences(app))
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


def test_a_link_that_asks_too_much_is_told() -> None:
    app = opened(**(SHORT | {"step": "3", "measure": "joules"}))
    told = " ".join(box.value.replace("\\", "") for box in app.warning)
    assert "asks for step “3”, but it can be a number from 0 to 2" in told
    assert "asks for measure “joules”" in told
    assert sentences(app) == []


def test_more_tokens_than_are_written_here_fall_back() -> None:
    app = opened(**(SHORT | {"text": "Hi"}))
    assert app.number_input(key="new").value == 3
    app = opened(text="Hi", new="1")
    assert sentences(app) == []
    assert "1 written greedily" in said(app)
    assert "Both ways write the same 1 token;" in badges(app)[0]
    assert "the prompt's 1 token stay" in badges(app)[2]


@pytest.mark.parametrize("text", ["x", "🙂", "</script><b>x</b>", "\u202eabc\n\n", "=1+1"])
def test_ugly_texts_are_written_on(text: str) -> None:
    app = opened(text=text, new="2")
    assert sentences(app) == []
    assert "Both ways write the same" in badges(app)[0]


def test_a_long_prompt_is_said_to_be_one() -> None:
    app = opened(text="one two three four five six seven eight nine ten " * 7, new="1")
    assert sentences(app) == []
    assert "are shown, and the model reads all of them" in said(app)


def test_the_figures_data(pair: tuple[CachingTrace, CacheTimesTrace]) -> None:
    trace, times = pair
    data = json.loads(b"{" + key_value_cache.pack(trace, times, ["fact"], 2) + b"}")["data"]
    assert len(data["tokens"]) == 6 - 2 + 5
    assert [token["id"] for token in data["tokens"][-5:]] == trace.written.tolist()
    assert (data["hidden"], data["prompt"], data["steps"]) == (2, 6, 5)
    assert data["windows"] == [4, 0, 4]
    assert data["bytes"] == trace.bytes.sum(axis=1).tolist()
    np.testing.assert_allclose(data["seconds"], times.medians, atol=1e-6)
    bare = json.loads(b"{" + key_value_cache.pack(trace, None, [], 0) + b"}")["data"]
    assert bare["seconds"] is None
    assert key_value_cache.defaults(trace)["step"] == 4


def test_what_the_model_would_keep_otherwise(pair: tuple[CachingTrace, CacheTimesTrace]) -> None:
    trace, _ = pair
    named = cache_size.kinds(trace)
    assert list(named) == [
        "its own: 2 key/value heads",
        "a key/value head for each of 4 query heads",
        "one key/value head for all",
        "its own without windows",
    ]
    numbers = [costs.kept_numbers(layers, 3) for layers in named.values()]
    assert numbers[1] == 2 * numbers[0] == 4 * numbers[2]
    assert cache_size.by_formula(trace) == trace.bytes.sum(axis=1).tolist()
    assert "2 of 3 layers have a sliding window of 4 tokens: they keep at most 3" in words.formula(trace)
    assert "half of what 4 heads need" in words.formula(trace)


def test_the_files(pair: tuple[CachingTrace, CacheTimesTrace]) -> None:
    trace, times = pair
    table = pd.read_csv(io.BytesIO(cache_files.steps(trace, times)), comment="#", float_precision="round_trip")
    assert table["token"].tolist() == trace.written.tolist()
    assert [json.loads(text) for text in table["text"]] == list(trace.texts)
    assert table["multiplications without"].tolist() == trace.products[1].tolist()
    np.testing.assert_array_equal(table["seconds with"], times.medians[0])
    assert f'# measured: "{times.when}"'.encode() in cache_files.steps(trace, times)
    unmeasured = pd.read_csv(io.BytesIO(cache_files.steps(trace, None)), comment="#")
    assert unmeasured["seconds with"].isna().all()
    table = pd.read_csv(io.BytesIO(cache_files.layers(trace)), comment="#", float_precision="round_trip")
    assert table["window"].fillna(0).tolist() == trace.windows.tolist()
    assert table["tokens kept"].tolist() == trace.kept[-1].tolist()
    np.testing.assert_array_equal(table["largest change of keys as a share"], trace.key_changes)


def test_an_encoders_file() -> None:
    trace = caching.reread(catalog.load("minilm-l6-v2"), "a word or two")
    assert isinstance(trace, RereadTrace)
    table = pd.read_csv(io.BytesIO(cache_kept.changes_csv(trace)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["largest change as a share"], trace.changes)
    assert (trace.cosines <= 1 + 1e-9).all()
    assert trace.token_table.texts[trace.added].strip() == "two"


def test_no_change_at_all_has_a_place_in_the_chart() -> None:
    figure: Any = cache_charts.changes({"keys": np.array([0, 1e-6])}, "title", dark=False)
    assert list(figure.data[0].y) == [cache_charts.LEAST, 1e-6]
    assert figure.data[0].customdata[0] == "none: the same to the bit"
