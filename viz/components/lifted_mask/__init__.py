"""How does a text that was read with the model's own mask and with another one reach the browser?

    data = {"facts": [line below a saved picture], "causal": whether the model's own mask hides what comes later,
            "tokens": [token] of those shown, "first": the first of them, "count": of all,
            "weights": a byte for each [own or other, layer, head, query, key] of those shown, in base64; the square of
            its 255th is the weight, "later": [layer][head] share to later tokens where nothing is hidden,
            "cosines": [layer + 1][token], "likely": [own or other][token][[text, probability]], "true": [own or
            other][token], "divergences": [token], "mean": [own or other] mean surprisal of all tokens; the last four
            are empty where nothing is predicted}

Choosing a token, a layer and a head asks nothing of the server.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.traces import UnmaskedTrace

FOLDER: Final = Path(__file__).parent
DEFAULTS: Final[dict[str, Any]] = {"token": None, "layer": None, "head": None}


def parameters(trace: UnmaskedTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the token, and the head whose attention is shown."""
    layers, heads = trace.later.shape
    return {
        "token": state.Whole(len(trace.token_table)),
        "layer": state.Whole(layers),
        "head": state.Whole(heads),
    }


def pack(trace: UnmaskedTrace, facts: Sequence[str]) -> bytes:
    """Both readings as they travel."""
    count, begin = len(trace.token_table), trace.first
    shown = slice(begin, begin + trace.weights.shape[-1])
    predicts = bool(trace.divergences.size)
    likely = [
        [
            [[text, float(f"{p:.4g}")] for text, p in zip(texts, probabilities, strict=True)]
            for texts, probabilities in zip(
                trace.likely_texts[side][shown], trace.likely_probabilities[side][shown], strict=True
            )
        ]
        for side in range(2)
    ]
    return shared.pack(
        {
            "facts": list(facts),
            "causal": trace.causal,
            "tokens": shared.tokens(trace.token_table)[begin : shown.stop + 1],  # and what follows the last of them
            "first": begin,
            "count": count,
            "shown": trace.weights.shape[-1],
            "weights": base64.b64encode(np.round(255 * np.sqrt(trace.weights)).astype("u1").tobytes()).decode(),
            "later": np.round(trace.later, 4).tolist(),
            "cosines": np.round(trace.cosines[:, shown], 5).tolist(),
            "likely": likely if predicts else [],
            "true": _rounded(trace.true_probabilities[:, shown]) if predicts else [],
            "divergences": np.round(trace.divergences[shown], 4).tolist(),
            "mean": trace.surprisals.mean(1).round(4).tolist() if predicts else [],
        }
    )


def _rounded(numbers: NDArray[np.float64]) -> list[list[float]]:
    return [[float(f"{value:.4g}") for value in row] for row in numbers]


def lifted_mask(packed: bytes, *, key: str, state: Mapping[str, Any]) -> None:
    """Show both readings in a Streamlit page."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
