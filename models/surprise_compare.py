"""Which of two models is more surprised, and where, when their tokens differ?

Tokens of two tokenizers can't be compared one by one, but both have borders between the same characters here and
there. Between two borders that both have lies a segment; its bits are the sum of the surprisals of the tokens in it,
for either model, and bits can be subtracted. A segment that holds a token which one model doesn't predict (the first
of a text, where nothing stands before it) is left out of the sums of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from models.traces import InputError, SurpriseTrace


@dataclass(frozen=True)
class Segment:
    """A piece of the text that both models cut out, and the bits that it costs each."""

    span: tuple[int, int]  # characters, end exclusive
    tokens: tuple[tuple[int, int], tuple[int, int]]  # first token and the one after the last, of each model
    bits: tuple[float, float] | None  # of each model; None where one of them doesn't predict it

    @property
    def difference(self) -> float | None:
        """Bits of the second model less those of the first; NaN where both are infinite."""
        return None if self.bits is None else self.bits[1] - self.bits[0]


@dataclass(frozen=True)
class Compared:
    """A text under two models."""

    segments: tuple[Segment, ...]
    bits: tuple[float, float]  # of each, over the segments that both predict
    bytes: int  # of the UTF-8 of these segments

    @property
    def bits_per_byte(self) -> tuple[float, float]:
        """Of each model; NaN where they predict nothing in common."""
        first, second = (bits / self.bytes if self.bytes else math.nan for bits in self.bits)
        return first, second


def compare(first: SurpriseTrace, second: SurpriseTrace) -> Compared:
    """The segments of a text between the borders that two models' tokens have in common.

    Raises:
        InputError: the traces are of two texts.
    """
    text = first.source.text
    if text != second.source.text:
        raise InputError("Two models can only be compared on the same text.")
    common = set(_begins(first)) & set(_begins(second))
    borders = [0, *sorted(common - {0}), len(text)]
    segments = []
    for start, end in pairwise(borders):
        mine, theirs = _inside(first, start, end), _inside(second, start, end)
        if mine is None or theirs is None:
            continue  # what a tokenizer drops is nobody's
        predicted = mine[0] >= first.first and theirs[0] >= second.first
        bits = (_bits(first, mine), _bits(second, theirs)) if predicted else None
        segments.append(Segment((start, end), (mine, theirs), bits))
    known = [(segment.span, segment.bits) for segment in segments if segment.bits is not None]
    return Compared(
        tuple(segments),
        (sum(bits[0] for _, bits in known), sum(bits[1] for _, bits in known)),
        sum(len(text[start:end].encode()) for (start, end), _ in known),
    )


def _inside(trace: SurpriseTrace, start: int, end: int) -> tuple[int, int] | None:
    """The first token that begins between two borders and the one after the last; None for none."""
    inside = [token for token, (begin, stop) in enumerate(trace.token_table.spans) if start <= begin < min(stop, end)]
    return (inside[0], inside[-1] + 1) if inside else None


def _bits(trace: SurpriseTrace, tokens: tuple[int, int]) -> float:
    return float(trace.surprisals[tokens[0] - trace.first : tokens[1] - trace.first].sum(dtype="float64"))


def _begins(trace: SurpriseTrace) -> list[int]:
    """The characters at which a token begins that no token before it reaches beyond."""
    found, reached = [], 0
    for start, end in trace.token_table.spans:
        if start < end and start >= reached:
            found.append(start)
        reached = max(reached, end)
    return found
