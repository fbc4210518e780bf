"""What does the residual stream of one pass, and what is written into it, hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class StreamTrace:
    """How long the stream is behind every layer, and how long and where-to what each part adds to it.

    A cosine is that of what is written with the stream to which it is added, as it is before.
    """

    name: ClassVar[str] = "stream"

    source: Source
    token_table: Tokens  # of the whole text
    first: int  # the position that the first of those here is in the text
    norms: str  # where the norms stand: "before", "after", "around" or "parallel" (models/adapters.py)
    stream: NDArray[np.float32]  # [layer + 1, position] L2 norm of what enters the first layer, and of what leaves each
    attention: NDArray[np.float32]  # [layer, position] L2 norm of what the attention writes
    attention_cosine: NDArray[np.float32]  # [layer, position]
    mlp: NDArray[np.float32]  # [layer, position]
    mlp_cosine: NDArray[np.float32]  # [layer, position]
    heads: NDArray[np.float32]  # [layer, head, position]
    heads_cosine: NDArray[np.float32]  # [layer, head, position]
    # All heads of a layer and the bias of its output projection, from what its attention writes: the largest
    # difference, as a share of the largest number that it writes.
    difference: float
    # What enters the first layer and all that is written, from what leaves the last, in the same way; None where norms
    # stand behind the sums, so that there is no such sum.
    sum_difference: float | None

    def __post_init__(self) -> None:
        layers, _, positions = self.heads.shape
        shapes = {each.shape for each in (self.attention, self.attention_cosine, self.mlp, self.mlp_cosine)}
        if shapes != {(layers, positions)} or self.stream.shape != (layers + 1, positions):
            raise ValueError(f"stream {self.stream.shape}, heads {self.heads.shape}, parts {shapes}")
        if self.heads_cosine.shape != self.heads.shape or self.first + positions > len(self.token_table):
            raise ValueError(f"cosines {self.heads_cosine.shape}, {positions} positions from {self.first}")
