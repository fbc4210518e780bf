"""What does a network that one can draw whole learn? Trained by scikit-learn on a small table of patients.

The table is scikit-learn's diabetes data: 442 patients, ten measurements each, and a measure of how far the disease had
gone a year later (Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics, 2004). A
quarter is held out. Inputs and target are put on one scale (mean 0, standard deviation 1 among those trained on), and a
network of dense layers with ReLU between them is fitted by L-BFGS; a linear regression stands beside it.

The usual network is stored, so that it is seen before scikit-learn has been imported: `python -m models.small_trained`.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import small_networks
from models.traces import InputError

INPUTS: Final = (
    "age",
    "sex",
    "body mass index",
    "blood pressure",
    "total cholesterol",
    "LDL cholesterol",
    "HDL cholesterol",
    "cholesterol / HDL",
    "log of triglycerides",
    "blood sugar",
)
USUAL: Final = (10, 8, 1)
PENALTY: Final = 10.0
MOST: Final = 1000  # parameters: what is trained in a second or two
STEPS: Final = 1000
SHARE: Final = 0.25  # held out
STORED: Final = Path(__file__).parent / "stored" / "small" / "diabetes.npz"


@dataclass(frozen=True)
class Trained:
    """A network, what it was trained on, and what it says about each patient."""

    sizes: tuple[int, ...]
    penalty: float
    seed: int
    weights: tuple[NDArray[np.float64], ...]  # [layer][from, to]
    biases: tuple[NDArray[np.float64], ...]  # [layer][to]
    mean: NDArray[np.float64]  # [input] of those trained on
    scale: NDArray[np.float64]  # [input] their standard deviation
    target_mean: float
    target_scale: float
    inputs: NDArray[np.float64]  # [patient, input] as measured
    targets: NDArray[np.float64]  # [patient]
    held_out: NDArray[np.bool_]  # [patient]
    predictions: NDArray[np.float64]  # [patient] scikit-learn's own
    linear: NDArray[np.float64]  # [patient] of linear regression
    steps: int
    version: str  # of scikit-learn

    @property
    def settled(self) -> bool:
        """Whether training ended by itself."""
        return self.steps < STEPS

    @property
    def counted(self) -> int:
        """Numbers in the arrays of scikit-learn's network."""
        return sum(array.size for array in (*self.weights, *self.biases))

    def forward(self) -> NDArray[np.float64]:
        """[patient] what the drawn numbers make of each patient, by the formula."""
        activation = (self.inputs - self.mean) / self.scale
        for layer, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            activation = activation @ weights + biases
            if layer < len(self.weights) - 1:
                activation = np.maximum(activation, 0)
        return activation[:, 0] * self.target_scale + self.target_mean

    def explained(self, predictions: NDArray[np.float64], *, held_out: bool) -> float:
        """The share of the target's variance that predictions explain (R squared)."""
        own = self.held_out == held_out
        truth = self.targets[own]
        return float(1 - ((truth - predictions[own]) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def trainable(sizes: Sequence[int]) -> bool:
    """Whether the table fits the network, and the network is small enough to train while one waits."""
    fits = sizes[0] == len(INPUTS) and sizes[-1] == 1 and len(sizes) > 2
    return fits and sum(map(sum, small_networks.dense(sizes))) <= MOST


def train(sizes: Sequence[int], penalty: float, seed: int) -> Trained:
    """Train a network.

    Args:
        sizes: units, layer by layer.
        penalty: on the sum of the squares of all weights (scikit-learn's alpha).
        seed: decides who is held out, and the weights at the beginning.

    Raises:
        InputError: the table doesn't fit the network, or it is too large.
    """
    if not trainable(sizes):
        raise InputError(f"Only networks from 10 inputs to 1 output, of up to {MOST:,} parameters, are trained here.")
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    table = load_diabetes(scaled=False)
    own, held = train_test_split(np.arange(len(table.target)), test_size=SHARE, random_state=seed)
    held_out = np.zeros(len(table.target), dtype=bool)
    held_out[held] = True
    scaler = StandardScaler().fit(table.data[own])
    centre, spread = float(table.target[own].mean()), float(table.target[own].std())
    network: Any = MLPRegressor(
        hidden_layer_sizes=tuple(sizes[1:-1]), solver="lbfgs", alpha=penalty, max_iter=STEPS, random_state=seed
    )
    with threadpool_limits(1):  # several threads add up in the order in which they end
        network.fit(scaler.transform(table.data[own]), (table.target[own] - centre) / spread)
        linear = LinearRegression().fit(table.data[own], table.target[own])
    return Trained(
        tuple(sizes),
        penalty,
        seed,
        tuple(network.coefs_),
        tuple(network.intercepts_),
        scaler.mean_,
        scaler.scale_,
        centre,
        spread,
        table.data,
        table.target,
        held_out,
        network.predict(scaler.transform(table.data)) * spread + centre,
        linear.predict(table.data),
        int(network.n_iter_),
        version("scikit-learn"),
    )


@functools.cache
def stored() -> Trained:
    """The usual network as it was trained ahead; no library is needed to read it."""
    return from_bytes(STORED.read_bytes())


def to_bytes(trained: Trained) -> bytes:
    """All of it as an .npz file."""
    arrays: dict[str, Any] = {}
    for field in fields(trained):
        value = getattr(trained, field.name)
        if field.name in {"weights", "biases"}:
            arrays |= {f"{field.name} {layer}": array for layer, array in enumerate(value)}
        else:
            arrays[field.name] = np.asarray(value)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def from_bytes(blob: bytes) -> Trained:
    """What `to_bytes` has written."""
    with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
        values: dict[str, Any] = {}
        for field in fields(Trained):
            if field.name in {"weights", "biases"}:
                layers = sum(name.startswith(f"{field.name} ") for name in arrays.files)
                values[field.name] = tuple(arrays[f"{field.name} {layer}"] for layer in range(layers))
            elif arrays[field.name].ndim:
                values[field.name] = arrays[field.name]
            else:
                values[field.name] = arrays[field.name].item()
    values["sizes"] = tuple(values["sizes"].tolist())
    return Trained(**values)


def main() -> None:
    """Writes the usual network."""
    STORED.parent.mkdir(exist_ok=True)
    STORED.write_bytes(to_bytes(train(USUAL, PENALTY, 0)))


if __name__ == "__main__":
    main()
