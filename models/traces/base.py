"""What do all traces stand on: the tokens of a text, where a trace comes from, and what a visitor got wrong."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

TokenKind = Literal["text", "special"]


class InputError(ValueError):
    """Something a visitor gave can't be used; the message is one sentence that says what is wrong and what works."""


class TooLongError(InputError):
    """The text is over a limit; `fitting` is as much of its beginning as can be used."""

    def __init__(self, message: str, *, fitting: str) -> None:
        super().__init__(message)
        self.fitting = fitting


@dataclass(frozen=True)
class Tokens:
    """The tokens of one input, and what each stands for in the text.

    A token need not be a letter, nor a letter a token: an emoji can be four tokens. `texts` therefore holds the whole
    grapheme (what a reader sees as one character) for every token that covers a part of it, and `parts` says which
    part. `raw` is exact: the `raw` of all tokens of one segment, joined, is what the tokenizer kept of its UTF-8 bytes.
    """

    ids: NDArray[np.int64]  # [token]
    pieces: tuple[str, ...]  # [token] the entry in the tokenizer's vocabulary, as its file spells it
    texts: tuple[str, ...]  # [token] what a person reads; never a replacement character
    raw: tuple[bytes, ...]  # [token] the UTF-8 bytes that the token stands for; b"" for those the tokenizer added
    kinds: tuple[TokenKind, ...]  # [token]
    segments: tuple[int, ...]  # [token] 0 first text, 1 second text of a pair
    spans: tuple[tuple[int, int], ...]  # [token] characters of its segment's text that it touches, end exclusive
    parts: tuple[tuple[int, int], ...]  # [token] (k, n): the k-th (from 0) of n tokens that share one grapheme

    def __post_init__(self) -> None:
        count = len(self.ids)
        for name in ("pieces", "texts", "raw", "kinds", "segments", "spans", "parts"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {count} tokens")

    def __len__(self) -> int:
        return len(self.ids)

    def to_json(self) -> dict[str, Any]:
        """Plain values for the header of a trace's file."""
        record = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return record | {"ids": self.ids.tolist(), "raw": [piece.hex() for piece in self.raw]}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            ids=np.array(record["ids"], dtype=np.int64),
            pieces=tuple(record["pieces"]),
            texts=tuple(record["texts"]),
            raw=tuple(bytes.fromhex(piece) for piece in record["raw"]),
            kinds=tuple(record["kinds"]),
            segments=tuple(record["segments"]),
            spans=tuple((start, end) for start, end in record["spans"]),
            parts=tuple((k, n) for k, n in record["parts"]),
        )


@dataclass(frozen=True)
class Source:
    """Where a trace comes from: enough to compute it again."""

    model: str  # catalog key, hub id or folder name
    revision: str  # a commit, or the SHA-256 of the weight file
    text: str
    pair: str | None = None
    dtype: str = "float32"  # the precision that the model computed in
    device: str = "cpu"
    versions: dict[str, str] = field(default_factory=dict)  # package -> version
    off: str = ""  # the parts that were switched off, as models/switched_off.py writes them

    @property
    def made_by(self) -> str:
        """The model in words, and what in it was switched off: for files and pictures."""
        return self.model + (f" with {self.off} switched off, scaled or cut" if self.off else "")


def divergence(logits: NDArray[np.float32]) -> float:
    """Kullback-Leibler divergence of the second row's softmax from the first's, in bits; `logits` [2, vocabulary]."""
    logs = logits.astype(np.float64)
    logs -= logs.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return float((np.exp(logs[0]) * (logs[0] - logs[1])).sum() / np.log(2))
