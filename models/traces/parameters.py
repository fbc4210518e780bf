"""What does counting a model's parameters hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source

Part = Literal["embedding", "position", "attention", "mlp", "router", "experts", "norm", "head", "other"]
PARTS: tuple[Part, ...] = get_args(Part)


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
    zeros: int  # weights that are zero afterwards
    logits: NDArray[np.float32]  # [before, after] [vocabulary] behind the prompt

    def __post_init__(self) -> None:
        if self.counts.shape != (2, len(self.edges) - 1) or self.logits.ndim != 2 or len(self.logits) != 2:
            raise ValueError(f"counts {self.counts.shape}, edges {self.edges.shape}, logits {self.logits.shape}")

    @property
    def divergence(self) -> float:
        """Kullback-Leibler divergence of the next token after from before, in bits."""
        logs = self.logits.astype(np.float64)
        logs -= logs.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        return float((np.exp(logs[0]) * (logs[0] - logs[1])).sum() / np.log(2))


@dataclass(frozen=True)
class MatrixTrace:
    """One matrix of a model, as a picture and in numbers."""

    name: ClassVar[str] = "matrix"

    source: Source  # without a text
    matrix: str  # its path in the model
    shape: tuple[int, int]
    picture: NDArray[np.float32]  # [row, column] mean of the weights in each tile
    largest: NDArray[np.float32]  # [row, column] the largest magnitude in each tile
    edges: NDArray[np.float64]  # [bin + 1] of the histogram
    counts: NDArray[np.int64]  # [bin]
    singular: NDArray[np.float32]  # [direction] singular values, falling; empty: the matrix is too large
    mean: float
    deviation: float  # standard deviation

    def __post_init__(self) -> None:
        if self.picture.shape != self.largest.shape or len(self.counts) != len(self.edges) - 1:
            raise ValueError(f"picture {self.picture.shape}, largest {self.largest.shape}, counts {self.counts.shape}")

    @property
    def effective_rank(self) -> float:
        """e^H of the singular values as shares of their sum; NaN where there are none."""
        if not len(self.singular) or not self.singular.sum():
            return float("nan")
        shares = self.singular.astype(np.float64) / self.singular.sum(dtype=np.float64)
        shares = shares[shares > 0]
        return float(np.exp(-(shares * np.log(shares)).sum()))


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
