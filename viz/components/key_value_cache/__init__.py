"""How does writing with and without a cache reach the browser? What is read, computed and kept at each step.

    data = {"facts": [line below a saved picture], "tokens": those that are drawn: the end of the prompt, and all that
            is written, "hidden": tokens of the prompt before them, "prompt": tokens in it, "steps", "windows": [layer]
            tokens it attends to (0: all), "reading", "products": [with, without][step], "kept": [step][layer] tokens,
            "bytes": [step], "seconds": [with, without][step] or null, "measured": when and where, or ""}

Moving from step to step asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import CacheTimesTrace, CachingTrace

FOLDER: Final = Path(__file__).parent
MEASURES: Final = ("multiplications", "tokens", "time")
USUAL: Final = 8  # the step that is shown at first


def parameters(trace: CachingTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the step, and what the curves count."""
    return {"step": state.Whole(len(trace.written)), "measure": state.Choice(MEASURES)}


def defaults(trace: CachingTrace) -> dict[str, Any]:
    """A step early in the writing, and multiplications, which are the same on every machine."""
    return {"step": min(USUAL, len(trace.written) - 1), "measure": MEASURES[0]}


def pack(trace: CachingTrace, times: CacheTimesTrace | None, facts: Sequence[str], first: int) -> bytes:
    """The steps as they travel.

    Args:
        trace: both ways of writing.
        times: how long the same steps took, if that has been measured.
        facts: lines below a saved picture.
        first: the first token of the prompt that is drawn.
    """
    written = [
        {"text": text, "piece": text, "id": int(token), "hex": "", "kind": "text", "segment": 0, "part": [0, 1]}
        for token, text in zip(trace.written, trace.texts, strict=True)
    ]
    return shared.pack(
        {
            "facts": list(facts),
            "tokens": shared.tokens(trace.token_table)[first:] + written,
            "hidden": first,
            "prompt": len(trace.token_table),
            "steps": len(trace.written),
            "windows": trace.windows.tolist(),
            "reading": trace.reading.tolist(),
            "products": trace.products.tolist(),
            "kept": trace.kept.tolist(),
            "bytes": trace.bytes.sum(axis=1).tolist(),
            "seconds": None if times is None else np.round(times.medians, 6).tolist(),
            "measured": "" if times is None else times.when,
        }
    )


def key_value_cache(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show both ways of writing in a Streamlit page; the parameters it owns are `step` and `measure`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
