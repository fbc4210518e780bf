"""Networks that one can hold: torch's own counts, and scikit-learn's own predictions."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor
from torch import nn

from models import small_networks, small_trained
from models.traces import InputError
from viz import state
from viz.components import encoder_decoder, small_network


@pytest.mark.parametrize(("sizes", "total"), [((10, 8, 1), 97), ((10, 9, 1), 109), ((2, 3, 3, 1), 25)])
def test_dense_layers_are_counted_as_torch_does(sizes: tuple[int, ...], total: int) -> None:
    layers = [nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    assert small_networks.dense(sizes) == [(layer.weight.numel(), layer.bias.numel()) for layer in layers]
    assert sum(weights + biases for weights, biases in small_networks.dense(sizes)) == total


def test_the_papers_transformer() -> None:
    shapes = small_networks.encoder_decoder()
    inside = {path: math.prod(shape) for path, shape in shapes.items() if path.startswith("transformer.")}
    assert sum(inside.values()) == sum(weight.numel() for weight in nn.Transformer(batch_first=True).parameters())
    assert sum(inside.values()) == 44_140_544
    assert sum(math.prod(shape) for shape in shapes.values()) == sum(inside.values()) + 3 * 10_000 * 512 + 10_000


@pytest.mark.parametrize(
    "sizes", [{}, {"width": 96, "heads": 6, "layers": 2, "mlp": 100, "vocabulary": 7}, {"layers": 1}]
)
def test_the_formula_is_torchs_tensors_term_by_term(sizes: dict[str, int]) -> None:
    tensors = small_networks.by_term(small_networks.encoder_decoder(**sizes))
    formula = small_networks.formula(**sizes)
    assert tensors == {term.name: term.count for term in formula.terms}
    assert small_networks.formula(**(sizes | {"heads": 1})).total == formula.total


def test_what_can_not_be_drawn_is_refused() -> None:
    for sizes in ((5,), (10, 0, 1), (1000, 1), (1,) * 7):
        with pytest.raises(InputError, match="units"):
            small_networks.dense(sizes)
    for wrong, said in (
        ({"width": 100}, "A width of 100 can't be shared evenly by 8 heads: 10 would do, or a width of 96"),
        ({"heads": 7}, "512 can't be shared evenly by 7 heads: 8 would do"),
        ({"layers": 0}, "layers is 0, but it can be 1 to 48"),
        ({"vocabulary": 10**12}, "vocabulary is 1,000,000,000,000"),
    ):
        for made in (small_networks.encoder_decoder, small_networks.formula):
            with pytest.raises(InputError, match=said):
                made(**wrong)


def test_the_figures_have_the_same_limits() -> None:
    assert small_network.MOST_UNITS == small_networks.MOST_UNITS
    assert small_network.MOST_LAYERS == small_networks.MOST_LAYERS
    assert small_networks.MOST["layers"] == encoder_decoder.MOST_LAYERS
    assert small_network.Sizes().parse(small_network.USUAL) == "-".join(map(str, small_trained.USUAL))


@pytest.mark.parametrize(
    "text", ["10--1", "0-5", "999-999", "ten-1", "1-2-3-4-5-6-7", "10", "", "-", "10-8-1.5", "١-٢"]
)
def test_sizes_that_are_none(text: str) -> None:
    values, said = state.read({"units": small_network.Sizes()}, {"units": text})
    assert values == {}
    assert "2 to 6 sizes from 1 to 64 with - between them, such as 10-8-1" in said[0]


@pytest.mark.parametrize("text", ["1.2.3.4", "0", "1.0", "x", "7.1", "1..2"])
def test_places_that_are_none(text: str) -> None:
    values, said = state.read({"at": small_network.Place()}, {"at": text})
    assert values == {}
    assert len(said) == 1


@pytest.fixture(scope="module", params=["stored", "trained"])
def trained(request: pytest.FixtureRequest) -> small_trained.Trained:
    """The usual network as it is stored, and another that is trained now."""
    return small_trained.stored() if request.param == "stored" else small_trained.train((10, 5, 3, 1), 1.0, 7)


def test_the_drawn_numbers_are_scikit_learns_network(trained: small_trained.Trained) -> None:
    assert trained.counted == sum(map(sum, small_networks.dense(trained.sizes)))
    table: Any = load_diabetes(scaled=False)
    np.testing.assert_array_equal(trained.inputs, table.data)
    np.testing.assert_array_equal(trained.targets, table.target)
    own = ~trained.held_out
    np.testing.assert_allclose(trained.mean, table.data[own].mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(trained.scale, table.data[own].std(axis=0), rtol=1e-12)
    scaled = (table.data - trained.mean) / trained.scale
    network: Any = MLPRegressor(hidden_layer_sizes=trained.sizes[1:-1], random_state=0)
    network.partial_fit(scaled[:10], table.target[:10])
    network.coefs_, network.intercepts_ = list(trained.weights), list(trained.biases)
    theirs = network.predict(scaled) * trained.target_scale + trained.target_mean
    np.testing.assert_allclose(trained.predictions, theirs, rtol=1e-9)
    np.testing.assert_allclose(trained.forward(), theirs, rtol=1e-9)
    linear = LinearRegression().fit(table.data[own], table.target[own])
    np.testing.assert_allclose(trained.linear, linear.predict(table.data), rtol=1e-9)
    for held_out in (True, False):
        rows = trained.held_out == held_out
        score = r2_score(table.target[rows], theirs[rows])
        assert trained.explained(trained.predictions, held_out=held_out) == pytest.approx(score, rel=1e-9)


def test_training_gives_what_is_stored_and_what_is_said_of_it() -> None:
    stored = small_trained.stored()
    fresh = small_trained.train(small_trained.USUAL, small_trained.PENALTY, 0)
    np.testing.assert_array_equal(fresh.held_out, stored.held_out)
    for held_out, network, linear in ((True, 0.335, 0.359), (False, 0.615, 0.555)):
        assert stored.explained(stored.predictions, held_out=held_out) == pytest.approx(network, abs=5e-4)
        assert fresh.explained(fresh.predictions, held_out=held_out) == pytest.approx(network, abs=0.02)
        assert stored.explained(stored.linear, held_out=held_out) == pytest.approx(linear, abs=5e-4)
    hidden = (stored.inputs - stored.mean) / stored.scale @ stored.weights[0] + stored.biases[0]
    assert np.flatnonzero((hidden <= 0).all(axis=0)).tolist() == [2, 5, 7]
    assert stored.settled


def test_a_network_comes_back_from_its_file() -> None:
    stored = small_trained.stored()
    again = small_trained.from_bytes(small_trained.to_bytes(stored))
    assert (again.sizes, again.penalty, again.seed, again.steps) == (
        stored.sizes,
        stored.penalty,
        stored.seed,
        stored.steps,
    )
    for ours, theirs in zip((*again.weights, *again.biases), (*stored.weights, *stored.biases), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("sizes", [(10, 1), (9, 8, 1), (10, 8, 2), (10, 64, 64, 1)])
def test_what_is_not_trained_here(sizes: tuple[int, ...]) -> None:
    assert not small_trained.trainable(sizes)
    with pytest.raises(InputError, match="10 inputs to 1 output"):
        small_trained.train(sizes, 1.0, 0)
