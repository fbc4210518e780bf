"""Networks that one can hold: torch's own counts."""

from __future__ import annotations

import itertools
import math

import pytest
from torch import nn

from models import history, small_networks
from models.traces import InputError


@pytest.mark.parametrize(("sizes", "total"), [((10, 8, 1), 97), ((10, 9, 1), 109), ((2, 3, 3, 1), 25)])
def test_dense_layers_are_counted_as_torch_does(sizes: tuple[int, ...], total: int) -> None:
    layers = [nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    assert small_networks.dense(sizes) == [(layer.weight.numel(), layer.bias.numel()) for layer in layers]
    assert sum(weights + biases for weights, biases in small_networks.dense(sizes)) == total


def test_the_papers_transformer() -> None:
    shapes = small_networks.encoder_decoder()
    inside = {path: math.prod(shape) for path, shape in shapes.items() if path.startswith("transformer.")}
    assert sum(inside.values()) == sum(weight.numel() for weight in nn.Transformer(batch_first=True).parameters())
    assert sum(math.prod(shape) for shape in shapes.values()) == sum(inside.values()) + 3 * 10_000 * 512 + 10_000


def test_what_can_not_be_drawn_is_refused() -> None:
    for sizes in ((5,), (10, 0, 1), (1000, 1)):
        with pytest.raises(InputError, match="units"):
            small_networks.dense(sizes)
    for wrong in ({"width": 100}, {"layers": 0}, {"vocabulary": 10**12}):
        with pytest.raises(InputError, match="heads"):
            small_networks.encoder_decoder(**wrong)


def test_history_names_its_sources() -> None:
    assert all(size.source and size.parameters > 0 for size in history.SIZES)
    assert [size.name for size in history.SIZES if size.rumour] == ["GPT-4"]
    assert [size.year for size in history.SIZES] == sorted(size.year for size in history.SIZES)
    assert all(size.active is None or size.active < size.parameters for size in history.SIZES)
