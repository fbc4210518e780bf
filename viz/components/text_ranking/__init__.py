"""How do texts with a number each (a cosine, a probability) reach the browser, as lists with bars?

    data = {"title", "facts": [line below a saved picture], "lead": [sentence], "measure": what the numbers are,
            "low": where the bars' scale begins, "high": where it ends,
            "groups": [{"name", "about", "words": [...],
                        "rows": [{"texts": [[number from 1, text], ...], "value", "note"}]}]}

A row of one text is a search result, say; one of two texts is a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from viz.components import shared

FOLDER: Final = Path(__file__).parent
LONGEST: Final = 300  # characters of a text that are shown


@dataclass(frozen=True)
class Row:
    """One text, or several that share a number."""

    texts: Sequence[tuple[int, str]]  # number from 0, text
    value: float
    note: str = ""


@dataclass(frozen=True)
class Group:
    """A list of them."""

    name: str
    rows: Sequence[Row]
    about: str = ""
    words: Sequence[str] = ()


def pack(
    groups: Sequence[Group],
    *,
    title: str,
    facts: Sequence[str],
    measure: str,
    lead: Sequence[str] = (),
    high: float = 1.0,
) -> bytes:
    """The lists as they travel.

    Args:
        groups: the lists, in their order.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        measure: what the numbers are, "cosine".
        lead: sentences above the lists.
        high: where the scale of the bars ends; it begins at 0, or at the least number where that is below.
    """
    low = min((row.value for group in groups for row in group.rows), default=0.0)
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "lead": list(lead),
            "measure": measure,
            "low": min(0.0, low),
            "high": high,
            "groups": [
                {
                    "name": group.name,
                    "about": group.about,
                    "words": list(group.words),
                    "rows": [
                        {
                            "texts": [[number + 1, _cut(text)] for number, text in row.texts],
                            "value": row.value,
                            "note": row.note,
                        }
                        for row in group.rows
                    ],
                }
                for group in groups
            ],
        }
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"


def text_ranking(packed: bytes, *, key: str) -> None:
    """Show what `pack` made, in a Streamlit page; it has no parameters."""
    shared.figure(FOLDER, packed, key=key, state={}, defaults={})
