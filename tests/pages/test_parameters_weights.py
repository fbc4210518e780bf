"""The view "weights" as a script: the figure's data, the files, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats  # type: ignore[import-untyped]
from streamlit.testing.v1 import AppTest

from models import catalog, defaults, weights
from models.language_model import LanguageModel
from models.traces import MatrixTrace
from pages.parts.parameters import weights_files, weights_norms
from tests.families import tiny_model, tiny_tokenizer
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz import weight_charts
from viz.components import weight_picture

QUERIES = defaults.PICTURED
ENCODER = "encoder.layer.0.attention.self.query"


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("parameters", {"view": "weights"} | query)


def said(app: AppTest) -> str:
    """All words in captions and in the text."""
    return " ".join(text.value.replace("\\", "") for text in (*app.caption, *app.markdown))


def warnings(app: AppTest) -> str:
    return " ".join(box.value.replace("\\", "") for box in app.warning)


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load(defaults.DECODER)


@pytest.fixture(scope="module")
def trace(smollm2: LanguageModel) -> MatrixTrace:
    return weights.matrix(smollm2, "model.layers.2.mlp.up_proj")


def test_the_view_it_opens_on() -> None:
    app = opened()
    assert sentences(app) == []
    assert app.title
    assert len(app.header) == 2
    assert app.expander
    assert not app.warning
    assert app.selectbox(key="matrix").value == QUERIES
    assert "Singular values equal torch's within" in badges(app)[0]
    words = said(app)
    assert "0.164% of the weights, of a normal distribution 0.0063%" in words
    assert "24 of 576 are larger. Effective rank 413 of 576; of a random one 464" in words
    assert "come from SmolLM2-135M-Instruct.Q4_1.gguf" in words
    assert "more than 16 different values" in words
    assert app.dataframe[0].value["matrix"].tolist() == ["model.embed_tokens"]


def test_a_region_of_an_encoder() -> None:
    app = opened(loaded="minilm-l6-v2", matrix=ENCODER, rows="64-95", columns="7")
    assert sentences(app) == []
    assert not app.warning
    own = catalog.load("minilm-l6-v2").model.get_submodule(ENCODER).weight.detach().numpy()[64:96, 7]
    assert f"deviation {own.std():.4g}, largest magnitude {abs(own).max():.4g}" in said(app)
    assert "gguf" not in said(app)
    assert (app.text_input(key="rows").value, app.text_input(key="columns").value) == ("64-95", "7")


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"rows": "500-600"}, "576 rows, from 0 to 575: 500 to 600"),
        ({"columns": "5-3"}, "Columns 5 to 3 would end before they begin"),
        ({"rows": "<b>half</b>"}, "Rows are written as 64-127"),
        ({"rows": "1e3"}, "“1e3” is neither"),
        ({"rows": "9" * 31}, "Rows are written as"),
        ({"rows": "999999999999"}, "576 rows"),
    ],
    ids=["outside", "backwards", "words", "a float", "long", "huge"],
)
def test_what_is_no_region_gets_one_sentence_and_nothing_is_lost(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert [part in sentence for sentence in sentences(app)] == [True]
    assert app.selectbox(key="matrix").value == QUERIES
    for side, value in query.items():
        assert app.text_input(key=side).value == value
    app.text_input(key=next(iter(query))).set_value("1-2").run()
    assert sentences(app) == []
    assert badges(app)


def test_a_single_weight_has_no_distribution(smollm2: LanguageModel) -> None:
    app = opened(rows="3", columns="5")
    assert sentences(app) == []
    own = smollm2.model.get_submodule(QUERIES).weight[3, 5].item()
    assert f"All weights here are {own:.4g}" in app.info[0].value
    assert "nan" not in said(app)
    one = weights.matrix(smollm2, QUERIES, (3, 4), (5, 6))
    assert len(weights_files.distribution(one).splitlines()) == 3 + 1 + weights.BINS
    assert b"nan" not in weights_files.singular(one)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"matrix": "model.layers.99.mlp"}, "asks for matrix “model.layers.99.mlp”"),
        ({"matrix": ENCODER}, f"asks for matrix “{ENCODER}”"),
        ({"tiles": "median"}, "asks for tiles “median”"),
        ({"tile_row": "144"}, "asks for tile_row “144”"),
    ],
)
def test_a_link_that_asks_for_what_there_is_not_is_told(query: dict[str, str], part: str) -> None:
    app = opened(**query)
    assert part in warnings(app)
    assert sentences(app) == []
    assert app.selectbox(key="matrix").value == QUERIES
    assert badges(app)


def test_another_matrix_is_shown_whole() -> None:
    app = opened(rows="0-7", columns="0-31")
    app.selectbox(key="matrix").set_value("model.layers.0.self_attn.k_proj").run()
    assert sentences(app) == []
    assert (app.text_input(key="rows").value, app.text_input(key="columns").value) == ("", "")
    app.text_input(key="rows").set_value("64-127").run()
    assert app.text_input(key="rows").value == "64-127"
    assert sentences(app) == []
    app.selectbox(key="loaded").set_value("minilm-l6-v2").run()
    assert sentences(app) == []
    assert app.selectbox(key="matrix").value == "embeddings.word_embeddings"
    assert app.text_input(key="rows").value == ""


def test_the_picture_travels_whole(trace: MatrixTrace) -> None:
    data = json.loads(b"{" + weight_picture.pack(trace, ["fact"]) + b"}")["data"]
    assert (data["tile"], data["tiles"], data["shape"]) == ([11, 4], [140, 144], [1536, 576])
    for name, values in (("mean", trace.picture), ("largest", trace.largest)):
        packed = data[name]
        raw = np.frombuffer(base64.b64decode(packed["values"]), np.uint8).astype(int).reshape(2, -1)
        numbers = (raw[0] + 256 * raw[1] + packed["least"]) / 10.0 ** packed["digits"]
        np.testing.assert_allclose(numbers.reshape(values.shape), values, atol=0.51 * 10.0 ** -packed["digits"])
        assert 10.0 ** -packed["digits"] <= 1e-3 * abs(values).max()
        assert (abs(values) > packed["end"]).mean() == pytest.approx(0.005, abs=1e-4)


def test_a_normal_curve_is_the_librarys(trace: MatrixTrace) -> None:
    expected = np.diff(stats.norm.cdf(trace.edges, trace.mean, trace.deviation)) * 1536 * 576
    np.testing.assert_allclose(weight_charts.normal(trace), expected, rtol=1e-6, atol=1e-6)
    assert weight_charts.beyond_normal() == pytest.approx(2 * stats.norm.sf(4))


def test_the_files_hold_every_number(trace: MatrixTrace, smollm2: LanguageModel) -> None:
    def read(blob: bytes) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(blob), comment="#", float_precision="round_trip")

    tiles = read(weights_files.tiles(trace))
    np.testing.assert_array_equal(tiles["mean"].astype(np.float32), trace.picture.ravel())
    np.testing.assert_array_equal(tiles["largest magnitude"].astype(np.float32), trace.largest.ravel())
    assert tiles.iloc[-1, :4].tolist() == [1529, 1535, 572, 575]
    spread = read(weights_files.distribution(trace))
    assert spread["weights"].sum() == 1536 * 576
    np.testing.assert_array_equal(spread["to"], trace.edges[1:])
    singular = read(weights_files.singular(trace))
    np.testing.assert_array_equal(singular["singular value"], trace.singular)
    assert len(singular) == 576
    norms = weights.norms(smollm2)
    table = read(weights_files.by_layer(norms))
    assert len(table) == 211
    row = table[table["matrix"] == '"model.layers.7.mlp.up_proj"'].iloc[0]
    assert row["root mean square"] == norms.values[norms.kinds.index("model.layers.*.mlp.up_proj"), 7]
    assert table["layer"].isna().sum() == 1


def test_kinds_are_named_by_their_place_in_the_layer() -> None:
    norms = weights.norms(catalog.wrap(tiny_model("gpt2"), tiny_tokenizer()))
    repeated = [kind for kind, single in zip(norms.kinds, norms.single, strict=True) if not single]
    assert weights_norms.names(repeated) == ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]
    stacks = ["encoder.block.*.layer.0.q", "decoder.block.*.layer.0.q"]
    assert weights_norms.names(stacks) == stacks
    assert weights_norms.path_of("h.*.mlp.c_fc", 3) == "h.3.mlp.c_fc"
