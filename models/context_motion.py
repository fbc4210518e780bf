"""How do the uses of one word move from layer to layer, along axes that are the same at all of them?

    d[layer, use] = vectors[layer, use] / |vectors[layer, use]|      so that |d_i - d_j|^2 = 2 - 2 cosine(i, j)
    d[layer, use] - mean over the uses of d[layer]                   with the motion they share taken out

are seen along the two axes that show most of all uses at all layers together (PCA, models/projection.py `joint`). From
layer to layer all uses travel far in the same direction, many times as far as they part; with that motion in it the
axes show the way and little else, so that usually it is taken out. The static vectors, the input table's own, are
treated the same and seen along the same axes, which they take no part in finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models import projection
from models.traces import ContextTrace, InputError, JointProjection
from models.traces.embeddings import unit

SAME: Final = 1e-6  # between two vectors of length 1: rounding, no difference


@dataclass(frozen=True)
class Motion:
    """The uses of a word at every layer, seen along one pair of axes."""

    joint: JointProjection
    still: NDArray[np.float32]  # [use, 2] the static vectors along the same axes
    shared: bool  # whether the motion that all uses share is in the picture
    same: NDArray[np.bool_]  # [layer + 1] whether all uses have the same vector there
    cosines_off: float  # largest difference between our cosines and scikit-learn's
    places_off: float  # largest difference between the points and the directions seen along the axes, in float64

    def __post_init__(self) -> None:
        layers, uses, axes = self.joint.points.shape
        if self.still.shape != (uses, axes) or self.same.shape != (layers,):
            raise ValueError(f"points {self.joint.points.shape}, still {self.still.shape}, same {self.same.shape}")


def motion(trace: ContextTrace, *, shared: bool = False) -> Motion:
    """The uses as moving points.

    Args:
        trace: two uses or more.
        shared: whether to leave the motion in that all uses share. It stays where the uses have the same vectors at
            every layer, since nothing else would be left.

    Raises:
        InputError: there is a single use, or a vector without a direction.
    """
    uses = trace.vectors.shape[1]
    if uses < 2:
        raise InputError(
            "The word stands in these sentences only once, so there is nothing to compare; write another sentence "
            "with it."
        )
    directions, fixed = unit(trace.vectors), unit(trace.static)
    centre = directions.mean(axis=1, keepdims=True)
    same = np.abs(directions - centre).max(axis=(1, 2)) < SAME
    shared = shared or bool(same.all())
    if not shared:
        directions = np.where(same[:, None, None], np.float32(0), directions - centre)
        fixed = fixed - fixed.mean(axis=0)
    found = projection.joint(directions, source=trace.source)
    still = (fixed - found.mean) @ found.components.T
    seen = (directions.astype(np.float64) - found.mean) @ found.components.T.astype(np.float64)
    return Motion(
        joint=found,
        still=still.astype(np.float32),
        shared=shared,
        same=same,
        cosines_off=_off(trace),
        places_off=float(np.abs(seen - found.points).max()),
    )


def _off(trace: ContextTrace) -> float:
    """How far any cosine of the trace is from scikit-learn's, in double precision."""
    from sklearn.metrics.pairwise import cosine_similarity

    theirs = np.stack([cosine_similarity(layer.astype(np.float64)) for layer in trace.vectors])
    return float(np.abs(theirs - trace.cosines).max())
