"""How does a picture of patches reach the browser, where a hand goes from layer to layer and token to token?

    data = {"title", "facts": [line below a saved picture],
            "heads": whether the columns are heads, "what": is patched, "same": whether both prompts are one,
            "way": whether there is a way from one to the other, "first": the position of the first token,
            "layers", "columns": how many, "tokens", "others": of both prompts, those that are shown,
            "names": [text], "answer", "rival": places in `names`,
            "ends": [[difference of logits, [probability of answer, of rival], [[place in names, probability] of the
                     likeliest]] of the prompt that runs, and of the other],
            "differences": [layer, column] difference of logits with this patch,
            "chosen": [layer, column, (answer, rival)], "top", "shares": [layer, column, rank], "ranks": how many,
            "links": {name: the address, to which the browser adds what is chosen}}

Differences travel with seven digits; probabilities as whole numbers of 65,535ths, two bytes each. Reading and choosing
ask nothing of the server.
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
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import PatchingTrace

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
HALF: Final = 0.5  # of the way: from there on a patch decides the answer


def parameters(trace: PatchingTrace) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    layers, columns = trace.patched.shape
    if trace.what == "heads":
        return {"layer": state.Whole(layers), "head": state.Whole(columns)}
    return {"layer": state.Whole(layers), "token": state.Whole(trace.first + columns, trace.first)}


def defaults(trace: PatchingTrace) -> dict[str, Any]:
    """The values that the browser leaves out of the URL: a cell that says much.

    Of the stream it is the first layer whose patch at the last position takes the answer more than half the way, of all
    else the patch that takes it farthest.
    """
    found = np.nan_to_num(trace.recovered)
    layer, column = divmod(int(np.abs(found).argmax()), found.shape[1])
    if trace.what == "residual" and (found[:, -1] > HALF).any():
        layer, column = int((found[:, -1] > HALF).argmax()), found.shape[1] - 1
    return (
        {"layer": layer, "head": column} if trace.what == "heads" else {"layer": layer, "token": trace.first + column}
    )


def pack(trace: PatchingTrace, *, title: str, facts: Sequence[str], links: Mapping[str, str]) -> bytes:
    """A trace as it travels.

    Args:
        trace: what the patches did.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        links: name -> address of what shows a layer and a token, or a head.
    """
    places = {int(token): place for place, token in enumerate(trace.named)}
    ends = [
        [
            float(f"{difference:.7g}"),
            chosen.tolist(),
            [[places[int(token)], float(share)] for token, share in zip(ids, shares, strict=True)],
        ]
        for difference, chosen, ids, shares in zip(
            (trace.before, trace.other), trace.ends_chosen, trace.ends_top, trace.ends_probabilities, strict=True
        )
    ]
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "heads": trace.what == "heads",
            "what": trace.what,
            "first": trace.first,
            "layers": trace.patched.shape[0],
            "columns": trace.patched.shape[1],
            "tokens": shared.tokens(trace.token_table)[trace.first : trace.end],
            "others": shared.tokens(trace.other_table)[trace.first : trace.end],
            "names": list(trace.names),
            "answer": places[trace.answer],
            "rival": places[trace.rival],
            "same": trace.source.text == trace.source.pair,
            "way": bool(np.isfinite(trace.recovered).all()),
            "ends": ends,
            "differences": [float(f"{value:.7g}") for value in trace.patched.ravel().tolist()],
            "chosen": _steps(trace.chosen),
            "top": shared.two_bytes(np.searchsorted(trace.named, trace.top).astype(np.uint16)),
            "shares": _steps(trace.top_probabilities),
            "ranks": trace.top.shape[2],
            "links": dict(links),
        }
    )


def _steps(shares: NDArray[np.float32]) -> str:
    return shared.two_bytes(np.rint(shares * STEPS).astype(np.uint16))


def patching(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> ComponentResult:
    """Show it in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
        defaults: `defaults(trace)`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
