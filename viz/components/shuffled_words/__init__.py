"""How does a text look beside itself with its words in another order, with its positions moved, and with none?

    data = {"title": name, "facts": [line below a saved picture], "tokens": [token, by its place in the text],
            "words": [word of each token, or -1], "first": place of the first that is shown,
            "behind": the one behind the last,
            "runs": [{"name", "note": words, "order": [token at each place], "places": [position id of each place],
                      "cosines": [by token, with the text as it is written], "lost": bits | null,
                      "likely": [[text, probability]]}]}

Which word is marked in all of them (`word`) is the figure's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.traces import ShuffledTrace
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
DEFAULTS: Final[dict[str, Any]] = {"word": None}


def parameters(trace: ShuffledTrace) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {"word": state.Whole(len(trace.words))}


def pack(
    trace: ShuffledTrace, window: tuple[int, int], *, notes: Sequence[tuple[str, str]], title: str, facts: Sequence[str]
) -> bytes:
    """The runs as they travel.

    Args:
        trace: what the model makes of each.
        window: the first place that is shown, and the one behind the last.
        notes: [run] its name, and what happens in it.
        title: the picture's name.
        facts: the lines below a saved picture.
    """
    owners = [-1] * len(trace.token_table)
    for number, (start, end) in enumerate(trace.words):
        owners[start:end] = [number] * (end - start)
    predicts = bool(trace.logits.shape[1])
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "tokens": shared.tokens(trace.token_table),
            "words": owners,
            "first": window[0],
            "behind": window[1],
            "runs": [
                {
                    "name": notes[run][0],
                    "note": notes[run][1],
                    "order": trace.orders[run].tolist(),
                    "places": trace.places[run].tolist(),
                    "cosines": trace.cosines(run).round(4).tolist(),
                    "lost": trace.lost(run) if predicts else None,
                    "likely": list(zip(trace.texts[run], trace.probabilities[run].tolist(), strict=True)),
                }
                for run in range(len(trace.runs))
            ],
        }
    )


def shuffled_words(packed: bytes, *, key: str, state: Mapping[str, Any]) -> ComponentResult:
    """Show the runs in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
