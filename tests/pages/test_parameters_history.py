"""The view "history" as a script: every point with its source, filters, and links that can't be."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models.history import SIZES
from pages.parts.parameters import history
from tests.pages import visiting
from tests.pages.visiting import sentences
from viz.parameter_words.history import WORDS


def opened(**query: str) -> AppTest:
    app = visiting.opened("parameters", {"view": "history", **query})
    assert sentences(app) == []
    return app


def drawn(app: AppTest) -> list[dict[str, object]]:
    (chart,) = app.get("plotly_chart")
    figure: list[dict[str, object]] = json.loads(chart.proto.spec)["data"]
    return figure


def test_every_point_is_in_the_table_with_its_source() -> None:
    app = opened()
    assert not app.warning
    table = app.dataframe[0].value
    assert table["model"].tolist() == [size.name for size in SIZES]
    assert table["parameters"].tolist() == [int(size.parameters) for size in SIZES]
    assert table["source"].tolist() == [size.source for size in SIZES]
    assert (table["status"] == "rumour").tolist() == [size.rumour for size in SIZES]
    assert "parameters?model=gpt2-xl" in table["count it"].tolist()
    captions = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "GPT-4 (OpenAI 2023, arXiv:2303.08774, section 2)" in captions
    assert "rumour" in {series.get("name") for series in drawn(app)}


def test_rumours_can_be_left_out() -> None:
    app = opened(rumours="left out", sizes="active on a token")
    assert not any("rumour" in str(series.get("name")) for series in drawn(app))
    assert len(app.dataframe[0].value) == sum(not size.rumour for size in SIZES)
    assert any("GShard, Switch-C" in caption.value for caption in app.caption)


def test_the_file_says_where_each_number_is_from() -> None:
    table = pd.read_csv(io.BytesIO(history.csv(SIZES)), comment="#")
    assert [json.loads(cell) for cell in table["source"]] == [size.source for size in SIZES]
    assert table["parameters"].tolist() == [int(size.parameters) for size in SIZES]
    assert table["active_on_a_token"].notna().tolist() == [size.active is not None for size in SIZES]


@pytest.mark.parametrize("query", [query for _, _, query in WORDS.presets], ids=[name for name, _, _ in WORDS.presets])
def test_the_presets_show_something(query: dict[str, str]) -> None:
    app = visiting.opened("parameters", query)
    assert sentences(app) == []
    assert not app.warning
    assert drawn(app)


def test_what_is_said_of_the_sizes_is_so() -> None:
    facts = {size.name: size for size in SIZES if not size.rumour}
    assert max(facts.values(), key=lambda size: size.parameters).name == "DeepSeek-V4-Pro"
    assert 1_450 < facts["GPT-3"].parameters / facts["GPT"].parameters < 1_550
    working = [size.active or size.parameters for size in facts.values() if size.active or not size.experts]
    assert max(working) == facts["PaLM"].parameters == 540e9
    assert (facts["DeepSeek-V4-Pro"].active or 0) < facts["Chinchilla"].parameters


@pytest.mark.parametrize(("name", "value"), [("sizes", "all"), ("rumours", "<b>"), ("axis", "cubic")])
def test_an_impossible_link_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    (warning,) = app.warning
    assert name in warning.value
    assert len(app.dataframe[0].value) == len(SIZES)
