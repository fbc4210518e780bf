"""What does counting a model's parameters hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, divergence

Part = Literal["embedding", "position", "attention", "mlp", "router", "experts", "norm", "head", "other"]
PARTS: tuple[Part, ...] = get_args(Part)
Axes = Literal["outputs, inputs", "inputs, outputs", "entries, dimensions"]
Region = tuple[tuple[int, int], tuple[int, int]]  # rows, then columns: the first, and behind the last


@dataclass(frozen=True)
class ParametersTrace:
    """Every weight tensor of a model that was built without its weights."""

    name: ClassVar[str] = "parameters"

    source: Source  # its revision is a hash of the configuration
    family: str  # the configuration's model_type
    model_class: str  # the class of transformers that was built
    names: tuple[str, ...]  # [tensor] its path in the model
    shapes: tuple[tuple[int, ...], ...]  # [tensor]
    counts: NDArray[np.int64]  # [tensor] numbers in it
    parts: tuple[Part, ...]  # [tensor]
    layers: NDArray[np.int64]  # [tensor] of the stack that it stands in; -1: in none
    experts: NDArray[np.int64]  # [tensor] how many experts it holds the weights of; 1 where there are none
    used: NDArray[np.int64]  # [tensor] how many of these work on one token; -1: the configuration doesn't say
    tied: tuple[tuple[str, str], ...]  # [pair] a second name, and the name of the tensor that it stands for

    def __post_init__(self) -> None:
        count = len(self.names)
        for name in ("shapes", "counts", "parts", "layers", "experts", "used"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {count} tensors")

    @property
    def total(self) -> int:
        """All parameters, each tied one once."""
        return int(self.counts.sum())

    @property
    def active(self) -> int | None:
        """Those that work on one token: of the experts only as many as are chosen; None where that isn't known."""
        if (self.used < 0).any():
            return None
        return int((self.counts // self.experts * self.used).sum())

    @property
    def leaves(self) -> dict[str, int]:
        """{path in the model: numbers in it}, each tied tensor once."""
        return dict(zip(self.names, self.counts.tolist(), strict=True))


@dataclass(frozen=True)
class QuantisedTrace:
    """One matrix of a model with fewer bits or fewer weights, and what that does to the next token."""

    name: ClassVar[str] = "quantised"

    source: Source  # its text is the prompt
    matrix: str  # its path in the model
    shape: tuple[int, int]
    method: Literal["round", "prune"]
    bits: int  # of a rounded weight; 0: pruned
    block: int  # neighbours in a row that share a scale; 0: the whole row
    share: float  # of the weights that were pruned
    edges: NDArray[np.float64]  # [bin + 1] of the histograms
    counts: NDArray[np.int64]  # [before, after] [bin]
    error: float  # root of the mean square of the difference
    size: float  # root of the mean square of the weights
    largest: float  # difference of any weight
    zeros: tuple[int, int]  # weights that are zero, before and after
    levels: int  # different values in a block of 32 neighbours before, at most; 0: a row has no whole blocks
    check: float  # largest difference between the weights afterwards and what torch's own functions make of them
    logits: NDArray[np.float32]  # [before, after] [vocabulary] behind the prompt

    def __post_init__(self) -> None:
        if self.counts.shape != (2, len(self.edges) - 1) or self.logits.ndim != 2 or len(self.logits) != 2:
            raise ValueError(f"counts {self.counts.shape}, edges {self.edges.shape}, logits {self.logits.shape}")

    @property
    def relative(self) -> float:
        """The error as a share of the weights."""
        return self.error / self.size if self.error else 0.0

    @property
    def signal_to_noise(self) -> float:
        """In decibels: 20 log10 of weights over error; infinite where nothing was lost."""
        if not self.error:
            return float("inf")
        return float(20 * np.log10(self.size / self.error))

    @property
    def scales(self) -> int:
        """How many scales the rounded weights have."""
        if self.method == "prune":
            return 0
        return self.shape[0] * (self.shape[1] // self.block if self.block else 1)

    @property
    def width(self) -> int:
        """Bytes of a weight as it is loaded."""
        return {"float64": 8, "float32": 4}.get(self.source.dtype, 2)

    @property
    def bytes(self) -> int:
        """What the matrix takes afterwards.

        Rounded: its weights, and a scale of 32 bits for each block. Pruned: a bit for each place, whether a weight is
        left there, and each that is as it was.
        """
        count = self.shape[0] * self.shape[1]
        if self.method == "prune":
            return -(-count // 8) + self.width * (count - round(self.share * count))
        return -(-count * self.bits // 8) + 4 * self.scales

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """[before, after] [vocabulary] of the next token."""
        powers = np.exp(self.logits.astype(np.float64) - self.logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    @property
    def divergence(self) -> float:
        """Kullback-Leibler divergence of the next token after from before, in bits."""
        return divergence(self.logits)


@dataclass(frozen=True)
class MatrixTrace:
    """One matrix of a model, or a region of it, as a picture and in numbers."""

    name: ClassVar[str] = "matrix"

    source: Source  # without a text
    matrix: str  # its path in the model
    axes: Axes  # what its rows and its columns are
    shape: tuple[int, int]  # of the whole matrix
    region: Region  # that all the rest is about
    tile: tuple[int, int]  # rows and columns of weights in a tile; those at the lower and right edge may have fewer
    picture: NDArray[np.float32]  # [row, column] mean of the weights in each tile
    largest: NDArray[np.float32]  # [row, column] the largest magnitude in each tile
    edges: NDArray[np.float64]  # [bin + 1] of the histogram
    counts: NDArray[np.int64]  # [bin]
    singular: NDArray[np.float64]  # [direction] singular values, falling; empty: the region is too large
    difference: float  # largest one from torch's own singular values, as a share of the largest; NaN: not compared
    mean: float
    deviation: float  # standard deviation
    beyond: int  # weights that lie further than 4 deviations from the mean
    levels: int  # of the whole matrix: values in a block of 32 neighbours in a row, at most; 0: no such blocks

    def __post_init__(self) -> None:
        if self.picture.shape != self.largest.shape or len(self.counts) != len(self.edges) - 1:
            raise ValueError(f"picture {self.picture.shape}, largest {self.largest.shape}, counts {self.counts.shape}")

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the region."""
        (top, bottom), (left, right) = self.region
        return (bottom - top, right - left)

    @property
    def effective_rank(self) -> float:
        """How many directions it really uses."""
        return effective_rank(self.singular)


def effective_rank(singular: NDArray[np.float64]) -> float:
    """e^H of the singular values as shares of their sum; NaN where there are none."""
    if not singular.sum():
        return float("nan")
    shares = singular / singular.sum()
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


@dataclass(frozen=True)
class WeightsTrace:
    """The weights of a matrix, or of a region of it, as they are."""

    name: ClassVar[str] = "weights"

    source: Source  # without a text
    matrix: str  # its path in the model
    region: Region
    values: NDArray[np.float32]  # [row, column]

    def __post_init__(self) -> None:
        if self.values.shape != tuple(end - begin for begin, end in self.region):
            raise ValueError(f"values {self.values.shape}, region {self.region}")


@dataclass(frozen=True)
class MatricesTrace:
    """Which matrices a model has."""

    name: ClassVar[str] = "matrices"

    source: Source  # without a text
    paths: tuple[str, ...]  # [matrix] its module in the model, each tied one once
    shapes: tuple[tuple[int, int], ...]  # [matrix]

    def __post_init__(self) -> None:
        if len(self.paths) != len(self.shapes):
            raise ValueError(f"{len(self.paths)} paths, {len(self.shapes)} shapes")


@dataclass(frozen=True)
class NormsTrace:
    """How large the weights of every matrix of a model are."""

    name: ClassVar[str] = "norms"

    source: Source  # without a text
    kinds: tuple[str, ...]  # [kind] its path, "*" for the layer
    single: tuple[bool, ...]  # [kind] whether the model has it once, and not in each layer
    values: NDArray[np.float64]  # [kind, layer] root of the mean square; NaN where a layer hasn't got it

    def __post_init__(self) -> None:
        if len(self.values) != len(self.kinds) or len(self.single) != len(self.kinds):
            raise ValueError(f"{len(self.kinds)} kinds, values {self.values.shape}")
