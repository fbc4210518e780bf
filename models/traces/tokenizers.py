"""What do the analyses of any tokenizer, of whatever kind, hand to a picture?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class ComparisonRow:
    """One tokenizer's tokens on the text of a comparison, without special tokens around it."""

    key: str  # the row's name
    token_table: Tokens

    @property
    def tokens(self) -> int:
        return len(self.token_table)


@dataclass(frozen=True)
class Comparison:
    """The same text under several tokenizers."""

    name: ClassVar[str] = "comparison"

    source: Source
    words: int  # by Unicode's word boundaries, those that hold a letter or a digit
    graphemes: int  # what a reader sees as characters
    rows: tuple[ComparisonRow, ...]  # [row]

    def __post_init__(self) -> None:
        length = len(self.text)
        for row in self.rows:
            if any(not 0 <= start <= end <= length for start, end in row.token_table.spans):
                raise ValueError(f"a span of {row.key} lies outside the text")

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def bytes(self) -> int:
        """UTF-8 bytes of the text."""
        return len(self.text.encode())

    def tokens_per_word(self, row: int) -> float | None:
        """None for a text without a word; 1,000 times this are the tokens per 1,000 words."""
        return self.rows[row].tokens / self.words if self.words else None

    def bytes_per_token(self, row: int) -> float | None:
        """None where there is no token."""
        return self.bytes / self.rows[row].tokens if self.rows[row].tokens else None

    def left_out(self, row: int) -> str:
        """The characters that can be seen and that no token of the row stands for, each once."""
        covered = np.zeros(len(self.text) + 1, dtype=np.int64)
        for start, end in self.rows[row].token_table.spans:
            covered[start] += 1
            covered[end] -= 1
        bare = (self.text[place] for place in np.flatnonzero(np.cumsum(covered[:-1]) == 0))
        return "".join(dict.fromkeys(c for c in bare if not c.isspace() and unicodedata.category(c)[0] != "C"))

    def twins(self, row: int, other: int) -> NDArray[np.int64]:
        """[token of row, 2] the tokens of the other row that share a character with it, end exclusive."""
        mine, theirs = (
            np.array(self.rows[number].token_table.spans, dtype=np.int64).reshape(-1, 2) for number in (row, other)
        )
        # Both columns ascend, so the tokens that end after mine begins and begin before mine ends are neighbours.
        first = np.searchsorted(theirs[:, 1], mine[:, 0], side="right")
        last = np.searchsorted(theirs[:, 0], mine[:, 1], side="left")
        return np.stack([first, np.maximum(first, last)], axis=1)


EntryKind = Literal["text", "byte", "added", "special"]


@dataclass(frozen=True)
class Vocabulary:
    """Every entry of a tokenizer's vocabulary, by id."""

    ids: NDArray[np.int64]  # [entry] ascending; numbers can be left out
    pieces: tuple[str, ...]  # [entry] as the tokenizer's file spells it
    texts: tuple[str, ...]  # [entry] what a person reads; bytes that are no whole character as hexadecimal escapes
    raw: tuple[bytes, ...]  # [entry] the UTF-8 bytes that it stands for
    kinds: tuple[EntryKind, ...]  # [entry] byte: stands for one byte; added: found before the model sees the text
    characters: NDArray[np.int64]  # [entry] characters (code points) that begin in it; 0 for the inside of one
    scripts: tuple[str, ...]  # [entry] of most of its letters, or "Digits", "White space", "Symbols", ...
    unreachable: NDArray[np.int64] | None  # ids that no merge can reach; None: not a BPE

    def __post_init__(self) -> None:
        for name in ("pieces", "texts", "raw", "kinds", "characters", "scripts"):
            if len(getattr(self, name)) != len(self.ids):
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {len(self.ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)

    def search(self, query: str) -> NDArray[np.int64]:
        """[found] the entries that hold a text, in any case; the entry whose id it is comes first."""
        wanted = query.casefold()
        number = int(query) if query.isascii() and query.isdecimal() and len(query) < 10 else -1
        found = [entry for entry, text in enumerate(self.texts) if wanted in text.casefold()]
        exact = np.flatnonzero(self.ids == number)
        return np.concatenate([exact, [entry for entry in found if entry not in exact]]).astype(np.int64)

    def longest(self, count: int) -> NDArray[np.int64]:
        """[count] the entries with the most characters, the lower id first; added tokens are left out."""
        lengths = np.where([kind in {"added", "special"} for kind in self.kinds], -1, self.characters)
        return np.argsort(-lengths, kind="stable")[:count]

    def lengths(self) -> NDArray[np.int64]:
        """[characters] how many entries have 0, 1, 2, ... characters."""
        return np.bincount(self.characters)

    def by_script(self) -> dict[str, int]:
        """How many entries each script has, the most common first."""
        return dict(Counter(self.scripts).most_common())


@dataclass(frozen=True)
class ChatTrace:
    """A chat as its model reads it: one sequence of tokens, and whose words each of them holds."""

    text: str  # what the template makes of the messages
    token_table: Tokens
    roles: tuple[str, ...]  # [message]
    owners: NDArray[np.int64]  # [token] the message whose content it holds a part of; -1: only the template's words
    spans: tuple[tuple[int, int, int], ...]  # [content] message, and its characters of `text`, end exclusive
    attributed: bool  # False: the template changes contents, and whose a token is can't be said

    def __post_init__(self) -> None:
        if self.owners.shape != (len(self.token_table),):
            raise ValueError(f"{self.owners.shape} owners for {len(self.token_table)} tokens")
        if self.owners.size and not -1 <= self.owners.min() <= self.owners.max() < len(self.roles):
            raise ValueError(f"an owner is no message of the {len(self.roles)}")

    @property
    def speakers(self) -> tuple[str, ...]:
        """[token] the role whose words it holds, or "template"."""
        return tuple(self.roles[owner] if owner >= 0 else "template" for owner in self.owners.tolist())
