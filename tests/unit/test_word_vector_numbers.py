"""What is drawn of word vectors besides the analyses themselves: the plane, most words on a scale, the checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform  # type: ignore[import-untyped]
from scipy.stats import percentileofscore  # type: ignore[import-untyped]
from sklearn.decomposition import PCA

from models import analogy_plane, scale_usual, vector_check, word_vectors
from models.traces import Analogy
from models.word_vectors import WordVectors
from tests.unit.test_word_vectors import random_table


def ask(table: WordVectors) -> Analogy:
    """The first two words are to each other as the third is to what? The fourth, perhaps."""
    a, b, c, d = table.words[:4]
    return word_vectors.analogy(table, a, b, c, d)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), width=st.integers(2, 12))
def test_the_plane_is_that_of_a_pca_of_the_three_words(seed: int, width: int) -> None:
    table = random_table(seed, width=width)
    found = ask(table)
    places, off = analogy_plane.seen(found)
    vectors = found.vectors.astype(np.float64)
    plane = PCA(2, svd_solver="full").fit(vectors[:3])
    again = plane.inverse_transform(plane.transform(vectors))
    np.testing.assert_allclose(off, np.linalg.norm(vectors - again, axis=1), atol=1e-5)
    np.testing.assert_allclose(pdist(places), pdist(plane.transform(vectors)), atol=1e-5)
    # The three words and what they make lie in it, as far apart as they are.
    corners = [0, 1, 2, -1]
    np.testing.assert_allclose(off[corners], 0, atol=1e-5)
    np.testing.assert_allclose(squareform(pdist(places[corners])), squareform(pdist(vectors[corners])), atol=1e-5)
    np.testing.assert_allclose(places[-1], places[1] - places[0] + places[2], atol=1e-5)
    assert places[0].tolist() == [0, 0]
    assert abs(places[1][1]) < 1e-9 < places[1][0]
    assert places[2][1] >= 0


def test_words_with_one_vector_have_a_plane_all_the_same() -> None:
    table = random_table(0)
    vectors = table.vectors.copy()
    vectors[1] = 2 * vectors[0]
    found = ask(WordVectors("twins", "0", table.words, vectors))
    places, off = analogy_plane.seen(found)
    assert np.isfinite(places).all()
    assert np.isfinite(off).all()
    np.testing.assert_allclose(places[0], places[1], atol=1e-6)


def test_most_words_on_a_scale_are_scipys_percentiles() -> None:
    table = random_table(3, count=400)
    found = word_vectors.scale(table, table.words[:2], table.words[2:5], table.words[5:25])
    most = scale_usual.usual(table, found)
    positions = table.units[:400].astype(np.float64) @ found.axis.astype(np.float64)
    assert most.words == 400
    np.testing.assert_allclose(most.quantiles, np.percentile(positions, (5, 50, 95)), atol=1e-6)
    strict = percentileofscore(positions, found.positions.astype(np.float64), kind="strict") / 100
    np.testing.assert_allclose(most.below, strict, atol=1.5 / 400)  # a word may be equal to itself, or not quite


def test_the_checks_agree_and_would_not_if_a_number_were_another() -> None:
    table = random_table(5)
    words = table.words
    near = word_vectors.neighbours(table, words[0], 10)
    analogy = ask(table)
    odd = word_vectors.odd_one_out(table, words[:6])
    scale = word_vectors.scale(table, words[:2], words[2:4], words[4:9])
    for difference in (
        vector_check.neighbours(near),
        vector_check.analogy(table, analogy),
        vector_check.odd_one_out(table, odd),
        vector_check.scale(table, scale),
    ):
        assert difference < 1e-6
    np.testing.assert_allclose(vector_check.neighbours(replace(near, cosines=near.cosines + 0.1)), 0.1, atol=1e-6)
    wrong = replace(analogy, scores=analogy.scores - 0.1)
    np.testing.assert_allclose(vector_check.analogy(table, wrong), 0.1, atol=1e-6)
    np.testing.assert_allclose(
        vector_check.odd_one_out(table, replace(odd, cosines=odd.cosines * 0)), odd.cosines.max(), atol=1e-6
    )
    np.testing.assert_allclose(
        vector_check.scale(table, replace(scale, positions=-scale.positions)),
        2 * np.abs(scale.positions).max(),
        atol=1e-6,
    )
