"""How do a few logits become probabilities, number by number, in the format in which a computer holds them?

    x = (z + c) / T        as written:             p = e^x / sum e^x
                           the maximum taken away: p = e^(x - max x) / sum e^(x - max x)

Each single result is rounded to the format (float64, float32, float16) before the next, and sums run from the first to
the last, as the browser does it (viz/components/softmax_bars). T = 0 stands for the limit: the largest share all,
equally where several are largest; no arithmetic gets there, as x is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Format = Literal["float64", "float32", "float16"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
Row = NDArray[np.floating]


@dataclass(frozen=True)
class ByHand:
    """Every number on the way, all in one format."""

    scaled: Row  # [logit] x
    powers: Row  # [logit] e^x
    total: float  # their sum
    naive: Row  # [logit] p as written: NaN where infinity is divided by infinity, or 0 by 0
    shifted: Row  # [logit] x - max x
    small: Row  # [logit] e^(x - max x)
    sum: float  # of these
    probabilities: Row  # [logit] p with the maximum taken away, or the limit where T is 0


def steps(logits: Sequence[float], temperature: float, constant: float, held: Format) -> ByHand:
    """The calculation.

    >>> steps([2.0, 1.0, 0.1], 1.0, 0.0, "float64").probabilities.round(3).tolist()
    [0.659, 0.242, 0.099]

    Args:
        logits: [logit] z
        temperature: T, from 0 up to and with infinity.
        constant: c, what is added to all.
        held: the format.
    """
    dtype = np.dtype(held)
    with np.errstate(all="ignore"):  # to overflow, and to divide by 0, is what there is to see
        moved = np.array(logits, dtype) + dtype.type(constant)
        scaled = moved / dtype.type(temperature)
        powers = np.exp(scaled)
        total = _sum(powers)
        shifted = scaled - scaled.max()
        small = np.exp(shifted)
        least = _sum(small)
        limit = (moved == moved.max()).astype(dtype)
        shares = limit / _sum(limit) if temperature == 0 else small / least
        naive = powers / total
    return ByHand(scaled, powers, float(total), naive, shifted, small, float(least), shares)


def _sum(row: Row) -> np.floating:
    """From the first to the last, rounded each time."""
    total = row.dtype.type(0)
    for value in row:
        total = total + value
    return total


def check(logits: Sequence[float], temperature: float, constant: float, held: Format) -> float:
    """The largest difference between these probabilities and torch.softmax's in the same format.

    Not a number where one of them is none and the other is; 0 where both are none.
    """
    import torch

    dtype: torch.dtype = getattr(torch, held)
    moved = torch.tensor(list(logits), dtype=dtype) + torch.tensor(constant, dtype=dtype)
    if temperature == 0:  # minus infinity for all but the largest
        scaled = moved.masked_fill(moved < moved.max(), -math.inf)
    else:
        scaled = moved / torch.tensor(temperature, dtype=dtype)
    theirs = torch.softmax(scaled, dim=0).double().numpy()
    ours = steps(logits, temperature, constant, held).probabilities.astype(np.float64)
    both = np.isnan(theirs) & np.isnan(ours)
    return float(np.where(both, 0.0, np.abs(theirs - ours)).max())


def tolerance(count: int, held: Format) -> float:
    """How far two right answers may lie apart: additions, powers and divisions are rounded by half a step each."""
    return float((count + 4) * np.finfo(held).eps / 2)
