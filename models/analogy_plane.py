"""Where do the words of an analogy lie in the plane of a, b and c?

The tips of three unit vectors span one plane, and b - a + c is in it, too: the fourth corner of the parallelogram that
begins with a -> b and a -> c. Seen straight on, the two arrows are as long and as far apart as they are in all the
dimensions. Other words stand off the plane, each at the foot of its perpendicular, and how far off is told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.traces import Analogy


def seen(analogy: Analogy) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The plane seen straight on, with a at 0, b to the right of it and c above.

    >>> places, off = seen(trace)  # doctest: +SKIP

    Returns:
        [word + 1, 2] where each of `analogy.drawn`, and b - a + c last, is in the plane; [word + 1] its distance from
        the plane. Both in the unit of the vectors, whose length is 1.
    """
    vectors = analogy.vectors.astype(np.float64)
    a, b, c = vectors[:3]
    right = _direction(b - a)
    up = _direction((c - a) - right * (right @ (c - a)))
    steps = vectors - a
    places = steps @ np.stack([right, up]).T
    return places, np.linalg.norm(steps - places @ np.stack([right, up]), axis=1)


def _direction(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of length 1; zeros where there is none, as between words with one and the same vector."""
    length = np.linalg.norm(vector)
    return vector / length if length > 1e-9 else np.zeros_like(vector)
