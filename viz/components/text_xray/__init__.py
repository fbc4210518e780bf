"""How does a text with the surprise of a model at each of its tokens reach the browser?

    data = {"title", "facts": [line below a saved picture], "name": the model's, "vocabulary": tokens to choose among,
            "tokens": [token], "first": the first one predicted,
            "surprisals", "ranks", "entropies": [predicted token],
            "likely": [predicted token][rank][text, id, probability],
            "characters", "bytes": of the tokens predicted,
            "other": null | {"name", "same": whether it is the same model, "tokens", "first", "surprisals",
                             "segments": [{"tokens": [[first, end] of each model], "bits": [of each] | null}],
                             "bits": [of each], "bytes": of what both predict}}

Numbers travel with seven digits, infinity as null. Choosing tokens and colours asks nothing of the server.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import SurpriseTrace

FOLDER: Final = Path(__file__).parent
COLOURS: Final = ("rank", "surprisal", "probability", "entropy", "wrong")


@dataclass(frozen=True)
class Other:
    """A second model on the same text."""

    name: str
    trace: SurpriseTrace
    tokens: Sequence[tuple[tuple[int, int], tuple[int, int]]]  # [segment] first token and end, of each model
    bits: Sequence[tuple[float, float] | None]  # [segment] of each model; None where one of them doesn't predict it
    sums: tuple[float, float]  # of all these
    size: int  # bytes of the segments that have bits


def parameters(trace: SurpriseTrace) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {"colour": state.Choice(COLOURS), "token": state.Whole(len(trace.token_table))}


def defaults(trace: SurpriseTrace) -> dict[str, Any]:
    """The values that the browser leaves out of the URL: the token where the model was most sure and wrong."""
    wrong = trace.surprisals - trace.entropies
    return {"colour": "rank", "token": trace.first + int(wrong.argmax())}


def pack(
    trace: SurpriseTrace, *, title: str, facts: Sequence[str], name: str, size: tuple[int, int], other: Other | None
) -> bytes:
    """A text as it travels.

    Args:
        trace: of the text, under the model that is looked at.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        name: the model's, for people.
        size: characters and bytes of UTF-8 of the tokens that are predicted.
        other: a second model.
    """
    likely = zip(trace.likely_texts, trace.likely.tolist(), trace.likely_probabilities.tolist(), strict=True)
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "name": name,
            "vocabulary": trace.vocabulary,
            "tokens": shared.tokens(trace.token_table),
            "first": trace.first,
            "surprisals": _numbers(trace.surprisals),
            "ranks": trace.ranks.tolist(),
            "entropies": _numbers(trace.entropies),
            "likely": [
                [[text, number, _brief(share)] for text, number, share in zip(*row, strict=True)] for row in likely
            ],
            "characters": size[0],
            "bytes": size[1],
            "other": None if other is None else _other(other, name),
        }
    )


def _other(other: Other, name: str) -> dict[str, Any]:
    segments = zip(other.tokens, other.bits, strict=True)
    return {
        "name": other.name,
        "same": other.name == name,
        "tokens": shared.tokens(other.trace.token_table),
        "first": other.trace.first,
        "surprisals": _numbers(other.trace.surprisals),
        "segments": [
            {"tokens": tokens, "bits": bits and [_brief(value) for value in bits]} for tokens, bits in segments
        ],
        "bits": [_brief(value) for value in other.sums],
        "bytes": other.size,
    }


def _numbers(values: NDArray[np.float32]) -> list[float | None]:
    return [_brief(value) for value in values.tolist()]


def _brief(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None


def text_xray(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> ComponentResult:
    """Show it in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(trace), ...)`.
        defaults: `defaults(trace)`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
