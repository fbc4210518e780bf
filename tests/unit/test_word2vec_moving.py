"""Words on their way: one basis for all epochs, neighbours as gensim finds them, and what is seen before the end."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from models import grammar_text, word2vec, word2vec_moving
from models.corpora import WORD_CORPORA
from models.traces import Word2VecTraining
from models.word2vec_moving import Live, Recorder
from viz import training_picture
from viz.components import moving_points
from viz.components.moving_points import Near


@pytest.fixture(scope="module")
def training() -> Word2VecTraining:
    return word2vec.train(grammar_text.text(), dimensions=8, window=3, epochs=3, sample=0)


def test_all_epochs_stand_along_the_same_axes(training: Word2VecTraining) -> None:
    joint = word2vec_moving.moving(training, "a text")
    shown = joint.points.shape[1]
    assert shown == training.kept == 67
    fitted = PCA(2).fit(training.vectors.reshape(-1, 8))
    for epoch, points in enumerate(joint.points):
        expected = fitted.transform(training.vectors[epoch])
        sides = np.sign((expected * points).sum(axis=0))
        np.testing.assert_allclose(points, expected * sides, atol=1e-4)


def test_neighbours_are_gensims_and_a_wrong_one_is_found(training: Word2VecTraining) -> None:
    places, cosines = word2vec_moving.near(training, 5)
    assert places.shape == cosines.shape == (4, 67, 5)
    found = word2vec_moving.check(training, places, cosines)
    assert found.words == found.same == 67
    assert found.difference < 1e-6
    wrong = places.copy()
    wrong[-1, 3, 0] = wrong[-1, 3, 4]
    assert word2vec_moving.check(training, wrong, cosines).same == 66
    vectors = training.vectors[1].astype(np.float64)
    of = vectors[10] @ vectors[places[1, 10]].T
    expected = of / np.linalg.norm(vectors[10]) / np.linalg.norm(vectors[places[1, 10]], axis=1)
    np.testing.assert_allclose(cosines[1, 10], expected, atol=1e-6)
    assert (np.diff(cosines, axis=2) <= 0).all()


def test_a_word_without_length_has_no_direction(training: Word2VecTraining) -> None:
    vectors = training.vectors.copy()
    vectors[0, 2] = 0
    _, cosines = word2vec_moving.near(replace(training, vectors=vectors), 3)
    assert (cosines[0, 2] == 0).all()
    assert np.isfinite(cosines).all()


def test_two_words_have_one_neighbour_each() -> None:
    two = word2vec.train("one two. " * 10, epochs=1, dimensions=3, sample=0)
    places, _ = word2vec_moving.near(two, 8)
    assert places[-1].tolist() == [[1], [0]]
    assert word2vec_moving.moving(two, "two").points.shape == (2, 2, 2)


def test_what_is_seen_on_the_way_is_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word2vec_moving, "PAUSE", 0)
    live, seen = Live(), []
    record = Recorder(live)

    def watch(*told: Any) -> None:
        record(*told)
        seen.append(live.seen)

    trained = word2vec.train(grammar_text.text()[:5_000], dimensions=4, epochs=3, sample=0, on_epoch=watch)
    assert [look.epochs for look in seen if look] == [(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3)]
    last = seen[-1]
    assert last is not None
    assert last.words == trained.words[: len(last.words)]
    assert last.losses == tuple(trained.losses)
    joint = word2vec_moving.moving(trained, "a text").points
    sides = np.sign((joint * last.points).sum(axis=(0, 1)))
    np.testing.assert_allclose(last.points * sides, joint, atol=1e-5)
    for before, after in itertools.pairwise(seen):
        assert before is not None
        assert after is not None
        assert ((before.points[0] * after.points[0]).sum(axis=0) >= 0).all()  # nothing is turned round on the way


def test_a_training_that_begins_anew_forgets_the_one_that_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word2vec_moving, "PAUSE", 0)
    live, random = Live(), np.random.default_rng(0)
    for told in (2.0, 3.0):
        record = Recorder(live)
        for epoch, loss in ((0, math.nan), (1, told)):
            record(("a", "b", "c"), epoch, loss, random.normal(size=(3, 4)).astype(np.float32))
    assert live.seen is not None
    assert live.seen.losses == (3.0,)
    assert live.seen.epochs == (0, 1)


def test_the_picture_on_the_way_holds_any_word_and_a_gap() -> None:
    words = ("<script>alert(1)</script>", "word" * 20, "猫")
    points = np.random.default_rng(0).normal(size=(4, 3, 2)).astype(np.float32) * 100
    losses = [3.0, math.nan, 2.0, 1.5]
    root = ElementTree.fromstring(training_picture.picture(words, points, losses, 9, dark=True))
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text or "" for element in root.iter(f"{space}text")]
    assert texts[-1] == "epoch 4 of 9: loss 1.500"
    assert {element.tag for element in root} == {f"{space}{tag}" for tag in ("polyline", "circle", "text", "line")}
    assert max(map(len, texts[:-1])) == training_picture.LONGEST
    assert len(root.findall(f"{space}circle")) == 3
    curves = [element.get("points", "").split() for element in root.iter(f"{space}polyline")][3:]
    assert [len(curve) for curve in curves] == [2, 2]  # one epoch by itself is a dot, the other two a line
    for loss in ([], [math.nan]):
        said = training_picture.picture(words, points[:1], loss, 9, dark=False)
        assert "nan" not in said


def test_neighbours_travel_with_the_points(training: Word2VecTraining) -> None:
    joint = word2vec_moving.moving(training, "a text")
    places, cosines = word2vec_moving.near(training, 5)
    count = joint.points.shape[1]

    def packed(near: Near) -> Any:
        labels, steps = training.words[:count], [f"epoch {epoch}" for epoch in range(4)]
        blob = moving_points.pack(joint.points, labels, title="", facts=(), parameter="epoch", steps=steps, near=near)
        return json.loads(b"{" + blob + b"}")["data"]["near"]

    sent = packed(Near("cosine", training.words, places, cosines))
    assert sent["names"] == list(training.words)
    assert sent["places"] == places.tolist()
    np.testing.assert_allclose(sent["values"], cosines, atol=1e-4)
    with pytest.raises(ValueError, match="neighbours"):
        packed(Near("cosine", training.words, places[1:], cosines[1:]))


def test_the_grammar_writes_the_same_text_each_time() -> None:
    text = WORD_CORPORA["grammar"].read()
    assert text == grammar_text.text()
    assert text.startswith("The dog smells the fish near the stable. She learns, said the girl, and she is young.")
    sentences = word2vec.sentences_of(text)
    assert len(sentences) == grammar_text.SENTENCES
    for he, his, persons in (("he", "his", "king prince man boy"), ("she", "her", "queen princess woman girl")):
        told = [words for words in sentences if set(words) & set(persons.split())]
        assert all({he, his} & set(words) for words in told)


def test_the_grammar_knows_what_its_nouns_name() -> None:
    nouns = grammar_text.nouns()
    counted = pd.Series(nouns).value_counts().to_dict()
    assert counted == {"people": 8, "clothes": 6, "animals": 5, "fruit": 4, "food": 4, "places": 4, "homes": 4}
    assert (nouns["cat"], nouns["queen"], nouns["robe"], nouns["cottage"]) == ("animals", "people", "clothes", "homes")
    for words in word2vec.sentences_of(grammar_text.text()):
        if "feeds" in words:
            assert nouns[words[-1]] == "animals"
        if "tastes" in words:
            assert nouns[words[1]] == "fruit"
