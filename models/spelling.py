"""Which words are spelled most like this one?

In two steps, so that 400,000 words are searched in a moment: the words whose letters, whatever their order, differ in
the fewest (counts of letters, hashed to 32 columns, by L1 distance), and of these the most alike by the matching
blocks of Ratcliff and Metzener 1988 ("Pattern Matching: The Gestalt Approach"), Python's `difflib`; two neighbouring
letters in each other's place, a usual slip, leave two words nearly the same. Of words alike to the same tenth, the one
that comes first in the list is first: in a list by frequency, the most frequent.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

COLUMNS: Final = 32
CANDIDATES: Final = 400
ALIKE: Final = 0.6  # difflib's own limit for "close"
SWAPPED: Final = 0.99  # as alike as a word can be that is another
LONGEST: Final = 64  # characters compared; a pasted page is no misspelling


class Spellings:
    """A list of words, to be searched by spelling."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        places = np.repeat(np.arange(len(words)) * COLUMNS, lengths) + _columns("".join(words))
        counts = np.bincount(places, minlength=len(words) * COLUMNS).reshape(-1, COLUMNS)
        self._counts = np.minimum(counts, 127).astype(np.int8)

    def nearest(self, word: str, count: int = 3) -> list[str]:
        """At most `count` words, the most alike first; none where none is alike."""
        asked = word[:LONGEST]
        own = np.minimum(np.bincount(_columns(asked), minlength=COLUMNS), 127).astype(np.int8)
        distances = np.abs(self._counts - own).sum(axis=1, dtype=np.int16)
        matcher = difflib.SequenceMatcher(b=asked, autojunk=False)
        swapped = {asked[:at] + asked[at + 1] + asked[at] + asked[at + 2 :] for at in range(len(asked) - 1)}
        found: list[tuple[int, int]] = []
        for place in np.argsort(distances, kind="stable")[:CANDIDATES].tolist():
            matcher.set_seq1(self._words[place])
            alike = max(matcher.ratio(), SWAPPED if self._words[place] in swapped else 0)
            if alike >= ALIKE:
                found.append((-int(10 * alike), place))
        return [self._words[place] for _, place in sorted(found)[:count]]


def _columns(text: str) -> NDArray[np.int64]:
    """[character] the column that counts it."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64) % COLUMNS
