"""What do several tokenizers make of one text? One row of chips for each, tied together by the characters.

A text of 20,000 tokens under eight tokenizers has 160,000 chips, so they travel as columns and not one by one:

    entries   each distinct token once: its id, its piece, its bytes
    which     [token] its entry
    gaps      [token] characters between the end of the token before it and its start; negative where they share one
    lengths   [token] characters
    shared    [token, count, what is seen] for neighbours that share one character as a reader sees it (an emoji)

In the browser the text is laid out in passages, each with all rows, and only those near the window hold chips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.traces import Comparison, Tokens
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"token": None, "spaces": 0, "price": 1.0}  # price: dollars for a million tokens
MAX_PRICE: Final = 1e6


@dataclass(frozen=True)
class Place:
    """A token of a row, as "2,5": the sixth token of the third row; "": none, where there is a usual one."""

    comparison: Comparison

    def parse(self, text: str) -> str:
        if not text:
            return ""
        numbers = text.split(",")
        if len(numbers) != 2:
            raise ValueError(text)
        row = state.Whole(len(self.comparison.rows)).parse(numbers[0])
        return f"{row},{state.Whole(self.comparison.rows[row].tokens).parse(numbers[1])}"

    def allowed(self) -> str:
        return "a row and a token of it, both counted from 0, as 2,5"


def parameters(comparison: Comparison) -> dict[str, state.Kind]:
    """What a link may say about the figure, for `state.read`."""
    return {"token": Place(comparison), "spaces": state.Whole(2), "price": state.Number(0, MAX_PRICE)}


@dataclass(frozen=True)
class Heading:
    """What a row is called."""

    title: str
    learnt: bool  # False: whitespace, bytes, ...: no model, so no price, and out of the competition for the fewest


def pack(
    comparison: Comparison, headings: Sequence[Heading], facts: Sequence[str], *, note: str = "", priced: bool = True
) -> bytes:
    """A comparison as it travels; worth keeping.

    Args:
        comparison: what is shown.
        headings: [row].
        facts: lines below a saved picture.
        note: one sentence below the table.
        priced: whether tokens cost something.
    """
    data = {
        "text": comparison.text,
        "words": comparison.words,
        "graphemes": comparison.graphemes,
        "bytes": comparison.bytes,
        "rows": [
            {"title": heading.title, "learnt": heading.learnt, **_columns(row.token_table)}
            for row, heading in zip(comparison.rows, headings, strict=True)
        ],
        "facts": list(facts),
        "note": note,
        "priced": priced,
    }
    return shared.pack(data)


def _columns(table: Tokens) -> dict[str, Any]:
    ids: list[int] = table.ids.tolist()
    tokens = list(zip(ids, table.pieces, table.raw, table.kinds, strict=True))
    numbers = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    starts = [start for start, _ in table.spans]
    ends = [0, *(end for _, end in table.spans)]
    return {
        "entries": {
            "ids": [number for number, _, _, _ in numbers],
            "pieces": [piece for _, piece, _, _ in numbers],
            "hex": [raw.hex() for _, _, raw, _ in numbers],
            "special": [place for place, (_, _, _, kind) in enumerate(numbers) if kind == "special"],
        },
        "which": [numbers[token] for token in tokens],
        "gaps": [start - end for start, end in zip(starts, ends, strict=False)],
        "lengths": [end - start for start, end in table.spans],
        "shared": [
            [place, count, table.texts[place]]
            for place, (part, count) in enumerate(table.parts)
            if count > 1 and part == 0
        ],
    }


def token_rows(packed: bytes, *, key: str, view: Mapping[str, Any], token: str | None = None) -> ComponentResult:
    """Show what `pack` made, in a Streamlit page.

    Args:
        packed: what is shown.
        key: its place in the page.
        view: what the link says, by `parameters`.
        token: the token that is lit where the link names none, as `Place` writes it.

    Returns:
        among others `price`, what the visitor has typed, or None.
    """
    usual = DEFAULTS | {"token": token}
    return shared.figure(FOLDER, packed, key=key, state=view, defaults=usual, on_price_change=lambda: None)
