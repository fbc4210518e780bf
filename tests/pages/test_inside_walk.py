"""The view "walk" as a script: what travels is the pass's own, weights are the model's, errors are sentences."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import adapters, catalog, defaults, engine, forward, forward_rows, interventions, switched_off
from models.engine import Request
from models.traces import ForwardTrace, InputError
from pages.parts.inside import walk_files
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import walk as figure
from viz.components.walk import stages as staging
from viz.inside_words import walk as words
from viz.inside_words import walk_stages


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("inside", {"view": "walk", **query})


def told(app: AppTest) -> str:
    """What stands in warnings, without Markdown's escapes."""
    return " ".join(box.value for box in app.warning).replace("\\", "")


def unpacked(record: dict[str, Any]) -> Any:
    """The numbers of a tensor as the browser reads them, [layer, number]."""
    raw = np.frombuffer(base64.b64decode(record["data"]), np.uint8).astype(np.uint16)
    halves = (raw[: len(raw) // 2] | (raw[len(raw) // 2 :] << 8)).view(np.float16).astype(np.float64)
    return halves.reshape(len(record["powers"]), -1) * np.exp2(-np.array(record["powers"], float))[:, None]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to the figure."""
    latest: dict[str, Any] = {}
    pack, walk = figure.pack, figure.walk

    def packing(trace: Any, stages: Any, **rest: Any) -> bytes:
        latest.update(rest, trace=trace)
        return pack(trace, stages, **rest)

    def drawing(packed: bytes, **rest: Any) -> Any:
        latest.update(rest, packed=packed)
        return walk(packed, **rest)

    monkeypatch.setattr(figure, "pack", packing)
    monkeypatch.setattr(figure, "walk", drawing)
    return latest


def test_it_opens_on_the_last_token_and_names_the_next(drawn: dict[str, Any]) -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    (badge,) = badges(app)
    assert "every stage equals the model's own tensor within" in badge
    assert badge.startswith(":green")
    data = json.loads(b"{" + drawn["packed"] + b"}")["data"]
    assert data["position"] == 4
    with torch.inference_mode():
        lm = catalog.load(defaults.DECODER)
        p = lm.model(**lm.encode(defaults.ANSWERED).inputs).logits[0, -1].double().softmax(-1)
    assert [one["id"] for one in data["top"][:5]] == p.topk(5).indices.tolist()
    np.testing.assert_allclose([one["p"] for one in data["top"]], p.topk(24).values.numpy(), rtol=1e-4)
    assert data["top"][0]["append"] == "The capital of France is Paris"
    assert len(drawn["packed"]) < 1_500_000


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"token": "9"}, "token “9”, but it can be a number from 0 to 4"),
        ({"layer": "30"}, "layer “30”, but it can be a number from 0 to 29"),
        ({"head": "-1"}, "head “-1”"),
        ({"stage": "embedding.positions"}, "stage “embedding.positions”"),
        ({"zoom": "<b>"}, "zoom “<b>”"),
        ({"dimension": "50000"}, "dimension “50000”"),
        ({"key": "5"}, "key “5”"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    assert part in told(app)
    assert badges(app)


def test_another_token_of_the_link_is_walked(drawn: dict[str, Any]) -> None:
    assert sentences(opened(token="2")) == []
    assert drawn["trace"].positions.tolist() == [2]


def test_an_encoder_has_no_logits(drawn: dict[str, Any]) -> None:
    assert sentences(opened(model=defaults.ENCODER, text="A cat sat.")) == []
    data = json.loads(b"{" + drawn["packed"] + b"}")["data"]
    assert data["top"] == []
    assert [stage["id"] for stage in data["stages"]][-1] == "out"
    assert "embedding.positions" in data["arrays"]


def test_a_layer_of_an_encoder_that_is_scaled_hands_on_what_the_model_does(drawn: dict[str, Any]) -> None:
    assert sentences(opened(model=defaults.ENCODER, text="A cat sat.", off="l2x0.5,l5")) == []
    data = json.loads(b"{" + drawn["packed"] + b"}")["data"]
    lm = catalog.load(defaults.ENCODER)
    with interventions.changed(lm, switched_off.parts_of("l2x0.5,l5")), torch.inference_mode():
        found = lm.model(**lm.encode("A cat sat.").inputs, output_hidden_states=True)
    np.testing.assert_allclose(
        unpacked(data["arrays"]["input"]).reshape(6, -1),
        [x[0, -1] for x in found.hidden_states[:-1]],
        rtol=1e-3,
        atol=1e-5,
    )
    np.testing.assert_allclose(unpacked(data["arrays"]["out"])[0], found.last_hidden_state[0, -1], rtol=1e-3, atol=1e-5)


def test_an_edge_to_the_only_token_that_is_cut_is_no_error() -> None:
    app = opened(token="0", off="a5:0>0")
    assert badges(app) or sentences(app)


def test_an_empty_text_is_one_sentence() -> None:
    (said,) = sentences(opened(text=""))
    assert "\n" not in said


def test_a_long_text_is_windowed_and_the_rest_is_counted(drawn: dict[str, Any]) -> None:
    app = opened(text="one two three four five six seven eight " * 10)
    assert sentences(app) == []
    data = json.loads(b"{" + drawn["packed"] + b"}")["data"]
    assert len(data["tokens"]) == 64
    assert data["first"] + 64 == data["count"]
    assert any("64" in box.value or "tokens" in box.value for box in app.caption)
    scores = drawn["trace"]["layers.3.attention.scores"][2, 0].astype(np.float64)
    assert data["softmax"]["sum"][3][2] == pytest.approx(np.exp(scores - scores.max()).sum())


@pytest.mark.parametrize("family", sorted(adapters.FAMILIES))
def test_a_row_of_weights_makes_the_number(family: str) -> None:
    lm = shaken(family)
    trace = forward.walk(lm, "Hello, Ada!", position=2)
    layer = 1
    for stage in staging.stages(trace):
        if stage.kind != "product" or (stage.id == "final.logits" and trace.final_softcap):
            continue
        array = trace.tensors[stage.id]
        of_all = stage.id in staging.OF_KEYS
        vector = (array[0] if array.ndim == 2 else array[layer, 2 if of_all else 0]).ravel()
        (source,) = stage.inputs
        read = trace.tensors[source]
        x = (read[0] if read.ndim == 2 else read[-1 if stage.where == "after" else layer, 0]).ravel()
        for number in (0, 9, len(vector) - 1):
            found = forward_rows.row(lm, stage.id, layer, number)
            assert float(x @ found.weights) + (found.bias or 0) == pytest.approx(float(vector[number]), abs=1e-4)


def test_a_norm_is_its_weight_times_the_normalised_number() -> None:
    for family in ("llama", "gpt2", "gemma2", "bert"):
        lm = shaken(family)
        trace = forward.walk(lm, "Hello, Ada!", position=2)
        stage = "mlp.norm" if "mlp.norm" in trace.tensors else "mlp.norm_after"
        (source,) = next(each for each in staging.stages(trace) if each.id == stage).inputs
        x = trace.tensors[source][1, 0].astype(np.float64)
        found = forward_rows.row(lm, stage, 1, 7)
        centred = x - x.mean() if found.centred else x
        ours = centred[7] / np.sqrt((centred**2).mean() + found.epsilon) * found.weights[0] + (found.bias or 0)
        assert ours == pytest.approx(float(trace.tensors[stage][1, 0, 7]), abs=1e-5)
        assert found.centred == (family not in staging.RMS)


@pytest.mark.parametrize("asked", [("mlp.fused", 0, 0), ("attention.query", 9, 0), ("mlp.up", 0, 10**6)])
def test_weights_that_are_not_there_are_one_sentence(asked: tuple[str, int, int]) -> None:
    with pytest.raises(InputError, match="choose"):
        forward_rows.row(shaken("gpt2"), *asked)


def test_files_hold_every_number() -> None:
    trace = engine.run(defaults.walk(defaults.DECODER, defaults.ANSWERED))
    assert isinstance(trace, ForwardTrace)
    table = pd.read_csv(io.BytesIO(walk_files.numbers_csv(trace)), comment="#", low_memory=False)
    rows = table[table["tensor"] == '"layers.3.mlp.up"'] if table["tensor"][0].startswith('"') else table
    rows = rows[rows["tensor"].str.strip('"') == "layers.3.mlp.up"]
    ours = rows.iloc[0, 2 : 2 + 1536].astype(float).to_numpy()
    np.testing.assert_allclose(ours, trace["layers.3.mlp.up"][0], rtol=1e-6)
    document = json.loads(walk_files.numbers_json(trace))
    np.testing.assert_array_equal(np.array(document["tensors"]["final.logits"], np.float32), trace["final.logits"])
    stages = pd.read_csv(io.BytesIO(walk_files.stages_csv(trace)), comment="#")
    assert len(stages) == len(trace.names)


def test_every_stage_has_words() -> None:
    for family in adapters.FAMILIES:
        trace = forward.walk(shaken(family), "Hi", position=0)
        for stage in staging.stages(trace):
            assert stage.id in walk_stages.STAGES
            assert stage.why.endswith(".")
            assert stage.code
    assert ({part.strip() for _, _, link in words.WORDS.presets for part in link}) <= {
        "model",
        "text",
        *figure.DEFAULTS,
    }


def test_every_preset_is_a_link_that_can_be() -> None:
    for _, _, link in words.WORDS.presets:
        model, text = link.get("model", defaults.DECODER), link.get("text", defaults.ANSWERED)
        trace = engine.run(Request("forward", model, text, settings=(("position", str(link.get("token", -1))),)))
        assert isinstance(trace, ForwardTrace)
        kinds = figure.parameters(trace, staging.stages(trace))
        for name, value in link.items():
            if name in kinds:
                kinds[name].parse(str(value))


def test_the_code_runs() -> None:
    subprocess.run(
        [
            sys.executable,
            "-c",
            words.WORDS.code + "\nassert (x - torch.tensor(walked['layers.3.mlp.residual'])).abs().max() < 1e-4",
        ],
        check=True,
    )


def test_opening_imports_nothing_heavy() -> None:
    check = (
        "import sys\nimport pages.parts.inside.walk\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
