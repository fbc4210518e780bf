"""Is what travels to the browser exactly the trace, rounded to three decimals, and small?"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models import attention
from models.traces import AttentionTrace, TokenKind
from tests.random_trace import random_trace
from viz.components import attention_explorer, shared
from viz.components.attention_explorer import (
    BUDGET,
    DEFAULTS,
    FOLDER,
    THUMBNAIL,
    Measure,
    Packed,
    Pane,
    encode,
    pack,
    standalone_html,
    window,
)


def packed(trace: AttentionTrace, **more: Any) -> Packed:
    measures = [Measure("most", "Largest", "The largest weight.", trace.weights.max(axis=(2, 3)))]
    bare = attention.hide_special(trace)
    kept = None if bare is trace else bare.weights
    return pack(Pane(trace, measures, trace.weights[:, 0], trace.weights.mean(1), kept, **more))


def header_of(blob: bytes) -> tuple[dict[str, Any], bytes]:
    assert blob[:4] == b"ORR1"
    (size,) = struct.unpack_from("<I", blob, 4)
    return json.loads(blob[8 : 8 + size]), blob[8 + size :]


def raw(record: dict[str, Any], body: bytes, name: str) -> bytes:
    entry = record["arrays"][name]
    return zlib.decompress(body[entry["offset"] : entry["offset"] + entry["length"]])


def milli(record: dict[str, Any], body: bytes, name: str) -> NDArray[np.int64]:
    """What the browser makes of one array: dense whole thousandths, masked ones 0."""
    planes = np.frombuffer(raw(record, body, name), dtype=np.uint8)
    values = planes[: len(planes) // 2].astype(np.int64) + 256 * planes[len(planes) // 2 :].astype(np.int64)
    shape = record["arrays"][name]["shape"]
    tokens = shape[-1]
    dense = np.zeros([int(np.prod(shape[:-2])), tokens, tokens], dtype=np.int64)
    at = 0
    for matrix in dense:
        for key in range(tokens):
            first = key if record["causal"] else 0
            matrix[first:, key] = values[at : at + tokens - first]
            at += tokens - first
    assert at == len(values)
    return dense.reshape(shape)


def without_special(record: dict[str, Any], body: bytes) -> NDArray[np.int64]:
    """What the browser makes of the corrections: a guess from the thousandths of all tokens, put right."""
    shown = [index for index, token in enumerate(record["tokens"]) if token["kind"] != "special"]
    side = len(record["tokens"])
    found = milli(record, body, "kept")
    found = found.reshape(-1, *found.shape[-2:])
    for matrix, full in zip(found, milli(record, body, "weights").reshape(-1, side, side), strict=True):
        for q, query in enumerate(shown):
            row = [int(full[query, key]) for key in shown]
            for k in range(q + 1 if record["causal"] else len(shown)):
                code = int(matrix[q, k])
                guess = math.floor(1000 * row[k] / sum(row) + 0.5) if sum(row) else 0
                matrix[q, k] = guess + (-(code + 1) // 2 if code & 1 else code // 2)
    return found


@pytest.mark.parametrize("causal", [True, False])
def test_weights_arrive_rounded_to_three_decimals_and_no_further(causal: bool) -> None:
    trace = random_trace([f" {n}" for n in range(23)], layers=4, heads=3, causal=causal)
    header, body = header_of(encode([packed(trace)], {}))
    [record] = header["panes"]
    exact = np.rint(trace.weights.astype(np.float64) * 1000)
    assert (milli(record, body, "weights") == exact).all()
    assert (milli(record, body, "rollout") == exact[:, 0]).all()
    assert "kept" not in record["arrays"]
    assert "thumbnails" not in record["arrays"]
    measured = np.frombuffer(raw(record, body, "measures"), dtype="<f4").reshape(1, 4, 3)
    assert (measured[0] == trace.weights.max(axis=(2, 3))).all()


def test_rounding_agrees_with_printing() -> None:
    """A number drawn from the blob is the number that Python prints for the same weight."""
    trace = random_trace([f" {n}" for n in range(40)], layers=2, heads=2)
    header, body = header_of(encode([packed(trace)], {}))
    drawn = milli(header["panes"][0], body, "weights").ravel()
    assert [f"{value / 1000:.3f}" for value in drawn] == [f"{value:.3f}" for value in trace.weights.ravel()]


def test_hidden_special_tokens_leave_rows_that_sum_to_one() -> None:
    trace = random_trace(["[CLS]", "a", "b", "c", "[SEP]"], causal=False)
    kinds: tuple[TokenKind, ...] = ("special", "text", "text", "text", "special")
    trace = dataclasses.replace(trace, token_table=dataclasses.replace(trace.token_table, kinds=kinds))
    header, body = header_of(encode([packed(trace)], {}))
    inner = trace.weights[..., 1:4, 1:4].astype(np.float64)
    wanted = np.rint(1000 * (inner / inner.sum(axis=-1, keepdims=True)))
    got = without_special(header["panes"][0], body).reshape(wanted.shape)
    # The division was done in float32: a value on the edge of two thousandths may fall to either side.
    assert np.abs(got - wanted).max() <= 1
    assert (got == wanted).mean() > 0.99


def test_a_token_that_saw_only_special_ones_keeps_an_empty_row() -> None:
    trace = random_trace(["<s>", "a"], layers=1, heads=1)
    weights = np.array([[[[1, 0], [1, 0]]]], dtype=np.float32)
    table = dataclasses.replace(trace.token_table, kinds=("special", "text"))
    header, body = header_of(encode([packed(dataclasses.replace(trace, weights=weights, token_table=table))], {}))
    assert without_special(header["panes"][0], body).tolist() == [[[0]]]


def test_two_panes_and_what_the_header_says() -> None:
    first, second = random_trace([" a", "b"], heads=4), random_trace(["c", "d", "e"], causal=False)
    first = dataclasses.replace(first, key_value_heads=np.array([0, 0, 1, 1]))
    blob = encode(
        [packed(first), packed(second, title="Second")],
        {"view": "heads", "layer": 2},
        defaults={"view": "matrix"},
    )
    header, body = header_of(blob)
    assert header["state"] == DEFAULTS | {"view": "heads", "layer": 2}
    assert header["defaults"]["view"] == "matrix"
    left, right = header["panes"]
    assert left["key_value_heads"] == [0, 0, 1, 1]
    assert [measure["key"] for measure in left["measures"]] == ["most"]
    table, token = first.token_table, left["tokens"][0]
    assert (token["text"], token["piece"], token["id"], token["hex"]) == (" a", " a", int(table.ids[0]), "20 61")
    assert (token["kind"], token["segment"], token["part"]) == ("text", 0, [0, 1])
    assert tuple(token["span"]) == table.spans[0]
    assert (left["title"], right["title"], right["causal"]) == ("org/model", "Second", False)
    assert (milli(right, body, "weights") == np.rint(second.weights.astype(np.float64) * 1000)).all()
    with pytest.raises(ValueError, match="two panes"):
        encode([], {})


def test_content_is_named_by_what_is_drawn_not_by_the_view() -> None:
    trace = random_trace(["a", "b"])
    one = header_of(encode([packed(trace)], {"layer": 1}))[0]["content"]
    assert one == header_of(encode([packed(trace)], {"layer": 0}, present=True))[0]["content"]
    assert one != header_of(encode([packed(random_trace(["a", "c"]))], {}))[0]["content"]


@pytest.mark.parametrize(
    ("shape", "around", "panes", "expected"),
    [
        ((30, 9, 128, True), 0, 1, (0, 30)),
        ((12, 12, 64, False), 11, 1, (0, 12)),
        ((30, 9, 512, True), 0, 1, (0, 2)),
        ((30, 9, 512, True), 17, 1, (16, 2)),
        ((30, 9, 512, True), 29, 1, (28, 2)),
        ((6, 12, 512, False), 3, 1, (3, 1)),
        ((30, 9, 256, True), 10, 2, (8, 4)),
        ((1, 64, 4096, False), 0, 1, (0, 1)),
    ],
)
def test_the_window_holds_the_asked_layer_within_the_budget(
    shape: tuple[int, int, int, bool], around: int, panes: int, expected: tuple[int, int]
) -> None:
    layers, heads, tokens, causal = shape
    first, count = window(*shape, around, panes=panes)
    assert (first, count) == expected
    assert first <= around < first + count <= layers
    values = heads * (tokens * (tokens + 1) // 2 if causal else tokens**2) * count
    assert count == 1 or values * panes <= BUDGET


def test_a_long_text_sends_some_layers_and_thumbnails_of_all() -> None:
    trace = random_trace([" x"] * 100, layers=5, heads=2)
    header, body = header_of(encode([packed(trace, layers=(2, 2))], {}))
    [record] = header["panes"]
    assert (record["first"], record["count"]) == (2, 2)
    assert (milli(record, body, "weights") == np.rint(trace.weights[2:4].astype(np.float64) * 1000)).all()
    pictures = np.frombuffer(raw(record, body, "thumbnails"), dtype=np.uint8).reshape(5, 2, THUMBNAIL, THUMBNAIL)
    edges = [n * 100 // THUMBNAIL for n in range(THUMBNAIL + 1)]
    block = trace.weights[4, 1, edges[31] : edges[32], edges[7] : edges[8]]
    assert pictures[4, 1, 31, 7] == round(255 * float(block.max()) ** 0.5)
    assert (pictures.reshape(10, -1)[:, THUMBNAIL - 1] == 0).all()  # the upper right corner is masked


def spread(layers: int, heads: int, tokens: int, causal: bool) -> AttentionTrace:
    """Rows that are spread over hundreds of thousandths: harder to pack than any trained head."""
    trace = random_trace([f" word{n}" for n in range(tokens)], layers=layers, heads=heads, causal=causal)
    scores = np.random.default_rng(1).normal(size=trace.weights.shape)
    scores[trace.weights == 0] = -np.inf
    weights = np.exp(scores)
    return dataclasses.replace(trace, weights=(weights / weights.sum(-1, keepdims=True)).astype(np.float32))


@pytest.mark.parametrize(
    ("layers", "heads", "tokens", "causal", "megabytes"),
    [
        (12, 12, 64, True, 0.35),  # the budget; bertviz sends 15.9 MB
        (30, 9, 128, True, 2.5),  # the budget; bertviz sends 119 MB
        (12, 12, 64, False, 0.52),  # noise in both directions: the worst there is
        (4, 9, 512, True, 2.5),
    ],
)
def test_all_that_crosses_the_websocket_is_small_even_for_noise(
    layers: int, heads: int, tokens: int, causal: bool, megabytes: float
) -> None:
    layers_sent = window(layers, heads, tokens, causal, 0)
    blob = encode([packed(spread(layers, heads, tokens, causal), layers=layers_sent)], {})
    total = len(blob) + len(shared.packed_script(FOLDER)) + len(shared.style(FOLDER).encode())
    assert total <= megabytes * 1e6, f"{total / 1e6:.3f} MB"


def test_the_browsers_half_is_one_small_module_without_a_network() -> None:
    code, sheet = shared.script(FOLDER), shared.style(FOLDER)
    assert len(shared.packed_script(FOLDER)) + len(sheet.encode()) < 60_000
    assert code.count("export default") == 1
    assert "innerHTML" not in code
    assert "Math.random" not in code
    for address in ("https:", "fetch(", "import("):
        assert address not in code
    assert code.count("http:") == 1  # the name of SVG, which is never asked for
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_text_cannot_leave_its_place_in_the_single_file() -> None:
    bad = "</script><script>alert(1)</script>"
    trace = random_trace([bad, "<!--"], source=f"org/{bad}")
    page = standalone_html(encode([packed(trace)], {}))
    assert page.count("</script>") == 2  # the blob's and the module's own
    assert page.count("<script") == 2
    assert "alert(1)" not in page.split('<script type="module">')[0].replace("&lt;script&gt;alert(1)", "")
    assert "connect-src" not in page  # default-src 'none' stands for every connection
    assert "default-src 'none'" in page


def test_importing_the_face_needs_no_streamlit_and_no_torch() -> None:
    heavy = "[name for name in ('streamlit', 'torch', 'plotly') if name in sys.modules]"
    code = f"import sys, {attention_explorer.__name__}; print({heavy})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
