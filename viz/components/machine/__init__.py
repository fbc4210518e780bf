"""What is the machine, and where does each part of it live in the app?

The home page's picture: a decoder drawn once, in the order in which data passes through it, each part a link to its
page. Every lane is one token's residual stream. Nothing in it is invented: with a trace, the tokens, their ids, the
number of layers and the attention lines are that trace's own; without one, no number is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from models.traces import AttentionTrace
from viz import theme

LANES: Final = 6  # tokens drawn; a longer text is shown up to here, and the picture says so

_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "orrery_machine",
    css=(_FOLDER / "machine.css").read_text("utf-8"),
    js=(_FOLDER / "machine.js").read_text("utf-8"),
)


def machine(
    doors: Mapping[str, str | None],
    key: str = "machine",
    *,
    trace: AttentionTrace | None = None,
    layer: int = 0,
    head: int = 0,
) -> None:
    """Draws the machine.

    Args:
        doors: page slug -> the address its part links to; None for a page that isn't open yet.
        trace: a decoder's trace, whose first tokens and attention are drawn.
        layer, head: which head of the trace the attention lines belong to, counted from 0.

    Raises:
        ValueError: the trace is of an encoder, which has no next token to predict.
    """
    data: dict[str, Any] = {"doors": dict(doors), "theme": theme.for_browser(), "sample": None}
    if trace is not None:
        data["sample"] = _sample(trace, layer, head)
    _component(data=data, key=key)


def _sample(trace: AttentionTrace, layer: int, head: int) -> dict[str, Any]:
    """The part of a trace that the picture shows: its first tokens, and what the last of them attends to."""
    if not trace.causal:
        raise ValueError(f"the machine draws a decoder; {trace.source.model} is an encoder")
    shown = min(LANES, len(trace.token_table))
    last = shown - 1
    whole = shown == len(trace.token_table)
    return {
        "text": trace.source.text if whole else trace.source.text[: trace.token_table.spans[last][1]] + " …",
        "tokens": list(trace.tokens[:shown]),
        "ids": trace.token_table.ids[:shown].tolist(),
        # Causal: the row of a token is complete over the tokens up to it, however long the text goes on.
        "row": trace.weights[layer, head, last, :shown].tolist(),
        "model": trace.source.model,
        "layers": trace.layers,
        "layer": layer,
        "head": head,
    }
