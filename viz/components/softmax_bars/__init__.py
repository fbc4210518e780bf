"""How does a hand reach softmax? A few logits as bars to drag, and the whole calculation beside them, in the browser.

    data = {"about": which bars these are, "title": name, "facts": [line below a saved picture],
            "names": [what the bars stand for], "cells": [the same, as cells of a CSV file], "tokens": whether they are,
            "logits": [as they came], "shares": [probability among the whole vocabulary] | null,
            "vocabulary": how many tokens that has | null, "origin": [line of a CSV file]}

The numbers of the bars (`z`), the temperature `t`, the constant `plus`, the `format` of the numbers, and the `bar`
whose sum is written out are the figure's own parameters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
FEWEST: Final = 2
MOST: Final = 8
LARGEST: Final = 10_000.0  # logit
CONSTANT: Final = 1_000.0
COLDEST: Final = 0.01
HOTTEST: Final = 100.0
FORMATS: Final = ("float64", "float32", "float16")


@dataclass(frozen=True)
class Logits:
    """A few numbers, with commas between them."""

    def parse(self, text: str) -> str:
        numbers = text[:400].split(",")
        if not FEWEST <= len(numbers) <= MOST:
            raise ValueError(text)
        return written([state.Number(-LARGEST, LARGEST).parse(number) for number in numbers])

    def allowed(self) -> str:
        return f"{FEWEST} to {MOST} numbers from {-LARGEST:,.0f} to {LARGEST:,.0f} with commas between them"


@dataclass(frozen=True)
class Temperature:
    """0, infinity, or a number between the two."""

    def parse(self, text: str) -> str:
        value = float(text[:40])
        if not (value in {0, math.inf} or COLDEST <= value <= HOTTEST):
            raise ValueError(text)
        return written([value])

    def allowed(self) -> str:
        return f"0, inf, or a number from {COLDEST:g} to {HOTTEST:g}"


def parameters() -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    return {
        "z": Logits(),
        "t": Temperature(),
        "plus": state.Number(-CONSTANT, CONSTANT),
        "format": state.Choice(FORMATS),
        "bar": state.Whole(MOST),
    }


def usual(logits: Sequence[float], shown: int) -> dict[str, Any]:
    """The state that need not stand in the link: the first few logits as they came."""
    return {"z": written(logits[:shown]), "t": "1", "plus": 0.0, "format": "float64", "bar": 0}


def written(numbers: Sequence[float]) -> str:
    """Numbers with commas between them, as the browser writes them."""
    return ",".join(repr(float(number) + 0.0).removesuffix(".0") for number in numbers)  # + 0: no -0


# Of three logits of nobody.
OWN: Final = (2.0, 1.0, 0.1, 0.0, -1.0, -2.0, -3.0, -4.0)
DEFAULTS: Final = usual(OWN, 3)


def pack(
    names: Sequence[str],
    logits: Sequence[float],
    *,
    about: str,
    title: str,
    facts: Sequence[str],
    origin: Sequence[str],
    cells: Sequence[str],
    shares: Sequence[float] | None = None,
    vocabulary: int | None = None,
) -> bytes:
    """Bars as they travel: `MOST` of them, so that the hand can add some.

    Args:
        names: [bar] what each one stands for.
        logits: [bar]
        about: which bars these are; comes back with what is asked.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        origin: the lines that begin a CSV file, and say where the logits come from.
        cells: [bar] the names as cells of that file.
        shares: [bar] the probability of each token among all of the vocabulary; None: these are no tokens.
        vocabulary: how many tokens that has.
    """
    return shared.pack(
        {
            "about": about,
            "title": title,
            "facts": list(facts),
            "names": list(names),
            "cells": list(cells),
            "tokens": shares is not None,
            "logits": list(logits),
            "shares": None if shares is None else list(shares),
            "vocabulary": vocabulary,
            "origin": list(origin),
        }
    )


def softmax_bars(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any] = DEFAULTS
) -> ComponentResult:
    """Show the bars in a Streamlit page. `.asked` is what a visitor wants to have checked: {parameter: text, "about"}.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(), ...)`.
        defaults: what `usual` gives for the logits as they came.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_asked_change=lambda: None)
