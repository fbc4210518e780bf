"""Where in a training text does a merge happen first?

The letters of the new token may stand in many places where they belong to other tokens, so each place where they are
found is cut as it is just after the merge; a word that has been looked at once isn't again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from models.bpe import BpeTraining

LOOKS: Final = 20_000  # places that are looked at before the search is given up: a few tenths of a second


def first(training: BpeTraining, step: int) -> int | None:
    """The first character of the first word in which merge `step`, from 0, makes its token; None: not found."""
    made = int(training.rules[step, 2])
    seen: set[int] = set()
    for character in itertools.islice(_places(training.text, training.raw(made)), LOOKS):
        occurrence = int(np.searchsorted(training.spans[:, 1], character, side="right"))
        word = int(training.occurrences[occurrence])
        if word in seen:
            continue
        seen.add(word)
        begin = int(training.spans[occurrence, 0])
        if made in training.segment(step + 1, begin, begin + 1).token_table.ids:
            return begin
    return None


def _places(text: str, wanted: bytes) -> Iterator[int]:
    """The characters of the text in which these bytes begin; the bytes may be parts of characters."""
    encoded = text.encode()
    begins = np.frombuffer(encoded, dtype=np.uint8) & 0xC0 != 0x80  # the bytes with which a character begins
    place, counted, character = encoded.find(wanted), 0, -1
    while place >= 0:
        character += int(np.count_nonzero(begins[counted : place + 1]))
        counted = place + 1
        yield character
        place = encoded.find(wanted, counted)
