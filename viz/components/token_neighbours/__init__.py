"""How do the tokens of a text, each with its neighbours in a table of vectors, reach the browser?

    data = {"title", "facts": [line below a saved picture], "tokens": [token], "norms": [length of each one's vector],
            "near": [[[text, piece, id, cosine], ...], ...]}

Cosines travel as millionths, lengths with four digits. Choosing a neighbour asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import NeighbourTrace

FOLDER: Final = Path(__file__).parent

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"token": 0, "rank": 0}


def parameters(trace: NeighbourTrace) -> dict[str, state.Kind]:
    """What a link may say of these tokens and neighbours, for `viz.state.read`."""
    tokens, ranks = trace.ids.shape
    return {"token": state.Whole(tokens), "rank": state.Whole(ranks)}


def pack(trace: NeighbourTrace, *, title: str, facts: Sequence[str]) -> bytes:
    """The tokens and their neighbours as they travel; `facts` are the lines below a saved picture."""
    rows = zip(
        trace.texts, trace.pieces, trace.ids.tolist(), trace.cosines.astype(float).round(6).tolist(), strict=True
    )
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "tokens": shared.tokens(trace.token_table),
            "norms": [float(f"{norm:.4g}") for norm in trace.norms.tolist()],
            "near": [[list(entry) for entry in zip(*row, strict=True)] for row in rows],
        }
    )


def token_neighbours(packed: bytes, *, key: str, state: Mapping[str, Any]) -> ComponentResult:
    """Show them in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
