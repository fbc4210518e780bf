"""How does a changed distribution over tokens reach the browser? The most probable ones, before and after.

    data = {"title", "facts": [line below a saved picture], "names": [before, after], "divergence": bits,
            "tokens": [{"text", "id", "p": [before, after], "rank": [before, after], "logit": [before, after]}],
            "lists": [[number of a token, the most probable first], the same after]}

Which token is looked at, `shifted`, is the figure's own parameter; choosing one asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import state
from viz.components import shared

FOLDER: Final = Path(__file__).parent
SHOWN: Final = 8  # tokens of each list
DEFAULTS: Final[dict[str, Any]] = {"shifted": 0}


def parameters() -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {"shifted": state.Whole(2 * SHOWN)}


def ranks(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """[..., vocabulary] from 1: the most probable token's is 1; of equal ones the first comes first."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable") + 1


def pack(
    logits: NDArray[np.float32],
    probabilities: NDArray[np.float64],
    texts: Sequence[str],
    *,
    names: tuple[str, str],
    divergence: float,
    title: str,
    facts: Sequence[str],
) -> bytes:
    """Both distributions as they travel.

    Args:
        logits: [before, after] [vocabulary]
        probabilities: [before, after] [vocabulary] their softmax.
        texts: [vocabulary] what a person reads; tokens behind its end have none.
        names: what before and after are.
        divergence: of after from before, in bits.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
    """
    place = ranks(logits)
    lists = [np.argsort(rank)[:SHOWN].tolist() for rank in place]
    tokens = list(dict.fromkeys([*lists[0], *lists[1]]))
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "names": list(names),
            "divergence": max(0.0, divergence),
            "tokens": [
                {
                    "text": texts[token] if token < len(texts) else "",
                    "id": token,
                    "p": probabilities[:, token].tolist(),
                    "rank": place[:, token].tolist(),
                    "logit": logits[:, token].tolist(),
                }
                for token in tokens
            ],
            "lists": [[tokens.index(token) for token in each] for each in lists],
        }
    )


def token_shift(packed: bytes, *, key: str, state: Mapping[str, Any]) -> None:
    """Show what `pack` made, in a Streamlit page."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
