"""How does a text that is too long, cut on either side, reach the browser?

    data = {"facts": [line below a saved picture], "tokens": [token], "leading": special tokens at the beginning, which
            stay, "limits": [tokens that may stay], "left", "right": [limit][[text,
            probability]] what comes next behind what is left}

Moving the limit and choosing a side ask nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import SurpriseTrace, WindowTrace

FOLDER: Final = Path(__file__).parent
SIDES: Final = ("right", "left")
SHOWN: Final = 5  # of the most probable tokens


def parameters(windows: WindowTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the side that is cut, and how many tokens may stay."""
    return {"side": state.Choice(SIDES), "limit": state.Whole(int(windows.windows[-1]) + 1, int(windows.windows[0]))}


def defaults(windows: WindowTrace) -> dict[str, Any]:
    """Half of the text, and what most tokenizers do."""
    half = windows.windows[windows.windows <= windows.windows[-1] // 2]
    return {"side": "right", "limit": int(half[-1] if len(half) else windows.windows[0])}


def pack(windows: WindowTrace, predicted: SurpriseTrace, facts: Sequence[str]) -> bytes:
    """Both sides as they travel.

    Args:
        windows: what is predicted behind the last tokens of the text.
        predicted: what is predicted at each token of the text, which is what a text that ends before it has.
        facts: the lines below a saved picture.
    """
    left = [
        [[windows.texts[i], _short(windows.probabilities[place, i])] for i in windows.likely[place][:SHOWN]]
        for place in range(len(windows.windows))
    ]
    right = []
    for limit in windows.windows[:-1].tolist():
        at = limit - predicted.first
        pairs = zip(predicted.likely_texts[at], predicted.likely_probabilities[at], strict=True)
        right.append([[text, _short(p)] for text, p in pairs][:SHOWN])
    return shared.pack(
        {
            "facts": list(facts),
            "tokens": shared.tokens(windows.token_table),
            "leading": windows.leading,
            "limits": windows.windows.tolist(),
            "left": left,
            "right": [*right, left[-1]],
        }
    )


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def cut_text(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show the cut in a Streamlit page."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
