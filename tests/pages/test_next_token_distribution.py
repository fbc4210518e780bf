"""The view "distribution" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from models import catalog, defaults, engine, sampling
from models.engine import Request
from models.traces import NextTokenTrace, SamplerName, VocabularyTrace
from pages.parts.next_token import distribution, distribution_check, distribution_files
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz import state
from viz.components import sampler_chain

VOCABULARY = 49_152
USUAL: list[tuple[SamplerName, Any]] = [("temperature", 0.8), ("top_k", 50), ("top_p", 0.95)]


def opened(**query: str) -> AppTest:
    app = visiting.opened("next_token", query)
    assert not app.exception, app.exception
    return app


def complaints(app: AppTest) -> str:
    return " ".join(box.value.replace("\\", "") for box in app.warning)


def captions(app: AppTest) -> str:
    return " ".join(text.value.replace("\\", "") for text in app.caption)


def answered(request: Request) -> Any:
    with engine.submit(request) as job:
        return job.result()


@pytest.fixture(scope="module")
def trace() -> NextTokenTrace:
    found = answered(Request("next", defaults.DECODER, defaults.PROMPT))
    assert isinstance(found, NextTokenTrace)
    return found


def test_the_default_view_stands() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert [button.proto.label for button in app.get("download_button")] == ["CSV", "Trace"]
    (badge,) = badges(app)
    assert badge.startswith(":green-badge")
    assert "49,152 probabilities equal" in badge
    assert "Temperature 0.8 → Top-k 50 → Top-p 0.95" in captions(app)


def test_the_table_is_transformers_own(trace: NextTokenTrace) -> None:
    vocabulary = answered(Request("vocabulary", defaults.DECODER))
    assert isinstance(vocabulary, VocabularyTrace)
    table = pd.read_csv(io.BytesIO(distribution_files.csv(trace, vocabulary, USUAL)), comment="#")
    assert list(table.columns) == [
        "id", "text", "logit", "probability", "after_temperature", "after_top_k", "after_top_p",
    ]  # fmt: skip
    assert sorted(table["id"]) == list(range(VOCABULARY))
    lm = catalog.load(defaults.DECODER)
    ids = lm.tokenizer(defaults.PROMPT, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        scores = lm.model(ids).logits[:, -1].double()
    order = table["id"].to_numpy()
    np.testing.assert_allclose(table["logit"], scores[0].numpy()[order], atol=1e-4)
    scores = torch.from_numpy(trace.logits.astype(np.float64))[None]
    columns = ["probability", "after_temperature", "after_top_k", "after_top_p"]
    for column, sampler in zip(
        columns, (None, TemperatureLogitsWarper(0.8), TopKLogitsWarper(50), TopPLogitsWarper(0.95)), strict=True
    ):
        scores = scores if sampler is None else sampler(ids, scores)
        np.testing.assert_allclose(table[column], scores.softmax(-1)[0].numpy()[order], rtol=1e-9, atol=1e-15)
    assert json.loads(table["text"][0]) == " cat"


def test_the_link_is_the_chain() -> None:
    app = opened(
        temperature="0", top_k="0", top_p="1", order="top_p,top_k", logit_bias="2767:5,1:-2.5", top_n_sigma="3"
    )
    assert not app.warning
    assert "Logit bias on 2 → Temperature 0 → Top-nσ 3" in captions(app)
    assert "by its definition: Temperature, Top-nσ" in captions(app)
    assert badges(app)[0].startswith(":green-badge")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("temperature", "-1", "it can be 0, or a number from 1e-09 to 1e+09"),
        ("temperature", "1e-12", "it can be 0, or a number from 1e-09 to 1e+09"),
        ("temperature", "warm", "it can be 0, or a number"),
        ("temperature", "inf", "it can be 0, or a number"),
        ("top_k", "-3", "it can be a number from 0 to"),
        ("top_k", "1.5", "it can be a number from 0 to"),
        ("top_p", "1.01", "it can be a number from 0 to 1"),
        ("min_p", "nan", "it can be a number from 0 to 1"),
        ("typical_p", "", "it can be a number from 0 to 1"),
        ("epsilon_cutoff", "2", "it can be a number from 0 to 1"),
        ("eta_cutoff", "-0.1", "it can be a number from 0 to 1"),
        ("top_n_sigma", "-1", "it can be a number"),
        ("repetition_penalty", "0", "it can be a number from 0.001 to 1000"),
        ("presence_penalty", "1e10", "it can be a number from -1e+09 to 1e+09"),
        ("frequency_penalty", "x", "it can be a number from -1e+09 to 1e+09"),
        ("logit_bias", "49152:1", "different token ids below 49,152"),
        ("logit_bias", "5", "different token ids below 49,152"),
        ("logit_bias", "5:1,5:2", "different token ids below 49,152"),
        ("logit_bias", "5:1:2", "different token ids below 49,152"),
        ("logit_bias", "5:inf", "different token ids below 49,152"),
        ("logit_bias", "<b>:1", "different token ids below 49,152"),
        ("order", "top_p,top_p", "names with commas between them, each once"),
        ("order", "top_a", "names with commas between them, each once"),
        ("token", "49152", "it can be a number from 0 to 49151"),
        ("seed", "4294967296", "it can be a number from 0 to 4294967295"),
        ("draws", "1001", "it can be a number from 0 to 1000"),
    ],
)
def test_what_cannot_be_is_told_once(name: str, value: str, allowed: str) -> None:
    table = sampler_chain.parameters(sampling.LIMITS, distribution.ORDER, VOCABULARY)
    values, said = state.read(table, {name: value})
    assert values == {}
    assert len(said) == 1
    assert f"The link asks for {name}" in said[0]
    assert allowed in said[0]


def test_a_bias_keeps_all_its_digits() -> None:
    table = sampler_chain.parameters(sampling.LIMITS, distribution.ORDER, VOCABULARY)
    assert state.read(table, {"logit_bias": "5:1234567,6:-0.12345678"}) == (
        {"logit_bias": "5:1234567,6:-0.12345678"},
        [],
    )


def test_a_nonsense_link_keeps_what_is_right() -> None:
    app = opened(temperature="hot", top_k="7", order="cold", logit_bias="😀", token="99999999999")
    assert complaints(app).count("The link asks for") == 4
    assert sentences(app) == []
    assert "Temperature 0.8 → Top-k 7 → Top-p 0.95" in captions(app)


@pytest.mark.parametrize(
    "query",
    [
        {"temperature": "1e-9"},
        {"temperature": "1e9", "top_k": "1000000000", "top_p": "0"},
        {"min_p": "1", "typical_p": "0", "epsilon_cutoff": "1", "eta_cutoff": "1", "top_n_sigma": "0"},
        {"logit_bias": "0:1000000000,2644:-1000000000", "repetition_penalty": "1000", "presence_penalty": "-1e9"},
    ],
)
def test_the_ends_of_the_scales_stand(query: dict[str, str]) -> None:
    app = opened(**query)
    assert not app.warning
    assert sentences(app) == []
    assert badges(app)[0].startswith(":green-badge")


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "prompt"),
        ({"text": "word " * 600}, "512"),
        ({"model": "minilm-l6-v2"}, "minilm-l6-v2"),
    ],
)
def test_what_cannot_be_asked_gets_its_sentence(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    said = sentences(app)
    assert len(said) == 1 or complaints(app)
    assert part in " ".join([*said, complaints(app)])
    assert visiting.is_whole(app)


def test_what_a_browser_sends_is_taken_if_it_is_sound() -> None:
    names = [["temperature", 0.8], ["top_k", 50], ["top_n_sigma", None], ["logit_bias", [[3, -2], [5, 1.5]]]]
    good = ["these", names, [[2644, 0.31], [7, 0.0]], [49_152, 50, 50, 50]]
    found = distribution_check.taken(good, "these", VOCABULARY)
    assert found is not None
    chain, ours = found
    assert chain == [("temperature", 0.8), ("top_k", 50), ("top_n_sigma", np.inf), ("logit_bias", {3: -2.0, 5: 1.5})]
    assert (ours.probabilities, ours.kept) == ({2644: 0.31, 7: 0.0}, (49_152, 50, 50, 50))
    for bad in (
        None, 5, "text", [], ["others", *good[1:]], ["these", names[:2], *good[2:]], ["these", names, [], good[3]],
        ["these", names, [[VOCABULARY, 0.1]], good[3]], ["these", names, [[1, "x"]], good[3]],
        ["these", names, [[1, math.nan]], good[3]],
        ["these", names, good[2], [1, 2]], ["these", [["top_a", 1]] * 4, *good[2:]],
        ["these", names, [[1, 0.1]] * 101, good[3]], ["these", [["top_p", 7]] * 4, *good[2:]],
        ["these", names, good[2], [None] * 4], ["these", [["logit_bias", 3]] * 4, *good[2:]],
        ["these", [["logit_bias", [[VOCABULARY, 1]]]] * 4, *good[2:]],
    ):  # fmt: skip
        assert distribution_check.taken(bad, "these", VOCABULARY) is None, bad


def test_opening_the_modules_imports_no_torch() -> None:
    code = (
        "import sys, pages.parts.next_token.distribution; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
