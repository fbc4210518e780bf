"""What leaves of a vocabulary: the data of its list in the browser, its charts, its files. Each holds all of it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tokenizers import Tokenizer
from tokenizers import models as library
from transformers import PreTrainedTokenizerFast

from models import vocabulary, vocabulary_files
from models.traces import InputError, Vocabulary
from tests.unit.test_tokens import byte_level, metaspace, wordpiece
from viz import vocabulary_charts
from viz.components import vocabulary_list
from viz.components.vocabulary_list import KINDS, pack

MAKERS = [byte_level, metaspace, wordpiece]


def travelled(found: Vocabulary, split: Any = None) -> Any:
    return json.loads(b"{" + pack(found, split, title="T", facts=["F"]) + b"}")["data"]


def column(text: str, kind: str) -> list[int]:
    return list(np.frombuffer(base64.b64decode(text), dtype=kind).tolist())


@pytest.mark.parametrize("make", MAKERS)
def test_every_entry_can_be_put_together_again(make: Any) -> None:
    found = vocabulary.describe(make())
    data = travelled(found)
    assert column(data["ids"], "<i4") == found.ids.tolist()
    assert data["texts"] == list(found.texts)
    assert [KINDS[kind] for kind in column(data["kinds"], "u1")] == list(found.kinds)
    assert [data["names"][script] for script in column(data["scripts"], "u1")] == list(found.scripts)
    for place, (text, raw, piece) in enumerate(zip(found.texts, found.raw, found.pieces, strict=True)):
        again = bytes.fromhex(data["odd"][str(place)]) if str(place) in data["odd"] else text.encode()
        assert again == raw
        rule = "".join(data["alphabet"][byte] for byte in raw) if data["alphabet"] else text.replace(" ", "\u2581")
        assert data["pieces"].get(str(place), rule) == piece
    assert data["unreachable"] == (None if found.unreachable is None else found.unreachable.tolist())
    assert data["split"] is None


def test_the_rule_spares_nearly_all_pieces() -> None:
    found = vocabulary.describe(byte_level())
    assert len(travelled(found)["pieces"]) < len(found) / 20


def test_a_vocabulary_too_large_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary_list, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="choose a smaller one"):
        pack(vocabulary.describe(byte_level()), None, title="T", facts=[])


def test_split_entries_travel_by_id() -> None:
    assert travelled(vocabulary.describe(byte_level()), np.array([3, 5]))["split"] == [3, 5]


@pytest.mark.parametrize("dark", [False, True])
def test_the_charts_hold_every_entry(dark: bool) -> None:
    found = vocabulary.describe(byte_level())
    bars = vocabulary_charts.lengths(found, dark=dark).data[0]
    assert sum(bars.y) == len(found)
    assert [bars.y[n] for n in range(3)] == [int((found.characters == n).sum()) for n in range(3)]
    bars = vocabulary_charts.scripts(found, dark=dark).data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == found.by_script()
    assert list(bars.x) == sorted(bars.x, reverse=True)


def test_the_first_look_leaves_out_only_rare_long_entries() -> None:
    vocab = {chr(97 + n): n for n in range(26)} | {"a" * 90: 26}
    backend = Tokenizer(library.WordLevel(vocab | {f"x{n}": 27 + n for n in range(400)}, "a"))
    found = vocabulary.describe(PreTrainedTokenizerFast(tokenizer_object=backend))
    figure = vocabulary_charts.lengths(found, dark=False)
    assert figure.layout.xaxis.range[1] < 10
    assert figure.data[0].x[-1] == 90


def test_of_many_scripts_the_most_common_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary_charts, "BARS", 2)
    found = vocabulary.describe(byte_level())
    figure = vocabulary_charts.scripts(found, dark=False)
    assert list(figure.data[0].y) == list(found.by_script())[:2]
    assert f"the first 2 of {len(found.by_script())}" in figure.layout.title.text


@pytest.mark.parametrize("make", MAKERS)
def test_files_hold_every_byte(make: Any) -> None:
    found = vocabulary.describe(make())
    blob = vocabulary_files.csv(found, {"tokenizer": "T"})
    assert blob.startswith(b'# tokenizer: "T"\n')
    table = pd.read_csv(io.BytesIO(blob), skiprows=1)
    assert table["id"].tolist() == found.ids.tolist()
    for name, values in (("piece", found.pieces), ("text", found.texts), ("kind", found.kinds)):
        assert [json.loads(cell) for cell in table[name]] == list(values)
    assert [bytes.fromhex(json.loads(cell)) for cell in table["bytes"]] == list(found.raw)
    if found.unreachable is None:
        assert table["reachable"].isna().all()
    else:
        assert (table["reachable"] == 0).sum() == found.unreachable.size
    document = json.loads(vocabulary_files.json_(found, {"tokenizer": "T"}))
    assert document["columns"] == list(vocabulary_files.COLUMNS)
    assert [entry[1] for entry in document["entries"]] == list(found.pieces)
    assert [entry[4] for entry in document["entries"]] == found.characters.tolist()
