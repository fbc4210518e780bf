"""The files of a training: gensim reads its vectors back bit by bit, and a gap in the losses stays one."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors

from models import grammar_text, word2vec, word2vec_files
from models.traces import Word2VecTraining

ORIGIN = {"training": "a text"}


@pytest.fixture(scope="module")
def training() -> Word2VecTraining:
    text = grammar_text.text()[:20_000] + " naïve 猫 naïve 猫 it's it's"
    return word2vec.train(text, dimensions=7, epochs=2, sample=0)


def test_gensim_reads_the_vectors_back(training: Word2VecTraining, tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_bytes(word2vec_files.word2vec_text(training))
    table = KeyedVectors.load_word2vec_format(str(file))
    assert tuple(table.index_to_key) == training.words
    assert "猫" in table
    np.testing.assert_array_equal(table.vectors, training.final)


def test_vectors_and_counts_as_csv(training: Word2VecTraining) -> None:
    table = pd.read_csv(io.BytesIO(word2vec_files.vectors(training, ORIGIN)), comment="#")
    assert tuple(json.loads(word) for word in table["word"]) == training.words
    assert table["count"].tolist() == training.counts.tolist()
    np.testing.assert_array_equal(table.iloc[:, 2:].to_numpy(np.float32), training.final)


def test_losses_as_csv_with_a_gap() -> None:
    none = word2vec.train("the dog bit the dog", epochs=2, dimensions=5)  # every word is skipped as too frequent
    table = pd.read_csv(io.BytesIO(word2vec_files.losses(none, ORIGIN)), comment="#")
    assert table["epoch"].tolist() == [1, 2]
    assert table["loss"].isna().all()
    assert table["words_trained"].tolist() == [0, 0]


def test_every_sample_of_a_sentence_as_csv(training: Word2VecTraining) -> None:
    apart = word2vec.take_apart(training, 1, "the king feeds his dog")
    table = pd.read_csv(io.BytesIO(word2vec_files.updates(apart, training, ORIGIN)), comment="#")
    assert len(table) == sum(len(step.samples) for step in apart.steps)
    assert table["pair"].max() == len(apart.steps) - 1
    np.testing.assert_array_equal(table["loss"], np.concatenate([step.losses for step in apart.steps]))
    products = np.concatenate([step.products for step in apart.steps])
    np.testing.assert_array_equal(table["product"].to_numpy(np.float32), products)
    targets = table[table["label"] == 1]
    assert (targets["sample"] == targets["target"]).all()
    assert (table["step"] * np.where(table["label"] == 1, 1, -1) >= 0).all()
