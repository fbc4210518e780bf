"""The view "beams" as a script: the figure's data, the files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import AutoConfig, AutoModelForCausalLM

from models import beam, beam_check, catalog, traces, vocabulary
from models.language_model import LanguageModel
from models.traces import BeamCheckTrace, BeamTrace, InputError
from pages.parts.next_token import beams
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import beam_tree

BADGE = "The best text is that of transformers' generate: "
CHAT = "Say hi."


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("next_token", {"view": "beams"} | query)


def is_whole(app: AppTest) -> bool:
    return bool(app.title and app.selectbox and app.text_area and len(app.header) == 2 and len(app.number_input) == 3)


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.fixture(scope="module")
def search(smollm2: LanguageModel) -> BeamTrace:
    """Some texts end on their way, and the beams lose what greedy search goes along."""
    return beam.search(smollm2, CHAT, beams=4, tokens=20, length_penalty=0.0, chat=True)


@pytest.fixture(scope="module")
def greedy(smollm2: LanguageModel) -> BeamTrace:
    return beam.search(smollm2, CHAT, beams=1, tokens=20, length_penalty=0.0, chat=True)


def data(search: BeamTrace, greedy: BeamTrace) -> dict[str, Any]:
    return json.loads(b"{" + beam_tree.pack(search, greedy, ["fact"]) + b"}")["data"]


def test_the_default_view() -> None:
    app = opened()
    assert sentences(app) == []
    assert is_whole(app)
    assert BADGE + "12 tokens, all equal" in badges(app)[0]
    assert "green" in badges(app)[0]
    assert not app.warning
    assert app.text_area(key="text").value == "The best way to learn"


def test_a_link_sets_the_controls() -> None:
    app = opened(text=CHAT, chat="true", beams="2", max_new_tokens="3", length_penalty="-1.5")
    assert sentences(app) == []
    assert [box.value for box in app.number_input] == [2, 3, -1.5]
    assert BADGE + "3 tokens, all equal" in badges(app)[0]
    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "2 beams, 4 candidates a step" in said
    assert "length penalty -1.5" in said


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "The prompt is empty"),
        ({"text": "word " * 520}, "at most 512 are run at once"),
        ({"text": "word " * 505, "max_new_tokens": "100"}, "100 more are over the 512"),
        ({"text": "a" * 20_001}, "at most 20,000"),
    ],
    ids=["empty", "long", "long with the new ones", "very long"],
)
def test_what_cannot_be_searched_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    (said,) = sentences(app)
    assert part in said
    assert is_whole(app)
    assert app.text_area(key="text").value == query["text"]


def test_an_encoder_is_refused() -> None:
    app = opened(model="minilm-l6-v2")
    said = [*sentences(app), *(box.value for box in app.warning)]
    assert any("minilm" in sentence for sentence in said)
    assert is_whole(app)


def test_a_link_that_asks_too_much_is_told() -> None:
    app = opened(beams="11", max_new_tokens="0", length_penalty="nan", step="99", node="-1", text="a")
    told = " ".join(box.value.replace("\\", "") for box in app.warning)
    for name in ("beams", "max_new_tokens", "length_penalty", "step", "node"):
        assert f"asks for {name} “" in told
    assert sentences(app) == []
    assert [box.value for box in app.number_input] == [4, 12, 1.0]


def test_all_candidates_travel(search: BeamTrace, greedy: BeamTrace) -> None:
    found = data(search, greedy)
    assert (found["beams"], found["penalty"], found["width"]) == (4, 0.0, search.tokens.shape[1])
    for step, shown in enumerate(found["steps"]):
        np.testing.assert_allclose(shown["scores"], search.scores[step], atol=1e-5)
        assert shown["parents"] == search.parents[step].tolist()
        assert shown["kept"] == search.kept[step].tolist()
        assert bytes.fromhex(shown["raw"][0]).decode(errors="backslashreplace") == shown["texts"][0]
    assert len(found["finished"]) == len(search.finished)


def test_the_ways_lead_to_the_finished_texts(search: BeamTrace, smollm2: LanguageModel) -> None:
    assert len({len(ids) for ids in search.finished}) > 1  # some have ended before
    for ids, way, final in zip(search.finished, search.paths(), search.final_scores, strict=True):
        assert [int(search.tokens[step][rank]) for step, rank in enumerate(way)] == list(ids)
        for step in range(1, len(way)):
            assert search.kept[step - 1][search.parents[step][way[step]]] == way[step - 1]
        assert search.scores[len(way) - 1][way[-1]] == pytest.approx(final, rel=1e-5)
        raw = bytes.fromhex("".join(search.raw[step][rank] for step, rank in enumerate(way)))
        assert raw.decode() == smollm2.tokenizer.decode(ids)


def test_where_one_beam_goes_along(search: BeamTrace, greedy: BeamTrace) -> None:
    found = data(search, greedy)["greedy"]
    ids = [int(search.tokens[step][rank]) for step, rank in enumerate(found["way"])]
    assert ids == list(greedy.ids[: len(ids)])
    assert ids
    assert sum(np.diff([0.0, *found["sums"]])) == pytest.approx(found["sums"][-1])
    same = data(greedy, greedy)
    assert tuple(same["greedy"]["way"]) == tuple(same["finished"][0]["way"]) == greedy.paths()[0]


def test_the_files(search: BeamTrace, greedy: BeamTrace, smollm2: LanguageModel) -> None:
    table = pd.read_csv(io.BytesIO(beams.candidates_csv(search)), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(table["sum of ln p"].astype(np.float32), search.scores.ravel())
    assert table["token"].tolist() == search.tokens.ravel().tolist()
    table = pd.read_csv(io.BytesIO(beams.finished_csv(search, greedy)), comment="#", float_precision="round_trip")
    assert [json.loads(text) for text in table["text"]] == [
        smollm2.tokenizer.decode(ids) for ids in (*search.finished, greedy.ids)
    ]
    computed = table["sum of ln p"] / table["tokens"] ** table["length penalty"]
    np.testing.assert_allclose(computed, table["score"], rtol=1e-5)


@pytest.mark.parametrize("family", ["gpt2", "gemma2", "bloom"])
def test_the_check_is_transformers_own_search(family: str) -> None:
    lm = catalog.wrap(tiny_model(family), tiny_tokenizer())
    settings: dict[str, Any] = {"beams": 3, "tokens": 7, "length_penalty": 2.0}
    theirs = beam_check.check(lm, "Some text", **settings)
    with torch.inference_mode():
        ids = lm.tokenizer("Some text", return_tensors="pt")["input_ids"]
        plain = lm.model.generate(
            ids, num_beams=3, max_new_tokens=7, length_penalty=2.0, do_sample=False, pad_token_id=0
        )
    assert (
        theirs.ids.tolist() == plain[0, ids.shape[1] :].tolist() == list(beam.search(lm, "Some text", **settings).ids)
    )
    again = traces.from_bytes(traces.to_bytes(theirs))
    assert isinstance(again, BeamCheckTrace)
    with pytest.raises(InputError, match="over the 128"):
        beam_check.check(lm, "Some text", tokens=125)


def test_a_model_without_a_cache_is_searched_too() -> None:
    torch.manual_seed(0)
    config = AutoConfig.for_model("openai-gpt", vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=128)
    lm = catalog.wrap(AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval(), tiny_tokenizer())
    found = beam.search(lm, "Some text", beams=3, tokens=6)
    assert list(found.ids) == beam_check.check(lm, "Some text", beams=3, tokens=6).ids.tolist()


def test_letters_of_several_tokens_come_together(smollm2: LanguageModel) -> None:
    ids = smollm2.tokenizer("🙂 today 你好")["input_ids"]
    raw = vocabulary.raw(smollm2.tokenizer, ids)
    assert b"".join(raw).decode() == "🙂 today 你好"
    assert len(raw) > 4
    assert vocabulary.texts(smollm2.tokenizer, ids) == tuple(map(vocabulary.readable, raw))
