"""How do texts that were drawn from the same prompt reach the browser, as a tree with its branches' chances?

    data = {"title", "facts": [line below a saved picture], "prompt",
            "texts": [{"name", "text", "log": ln p of all its tokens, "leaves": step where it leaves the first text}],
            "branches": [{"tokens": [text, ...], "texts": [text number, ...], "after": [branch number, ...],
                          "share": [chance, probability] of its first token, "parting": number or null}],
            "partings": [{"step", "branch", "entropy", "kept", "rows": [[token, drawn, chance, probability], ...],
                          "rest": chance of all other tokens}],
            "counted": [share of pairs that agree, by tokens], "expected": [the same by the chances]}

The first branch is what all texts share. Choosing a parting asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from models.traces import GenerationTrace

FOLDER: Final = Path(__file__).parent
MOST: Final = 20  # texts
PROMPT: Final = 300  # characters of the prompt's end that are shown
ROWS: Final = 8  # tokens at a parting, unless more than that were drawn

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"at": 0}
PARAMETERS: Final[dict[str, state.Kind]] = {"at": state.Whole(MOST - 1)}  # so many texts part so often at most


def pack(
    found: Sequence[GenerationTrace],
    branches: Sequence[tuple[int, int, Sequence[int], Sequence[int]]],
    names: Sequence[str],
    leaves: Sequence[int | None],
    agreement: tuple[Sequence[float], Sequence[float]],
    *,
    title: str,
    facts: Sequence[str],
    prompt: str,
) -> bytes:
    """The texts as they travel.

    Args:
        found: the texts.
        branches: (first step, step behind the last, numbers of the texts, numbers of the branches after it); the
            first one is what all share.
        names: what each text is called.
        leaves: the step at which each leaves the first one.
        agreement: by tokens, the share of pairs that agree so far, counted and expected.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        prompt: what they go on with.
    """
    partings = [number for number, branch in enumerate(branches) if len(branch[3]) > 1]
    counted, expected = agreement
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "prompt": prompt if len(prompt) <= PROMPT else "\N{HORIZONTAL ELLIPSIS}" + prompt[-PROMPT:],
            "texts": [
                {"name": name, "text": trace.text, "log": round(log_probability(trace), 3), "leaves": step}
                for name, trace, step in zip(names, found, leaves, strict=True)
            ],
            "branches": [
                {
                    "tokens": list(found[texts[0]].texts[start:stop]),
                    "texts": list(texts),
                    "after": list(after),
                    "share": _share(found[texts[0]], start),
                    "parting": partings.index(number) if number in partings else None,
                }
                for number, (start, stop, texts, after) in enumerate(branches)
            ],
            "partings": [_parting(found, branches, number) for number in partings],
            "counted": [round(value, 4) for value in counted],
            "expected": [round(value, 4) for value in expected],
        }
    )


def log_probability(trace: GenerationTrace) -> float:
    """ln p that the model gave to all of the text, before any sampler."""
    import numpy as np

    with np.errstate(divide="ignore"):
        return float(np.maximum(np.log(trace.probabilities.astype(float)), -1000).sum())


def _share(trace: GenerationTrace, step: int) -> list[float]:
    if step >= len(trace.tokens):
        return [1.0, 1.0]
    return [_short(trace.chances[step]), _short(trace.probabilities[step])]


def _short(share: float) -> float:
    """Four digits, however small."""
    return float(f"{share:.4g}")


def _parting(
    found: Sequence[GenerationTrace],
    branches: Sequence[tuple[int, int, Sequence[int], Sequence[int]]],
    number: int,
) -> dict[str, Any]:
    """One place where texts part: what was drawn there, and what else was likely."""
    _, step, texts, after = branches[number]
    rows: list[list[Any]] = []
    drawn: set[int] = set()
    for child in after:
        own = branches[child][2]
        trace = found[own[0]]
        drawn.add(int(trace.tokens[step]))
        rows.append([trace.texts[step], len(own), *_share(trace, step)])
    one = found[texts[0]]
    for token, text, chance, probability in zip(
        one.likely[step].tolist(),
        one.likely_texts[step],
        one.likely_chances[step].tolist(),
        one.likely_probabilities[step].tolist(),
        strict=True,
    ):
        if token not in drawn and len(rows) < ROWS:
            rows.append([text, 0, _short(chance), _short(probability)])
    return {
        "step": step,
        "branch": number,
        "entropy": round(float(one.entropies[step]), 3),
        "kept": int(one.kept[step]),
        "rows": rows,
        "rest": round(max(0.0, 1 - sum(row[2] for row in rows)), 3),  # of rounded ones
    }


def text_fan(packed: bytes, *, key: str, state: Mapping[str, Any]) -> None:
    """Show what `pack` made, in a Streamlit page; `state` is read by `viz.state.read(PARAMETERS, ...)`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS)
