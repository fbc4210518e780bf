"""How does a beam search reach the browser? Every candidate of every step, and what one beam would have written.

    data = {"facts": [line below a saved picture], "prompt": its end, "beams", "penalty", "width": candidates a step,
            "steps": [{"parents", "texts", "raw" (hexadecimal), "scores", "ended": [candidate], "kept": [beam]}],
            "finished": [{"way": [candidate of each step], "score"}],
            "greedy": {"texts", "raw", "sums": [token], "score", "way": [candidate], as far as the search follows it}}

Stepping and choosing a text ask nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import BeamTrace

FOLDER: Final = Path(__file__).parent
PROMPT: Final = 300  # characters of the prompt's end that are shown
DIGITS: Final = 5  # of a score behind the point


def parameters(trace: BeamTrace) -> dict[str, state.Kind]:
    """What the figure owns in a link: the step, and the chosen candidate, counted through all steps."""
    steps, width = trace.tokens.shape
    return {"step": state.Whole(steps + 1), "node": state.Whole(steps * width)}


def defaults(trace: BeamTrace) -> dict[str, Any]:
    """The last step, and the best text."""
    steps, width = trace.tokens.shape
    way = trace.paths()[0]
    return {"step": steps, "node": (len(way) - 1) * width + way[-1]}


def pack(trace: BeamTrace, greedy: BeamTrace, facts: Sequence[str]) -> bytes:
    """A search, and the search with one beam, as they travel."""
    prompt = trace.source.text
    return shared.pack(
        {
            "facts": list(facts),
            "prompt": prompt if len(prompt) <= PROMPT else "\N{HORIZONTAL ELLIPSIS}" + prompt[-PROMPT:],
            "beams": trace.beams,
            "penalty": trace.length_penalty,
            "width": trace.tokens.shape[1],
            "steps": [
                {
                    "parents": trace.parents[step].tolist(),
                    "texts": trace.texts[step],
                    "raw": trace.raw[step],
                    "scores": _rounded(trace.scores[step]),
                    "ended": trace.ended[step].astype(int).tolist(),
                    "kept": trace.kept[step].tolist(),
                }
                for step in range(len(trace.tokens))
            ],
            "finished": [
                {"way": way, "score": float(score)}
                for way, score in zip(trace.paths(), trace.final_scores, strict=True)
            ],
            "greedy": _greedy(trace, greedy),
        }
    )


def _greedy(trace: BeamTrace, greedy: BeamTrace) -> dict[str, Any]:
    way = greedy.paths()[0]
    return {
        "texts": [greedy.texts[step][candidate] for step, candidate in enumerate(way)],
        "raw": [greedy.raw[step][candidate] for step, candidate in enumerate(way)],
        "sums": _rounded([greedy.scores[step][candidate] for step, candidate in enumerate(way)]),
        "score": float(greedy.final_scores[0]),
        "way": _followed(trace, greedy.ids),
    }


def _followed(trace: BeamTrace, ids: Sequence[int]) -> list[int]:
    """Which candidates a text goes through, as long as it is among them."""
    way: list[int] = []
    beams = set(range(trace.beams))  # at first all are the same
    for step, token in enumerate(ids[: len(trace.tokens)]):
        found = [
            candidate
            for candidate, (parent, added) in enumerate(zip(trace.parents[step], trace.tokens[step], strict=True))
            if added == token and int(parent) in beams
        ]
        if not found:
            break
        way.append(found[0])
        beams = {beam for beam, candidate in enumerate(trace.kept[step].tolist()) if candidate == found[0]}
    return way


def _rounded(scores: Sequence[Any] | Any) -> list[float]:
    return [round(float(score), DIGITS) for score in scores]


def beam_tree(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show a search in a Streamlit page; the parameters it owns are `step` and `node`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
