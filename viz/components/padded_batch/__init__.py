"""How does a short text in one batch with a longer one reach the browser, filled up in all eight ways?

    data = {"facts": [line below a saved picture], "tokens": [token] of the shorter text, "longer": [text],
            "padding": what fills up, "side": the tokenizer's own side, "takes": whether the model takes positions,
            "differences", "cosines": [side][mask][positions][token], "texts": [candidate], "alone": [candidate],
            "probabilities", "end": [side][mask][positions][candidate], "divergences": [side][mask][positions] bits}

Turning from one way to another asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.traces import PaddedTrace

FOLDER: Final = Path(__file__).parent
SIDES: Final = ("left", "right")
PARAMETERS: Final[dict[str, state.Kind]] = {
    "side": state.Choice(SIDES),
    "masked": state.Whole(2),
    "counted": state.Whole(2),
}
DEFAULTS: Final[dict[str, Any]] = {"side": "left", "masked": 0, "counted": 1}


def pack(trace: PaddedTrace, facts: Sequence[str]) -> bytes:
    """All ways as they travel."""
    return shared.pack(
        {
            "facts": list(facts),
            "tokens": shared.tokens(trace.token_table),
            "longer": trace.longer_texts,
            "padding": trace.padding_text,
            "side": trace.padding_side,
            "takes": trace.counted,
            "differences": _rounded(trace.differences),
            "cosines": np.round(trace.cosines, 6).tolist(),
            "texts": trace.texts,
            "alone": _rounded(trace.alone),
            "probabilities": _rounded(trace.probabilities),
            "end": _rounded(trace.at_the_end),
            "divergences": np.round(trace.divergences, 5).tolist(),
        }
    )


def _rounded(numbers: NDArray[np.float64]) -> Any:
    return np.array([float(f"{value:.4g}") for value in numbers.ravel()]).reshape(numbers.shape).tolist()


def padded_batch(packed: bytes, *, key: str, state: Mapping[str, Any]) -> None:
    """Show the batch in a Streamlit page."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
