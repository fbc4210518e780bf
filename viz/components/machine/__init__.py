"""What is the machine, and where does each part of it live in the app?

The home page's picture: a decoder drawn once, in the order in which data passes through it, each part a link
to its page. Every lane is one token's residual stream. Nothing in it is invented: with a trace, the tokens,
their ids, the number of layers and the attention lines are that trace's own; without one, no number is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from models.traces import AttentionTrace
from viz import theme

LANES: Final = 9  # tokens drawn at most (fewer where it is narrow); of a longer text, its beginning

_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "orrery_machine",
    css=(_FOLDER / "machine.css").read_text("utf-8"),
    js=(_FOLDER / "machine.js").read_text("utf-8"),
)


def machine(
    doors: Mapping[str, str],
    key: str = "machine",
    *,
    trace: AttentionTrace | None = None,
    layer: int = 0,
    head: int = 0,
) -> None:
    """Draws the machine.

    Args:
        doors: page slug -> the address its part links to.
        key: the component's, where a page draws more than one.
        trace: a decoder's trace, whose first tokens and attention are drawn.
        layer: the layer of the trace that the attention lines are of, counted from 0.
        head: its head, counted from 0.

    Raises:
        ValueError: the trace is of an encoder, which has no next token to predict.
    """
    data: dict[str, Any] = {"doors": dict(doors), "theme": theme.for_browser(), "sample": None}
    if trace is not None:
        data["sample"] = _sample(trace, layer, head)
    _component(data=data, key=key)


def _sample(trace: AttentionTrace, layer: int, head: int) -> dict[str, Any]:
    """The part of a trace that the picture may show: its first tokens, and what each of them attends to."""
    if not trace.causal:
        raise ValueError(f"the machine draws a decoder; {trace.source.model} is an encoder")
    shown = min(LANES, len(trace.token_table))
    return {
        "tokens": list(trace.tokens[:shown]),
        "texts": [_beginning(trace, count + 1) for count in range(shown)],
        "ids": trace.token_table.ids[:shown].tolist(),
        # Causal: the row of a token is complete over the tokens up to it, however long the text goes on.
        "rows": trace.weights[layer, head, :shown, :shown].tolist(),
        "model": trace.source.model,
        "layers": trace.layers,
        "layer": layer,
        "head": head,
    }


def _beginning(trace: AttentionTrace, count: int) -> str:
    """The text as far as its first `count` tokens go."""
    text = trace.source.text
    if count == len(trace.token_table):
        return text
    return text[: trace.token_table.spans[count - 1][1]] + " …"
