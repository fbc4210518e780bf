"""Branches in a link, and how a tree of texts travels."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from models import catalog, generation
from models.traces import GenerationTrace
from tests.families import tiny_model, tiny_tokenizer
from viz import state
from viz.components import text_tree
from viz.components.text_tree import Branch, Fork, Texts, Tree


@pytest.fixture(scope="module")
def trunk() -> GenerationTrace:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    return generation.generate(lm, "Hello", chain=[("temperature", 2.0), ("top_k", 20)], seed=3, tokens=6)


def packed(tree: Tree, **changed: Any) -> dict[str, Any]:
    texts = Texts(
        "t", ["f"], "call(RETURNED)", False, [0.5] * 6, False, lambda _: "so", lambda t: (t.text, "p" + t.text)
    )
    blob = text_tree.pack(tree, dataclasses.replace(texts, **changed))
    return json.loads(b"{" + blob + b"}")["data"]


def test_branches_are_read_from_a_link() -> None:
    assert text_tree.forks("") == []
    assert text_tree.forks("0.3.1234,1.7.88") == [Fork(0, 3, 1234), Fork(1, 7, 88)]
    assert len(text_tree.forks(",".join(["0.0.1"] * text_tree.MOST))) == text_tree.MOST


@pytest.mark.parametrize(
    "text",
    [
        "0.3", "0.3.1.2", "1.0.5", "0.1.2,2.3.4", "0.-1.2", "0.300.1", "0.1.2147483648", "a.b.c", "0.1.２", "0.1.2,",
        ",", " ", "0.1.99999999999999999999", ",".join(["0.0.1"] * (text_tree.MOST + 1)),
    ],
)  # fmt: skip
def test_what_is_no_list_of_branches_is_refused(text: str) -> None:
    read, complaints = state.read({"fork": text_tree.Forks()}, {"fork": text})
    assert read == {}
    assert "up to 12 branches" in complaints[0]


def test_a_branch_travels_from_where_it_parts(trunk: GenerationTrace) -> None:
    data = packed(Tree(trunk, (Branch(Fork(0, 4, int(trunk.tokens[4])), trunk), Branch(Fork(1, 9, 1), None, "why"))))
    whole, branch, missing = data["branches"]
    assert [token["id"] for token in whole["tokens"]] == trunk.tokens.tolist()
    assert branch["tokens"] == whole["tokens"][4:]
    assert (branch["fork"], branch["returned"]) == ([0, 4, int(trunk.tokens[4])], [trunk.text, "p" + trunk.text])
    assert missing == {"fork": [1, 9, 1], "problem": "why", "tokens": []}
    logs = np.log2(trunk.probabilities.astype(float))
    assert whole["bits"] == pytest.approx(logs.sum(), rel=1e-5)
    assert whole["perplexity"] == pytest.approx(2 ** -logs.mean(), rel=1e-5)
    for step, token in enumerate(whole["tokens"]):
        ids = [entry[0] for entry in token["likely"]]
        assert ids == trunk.likely[step].tolist()
        assert token["rank"] == (ids.index(token["id"]) if token["id"] in ids else None)
        assert token["p"] == pytest.approx(float(trunk.probabilities[step]), rel=1e-5)


def test_a_probability_of_nothing_has_a_logarithm(trunk: GenerationTrace) -> None:
    none = dataclasses.replace(trunk, probabilities=np.zeros(6, dtype=np.float32))
    assert none.bits == pytest.approx(6 * -149)
    assert packed(Tree(none))["branches"][0]["bits"] == pytest.approx(none.bits)


@pytest.mark.parametrize(
    ("chances", "penalised", "rank"),
    [
        ([0.1, 0.5, 0.0], False, 0),
        ([0.1, 0.5, 0.0], True, 1),
        ([0.2, 0.3, 0.0], True, None),  # one that isn't listed may have 0.5
        ([0.0, 0.0, 0.0], True, None),
        ([0.0, 0.0, 1.0], True, 2),
    ],
)
def test_greedy_is_only_named_where_it_is_known(chances: list[float], penalised: bool, rank: int | None) -> None:
    assert text_tree.greedy_rank(chances, penalised) == rank


def test_the_last_token_of_an_ended_text_is_special(trunk: GenerationTrace) -> None:
    kinds = [
        token["kind"] for token in packed(Tree(dataclasses.replace(trunk, ended="token")))["branches"][0]["tokens"]
    ]
    assert kinds == ["text"] * 5 + ["special"]
