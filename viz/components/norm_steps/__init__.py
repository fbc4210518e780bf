"""How does a vector on its way through the norms of a model reach the browser, where both kinds of norm are at hand?

    data = {"facts": [line below a saved picture], "about": what the token is asked of: {"model", "text"},
            "tokens": [token] of those shown, "first": the first of them, "position": of the token,
            "kind": "LayerNorm" | "RMSNorm", "eps", "places": [[name, layer]], "size": numbers in a vector,
            "vectors", "weights", "biases": float32 [place, dimension] in base64; no biases: "",
            "before", "after": [place] lengths of the token's vector}

Choosing a norm or a number, scaling and shifting ask nothing of the server; another token does: the figure sends
`asked`, {"token", "model", "text"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import NormalisedTrace

FOLDER: Final = Path(__file__).parent
FARTHEST: Final = 1e6  # that a vector can be multiplied by


def parameters(trace: NormalisedTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the norm, the token, a number of the vector, and what is done to the vector."""
    return {
        "layer": state.Whole(int(trace.layers.max()) + 1),
        "norm": state.Choice(tuple(dict.fromkeys(trace.places))),
        "token": state.Whole(len(trace.token_table)),
        "dim": state.Whole(trace.vectors.shape[1]),
        "times": state.Number(-FARTHEST, FARTHEST),
        "plus": state.Number(-FARTHEST, FARTHEST),
    }


def defaults(trace: NormalisedTrace) -> dict[str, Any]:
    """A layer a third of the way up, its first norm, the last token, and the largest number of that vector."""
    place = next(place for place, layer in zip(trace.places, trace.layers, strict=True) if layer >= 0)
    return {
        "layer": (int(trace.layers.max()) + 1) // 3,
        "norm": place,
        "token": len(trace.token_table) - 1,
        "dim": None,
        "times": 1,
        "plus": 0,
    }


def pack(trace: NormalisedTrace, window: tuple[int, int], facts: Sequence[str]) -> bytes:
    """The vectors as they travel: exact, since the numbers on the screen are computed from them."""
    begin, end = window
    return shared.pack(
        {
            "facts": list(facts),
            "about": {"model": trace.source.model, "text": trace.source.text},
            "tokens": shared.tokens(trace.token_table)[begin:end],
            "first": begin,
            "position": trace.position,
            "kind": trace.kind,
            "eps": trace.eps,
            "places": [[place, int(layer)] for place, layer in zip(trace.places, trace.layers, strict=True)],
            "size": trace.vectors.shape[1],
            "vectors": shared.floats(trace.vectors),
            "weights": shared.floats(trace.weights),
            "biases": shared.floats(trace.biases),
            "before": [float(f"{length:.6g}") for length in trace.lengths[0, :, trace.position]],
            "after": [float(f"{length:.6g}") for length in trace.lengths[1, :, trace.position]],
        }
    )


def norm_steps(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    """Show the norms in a Streamlit page."""
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_asked_change=lambda: None)
