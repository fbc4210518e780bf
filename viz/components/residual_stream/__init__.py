"""How do the residual stream, and what its parts write into it, reach the browser?

    data = {"title", "facts": [line below a saved picture], "model", "text": for links,
            "tokens": [position] those that are shown, "first": the position of the first of them in the text,
            "layers", "heads", "norms": where the norms stand,
            "stream": [position, layer + 1], "attention", "mlp": [position, layer],
            "attention_cosine", "mlp_cosine": [position, layer],
            "head", "head_cosine": [position, layer, head],
            "shares": null | {"tokens", "rivals": ids [position], "totals", "sums", "embedding", "constant": [position],
                              "attention", "mlp", "head": [position, layer(, head)],
                              "likely": [position][k][id, probability], "entries": {id: [text, its name]}, of tokens,
                              "answer", "rival": what the visitor has typed}}

Arrays with layers travel as float32 in base64: what is summed must come to the same sum on the screen. Tokens, layers
and heads are turned without a word to the server; another pair of tokens is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import AttributionTrace, StreamTrace

FOLDER: Final = Path(__file__).parent
WRITTEN: Final = ("norm", "cosine")


def parameters(trace: StreamTrace) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    layers, heads, positions = trace.heads.shape
    return {
        "token": state.Whole(trace.first + positions, trace.first),
        "layer": state.Whole(layers),
        "head": state.Whole(heads),
        "written": state.Choice(WRITTEN),
    }


def defaults(trace: StreamTrace, shares: AttributionTrace | None) -> dict[str, Any]:
    """The values that the browser leaves out of the URL: the last token, and the head that counts most there."""
    loud = trace.heads[..., -1] if shares is None else np.abs(shares.heads[-1])
    layer, head = np.unravel_index(int(loud.argmax()), loud.shape)
    last = trace.first + trace.heads.shape[2] - 1
    return {"token": last, "layer": int(layer), "head": int(head), "written": "norm"}


def pack(
    trace: StreamTrace,
    shares: AttributionTrace | None,
    *,
    title: str,
    facts: Sequence[str],
    answer: str = "",
    rival: str = "",
) -> bytes:
    """A stream as it travels.

    Args:
        trace: norms and cosines.
        shares: which part speaks for which token, at the same positions; None: nothing can be said of it.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        answer: the token that the visitor asks for; "": the likeliest.
        rival: the other one.
    """
    layers, heads, positions = trace.heads.shape
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "model": trace.source.model,
            "text": trace.source.text,
            "tokens": shared.tokens(trace.token_table)[trace.first : trace.first + positions],
            "first": trace.first,
            "layers": layers,
            "heads": heads,
            "norms": trace.norms,
            "stream": shared.floats(trace.stream.T),
            "attention": shared.floats(trace.attention.T),
            "attention_cosine": shared.floats(trace.attention_cosine.T),
            "mlp": shared.floats(trace.mlp.T),
            "mlp_cosine": shared.floats(trace.mlp_cosine.T),
            "head": shared.floats(trace.heads.transpose(2, 0, 1)),
            "head_cosine": shared.floats(trace.heads_cosine.transpose(2, 0, 1)),
            "shares": None if shares is None else _shares(shares) | {"answer": answer, "rival": rival},
        }
    )


def _shares(shares: AttributionTrace) -> dict[str, Any]:
    numbers = {"totals": shares.totals, "sums": shares.sums, "embedding": shares.embedding, "constant": shares.constant}
    likely = zip(shares.likely.tolist(), shares.probabilities.tolist(), strict=True)
    entries = zip(shares.entries.tolist(), shares.texts, shares.names, strict=True)
    return {
        "tokens": shares.tokens.tolist(),
        "rivals": shares.rivals.tolist(),
        **{name: [float(f"{value:.7g}") for value in array.tolist()] for name, array in numbers.items()},
        "attention": shared.floats(shares.attention),
        "mlp": shared.floats(shares.mlps),
        "head": shared.floats(shares.heads),
        "likely": [[[number, float(f"{p:.4g}")] for number, p in zip(*row, strict=True)] for row in likely],
        "entries": {str(number): [text, name] for number, text, name in entries},
    }


def residual_stream(
    packed: bytes,
    *,
    key: str,
    state: Mapping[str, Any],
    defaults: Mapping[str, Any],
    asked: Callable[[], None] = lambda: None,
) -> ComponentResult:
    """Show it in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
        defaults: `defaults(trace, shares)`.
        asked: called before the run in which another pair of tokens is wanted: `pair` of the component's state is
            ["answer" or "rival", the token's name for a request or "" for the likeliest, a number that tells two
            requests apart].
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_pair_change=asked)
