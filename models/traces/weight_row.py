"""What does one row of a weight matrix hand to a picture of a dot product?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source


@dataclass(frozen=True)
class WeightRowTrace:
    """The weights that one number of one stage is made with.

    Of a matrix: y = weights . x + bias. Of a norm: y = weights[0] x' + bias, where x' is the normalised number.
    """

    name: ClassVar[str] = "weight row"

    source: Source  # without a text
    stage: str  # as in ForwardTrace: "attention.query"
    layer: int  # 0 where the stage is in none
    row: int  # which number of the stage's vector; of the logits, the token's id
    weights: NDArray[np.float32]  # [input], or [1] of a norm
    bias: float | None  # None: there is none
    epsilon: float  # what a norm adds under its root; 0: this is no norm
    centred: bool  # whether the norm takes the mean away first

    def __post_init__(self) -> None:
        if self.weights.ndim != 1 or (self.epsilon and len(self.weights) != 1):
            raise ValueError(f"weights {self.weights.shape}, epsilon {self.epsilon}")
