"""How does a hand reach positions? Five ways of telling them, each with its picture, its curve and its formula.

    data = {"title": name, "facts": [line below a saved picture], "most": positions that are shown, at most,
            "learned": {"model": name, "rows", "columns", "all": positions that the table has, "least", "step": of
                        "values": [position, dimension], each least + whole number * step},
            "rope": {"model": name, "base": of its frequencies | 0, "frequencies": [pair], "scaling": of cosines,
                     "refused": why there are no vectors, or "",
                     "vectors": {"model", "text": what was asked, "token", "key": tokens with their "place",
                                 "scales": [layer], "softcap",
                                 "size", "heads", "sharing": query heads for each of the keys',
                                 "queries": float32 [layer, head, size],
                                 "keys": float32 [layer, key head, size]} | null}}

All of it follows the hand in the browser: the way, the dimension and base of the sines, RoPE's base, layer, head and
pair, ALiBi's heads, the position, the distance, and by how much both positions are moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.traces import RotatedTrace, WayTrace
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
WAYS: Final = ("sinusoidal", "learned", "rope", "alibi", "none")
DIMENSIONS: Final = ("8", "16", "32", "64", "128", "256", "512")
MOST: Final = 512  # positions
HEADS: Final = 64  # of ALiBi
LEAST_BASE: Final = 10.0
MOST_BASE: Final = 10_000_000.0
FURTHEST: Final = 1_000  # by which both positions are moved
# The head of SmolLM2 whose query and key, whatever the token, like each other most one position apart.
LAYER: Final = 16
HEAD: Final = 0


def parameters(rotated: RotatedTrace | None) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    layers, heads, _ = (1, 1, 0) if rotated is None else rotated.queries.shape
    return {
        "way": state.Choice(WAYS),
        "reach": state.Whole(MOST + 1, 16),
        "position": state.Whole(MOST),
        "distance": state.Whole(MOST),
        "shift": state.Whole(FURTHEST + 1),
        "dimension": state.Choice(DIMENSIONS),
        "base": state.Number(LEAST_BASE, MOST_BASE),
        "theta": state.Number(LEAST_BASE, MOST_BASE),
        "pair": state.Whole(MOST),
        "layer": state.Whole(layers),
        "head": state.Whole(heads),
        "heads": state.Whole(HEADS + 1, 1),
        "slope": state.Whole(HEADS),
    }


def usual(rotated: RotatedTrace | None) -> dict[str, Any]:
    """The state that need not stand in the link. Of `theta`, 0 is the model's own."""
    layers, heads, _ = (1, 1, 0) if rotated is None else rotated.queries.shape
    return {
        "way": "sinusoidal",
        "reach": 128,
        "position": 64,
        "distance": 1,
        "shift": 10,
        "dimension": "64",
        "base": 10_000.0,
        "theta": 0.0,
        "pair": 1,
        "layer": min(LAYER, layers - 1),
        "head": min(HEAD, heads - 1),
        "heads": 8,
        "slope": 0,
    }


def pack(
    learned: WayTrace,
    turning: WayTrace,
    rotated: RotatedTrace | None,
    *,
    refused: str,
    names: tuple[str, str],
    title: str,
    facts: Sequence[str],
) -> bytes:
    """What the figure draws.

    Args:
        learned: a model's own table.
        turning: a model's own frequencies.
        rotated: its queries and keys; None where they can't be had,
        refused: and then why.
        names: of the two models, for people.
        title: the picture's name.
        facts: the lines below a saved picture.
    """
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "most": MOST,
            "learned": _table(learned, names[0]),
            "rope": {
                "model": names[1],
                "base": turning.base,
                "frequencies": (turning if rotated is None else rotated).frequencies.astype(float).tolist(),
                "scaling": 1.0 if rotated is None else rotated.scaling,
                "refused": refused,
                "vectors": None if rotated is None else _vectors(rotated),
            },
        }
    )


def _table(trace: WayTrace, name: str) -> dict[str, Any]:
    table = trace.table.astype(np.float64)
    least = float(table.min())
    step = (float(table.max()) - least) / STEPS or 1.0
    rows, columns = table.shape
    values = shared.two_bytes(np.rint((table - least) / step).astype(np.uint16))
    parts = {"rows": rows, "columns": columns, "all": trace.reach, "least": least, "step": step, "values": values}
    return {"model": name, **parts}


def _vectors(trace: RotatedTrace) -> dict[str, Any]:
    tokens = shared.tokens(trace.token_table)
    heads = trace.queries.shape[1]
    return {
        "model": trace.source.model,
        "text": trace.source.text,
        "token": tokens[trace.token] | {"place": trace.token},
        "key": tokens[trace.key] | {"place": trace.key},
        "scales": trace.scales.tolist(),
        "softcap": trace.softcap,
        "size": trace.queries.shape[2],
        "heads": heads,
        "sharing": heads // trace.keys.shape[1],
        "queries": shared.floats(trace.queries),
        "keys": shared.floats(trace.keys),
    }


def position_lab(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> ComponentResult:
    """Show the ways in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: what `usual` gives.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
