"""Projections: the libraries' own points, scikit-learn's quality, one basis for all layers, and clear refusals."""

from __future__ import annotations

import io
import threading
from typing import Any

import numpy as np
import pytest
import umap
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import procrustes  # type: ignore[import-untyped]
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from tqdm import tqdm  # type: ignore[import-untyped]

from models import projection, traces
from models.progress import Cancelled
from models.traces import InputError, JointProjection, ProjectionTrace, Source

SOURCE = Source("random", "0", "")


def vectors(count: int, width: int = 12, seed: int = 0, dtype: str = "float32") -> NDArray[Any]:
    """Four groups of points."""
    source = np.random.default_rng(seed)
    centres = source.normal(size=(4, width)) * 4
    return (centres[source.integers(0, 4, count)] + source.normal(size=(count, width))).astype(dtype)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pca_is_scikit_learns(dimensions: int, dtype: str) -> None:
    for count in (dimensions, 10, 300):
        given_ = vectors(count, dtype=dtype)
        ours = projection.project(given_, "pca", dimensions)
        theirs = PCA(dimensions, random_state=0)
        np.testing.assert_array_equal(ours.points, theirs.fit_transform(given_).astype(np.float32))
        assert ours.explained == tuple(theirs.explained_variance_ratio_.tolist())
        assert ours.points.dtype == np.float32


def test_axes_that_are_not_exact_are_told() -> None:
    assert projection.project(vectors(500, 300)).notes == ()
    assert projection.project(vectors(4_000, 300)).notes == ()
    found = projection.project(vectors(600, 300))
    assert "random projections" in found.notes[0]
    exact = PCA(2, svd_solver="full").fit_transform(vectors(600, 300))
    np.testing.assert_allclose(found.points, exact, atol=0.01 * float(np.abs(exact).max()))


def test_pca_of_whole_numbers_and_halves() -> None:
    numbers = (vectors(30) * 10).round()
    for dtype in ("int64", "uint8", "float16"):
        given_ = np.abs(numbers).astype(dtype)
        expected = PCA(2, random_state=0).fit_transform(given_.astype(np.float32))
        np.testing.assert_array_equal(projection.project(given_).points, expected)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_umap_is_umap_learns_and_the_same_twice(dimensions: int) -> None:
    given_ = vectors(80)
    ours = projection.project(given_, "umap", dimensions, seed=7, parameters={"n_neighbors": 8, "metric": "cosine"})
    again = projection.project(given_, "umap", dimensions, seed=7, parameters={"n_neighbors": 8, "metric": "cosine"})
    np.testing.assert_array_equal(ours.points, again.points)
    theirs = umap.UMAP(n_components=dimensions, random_state=7, n_neighbors=8, metric="cosine", n_jobs=1)
    np.testing.assert_array_equal(ours.points, theirs.fit_transform(given_))
    other = projection.project(given_, "umap", dimensions, seed=8, parameters={"n_neighbors": 8, "metric": "cosine"})
    assert not np.array_equal(ours.points, other.points)
    assert ours.parameters == {"n_neighbors": 8, "min_dist": 0.1, "metric": "cosine"}
    assert set(ours.versions) >= {"umap-learn", "scikit-learn", "numpy"}


def test_tsne_is_scikit_learns_and_the_same_twice() -> None:
    given_ = vectors(40)
    ours = projection.project(given_, "tsne", seed=7, parameters={"perplexity": 5})
    again = projection.project(given_, "tsne", seed=7, parameters={"perplexity": 5})
    np.testing.assert_array_equal(ours.points, again.points)
    np.testing.assert_array_equal(ours.points, TSNE(2, perplexity=5, init="pca", random_state=7).fit_transform(given_))
    assert ours.seconds > 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(4, 60), metric=st.sampled_from(projection.METRICS))
def test_trustworthiness_is_scikit_learns(seed: int, count: int, metric: str) -> None:
    given_ = vectors(count, seed=seed, dtype="float64")
    points = np.random.default_rng(seed).normal(size=(count, 2))
    found = projection.quality(given_, points, metric)
    assert found is not None
    assert found.k == min(10, (count - 1) // 2)
    expected = trustworthiness(given_, points, n_neighbors=found.k, metric=metric)
    assert found.trustworthiness == pytest.approx(expected, abs=1e-12)
    assert found.points == count


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(4, 40))
def test_neighbour_preservation_is_the_share_of_neighbours_kept(seed: int, count: int) -> None:
    given_ = vectors(count, seed=seed, dtype="float64")
    points = given_[:, :2]
    found = projection.quality(given_, points)
    assert found is not None

    def nearest(of: NDArray[Any], point: int) -> set[int]:
        distances = np.linalg.norm(of - of[point], axis=1)
        distances[point] = np.inf
        return set(np.argsort(distances)[: found.k].tolist())

    kept = [len(nearest(given_, point) & nearest(points, point)) / found.k for point in range(count)]
    assert found.neighbour_preservation == pytest.approx(np.mean(kept))


def test_a_picture_that_loses_nothing_is_trusted_wholly() -> None:
    flat = vectors(50, width=2, dtype="float64")
    found = projection.quality(flat, flat[:, ::-1] * 3)
    assert found is not None
    assert (found.trustworthiness, found.neighbour_preservation) == (1, 1)


def test_the_quality_of_many_points_is_that_of_a_sample_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    given_ = vectors(projection.SAMPLE + 500, dtype="float64")
    points = projection.project(given_).points
    found, again = (projection.quality(given_, points) for _ in range(2))
    assert found is not None
    assert found == again
    assert found.points == projection.SAMPLE
    whole = trustworthiness(given_, points, n_neighbors=10)
    assert found.trustworthiness == pytest.approx(whole, abs=0.01)
    # With less memory at once it is the same, and asked of all points it is scikit-learn's.
    monkeypatch.setattr(projection, "CHUNK", 10_000)
    assert projection.quality(given_, points) == found
    monkeypatch.setattr(projection, "SAMPLE", len(given_))
    all_asked = projection.quality(given_, points)
    assert all_asked is not None
    assert all_asked.trustworthiness == pytest.approx(whole, abs=1e-9)


def test_duplicates_are_allowed_and_counted() -> None:
    given_ = np.repeat(vectors(6), 5, axis=0)
    for method in projection.METHODS:
        found = projection.project(given_, method)
        assert found.duplicates == 24
        assert np.isfinite(found.points).all()
        assert found.quality is not None
        assert 0 <= found.quality.neighbour_preservation <= 1
    assert projection.project(vectors(30)).duplicates == 0


@pytest.mark.parametrize("method", projection.METHODS)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_few_points_are_projected_or_refused_in_a_sentence(method: Any, dimensions: int) -> None:
    least = {"pca": dimensions, "umap": dimensions + 2, "tsne": dimensions + 1}[method]
    for count in range(1, least):
        with pytest.raises(InputError, match=rf"in {dimensions} dimensions takes {least} or more; add some.*\.$"):
            projection.project(vectors(count), method, dimensions)
    for count in range(least, 8):
        found = projection.project(vectors(count), method, dimensions)
        assert found.points.shape == (count, dimensions)
        assert np.isfinite(found.points).all()
        assert (found.quality is None) == (count < 4)


@pytest.mark.parametrize("method", projection.METHODS)
@pytest.mark.parametrize("size", [projection.SMALLEST * 2, projection.LARGEST / 20])
def test_the_largest_and_smallest_numbers_are_projected(method: Any, size: float) -> None:
    source = np.random.default_rng(0).random((30, 6))
    found = projection.project((source * size).astype(np.float32), method)
    assert np.isfinite(found.points).all()
    assert found.quality is not None
    assert np.isfinite([found.quality.trustworthiness, *(found.explained or ())]).all()


def test_two_points_for_umap() -> None:
    with pytest.raises(InputError, match=r"There are 2 points, and UMAP in 2 dimensions takes 4 or more; .* PCA"):
        projection.project(vectors(2), "umap")


def test_what_is_too_large_for_the_points_is_made_smaller_and_said() -> None:
    found = projection.project(vectors(10), "umap")
    assert found.parameters["n_neighbors"] == 9
    assert found.notes == ("n_neighbors is 9, not 15, since there are only 10 points.",)
    found = projection.project(vectors(10), "tsne")
    assert found.parameters["perplexity"] == 3
    assert found.notes == ("perplexity is 3, not 30, since there are only 10 points.",)
    assert projection.project(vectors(40), "umap").notes == ()


@pytest.mark.parametrize(
    ("bad", "settings_", "says"),
    [
        (vectors(10), {"method": "isomap"}, "choose one of: pca, umap, tsne"),
        (vectors(10), {"dimensions": 4}, "2 or 3 dimensions"),
        (vectors(10), {"seed": -1}, "whole number from 0"),
        (vectors(10), {"seed": 1.5}, "whole number from 0"),
        (vectors(10), {"dimensions": 2.0}, "2 or 3 dimensions, not 2.0"),
        (vectors(10), {"method": "umap", "parameters": {"n_neighbors": 10**400}}, "must be a number"),
        (vectors(10), {"parameters": {"min_dist": 1}}, "PCA has no parameters"),
        (vectors(10), {"method": "umap", "parameters": {"perplexity": 3}}, "UMAP takes n_neighbors, min_dist, metric"),
        (vectors(10), {"method": "umap", "parameters": {"n_neighbors": 1}}, "n_neighbors is 1; it must be a number, 2"),
        (vectors(10), {"method": "umap", "parameters": {"n_neighbors": np.nan}}, "n_neighbors is nan"),
        (vectors(10), {"method": "umap", "parameters": {"n_neighbors": "15"}}, "must be a number"),
        (vectors(10), {"method": "umap", "parameters": {"min_dist": 1.5}}, "from 0 to 1"),
        (vectors(10), {"method": "umap", "parameters": {"metric": "hamming"}}, "choose one of: euclidean, cosine"),
        (vectors(10), {"method": "tsne", "parameters": {"perplexity": 0}}, "perplexity is 0; it must be a number, 1"),
        (vectors(10), {"method": "tsne", "parameters": {"perplexity": np.inf}}, "perplexity is inf"),
        (vectors(10)[0], {}, "rows of numbers"),
        (np.array([["a", "b"], ["c", "d"]]), {}, "rows of numbers"),
        (np.array([[None, 1], [2, 3]], dtype=object), {}, "rows of numbers"),
        (np.zeros((0, 5)), {}, "There are 0 points"),
        (vectors(10, width=1), {}, "1 number each"),
        (vectors(10, width=2), {"dimensions": 3}, "2 numbers each"),
        (np.full((10, 3), 7.0), {}, "All 10 vectors are the same"),
        (vectors(10) * np.float32(1e30), {}, r"as large as \de\+3\d; divide or multiply"),
        (vectors(10) * np.float32(1e-40), {"method": "tsne"}, r"no further apart than \de-3\d; divide or multiply"),
        (np.vstack([vectors(9), np.full((1, 12), np.nan)]), {}, r"1 of the 10 vectors .* point 10 first"),
        (
            np.vstack([np.full((2, 12), np.inf), vectors(9)]),
            {"method": "umap"},
            r"2 of the 11 vectors .* point 1 first",
        ),
        (np.zeros((5_001, 2), dtype=np.float32), {"method": "tsne"}, "t-SNE takes 5,000 points here"),
        (np.zeros((100_001, 2), dtype=np.float32), {"method": "umap"}, "UMAP takes 100,000 points here"),
    ],
)
def test_what_cannot_be_projected_is_refused_in_a_sentence(bad: Any, settings_: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        projection.project(bad, **settings_)
    assert str(caught.value).endswith(".")


def test_umap_tells_its_epochs_and_can_be_stopped_in_them() -> None:
    given_ = vectors(600)
    told: list[tuple[str, float | None]] = []
    whole = projection.project(given_, "umap", progress=lambda *step: told.append(step))
    shares = [share for sentence, share in told if "epoch" in sentence and share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert any("neighbours of 600 points" in sentence for sentence, _ in told)

    def leave(sentence: str, _share: float | None) -> None:
        if "epoch" in sentence:
            raise Cancelled

    with pytest.raises(Cancelled):
        projection.project(given_, "umap", progress=leave)
    # No other progress bar of the process waits for a lock that nobody gives back.
    other = threading.Thread(target=lambda: list(tqdm(range(2), file=io.StringIO())), daemon=True)
    other.start()
    other.join(10)
    assert not other.is_alive()
    # The next one isn't kept waiting by it, and isn't another.
    np.testing.assert_array_equal(projection.project(given_, "umap").points, whole.points)


@pytest.mark.parametrize("method", projection.METHODS)
def test_a_projection_can_be_stopped_before_it_begins(method: Any) -> None:
    def leave(_sentence: str, _share: float | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        projection.project(vectors(10), method, progress=leave)


def test_one_umap_at_a_time() -> None:
    """A second one waits, says so, and can leave."""
    waiting = threading.Event()

    def leave(sentence: str, _share: float | None) -> None:
        if sentence.startswith("Waiting"):
            waiting.set()
            raise Cancelled

    with projection._umap_is_running, pytest.raises(Cancelled):
        projection.project(vectors(10), "umap", progress=leave)
    assert waiting.is_set()
    assert projection.project(vectors(10), "umap").points.shape == (10, 2)


def test_joint_projection_has_one_basis_for_all_layers() -> None:
    source = np.random.default_rng(0)
    layers = np.cumsum(source.normal(size=(5, 9, 16)), axis=0).astype(np.float32)
    found = projection.joint(layers, 2, source=SOURCE)
    # The same linear map takes every layer's vectors to its points, and it is PCA's of all layers together.
    for layer in range(5):
        np.testing.assert_allclose(found.points[layer], (layers[layer] - found.mean) @ found.components.T, atol=1e-5)
    theirs = PCA(2, random_state=0).fit(layers.reshape(-1, 16))
    np.testing.assert_allclose(found.components, theirs.components_, atol=1e-6)
    np.testing.assert_allclose(found.explained, theirs.explained_variance_ratio_, rtol=1e-5)
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(2), atol=1e-6)
    centred = layers - layers.mean(axis=1, keepdims=True)
    shown = ((centred @ found.components.T) ** 2).sum(axis=(1, 2)) / (centred**2).sum(axis=(1, 2))
    np.testing.assert_allclose(found.explained_by_layer, shown, rtol=1e-4)
    assert found.quality is not None
    assert found.quality.points == 45
    assert found.source == SOURCE


def test_a_point_that_does_not_move_stays_where_it_is() -> None:
    layers = np.repeat(vectors(6)[None], 4, axis=0)
    layers[:, 1:] += np.random.default_rng(1).normal(size=(4, 5, 12)).astype(np.float32)
    found = projection.joint(layers, 3)
    np.testing.assert_allclose(found.points[:, 0], np.repeat(found.points[:1, 0], 4, axis=0), atol=1e-5)


def test_layers_of_different_widths_have_no_joint_projection() -> None:
    for layers in ([vectors(5), vectors(5, width=8)], [vectors(5), vectors(4)], [vectors(5)[0]]):
        with pytest.raises(InputError, match="different shapes"):
            projection.joint(layers)
    with pytest.raises(InputError, match="2 or 3 dimensions, not 5"):
        projection.joint(np.stack([vectors(10)]), 5)
    with pytest.raises(InputError, match="NaN"):
        projection.joint([vectors(5), np.full((5, 12), np.nan, dtype=np.float32)])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dimensions=st.sampled_from([2, 3]))
def test_a_picture_turned_mirrored_scaled_and_moved_is_the_same(seed: int, dimensions: int) -> None:
    source = np.random.default_rng(seed)
    first = source.normal(size=(12, dimensions)).astype(np.float32)
    turn, _ = np.linalg.qr(source.normal(size=(dimensions, dimensions)))
    found = projection.compare(first, first @ turn * 3 + 5)
    np.testing.assert_allclose(found.aligned, first, atol=1e-5)
    np.testing.assert_allclose(found.displacements, 0, atol=1e-5)
    assert found.disparity == pytest.approx(0, abs=1e-9)


def test_another_seed_is_compared_as_scipy_compares() -> None:
    given_ = vectors(30)
    first, second = (projection.project(given_, "umap", seed=seed).points for seed in (0, 1))
    found = projection.compare(first, second)
    standard, aligned, disparity = procrustes(first, second)
    assert found.disparity == disparity
    radius = np.sqrt(((first - first.mean(axis=0)) ** 2).sum(axis=1).mean())
    np.testing.assert_allclose(found.displacements, np.linalg.norm(found.aligned - first, axis=1) / radius, rtol=1e-3)
    np.testing.assert_allclose((found.displacements**2).mean(), ((standard - aligned) ** 2).sum(), rtol=1e-5)


def test_pictures_that_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="of the same points"):
        projection.compare(np.ones((3, 2)), np.ones((4, 2)))
    with pytest.raises(InputError, match="all points in one place"):
        projection.compare(np.ones((3, 2)), np.eye(3, 2))


def test_all_that_decides_a_projection_is_in_its_name() -> None:
    ours = projection.content_id("vectors", "umap", 2, 0, {})
    assert ours == projection.content_id("vectors", "umap", 2, 0, {"n_neighbors": 15})
    others = [
        projection.content_id("others", "umap", 2, 0, {}),
        projection.content_id("vectors", "umap", 3, 0, {}),
        projection.content_id("vectors", "umap", 2, 1, {}),
        projection.content_id("vectors", "umap", 2, 0, {"n_neighbors": 14}),
        projection.content_id("vectors", "pca", 2, 0, {}),
    ]
    assert len({ours, *others}) == 6


@pytest.mark.parametrize("count", [3, 30])
def test_traces_survive_their_files(count: int) -> None:
    before = projection.project(vectors(count)).trace(SOURCE)
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, ProjectionTrace)
    np.testing.assert_array_equal(after.points, before.points)
    assert (after.quality, after.shape, after.parameters) == (before.quality, (count, 12), {})
    assert (after.source, after.versions, after.notes) == (SOURCE, before.versions, ())
    joint = projection.joint(np.stack([vectors(count), vectors(count, seed=1)]), source=SOURCE)
    again = traces.from_bytes(traces.to_bytes(joint))
    assert isinstance(again, JointProjection)
    assert again.quality == joint.quality
    np.testing.assert_array_equal(again.points, joint.points)
