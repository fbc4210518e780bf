"""How do the logits of a whole vocabulary travel in two bytes a token, and what does that change?

As codes of 16 bits on an even scale from the lowest logit to the highest:

    code = 1 + round((z - low) / step),    step = (high - low) / 65534,    0: minus infinity

A logit moves by half a step at most, and the sum of all exponentials by a factor of e^(step / 2) at most, so no
probability p = exp(z) / sum changes by more than e^step - 1 of itself. The scale reaches `REACH` below the highest
logit at most, which keeps that under a thousandth whatever the model is: what lies lower (less than 2e-28 of the
highest one's probability) stands at the scale's end.

    coded = two_bytes.encode(logits)
    two_bytes.largest_error(logits, coded)      # of any probability, as a share of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.sampling import softmax
from models.traces import InputError

LAST: Final = 65535  # the largest code
REACH: Final = 64.0


@dataclass(frozen=True, eq=False)
class Coded:
    """Logits on an even scale."""

    codes: NDArray[np.uint16]  # [token]; 0: minus infinity
    low: float  # what code 1 means
    step: float  # from one code to the next

    @property
    def logits(self) -> NDArray[np.float64]:
        """[token] what the codes mean."""
        return np.where(self.codes > 0, self.low + (self.codes.astype(np.float64) - 1) * self.step, -np.inf)


def encode(logits: NDArray[np.floating]) -> Coded:
    """The codes of [token] logits.

    Raises:
        InputError: they have no softmax.
    """
    exact = np.asarray(logits, dtype=np.float64)
    finite = np.isfinite(exact)
    if np.isnan(exact).any() or (exact == np.inf).any() or not finite.any():
        raise InputError("This model's logits are not numbers, so they have no softmax; choose another model.")
    high = float(exact[finite].max())
    low = max(float(exact[finite].min()), high - REACH)
    step = (high - low) / (LAST - 1)
    codes = np.zeros(len(exact), dtype=np.uint16)
    places = np.rint((exact[finite] - low) / step) if step else np.zeros(int(finite.sum()))
    codes[finite] = 1 + np.maximum(places, 0).astype(np.uint16)
    return Coded(codes, low, step)


def below(logits: NDArray[np.floating], coded: Coded) -> int:
    """How many tokens lie lower than the scale reaches."""
    exact = np.asarray(logits, dtype=np.float64)
    return int((np.isfinite(exact) & (exact < coded.low - coded.step / 2)).sum())


def largest_error(logits: NDArray[np.floating], coded: Coded) -> float:
    """The largest |p' - p| / p over all tokens that the scale reaches, p' by the codes, at temperature 1."""
    exact = np.asarray(logits, dtype=np.float64)
    reached = np.isfinite(exact) & (exact >= coded.low - coded.step / 2)
    before, after = softmax(exact)[reached], softmax(coded.logits)[reached]
    return float((np.abs(after - before) / before).max())
