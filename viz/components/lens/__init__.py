"""How does the logit lens reach the browser? The top tokens at every layer and position, and those that are followed.

    data = {"title", "facts": [line below a saved picture], "query": {what a link to another view must say},
            "tokens": [token] those shown, "first": the position of the first of them, "total": tokens of the text,
            "vocabulary": tokens to choose among, "entries": [[id, text]],
            "top": [row][position][rank] number of an entry, "probabilities": [row][position][rank],
            "entropies": [row][position] bits, "settled": [position] row,
            "followed": [{"entries": [position], "probabilities", "ranks": [row][position]}] the answer at each
            position, and where there is one the token that the visitor follows}

Row 0 is what enters the first layer, row r what leaves layer r - 1. Numbers travel with five digits. Moving between
cells and changing colours ask nothing of the server; a token to follow does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import LensTrace

FOLDER: Final = Path(__file__).parent
COLOURS: Final = ("top", "entropy", "probability", "rank")
INPUT: Final = "input"  # the row below the first layer


def parameters(trace: LensTrace) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`. Layers and tokens count from 0, as on the other pages."""
    layers = len(trace.entropies) - 1
    first, shown = trace.first, trace.entropies.shape[1]
    return {
        "colour": state.Choice(COLOURS),
        "layer": state.Choice((INPUT, *map(str, range(layers)))),
        "token": state.Whole(first + shown, first),
        "spaces": state.Whole(2),
    }


def defaults(trace: LensTrace) -> dict[str, Any]:
    """The values that the browser leaves out of the URL: the model's own answer behind the last token."""
    last = trace.first + trace.entropies.shape[1] - 1
    return {"colour": "top", "layer": str(len(trace.entropies) - 2), "token": last, "spaces": 0}


def pack(trace: LensTrace, *, title: str, facts: Sequence[str], query: Mapping[str, str]) -> bytes:
    """The lens as it travels.

    Args:
        trace: what is shown.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        query: the parameters that a link to another view of the same model and text has.
    """
    first, shown = trace.first, trace.entropies.shape[1]
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "query": dict(query),
            "tokens": shared.tokens(trace.token_table)[first : first + shown],
            "first": first,
            "total": len(trace.token_table),
            "vocabulary": trace.vocabulary,
            "entries": [list(entry) for entry in zip(trace.entries.tolist(), trace.texts, strict=True)],
            "top": np.searchsorted(trace.entries, trace.ids).tolist(),
            "probabilities": _brief(trace.probabilities),
            "entropies": _brief(trace.entropies),
            "settled": trace.settled.tolist(),
            "followed": [
                {
                    "entries": np.searchsorted(trace.entries, ids).tolist(),
                    "probabilities": _brief(shares),
                    "ranks": ranks.tolist(),
                }
                for ids, shares, ranks in zip(
                    trace.followed, trace.followed_probabilities, trace.followed_ranks, strict=True
                )
            ],
        }
    )


def _brief(values: NDArray[np.float32]) -> Any:
    """Nested lists of numbers with five digits."""
    flat = [float(f"{value:.5g}") for value in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape).tolist()


def lens(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any], asked: Callable[[], None]
) -> None:
    """Show it in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
        defaults: `defaults(trace)`.
        asked: called before the run in which another token is followed. What is wanted, [id, text, when], or None for
            the answer at each position, is then `st.session_state[key]["follow"]`.
    """
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_follow_change=asked)
