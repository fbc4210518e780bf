"""A word's neighbours in the vectors and on the map, against scikit-learn's and against a plain sort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from models import map_neighbours, word_vectors
from models.traces import InputError, WordMap
from models.word_vectors import WordVectors
from tests.unit.test_word_vectors import random_table

COUNT = 200


@pytest.fixture(scope="module")
def table() -> WordVectors:
    return random_table(3, count=COUNT + 50)


@pytest.fixture(scope="module")
def found(table: WordVectors) -> WordMap:
    places = np.random.default_rng(3).integers(0, 2**16, (COUNT, 2)).astype(np.uint16)
    return WordMap(
        source=table.source(),
        places=places,
        corner=np.array([-3, 5], dtype=np.float32),
        extent=np.array([10, 4], dtype=np.float32),
        clusters=np.zeros(COUNT, dtype=np.uint8),
        names=(("one",),),
        quality=None,
        seed=0,
        parameters={},
    )


def nearest(points: NDArray[np.floating], metric: str, place: int) -> NDArray[np.int64]:
    """[other] all others, the nearest first, by scikit-learn."""
    order = NearestNeighbors(n_neighbors=len(points), metric=metric).fit(points).kneighbors(points[[place]])[1][0]
    return np.asarray(order[order != place])


def test_they_are_scikit_learns_with_their_ranks_in_the_other(table: WordVectors, found: WordMap) -> None:
    for place in (0, 17, COUNT - 1):
        in_vectors, on_map = map_neighbours.compare(table, found, place, 7)
        by_cosine = nearest(table.vectors[:COUNT], "cosine", place)
        by_place = nearest(found.points, "euclidean", place)
        assert in_vectors.places.tolist() == by_cosine[:7].tolist()
        assert on_map.places.tolist() == by_place[:7].tolist()
        for near, other in ((in_vectors, by_place), (on_map, by_cosine)):
            assert near.elsewhere.tolist() == [1 + other.tolist().index(one) for one in near.places]
            unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
            np.testing.assert_allclose(near.cosines, unit[near.places] @ unit[place], atol=1e-6)
        shared = len(set(by_cosine[:7].tolist()) & set(by_place[:7].tolist()))
        assert in_vectors.kept(7) == on_map.kept(7) == shared


def test_a_map_of_all_words_has_the_tables_own_neighbours(table: WordVectors, found: WordMap) -> None:
    small = WordVectors("small", "x", table.words[:COUNT], table.vectors[:COUNT])
    in_vectors, _ = map_neighbours.compare(small, found, 5)
    theirs = word_vectors.neighbours(small, small.words[5])
    assert in_vectors.places.tolist() == theirs.places.tolist()
    np.testing.assert_array_equal(in_vectors.cosines, theirs.cosines)


def test_words_in_one_place(table: WordVectors, found: WordMap) -> None:
    one = replace(found, places=np.zeros_like(found.places))
    in_vectors, on_map = map_neighbours.compare(table, one, 3, 5)
    assert on_map.places.tolist() == [0, 1, 2, 4, 5]
    assert set(in_vectors.elsewhere.tolist()) == {1}


def test_what_cannot_be_asked(table: WordVectors, found: WordMap) -> None:
    for place, count in ((-1, 5), (COUNT, 5), (0, 0), (0, COUNT)):
        with pytest.raises(InputError, match=f"{COUNT - 1}"):
            map_neighbours.compare(table, found, place, count)
