"""What travels of a sentence taken apart: every number of the trace, as exact as it is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from models import grammar_text, word2vec
from models.traces import Word2VecApart, Word2VecMode, Word2VecTraining
from viz import state
from viz.components import word2vec_step


def sent(apart: Word2VecApart, training: Word2VecTraining) -> dict[str, Any]:
    packed = word2vec_step.pack(apart, training.words, mode=training.mode, epoch=1, title="a title", facts=("a fact",))
    data: dict[str, Any] = json.loads(b"{" + packed + b"}")["data"]
    return data


@pytest.fixture(scope="module", params=["skip-gram", "cbow"])
def training(request: pytest.FixtureRequest) -> Word2VecTraining:
    mode: Word2VecMode = request.param
    return word2vec.train(grammar_text.text()[:20_000], mode=mode, dimensions=20, epochs=1, sample=0)


@pytest.fixture
def apart(training: Word2VecTraining) -> Word2VecApart:
    return word2vec.take_apart(training, 1, "the king wears his crown")


def test_every_number_is_the_traces(apart: Word2VecApart, training: Word2VecTraining) -> None:
    data = sent(apart, training)
    assert data["sentence"] == ["the", "king", "wears", "his", "crown"]
    assert data["dimensions"] == 20
    assert data["rate"] == apart.steps[0].rate
    assert len(data["updates"]) == len(apart.steps)
    for update, step, (context, target) in zip(data["updates"], apart.steps, apart.places, strict=True):
        assert update["words"] == [training.words[number] for number in step.samples]
        assert (tuple(update["context"]), update["target"]) == (context, target)
        for name, values in (("hidden", step.hidden[:16]), ("work", step.work[:16]), ("before", step.before[:, :16])):
            np.testing.assert_array_equal(np.array(update[name], np.float32), values)
        for name in ("products", "sigmoids", "steps"):
            np.testing.assert_array_equal(np.array(update[name], np.float32), getattr(step, name))
        for name in ("losses", "exact"):
            np.testing.assert_array_equal(update[name], getattr(step, name))
        # What the browser adds to an output vector, in single precision, is what the trace has after it.
        added = np.array(update["steps"], np.float32)[:, None] * np.array(update["hidden"], np.float32)
        np.testing.assert_array_equal(np.array(update["before"], np.float32) + added, step.after[:, :16])


def test_a_sample_that_is_left_alone_has_no_sigmoid(training: Word2VecTraining) -> None:
    grown = Word2VecTraining(**{**vars(training), "vectors": training.vectors * 30, "outputs": training.outputs * 30})
    updates = sent(word2vec.take_apart(grown, 1, "the king wears his crown"), training)["updates"]
    alone = [
        (update["products"][i], update["steps"][i], update["losses"][i])
        for update in updates
        for i, sigmoid in enumerate(update["sigmoids"])
        if sigmoid is None
    ]
    assert alone
    assert all(abs(product) >= word2vec.REACH and step == 0 and loss >= 0 for product, step, loss in alone)


def test_a_link_may_name_every_pair_and_step(apart: Word2VecApart) -> None:
    table = word2vec_step.parameters(apart)
    last = str(len(apart.steps) - 1)
    assert state.read(table, {"pair": last, "step": "7"}) == ({"pair": int(last), "step": 7}, [])
    for query in ({"pair": str(len(apart.steps))}, {"step": "99"}, {"pair": "<b>"}):
        values, complaints = state.read(table, query)
        assert values == {}
        assert len(complaints) == 1
    usual = word2vec_step.defaults(apart)
    assert state.read(table, {name: str(value) for name, value in usual.items()}) == (usual, [])
    context, target = apart.places[usual["pair"]]
    assert "the" not in {apart.words[at] for at in (*context, target)} or len(context) > 1
