"""How do windows of many lengths on one text reach the browser? The text, and what is predicted behind each window.

    data = {"facts": [line below a saved picture], "leading": tokens that are in every window, "total", "lost": tokens
            that can't be run in any case, "opening": how these begin, "tokens": those of the largest window,
            "windows": [tokens in it], "candidates": [id], "texts": [candidate], "likely": [window][candidate],
            "probabilities": [window][candidate], "divergences", "entropies": [window] bits}

Moving the window's border and choosing a token to follow ask nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import WindowTrace

FOLDER: Final = Path(__file__).parent
OPENING: Final = 120  # characters of what is lost in any case
IDS: Final = 2**31  # more than any vocabulary has


def parameters(trace: WindowTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the window's length, and the id of the token that the curve follows."""
    return {"window": state.Whole(int(trace.windows[-1]) + 1, int(trace.windows[0])), "target": state.Whole(IDS)}


def defaults(trace: WindowTrace) -> dict[str, Any]:
    """Half of the text at most, and the favourite behind all of it."""
    half = trace.windows[trace.windows <= trace.windows[-1] // 2]
    favourite = trace.candidates[trace.likely[-1][0]]
    return {"window": int(half[-1] if len(half) else trace.windows[0]), "target": int(favourite)}


def pack(trace: WindowTrace, facts: Sequence[str]) -> bytes:
    """The windows as they travel: probabilities with five digits."""
    table = shared.tokens(trace.token_table)
    start = trace.leading + trace.lost
    raw = b"".join(trace.token_table.raw[trace.leading : start])
    return shared.pack(
        {
            "facts": list(facts),
            "leading": trace.leading,
            "total": len(table),
            "lost": trace.lost,
            "opening": raw.decode(errors="ignore")[:OPENING],
            "tokens": table[: trace.leading] + table[start:],
            "windows": trace.windows.tolist(),
            "candidates": trace.candidates.tolist(),
            "texts": trace.texts,
            "likely": trace.likely.tolist(),
            "probabilities": [[float(f"{value:.5g}") for value in row] for row in trace.probabilities],
            "divergences": np.round(trace.divergences, 5).tolist(),
            "entropies": np.round(trace.entropies, 5).tolist(),
        }
    )


def context_window(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show the windows in a Streamlit page; the parameters it owns are `window` and `target`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
