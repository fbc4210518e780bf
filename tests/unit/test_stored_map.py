"""The map of words: the same from its script each time, small, and true to its layout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import umap
from scipy.spatial import procrustes  # type: ignore[import-untyped]
from scipy.spatial.distance import cdist  # type: ignore[import-untyped]

from models import map_twin, projection, stored_map, traces, vector_catalog
from models.traces import InputError, MapTwin, WordMap
from models.word_vectors import WordVectors
from tests.unit.test_word_vectors import random_table

COUNT, WORDS = 320, 250


@pytest.fixture(scope="module")
def table() -> WordVectors:
    return random_table(0, count=COUNT)


@pytest.fixture(scope="module")
def maps(table: WordVectors) -> tuple[WordMap, WordMap]:
    return stored_map.build(table, WORDS, 12)


def test_maps_are_built_the_same_twice(table: WordVectors, maps: tuple[WordMap, WordMap]) -> None:
    again = stored_map.build(table, WORDS, 12)
    assert [traces.to_bytes(one) for one in again] == [traces.to_bytes(one) for one in maps]


def test_the_frequent_words_lie_where_umap_puts_them(table: WordVectors, maps: tuple[WordMap, WordMap]) -> None:
    frequent, everything = maps
    layout = projection.project(table.units[:WORDS], "umap", seed=stored_map.SEED)
    np.testing.assert_allclose(frequent.points, layout.points, atol=float(frequent.extent.max()) / 2**16)
    assert frequent.quality == layout.quality
    assert frequent.parameters == layout.parameters
    assert frequent.source.versions == layout.versions
    np.testing.assert_array_equal(everything.places[:WORDS], frequent.places)
    np.testing.assert_array_equal(everything.clusters[:WORDS], frequent.clusters)
    assert everything.names == frequent.names


def test_the_others_lie_where_umap_transforms_them_to(table: WordVectors, maps: tuple[WordMap, WordMap]) -> None:
    everything = maps[1]
    fitted = umap.UMAP(random_state=0, transform_seed=0, n_jobs=1).fit(table.units[:WORDS])
    theirs = np.concatenate([fitted.embedding_, fitted.transform(table.units[WORDS:])])
    np.testing.assert_allclose(everything.points, theirs, atol=float(everything.extent.max()) / 2**16)
    assert everything.quality == projection.quality(table.units, theirs)
    assert everything.parameters["fitted words"] == WORDS


def test_others_belong_to_the_cluster_with_the_nearest_centre(
    table: WordVectors, maps: tuple[WordMap, WordMap]
) -> None:
    everything = maps[1]
    frequent = everything.clusters[:WORDS]
    centres = np.stack([table.units[:WORDS][frequent == cluster].mean(axis=0) for cluster in range(12)])
    nearest = cdist(table.units[WORDS:], centres).argmin(axis=1)
    assert everything.clusters[WORDS:].tolist() == nearest.tolist()


def test_a_map_outlives_its_file(maps: tuple[WordMap, WordMap]) -> None:
    for found in maps:
        again = traces.from_bytes(traces.to_bytes(found))
        assert isinstance(again, WordMap)
        np.testing.assert_array_equal(again.points, found.points)
        assert (again.names, again.quality, again.parameters) == (found.names, found.quality, found.parameters)


def test_clusters_go_by_size_and_are_named_by_their_own_words() -> None:
    table = random_table(1, count=310)
    found, _ = stored_map.build(table, 300, 8)
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
    for words, clusters in ((60, 5), (5, 6), (59, 257), (59, 0)):
        with pytest.raises(InputError, match="can't be had from 60 words"):
            stored_map.build(table, words, clusters)


@pytest.mark.parametrize(("words", "trusted", "size"), [(50_000, 0.85, 400_000), (400_000, 0.75, 2_500_000)])
def test_the_stored_maps_are_of_gloves_words(words: int, trusted: float, size: int) -> None:
    found = stored_map.stored(words)
    entry = vector_catalog.VECTORS[vector_catalog.GLOVE]
    assert found.source.revision == entry.files[0][1]
    assert found.places.shape == (words, 2)
    assert len(found.names) == stored_map.CLUSTERS
    assert set(found.clusters.tolist()) == set(range(stored_map.CLUSTERS))
    assert found.quality is not None
    assert found.quality.trustworthiness > trusted
    assert (stored_map.STORED / stored_map.FILES[words]).stat().st_size < size


def test_a_stored_word_lies_in_the_same_place_on_both() -> None:
    frequent, everything = stored_map.stored(stored_map.WORDS), stored_map.stored(stored_map.ALL)
    assert {path.name for path in stored_map.STORED.iterdir()} == {*stored_map.FILES.values(), map_twin.FILE}
    np.testing.assert_array_equal(everything.points[: stored_map.WORDS], frequent.points)
    np.testing.assert_array_equal(everything.clusters[: stored_map.WORDS], frequent.clusters)
    assert everything.places.min(axis=0).tolist() == [0, 0]
    assert everything.places.max(axis=0).tolist() == [stored_map.STEPS] * 2


def test_reading_the_stored_map_is_light() -> None:
    code = (
        "import sys; from models import stored_map; stored_map.stored(400_000)\n"
        "assert not {'sklearn', 'scipy', 'umap', 'numba', 'pyarrow', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


def test_the_twin_is_umaps_under_the_next_seed(table: WordVectors, maps: tuple[WordMap, WordMap]) -> None:
    first = maps[0]
    twin = map_twin.build(table, first, 100)
    theirs = umap.UMAP(random_state=1, n_jobs=1).fit_transform(table.units[:WORDS])
    standard, aligned, disparity = procrustes(first.points.astype(float), theirs.astype(float))
    assert twin.disparity == pytest.approx(disparity, abs=1e-6)
    moved = np.linalg.norm(standard - aligned, axis=1).mean() * np.sqrt(WORDS)
    assert twin.displacement == pytest.approx(moved, abs=1e-5)
    centred = first.points - first.points.mean(axis=0)
    expected = aligned * np.linalg.norm(centred) + first.points.mean(axis=0)
    np.testing.assert_allclose(twin.places, expected[:100], atol=1e-4)
    again = traces.from_bytes(traces.to_bytes(twin))
    assert isinstance(again, MapTwin)
    np.testing.assert_array_equal(again.places, twin.places)
