"""A word's uses move along one pair of axes, scikit-learn's, and what has no difference is said to have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import normalize

from models import catalog, contextual
from models.context_motion import motion
from models.traces import ContextTrace, InputError, Source
from tests.families import tiny_model, tiny_tokenizer

SENTENCES = ["to be or not", "let it be 😀", "so be it", "may it be"]


def traced(vectors: NDArray[np.floating], static: NDArray[np.floating] | None = None) -> ContextTrace:
    uses = vectors.shape[1]
    return ContextTrace(
        source=Source("model", "", "be"),
        sentences=("be",) * uses,
        word="be",
        pooling="mean",
        uses=np.array([[k, 0, 2] for k in range(uses)]),
        pieces=(("be",),) * uses,
        vectors=vectors.astype(np.float32),
        static=(vectors[0] if static is None else static).astype(np.float32),
    )


def some(layers: int = 4, uses: int = 5) -> ContextTrace:
    random = np.random.default_rng(0)
    drift = 20 * random.normal(size=(layers, 1, 12))  # what all uses share, as in a real model
    return traced(drift + random.normal(size=(layers, uses, 12)), random.normal(size=(uses, 12)))


def directions(trace: ContextTrace) -> NDArray[Any]:
    return np.stack([normalize(layer.astype(np.float64)) for layer in trace.vectors])


@pytest.mark.parametrize("shared", [False, True])
def test_the_points_are_scikit_learns_of_all_layers_together(shared: bool) -> None:
    trace = some()
    found = motion(trace, shared=shared)
    expected = directions(trace)
    if not shared:
        expected -= expected.mean(axis=1, keepdims=True)
    fitted = PCA(2).fit(expected.reshape(-1, 12))
    places = fitted.transform(expected.reshape(-1, 12)).reshape(4, 5, 2)
    np.testing.assert_allclose(found.joint.points, places, atol=1e-5)
    np.testing.assert_allclose(found.joint.explained, fitted.explained_variance_ratio_, atol=1e-5)
    fixed = normalize(trace.static.astype(np.float64))
    fixed = fixed if shared else fixed - fixed.mean(axis=0)
    np.testing.assert_allclose(found.still, fitted.transform(fixed), atol=1e-5)
    assert found.cosines_off < 1e-6
    assert found.places_off < 1e-6
    assert not found.same.any()


def test_without_the_shared_motion_the_middle_of_every_layer_stays() -> None:
    trace = some()
    np.testing.assert_allclose(motion(trace).joint.points.mean(axis=1), 0, atol=1e-6)
    assert np.abs(motion(trace, shared=True).joint.points.mean(axis=1)).max() > 0.1


def test_one_pair_of_axes_holds_at_every_layer() -> None:
    trace = some()
    found = motion(trace).joint
    apart = directions(trace)
    apart -= apart.mean(axis=1, keepdims=True)
    for layer, points in zip(apart, found.points, strict=True):
        np.testing.assert_allclose(layer @ found.components.T, points, atol=1e-5)
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(2), atol=1e-6)


def test_uses_that_are_the_same_at_a_layer_stand_in_one_place() -> None:
    trace = some()
    trace.vectors[0] = trace.vectors[0, :1]
    found = motion(trace)
    assert found.same.tolist() == [True, False, False, False]
    assert np.ptp(found.joint.points[0], axis=0).max() < 1e-7
    assert np.ptp(found.joint.points[1], axis=0).min() > 0.01
    assert found.joint.explained_by_layer[0] == 0


def test_a_decoder_cannot_tell_what_only_follows() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    found = motion(contextual.contextual(lm, ["to be or not", "to be quiet"], "be"))
    assert found.same.all()
    assert found.shared  # nothing else is left to see
    np.testing.assert_allclose(found.joint.points[:, 0], found.joint.points[:, 1], atol=1e-6)


def test_layer_0_of_a_model_without_added_positions_is_the_static_vector() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    found = motion(contextual.contextual(lm, SENTENCES, "be"), shared=True)
    np.testing.assert_allclose(found.joint.points[0], found.still, atol=1e-6)


def test_one_use_has_nothing_to_be_compared_with() -> None:
    lm = catalog.wrap(tiny_model("llama"), tiny_tokenizer())
    with pytest.raises(InputError, match="only once"):
        motion(contextual.contextual(lm, ["to be or not"], "be"))
    assert motion(contextual.contextual(lm, ["to be or not to be"], "be")).still.shape == (2, 2)
