"""What would the singular values of a matrix be if its numbers were random?

Of a matrix with n rows and m <= n columns of independent numbers with mean 0 and deviation sigma, all singular values
lie between sigma (sqrt(n) - sqrt(m)) and sigma (sqrt(n) + sqrt(m)), the more exactly the larger it is; between these
edges the eigenvalues x of W^T W / (n sigma^2) have the density

    sqrt((b - x) (x - a)) / (2 pi (m/n) x)      a, b = (1 -+ sqrt(m/n))^2

(Marchenko and Pastur 1967, https://doi.org/10.1070/SM1967v001n04ABEH001994). Which way round the matrix lies makes no
difference.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEPS: Final = 20_000  # of the sum that stands for the integral


def edges(rows: int, columns: int, deviation: float) -> tuple[float, float]:
    """The smallest and the largest singular value that a large random matrix has."""
    long, short = math.sqrt(max(rows, columns)), math.sqrt(min(rows, columns))
    return deviation * (long - short), deviation * (long + short)


def singular(rows: int, columns: int, deviation: float) -> NDArray[np.float64]:
    """[direction] the singular values that are expected, falling: the law's quantiles."""
    long, short = max(rows, columns), min(rows, columns)
    ratio = short / long
    low, high = (1 - math.sqrt(ratio)) ** 2, (1 + math.sqrt(ratio)) ** 2
    # x = low + (high - low) (1 - cos t) / 2 takes the roots at both edges out of the density.
    angles = (np.arange(STEPS) + 0.5) * math.pi / STEPS
    x = low + (high - low) * (1 - np.cos(angles)) / 2
    share = np.cumsum(np.sin(angles) ** 2 / x)
    wanted = (np.arange(short) + 0.5) / short
    return deviation * np.sqrt(long * np.interp(wanted, share / share[-1], x))[::-1]
