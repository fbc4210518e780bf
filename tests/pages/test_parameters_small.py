"""The view "small" as a script: the figure's data, torch and scikit-learn beside it, a sentence for what can't be."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from torch import nn

from models import small_networks, small_trained
from pages.parts.parameters import small_dense, small_files
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import encoder_decoder, small_network
from viz.parameter_words import small as words


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("parameters", {"view": "small", **query})


def warned(app: AppTest) -> str:
    return " ".join(box.value for box in app.warning).replace("\\", "")


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to each figure."""
    latest: dict[str, Any] = {}

    def watch(module: Any) -> None:
        right = module.pack

        def pack(*given: Any, **rest: Any) -> bytes:
            blob: bytes = right(*given, **rest)
            latest[module.FOLDER.name] = json.loads(b"{" + blob + b"}")["data"]
            return blob

        monkeypatch.setattr(module, "pack", pack)

    watch(small_network)
    watch(encoder_decoder)
    return latest


def test_the_first_picture_needs_no_library() -> None:
    check = (
        "import sys\nimport pages.parts.parameters.small\nfrom pages.parts.parameters import small_dense\n"
        "trained = small_dense._trained((10, 8, 1), 10.0, 0)\nassert trained.counted == 97\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_the_usual_network_has_97_parameters(packed: dict[str, Any]) -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    shown = packed["small_network"]["trained"]
    assert [np.shape(matrix) for matrix in shown["weights"]] == [(10, 8), (8, 1)]
    assert sum(map(np.size, (*shown["weights"], *shown["biases"]))) == 97
    (badge,) = badges(app)
    assert badge.startswith(":green")
    assert "10-8-1: scikit-learn's arrays hold 97 numbers, our count is 97" in badge
    table = app.dataframe[0].value
    assert table["parameters"].tolist() == [97, 11]
    assert table["R², held out"].round(3).tolist() == [0.335, 0.359]


def test_a_link_trains_another_network(packed: dict[str, Any]) -> None:
    app = opened(units="10-64-1", penalty="0.0001", seed="0")
    assert sentences(app) == []
    assert packed["small_network"]["trained"]["sizes"] == "10-64-1"
    assert "10-64-1: scikit-learn's arrays hold 769 numbers, our count is 769" in badges(app)[0]
    learnt, held = (app.dataframe[0].value[name].iloc[0] for name in ("R², trained on", "R², held out"))
    assert learnt > 0.99
    assert held < 0


def test_what_the_hand_asks_for_is_trained(packed: dict[str, Any]) -> None:
    visiting.opened("parameters", {"view": "small"}, {small_dense.KEY: {"train": "10-2-1 17"}})
    assert packed["small_network"]["trained"]["sizes"] == "10-2-1"


@pytest.mark.parametrize(("units", "count"), [("4-3-2", 23), ("10-1", 11), ("64-64-64-64-64-64", 20_800)])
def test_what_has_no_values_is_counted_by_torch(units: str, count: int, packed: dict[str, Any]) -> None:
    app = opened(units=units)
    assert sentences(app) == []
    assert packed["small_network"]["trained"] is None
    (badge,) = badges(app)
    assert badge.startswith(":green")
    assert f"torch's layers hold {count:,} numbers, our count is {count:,}" in badge


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"units": "10--1"}, "units “10--1”, but it can be 2 to 6 sizes from 1 to 64"),
        ({"units": "0-5"}, "units “0-5”"),
        ({"units": "999-999"}, "units “999-999”"),
        ({"units": "<b>-x"}, "units “<b>-x”"),
        ({"units": "1-2-3-4-5-6-7"}, "units “1-2-3-4-5-6-7”"),
        ({"at": "0"}, "at “0”"),
        ({"patient": "443"}, "patient “443”, but it can be a number from 1 to 442"),
        ({"lines": "all"}, "lines “all”"),
        ({"penalty": "7"}, "penalty “7”"),
        ({"seed": "1e9"}, "seed “1e9”"),
        ({"network": "cnn"}, "network “cnn”"),
        ({"network": "transformer", "opened": "0"}, "opened “0”"),
        ({"network": "transformer", "sublayer": "mlp"}, "sublayer “mlp”"),
        ({"network": "transformer", "d": "0"}, "d “0”, but it can be a number from 1 to 4096"),
        ({"network": "transformer", "layers": "-6"}, "layers “-6”"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert sentences(app) == []
    assert part in warned(app)
    assert badges(app)


@pytest.mark.parametrize("d", ["513", "100"])
def test_a_width_that_the_heads_cannot_share_is_one_sentence(d: str) -> None:
    app = opened(network="transformer", d=d)
    (said,) = sentences(app)
    assert f"A width of {d} can't be shared evenly by 8 heads" in said
    assert app.number_input[0].label == "Width d"
    assert app.number_input[0].value == int(d)


def test_the_papers_transformer_is_counted_two_ways(packed: dict[str, Any]) -> None:
    app = opened(network="transformer")
    assert sentences(app) == []
    (badge,) = badges(app)
    assert badge.startswith(":green")
    assert "By formula 59,510,544: equal to torch's tensors" in badge
    shown = packed["encoder_decoder"]
    assert (shown["total"], shown["inside"]) == (59_510_544, 44_140_544)
    layers = {"encoder": nn.TransformerEncoderLayer(512, 8, 2048), "decoder": nn.TransformerDecoderLayer(512, 8, 2048)}
    for name, layer in layers.items():
        assert shown["blocks"][name]["each"] == sum(tensor.numel() for tensor in layer.parameters())
        inside = [block for key, block in shown["blocks"].items() if key.startswith(f"{name}-") and "final" not in key]
        assert sum(block["each"] for block in inside) == shown["blocks"][name]["each"]
        named = {tensor for block in inside for term in block["terms"] for tensor in term["tensors"]}
        assert {path for path, _ in layer.named_parameters()} == named
    table = app.dataframe[0].value
    assert table["parameters"].tolist() == table["in torch's tensors"].tolist()


def test_other_sizes_are_counted_too(packed: dict[str, Any]) -> None:
    app = opened(network="transformer", d="96", heads="6", layers="2", mlp="100", vocabulary="7")
    model = nn.Transformer(96, 6, 2, 2, 100, batch_first=True)
    assert packed["encoder_decoder"]["inside"] == sum(tensor.numel() for tensor in model.parameters())
    assert badges(app)[0].startswith(":green")


def test_the_files_hold_every_number() -> None:
    stored = small_trained.stored()
    patients = pd.read_csv(io.BytesIO(small_files.patients(stored)), comment="#")
    assert len(patients) == 442
    np.testing.assert_array_equal(patients["network"], stored.predictions)
    np.testing.assert_array_equal(patients[list(small_trained.INPUTS)], stored.inputs)
    formula = small_networks.formula()
    tensors = small_networks.by_term(small_networks.encoder_decoder())
    terms = pd.read_csv(io.BytesIO(small_files.terms(formula, tensors)), comment="#")
    assert terms["parameters"].sum() == terms["in torch's tensors"].sum() == 59_510_544
    assert pd.read_csv(io.BytesIO(small_files.terms(formula, None)), comment="#")["in torch's tensors"].isna().all()


def test_every_preset_is_a_link_that_can_be() -> None:
    assert len(words.INPUTS) == len(small_trained.INPUTS)
    for _, _, query in words.WORDS.presets:
        app = opened(**query)
        assert sentences(app) == []
        assert not app.warning


def test_the_code_runs() -> None:
    subprocess.run([sys.executable, "-c", words.WORDS.code], check=True)
