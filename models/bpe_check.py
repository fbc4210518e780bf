"""Does the text, cut up as a training of BPE ends, have the tokens that the trained tokenizer itself gives it?

The library reads a tokenizer.json and cuts a part of the training text; ours has replayed the merges. A part ends where
a word ends, but the pre-tokenizer may need what follows to know that: white space and one more letter go along.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.bpe import BpeTraining

FOLLOWING: Final = regex.compile(r"\s*\S?")


@dataclass(frozen=True)
class BpeCheck:
    """Ours against the library's."""

    tokens: int  # compared
    different: int  # of these, or missing on either side

    @property
    def good(self) -> bool:
        """Whether both have the same tokens."""
        return self.different == 0


def check(training: BpeTraining, start: int, end: int) -> BpeCheck:
    """Compare a part of the text, as `training.segment` widens it, after the last merge."""
    ours = training.segment(len(training.merges), start, end)
    following = FOLLOWING.match(training.text, ours.end)
    context = training.text[ours.start : following.end() if following else ours.end]
    encoding = _tokenizer(training.document).encode(context)
    length = ours.end - ours.start
    theirs = [number for number, (_, last) in zip(encoding.ids, encoding.offsets, strict=True) if last <= length]
    kept = [number for number in ours.token_table.ids.tolist() if number >= 0]
    different = sum(one != other for one, other in zip(kept, theirs, strict=False)) + abs(len(kept) - len(theirs))
    return BpeCheck(max(len(kept), len(theirs)), different)


@functools.lru_cache(maxsize=4)
def _tokenizer(document: str) -> Tokenizer:
    """The library's object."""
    from tokenizers import Tokenizer

    return Tokenizer.from_str(document)
