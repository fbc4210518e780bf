"""What leaves is read back by other programs, and is the same to the last bit."""

from __future__ import annotations

import csv as reader
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import export
from models.attention import MEASURES, measures
from models.traces import AttentionTrace, InductionTrace, InputError, Source, Tokens
from tests.random_trace import random_trace

# What breaks CSV, JSON, spreadsheets or fixed-width arrays.
TEXTS = (
    "=SUM(A1,A2)", "+1", "-1;=2", "@x", "#no comment", '"', "a,b", "\n", "\r\n", "\t=1", "\u2028", "\0",
    "👨‍👩‍👧", "שלום", "</script>", "\ud800", "'", "\\u002c",
)  # fmt: skip


def make(*, causal: bool = True) -> AttentionTrace:
    """Two layers of three heads; the second layer sees five tokens back (and ahead)."""
    trace = random_trace(TEXTS, layers=2, heads=3, causal=causal, pair=None if causal else "=pair")
    windowed = replace(trace, weights=trace.weights.copy(), windows=np.array([0, 5]))
    windowed.weights[1][:, ~windowed.visible(1)] = 0
    return windowed


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("layer", [0, 1])
def test_csv_reads_back_in_pandas_bit_for_bit(causal: bool, layer: int) -> None:
    trace = make(causal=causal)
    file = io.BytesIO(export.csv(trace, layer))
    table = pd.read_csv(file, comment="#", float_precision="round_trip", keep_default_na=False)

    assert tuple(table.columns) == export.COLUMNS
    assert set(table["layer"]) == {layer}
    assert len(table) == trace.heads * trace.visible(layer).sum()
    found = np.full(trace.weights[layer].shape, np.nan, dtype=np.float32)
    found[table["head"], table["query"], table["key"]] = table["weight"].astype(np.float32)
    expected = np.where(trace.visible(layer), trace.weights[layer], np.float32(np.nan))
    np.testing.assert_array_equal(found, expected)
    assert [json.loads(cell) for cell in table["query_token"]] == [TEXTS[query] for query in table["query"]]
    assert [json.loads(cell) for cell in table["key_token"]] == [TEXTS[key] for key in table["key"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_spreadsheet_finds_a_formula(separator: str) -> None:
    text = export.csv(make(), 0).decode()
    for row in reader.reader(io.StringIO(text), delimiter=separator):
        for cell in row:
            assert not cell.lstrip(" '").startswith(("=", "+", "-", "@")), row


def test_csv_says_where_it_comes_from() -> None:
    trace = make()
    lines = export.csv(trace, 0).decode().split("\n")
    head = [line[2:].split(": ", 1) for line in lines if line.startswith("# ")]
    found = {name: json.loads(value) for name, value in head}
    assert found["model"] == "org/model"
    assert found["revision"] == "abc123"
    assert found["text"] == trace.source.text
    assert found["pair"] is None
    assert found["version of torch"] == "2.13.0"


def test_heads_are_chosen_and_checked() -> None:
    trace = make()
    table = pd.read_csv(io.BytesIO(export.csv(trace, 1, [2, 0])), comment="#")
    assert list(dict.fromkeys(table["head"])) == [2, 0]
    assert json.loads(export.json_(trace, 1, [2]))["heads"] == [2]
    with pytest.raises(InputError, match="no head 3; this model's heads are 0 to 2"):
        export.csv(trace, 0, [3])
    with pytest.raises(InputError, match="no layer 2; this model's layers are 0 to 1"):
        export.json_(trace, 2)
    with pytest.raises(InputError, match="no layer -1"):
        export.csv(trace, -1)


def test_json_reads_back_bit_for_bit() -> None:
    trace = make()
    document = json.loads(export.json_(trace, 0))
    weights = np.array(document["weights"], dtype=np.float32)  # null becomes NaN
    np.testing.assert_array_equal(weights, np.where(trace.visible(0), trace.weights[0], np.float32(np.nan)))
    assert [token["texts"] for token in document["tokens"]] == list(TEXTS)
    assert [token["ids"] for token in document["tokens"]] == trace.token_table.ids.tolist()
    assert [bytes.fromhex(token["raw"]) for token in document["tokens"]] == list(trace.token_table.raw)
    for name in ("model", "revision", "text", "pair", "versions"):
        assert document[name] == getattr(trace.source, name)


def test_a_weight_that_the_mask_should_have_hidden_is_not_lost() -> None:
    trace = make()
    assert not trace.visible(0)[0, 5]
    trace.weights[0, 1, 0, 5] = 0.25
    assert json.loads(export.json_(trace, 0))["weights"][1][0][5] == 0.25
    table = pd.read_csv(io.BytesIO(export.csv(trace, 0)), comment="#")
    assert table.query("head == 1 and query == 0 and key == 5")["weight"].tolist() == [0.25]


def test_npz_loads_without_pickle() -> None:
    trace = make()
    induction = InductionTrace(trace.source, np.full((2, 3), 0.5, dtype=np.float32), 48, 0)
    with np.load(io.BytesIO(export.npz(trace, induction)), allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["weights"], trace.weights)
        assert archive["weights"].dtype == np.float32
        np.testing.assert_array_equal(archive["ids"], trace.token_table.ids)
        np.testing.assert_array_equal(archive["windows"], trace.windows)
        np.testing.assert_array_equal(archive["key_value_heads"], trace.key_value_heads)
        assert archive["causal"] == trace.causal
        assert archive["measure_names"].tolist() == [measure.key for measure in MEASURES]
        np.testing.assert_array_equal(archive["measures"], measures(trace, induction))
        assert [text.rstrip("\0") for text in TEXTS] == archive["tokens"].tolist()
        metadata = json.loads(str(archive["metadata"]))
    assert Tokens.from_json(columns(metadata["tokens"])).texts == TEXTS
    source = {name: metadata[name] for name in ("model", "revision", "text", "pair", "versions")}
    assert Source(**source) == trace.source


def columns(rows: list[dict]) -> dict:
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize(
    "model", ["smollm2-135m", "../../etc/passwd", "a/../b", "org/Модель", "", "a" * 400, 'x"\r\n;', "CON"]
)
def test_filename_is_safe_anywhere(model: str) -> None:
    name = export.filename(replace(make(), source=Source(model, "r", "text")), "CSV")
    assert name.startswith("orrery-attention-")
    assert name.endswith(".csv")
    assert len(name) < 120
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert ".." not in name


def test_filename_tells_traces_apart() -> None:
    one, other = make(), make(causal=False)
    assert export.filename(one, "npz") == export.filename(make(), "npz") != export.filename(other, "npz")
