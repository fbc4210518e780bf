"""The view "quantise" as a script: torch beside what it shows, and a sentence for what can't be."""

from __future__ import annotations

import copy
import io
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import catalog, defaults, engine, quantised
from models.engine import Request
from models.traces import MatricesTrace, QuantisedTrace, Trace, VocabularyTrace
from pages.parts.parameters import quantise, quantise_files
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import token_shift
from viz.parameter_words import quantise as words

DOWN = "model.layers.0.mlp.down_proj"
FILES = ["Tokens, CSV", "Histogram, CSV", "Trace"]


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("parameters", {"view": "quantise", **query})


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def table(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("|  | as loaded"))


def told(app: AppTest) -> str:
    """What stands in quiet lines and warnings, without Markdown's escapes."""
    return " ".join(box.value for box in [*app.caption, *app.warning]).replace("\\", "")


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to the figure."""
    latest: dict[str, Any] = {}
    right = token_shift.pack

    def pack(logits: Any, probabilities: Any, texts: Any, **rest: Any) -> bytes:
        latest.update(rest, logits=logits, probabilities=probabilities)
        return right(logits, probabilities, texts, **rest)

    monkeypatch.setattr(token_shift, "pack", pack)
    quantise._packed.clear()
    return latest


def test_the_first_picture_is_that_of_a_model_with_these_weights(packed: dict[str, Any]) -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert app.selectbox(key="matrix").value == DOWN
    assert labels(app) == FILES
    lm = catalog.load(defaults.DECODER)
    changed = copy.deepcopy(lm.model)
    with torch.no_grad():
        weight = changed.get_submodule(DOWN).weight
        weight.copy_(quantised.rounded(weight, 2, 32))
        ids = lm.encode(defaults.ANSWERED).ids[None]
        theirs = [torch.softmax(model(ids).logits[0, -1].double(), 0).numpy() for model in (lm.model, changed)]
    np.testing.assert_allclose(packed["probabilities"], theirs, atol=1e-4)
    assert lm.tokenizer.decode([int(theirs[0].argmax())]) == " Paris"
    assert int(theirs[1].argmax()) != int(theirs[0].argmax())  # as it says in "What to notice"
    assert packed["divergence"] == pytest.approx(6.4, abs=0.05)
    assert badges(app) == [badge for badge in badges(app) if badge.startswith(":green")]
    assert "fake_quantize" in badges(app)[0]
    assert "331,776 bytes: 884,736 weights of 2 bits and 27,648 scales of 32" in table(app)
    assert "Q4_1.gguf" in told(app)
    assert "none has more than 16 different values: 4 bits each" in told(app)


def test_pruning_is_shown_with_what_torch_prunes(packed: dict[str, Any]) -> None:
    app = opened(method="prune", share="0.7", log="true")
    assert sentences(app) == []
    assert not app.warning
    assert packed["names"] == ("as loaded", "70% pruned")
    (badge,) = badges(app)
    assert badge.startswith(":green")
    assert "l1_unstructured" in badge
    assert f"{round(0.7 * 884736):,} (70%)" in table(app)
    assert app.number_input(key="share").value == 0.7
    assert app.toggle(key="log").value


def test_all_bits_beside_each_other() -> None:
    app = opened(sweep="true", bits="4", block="row")
    assert sentences(app) == []
    assert labels(app) == ["Tokens, CSV", "Histogram, CSV", "All at once, CSV", "Trace"]
    shown = app.dataframe[0].value
    assert shown["bits"].tolist() == [2, 3, 4, 5, 6, 8]
    assert (shown["signal to noise"].diff().dropna() > 5).all()
    weight = catalog.load(defaults.DECODER).model.get_submodule(DOWN).weight.detach()
    for bits, error in zip(shown["bits"], shown["error"], strict=True):
        scales, most = weight.abs().amax(dim=1) / (2 ** (bits - 1) - 1), 2 ** (bits - 1) - 1
        zeros = torch.zeros(len(scales), dtype=torch.int32)
        theirs = torch.fake_quantize_per_channel_affine(weight, scales, zeros, 0, -most, most)
        assert error == pytest.approx(100 * float((theirs - weight).norm() / weight.norm()), rel=1e-4)
    # Shown without being asked for again, as they are at hand.
    assert len(opened(bits="4", block="row").dataframe) == 1
    assert not opened(bits="4", block="64").dataframe


def test_files_hold_exact_numbers() -> None:
    request = Request("quantised", defaults.DECODER, defaults.ANSWERED, settings=defaults.ROUNDED)
    trace = engine.run(request)
    spelled = engine.run(Request("vocabulary", defaults.DECODER))
    assert isinstance(trace, QuantisedTrace)
    assert isinstance(spelled, VocabularyTrace)
    found = pd.read_csv(io.BytesIO(quantise_files.tokens(trace, spelled.texts)), comment="#")
    assert found["place_before"].tolist() == list(range(1, len(trace.logits[0]) + 1))
    found = found.sort_values("id")
    np.testing.assert_array_equal(found["logit_after"].to_numpy(np.float32), trace.logits[1])
    np.testing.assert_allclose(found[["p_before", "p_after"]].sum(), 1)
    assert sorted(found["place_after"]) == sorted(found["place_before"])
    bars = pd.read_csv(io.BytesIO(quantise_files.histogram(trace)), comment="#")
    assert bars["weights_before"].sum() == bars["weights_after"].sum() == 576 * 1536
    several = pd.read_csv(io.BytesIO(quantise_files.several([trace], spelled.texts)), comment="#")
    assert several["divergence_bits"][0] == trace.divergence


def test_a_model_whose_vocabulary_is_odd(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())
    traces: dict[str, Trace] = {
        "quantised": quantised.trial(lm, "transformer.h.0.mlp.c_fc", "abc", bits=8, block=0),
        "vocabulary": VocabularyTrace(lm.source(""), np.frombuffer(b"a", np.uint8), np.array([1], np.uint32)),
    }
    usual = engine.peek

    def peek(request: Request) -> Trace | None:
        found = traces.get(request.analysis)
        if found is None:
            return usual(request)
        return replace(found, source=replace(found.source, model=defaults.DECODER))

    monkeypatch.setattr(engine, "peek", peek)
    app = opened()
    assert sentences(app) == []
    assert labels(app)[0] == FILES[0]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"matrix": "../../etc"}, "matrix “../../etc”, but it can be one of the 211 in the list"),
        ({"bits": "7"}, "bits “7”, but it can be one of 2, 3, 4, 5, 6, 8"),
        ({"block": "7"}, "block “7”, but it can be one of 32, 64, 128, row"),
        ({"method": "<b>"}, "method “<b>”, but it can be one of round, prune"),
        ({"method": "prune", "share": "2"}, "share “2”, but it can be a number from 0 to 1"),
        ({"shifted": "99"}, "shifted “99”"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    assert len(app.warning) == 1
    assert part in told(app)
    assert badges(app)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"text": ""}, "prompt"),
        ({"text": "word " * 600}, "512"),
        ({"loaded": "minilm-l6-v2"}, "next token"),
        ({"loaded": "../../etc/passwd"}, "not the name of a model"),
        ({"matrix": "model.layers.3.self_attn.q_proj", "block": "128"}, "blocks of 32 or 64, or one scale a row"),
    ],
)
def test_what_can_not_be_used_is_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    (said,) = sentences(app)
    assert part in said
    assert "\n" not in said
    assert app.header
    for key, value in query.items():
        box = app.text_area(key=key) if key == "text" else app.selectbox(key=key)
        assert box.value == value


def test_another_model_has_its_own_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [replace(entry, kind=None) for entry in catalog.MODELS.values()]  # AppTest can't type what isn't offered
    monkeypatch.setattr(catalog, "available", lambda: both)
    app = opened(matrix="model.layers.5.mlp.down_proj", bits="8")
    app.selectbox(key="loaded").set_value("minilm-l6-v2").run()
    assert app.selectbox(key="matrix").value == "embeddings.word_embeddings"
    assert len(sentences(app)) == 1
    assert not app.warning
    app.selectbox(key="loaded").set_value(defaults.DECODER).run()
    assert sentences(app) == []
    assert app.selectbox(key="matrix").value == DOWN
    assert app.selectbox(key="bits").value == "8"


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(loaded="someone/some-model", bits="3")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]
    assert app.selectbox(key="bits").value == "3"


def test_what_is_said_of_the_presets_is_so() -> None:
    matrices = engine.run(Request("matrices", defaults.DECODER))
    assert isinstance(matrices, MatricesTrace)
    said = {
        "3 bits": (" Paris", 0.778),
        "2 bits in layer 5": (" Paris", 0.758),
        "2 bits in the last layer": (" the", 0.90),
        "70% pruned": (" Paris", 0.709),
    }
    lm = catalog.load(defaults.DECODER)
    for label, _, query in words.WORDS.presets:
        assert query.get("matrix", DOWN) in matrices.paths
        if label in said:
            found = quantised.trial(
                lm,
                query.get("matrix", DOWN),
                defaults.ANSWERED,
                method="prune" if query.get("method") == "prune" else "round",
                bits=int(query.get("bits", "2")),
                share=float(query.get("share", "0.5")),
            )
            best = int(found.logits[1].argmax())
            text, probability = said[label]
            assert lm.tokenizer.decode([best]) == text
            assert found.probabilities[1, best] == pytest.approx(probability, abs=0.006)


def test_the_code_runs() -> None:
    subprocess.run([sys.executable, "-c", words.WORDS.code], check=True, capture_output=True)


def test_opening_imports_nothing_heavy() -> None:
    check = (
        "import sys\nimport pages.parts.parameters.quantise\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
