"""The map of words: the same from its script each time, small, and true to its layout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import projection, stored_map, traces, vector_catalog
from models.traces import InputError, WordMap
from tests.unit.test_word_vectors import random_table


def test_a_map_is_built_the_same_twice_and_says_where_umap_puts_the_words() -> None:
    table = random_table(0, count=300)
    first, second = (stored_map.build(table, 250, 12) for _ in range(2))
    assert traces.to_bytes(first) == traces.to_bytes(second)
    layout = projection.project(table.units[:250], "umap", seed=stored_map.SEED)
    np.testing.assert_allclose(first.points, layout.points, atol=float(first.extent.max()) / 2**16)
    assert first.quality == layout.quality
    again = traces.from_bytes(traces.to_bytes(first))
    assert isinstance(again, WordMap)
    np.testing.assert_array_equal(again.points, first.points)
    assert again.names == first.names


def test_clusters_go_by_size_and_are_named_by_their_own_words() -> None:
    table = random_table(1, count=300)
    found = stored_map.build(table, 300, 8)
    sizes = np.bincount(found.clusters, minlength=8)
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert sizes.min() > 0
    for cluster, name in enumerate(found.names):
        members = np.flatnonzero(found.clusters == cluster)
        assert {table.place(word) for word in name} <= set(members.tolist())
        centre = table.units[members].mean(axis=0)
        assert name[0] == table.words[members[(table.units[members] @ centre).argmax()]]


def test_what_cannot_be_mapped() -> None:
    table = random_table(0)
    for words, clusters in ((61, 5), (5, 6), (60, 257), (60, 0)):
        with pytest.raises(InputError, match="can't be had from 60 words"):
            stored_map.build(table, words, clusters)


def test_the_stored_map_is_of_gloves_most_frequent_words() -> None:
    found = stored_map.stored()
    entry = vector_catalog.VECTORS[vector_catalog.GLOVE]
    assert found.source.revision == entry.files[0][1]
    assert found.places.shape == (stored_map.WORDS, 2)
    assert found.places.min(axis=0).tolist() == [0, 0]
    assert found.places.max(axis=0).tolist() == [stored_map.STEPS] * 2
    assert len(found.names) == stored_map.CLUSTERS
    assert set(found.clusters.tolist()) == set(range(stored_map.CLUSTERS))
    assert found.quality is not None
    assert found.quality.trustworthiness > 0.8
    (file,) = stored_map.STORED.iterdir()
    assert file.stat().st_size < 400_000


def test_reading_the_stored_map_is_light() -> None:
    code = (
        "import sys; from models import stored_map; stored_map.stored()\n"
        "assert not {'sklearn', 'scipy', 'umap', 'numba', 'pyarrow', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
