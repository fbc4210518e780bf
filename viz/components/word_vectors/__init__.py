"""How do the answers of word vectors reach the browser? As drawings of the vectors themselves.

    data = {"kind", "title": for people, "facts": [line below a saved picture], ...}
    fan        "heading", "axis": what all angles are from, "rows": [[word, cosine, degrees, remark]],
               "odd": row | null, "asks": whether a click asks about a word, "note"
    plane      "terms": [a, b, c], "expected": word | null, "drawn": words, "places": [[x, y]] of these and of
               b - a + c, "off": [distance from the plane], "lists": [{"name", "rows": [[word, score, whether it is one
               of the question's]]}], "ranks": [method, 2] as in `Analogy`, "size": words in the table
    line       "words", "low", "high": [[word, position, ...]], "usual": {"words", "quantiles"}, "note"
    accuracy   "heading", "note", "rows": [[category, right, asked, left out]]

The one parameter is `chosen`, an index into what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.traces import ANALOGY_METHODS
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import Analogy, AnalogyAccuracy, Neighbours, OddOneOut, Scale

FOLDER: Final = Path(__file__).parent
DEFAULTS: Final[dict[str, Any]] = {"chosen": None}
MOST_ROWS: Final = 40  # of a fan: more can't be told apart


def parameters(drawn: int) -> dict[str, state.Kind]:
    """What a link may say of a drawing of so many words, for `viz.state.read`."""
    return {"chosen": state.Whole(drawn)}


def neighbours(found: Neighbours, *, note: str, facts: Sequence[str]) -> bytes:
    """Words around another one."""
    word, count = found.source.text, len(found.words)
    remarks = [f"It is number {place + 1:,} by frequency." for place in found.places.tolist()]
    return _fan(
        found.words,
        found.cosines,
        remarks,
        title=f"Neighbours of {word}",
        heading=f"The {count} words nearest to {word}" if count > 1 else f"The word nearest to {word}",
        axis=word,
        odd=None,
        asks=True,
        note=note,
        facts=facts,
    )


def odd_one_out(found: OddOneOut, *, note: str, facts: Sequence[str]) -> bytes:
    """Words around their mean; of very many, the ones that are farthest from it."""
    order = np.argsort(-found.cosines, kind="stable")[-MOST_ROWS:]
    others = found.with_others
    odd = found.words[found.odd]
    return _fan(
        [found.words[word] for word in order],
        found.cosines[order],
        [f"Its mean cosine with the other words is {others[word]:.3f}.".replace("-", "−") for word in order],
        title=f"Odd one out: {odd}",
        heading=f"{odd} is the odd one out",
        axis="the mean",
        odd=order.tolist().index(found.odd),
        asks=False,
        note=note,
        facts=facts,
    )


def _fan(
    words: Sequence[str], cosines: NDArray[np.float32], remarks: Sequence[str], *, facts: Sequence[str], **rest: object
) -> bytes:
    angles = np.degrees(np.arccos(np.clip(cosines.astype(np.float64), -1, 1)))
    rows = zip(words, _short(cosines), _short(angles), remarks, strict=True)
    return shared.pack({"kind": "fan", "facts": list(facts), "rows": [list(row) for row in rows], **rest})


def analogy(
    found: Analogy, places: NDArray[np.float64], off: NDArray[np.float64], *, size: int, facts: Sequence[str]
) -> bytes:
    """An analogy as the plane of its three words.

    Args:
        found: the answer.
        places: [word + 1, 2] of `found.drawn`, and of b - a + c last, in that plane.
        off: [word + 1] distance from it.
        size: words in the table.
        facts: the lines below a saved picture.
    """
    lists = [
        {"name": name, "rows": [list(row) for row in zip(words, _short(scores), given.tolist(), strict=True)]}
        for name, words, scores, given in zip(ANALOGY_METHODS, found.words, found.scores, found.given, strict=True)
    ]
    a, b, c = found.terms
    return shared.pack(
        {
            "kind": "plane",
            "title": f"{a} is to {b} as {c} is to {found.answer('3CosAdd')}",
            "facts": list(facts),
            "terms": found.terms,
            "expected": found.expected,
            "drawn": found.drawn,
            "places": [_short(place) for place in places],
            "off": _short(off),
            "lists": lists,
            "ranks": found.ranks.tolist(),
            "size": size,
        }
    )


def scale(
    found: Scale,
    words: int,
    quantiles: Sequence[float],
    below: NDArray[np.float64],
    *,
    note: str,
    facts: Sequence[str],
) -> bytes:
    """Words along the line between two poles.

    Args:
        found: the positions.
        words: how many of the most frequent words they are compared with.
        quantiles: where a twentieth, half, and all but a twentieth of these lie below.
        below: [word] the share of them that lies nearer to the low pole.
        note: what the picture shows and what it doesn't.
        facts: the lines below a saved picture.
    """
    return shared.pack(
        {
            "kind": "line",
            "title": f"From {', '.join(found.low)} to {', '.join(found.high)}",
            "facts": list(facts),
            "words": [list(row) for row in zip(found.words, _short(found.positions), _short(below), strict=True)],
            "low": [list(row) for row in zip(found.low, _short(found.low_positions), strict=True)],
            "high": [list(row) for row in zip(found.high, _short(found.high_positions), strict=True)],
            "usual": {"words": words, "quantiles": list(quantiles)},
            "note": note,
        }
    )


def accuracy(found: AnalogyAccuracy, *, heading: str, note: str, facts: Sequence[str]) -> bytes:
    """Right answers to a published list, by category."""
    columns = (found.correct.tolist(), found.asked.tolist(), found.skipped.tolist())
    rows = [list(row) for row in zip(found.sections, *columns, strict=True)]
    told = {"kind": "accuracy", "title": heading, "facts": list(facts), "heading": heading, "note": note, "rows": rows}
    return shared.pack(told)


def word_vectors(
    packed: bytes,
    *,
    key: str,
    state: Mapping[str, Any],
    defaults: Mapping[str, Any] = DEFAULTS,
    on_asked: Callable[[], None] = lambda: None,
) -> ComponentResult:
    """Show a drawing in a Streamlit page.

    Args:
        packed: what one of the functions above made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(drawn), ...)`.
        defaults: `DEFAULTS`, or nothing for a drawing without words to choose.
        on_asked: called when a word of a fan that asks is clicked; it is the result's `asked["word"]`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_asked_change=on_asked)


def _short(values: NDArray[np.floating]) -> list[float]:
    """As many digits as single precision holds, as plain numbers."""
    return [float(f"{value:.7g}") for value in values.ravel().tolist()]
