"""How does one text, computed in several ways, reach the browser, with the numbers that differ?

    data = {"title", "facts": [line below a saved picture],
            "ways": [{"name", "about", "parted": step or null,
                      "steps": [[[text, logit], [text, logit], margin, difference or null, tokens' ids], ...]}],
            "margins": [the first way's, by step], "skipped": [[name, reason], ...]}

Logits and differences travel as they are (float32). Choosing a step asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import VariationTrace, Way

FOLDER: Final = Path(__file__).parent


def parameters(trace: VariationTrace) -> dict[str, state.Kind]:
    """What a link may say of this text, for `viz.state.read`."""
    return {"step": state.Whole(trace.best.shape[1])}


def defaults(trace: VariationTrace) -> dict[str, Any]:
    """The step that is shown at first: where a text parts from the first way's, or else could most easily."""
    apart = [step for step in trace.parted if step is not None]
    return {"step": min(apart) if apart else int(np.nanargmin(trace.margins[0]))}


def pack(trace: VariationTrace, names: Mapping[Way, tuple[str, str]], *, title: str, facts: Sequence[str]) -> bytes:
    """The ways as they travel.

    Args:
        trace: the texts and their numbers.
        names: what each way is called, and a few words about it.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
    """
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "ways": [
                {"name": names[way][0], "about": names[way][1], "parted": trace.parted[number], "steps": steps}
                for number, (way, steps) in enumerate(zip(trace.ways, _steps(trace), strict=True))
            ],
            "margins": [margin if margin == margin else None for margin in trace.margins[0].tolist()],
            "skipped": [[names[way][0], reason] for way, reason in trace.skipped],
        }
    )


def _steps(trace: VariationTrace) -> list[list[Any]]:
    """[way][step], none behind the end of a text."""
    rows = zip(
        trace.best.tolist(),
        trace.best_texts,
        trace.best_logits.tolist(),
        trace.margins.tolist(),
        trace.differences.tolist(),
        strict=True,
    )
    return [
        [
            [
                *(list(pair) for pair in zip(texts, logits, strict=True)),
                margin,
                None if difference != difference else difference,
                ids,
            ]
            for ids, texts, logits, margin, difference in zip(*row, strict=True)
            if texts
        ]
        for row in rows
    ]


def number_ways(packed: bytes, trace: VariationTrace, *, key: str, state: Mapping[str, Any]) -> None:
    """Show what `pack` made of the trace, in a Streamlit page; `state` is read by `parameters(trace)`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults(trace))
