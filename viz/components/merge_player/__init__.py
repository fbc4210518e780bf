"""How does a training of BPE reach the browser, which plays its merges, and how does the browser ask for more?

What holds for the whole training (its letters, all merges, the curves) travels once. What is near travels again when
the hand comes to its end: the pair tables of neighbouring steps, and one part of the text with every merge that ever
happens in it, so that playing, stepping and hovering ask nothing. The browser asks by "around":

    {"training": the one it holds, "step": merges made, "from": first character of the part to show, or -1 for a part
     in which the last merge happens}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import BpeTrees, BpeWindow
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
KEY: Final = "merge_player"
SEEK: Final = -1
AHEAD: Final = 100  # a window of pair tables begins and ends at multiples of this
WINDOW: Final = 3 * AHEAD  # steps: a training with no more travels in full
DEFAULTS: Final[dict[str, Any]] = {
    "step": 0,  # merges made
    "from": 0,  # first character of the part of the text that is shown
    "spaces": 0,  # 1: show white space
}


@dataclass(frozen=True)
class Around:
    """What the browser holds, and where it is."""

    training: str
    step: int
    start: int  # first character of the part of the text to show; SEEK: where the last merge happens

    @classmethod
    def read(cls, sent: object) -> Around | None:
        """What the browser has sent; None where it has sent nothing, or what no player sends."""
        if not isinstance(sent, Mapping):
            return None
        match sent.get("training"), sent.get("step"), sent.get("from"):
            case str(training), int(step), int(start):
                return cls(training, step, start)
        return None

    def is_within(self, training: str, last: int, characters: int) -> bool:
        """Whether there is such a place in this training of `last` merges on so many characters."""
        known = self.training == training and 0 <= self.step <= last
        return known and (0 <= self.start < characters or (self.start == SEEK and self.step > 0))


def window(step: int, last: int) -> tuple[int, int]:
    """The first and the last of the steps whose pair tables travel together, for a training of `last` merges."""
    if last <= WINDOW:
        return 0, last
    first = min(max(step // AHEAD - 1, 0) * AHEAD, last - WINDOW)
    return first, first + WINDOW


def whole(
    *,
    title: str,
    facts: Sequence[str],
    unit: str,
    mark: str,
    characters: int,
    alphabet: Sequence[bytes],
    rules: NDArray[np.int64],
    counts: NDArray[np.int64],
    corpus_tokens: NDArray[np.int64],
    vocabulary_sizes: NDArray[np.int64],
) -> dict[str, Any]:
    """What holds for all of a training.

    Args:
        title: what was trained on.
        facts: the lines below a saved picture.
        unit: "bytes" or "characters".
        mark: what the last token of a word ends in, or "".
        characters: of the text.
        alphabet: [id] what there was before the first merge.
        rules: [step, 3] ids (left, right, made).
        counts: [step] how often the pair stood in the text just before it was merged.
        corpus_tokens: [step + 1] tokens in the whole text.
        vocabulary_sizes: [step + 1] tokens in the vocabulary.
    """
    left, right, made = rules.T.tolist()
    return {
        "title": title,
        "facts": list(facts),
        "unit": unit,
        "mark": mark,
        "characters": characters,
        "alphabet": [piece.hex() for piece in alphabet],
        "left": left,
        "right": right,
        "made": made,
        "counts": counts.tolist(),
        "tokens": corpus_tokens.tolist(),
        "sizes": vocabulary_sizes.tolist(),
    }


def near(tables: BpeWindow, trees: BpeTrees, text: str, edges: Sequence[int]) -> dict[str, Any]:
    """What is near a step and a place in the text.

    Args:
        tables: the pair tables of the steps around.
        trees: the part of the text that is shown.
        text: that part.
        edges: where its graphemes begin, and its end.
    """
    lengths = np.diff(np.array(edges, dtype=np.int64))
    wide = np.flatnonzero(lengths > 1)
    return {
        "window": {
            "first": tables.first,
            "pairs": tables.pairs.reshape(len(tables.counts), -1).tolist(),
            "counts": tables.counts.tolist(),
            "ties": tables.ties.tolist(),
            "distinct": tables.distinct_pairs.tolist(),
        },
        "part": {
            "start": trees.start,
            "end": trees.end,
            "text": text,
            "wide": [[edges[place], int(lengths[place])] for place in wide.tolist()],
            "letters": trees.letters.tolist(),
            "letter_ends": trees.letter_ends.tolist(),
            "merges": trees.merges.tolist(),
            "merge_ends": trees.merge_ends.tolist(),
            "words": trees.words.tolist(),
            "spans": (trees.spans - trees.start).tolist(),
        },
    }


def pack(training: str, asked: int, start: int, of_all: Mapping[str, Any] | None, close: Mapping[str, Any]) -> bytes:
    """The data as they travel.

    Args:
        training: identifies it.
        asked: `Around.start`.
        start: the character at which the part of the text begins, or in the word around it.
        of_all: `whole`, or None for a browser that has it.
        close: `near`.
    """
    return shared.pack({"training": training, "asked": asked, "from": start, "whole": of_all, **close})


def player(packed: bytes, state: Mapping[str, Any]) -> ComponentResult:
    """Show the player; `state` holds the parameters that the link sets."""
    return shared.figure(FOLDER, packed, key=KEY, state=state, defaults=DEFAULTS, on_around_change=lambda: None)
