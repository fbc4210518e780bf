"""Real tokenizers: replaying their merges ends at the library's ids, and their trees hold the text."""

from __future__ import annotations

from typing import Any

import pytest

from models import bpe, catalog, tokenizer_catalog
from tests.snippets import snippets

NAMES = [entry.key for entry in tokenizer_catalog.available() if entry.kind == "BPE"]


@pytest.fixture(scope="module", params=NAMES)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    """The tokenizer by that name."""
    return catalog.tokenizer(request.param)


def test_3000_snippets(tokenizer: Any) -> None:
    for text in snippets(3_000, seed=1):
        replay = bpe.replay(tokenizer, text)
        assert replay.ids.tolist() == tokenizer(text, add_special_tokens=False)["input_ids"], text


def test_each_word_is_a_forest_over_its_letters(tokenizer: Any) -> None:
    for text in snippets(200, seed=2):
        for word in bpe.replay(tokenizer, text).words:
            children = word.merges[:, :2].ravel().tolist()
            assert sorted(children + list(word.roots)) == list(range(len(word.node_ids)))
            assert b"".join(word.raw[root] for root in word.roots) == b"".join(word.raw[: word.letters])
            assert list(word.at(len(word.merges)).nodes) == list(word.roots)


def test_the_words_of_a_sentence() -> None:
    replay = bpe.replay("smollm2-135m", "The unstoppable cat")
    assert [word.raw[word.roots[0]][:2] for word in replay.words] == [b"Th", b" u", b" c"]
    assert [word.span for word in replay.words] == [(0, 3), (3, 15), (15, 19)]
    for word in replay.words:
        ranks = [word.at(k).rivals[0][0] for k in range(len(word.merges))]
        assert ranks == word.merges[:, 2].tolist()
