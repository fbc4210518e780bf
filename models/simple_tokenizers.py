"""How would one split a text without having learnt anything?

Four ways to set beside the learnt tokenizers. Their ids are no vocabulary's: a character's is its code point, a
byte's its value, a word's its place among the distinct words of this text.

Words are those of Unicode's word boundaries (UAX 29, https://unicode.org/reports/tr29/#Word_Boundaries), by the
`regex` module, with punctuation a word of its own and white space left out. The standard sets each Han character
apart, and leaves a run of Thai or Lao whole: it has no dictionary.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np
import regex

from models.tokens import grapheme_edges, graphemes
from models.traces import Tokens

Span = tuple[int, int]
Splitter = Callable[[str], Tokens]
BOUNDARY: Final = regex.compile(r"(?w)\b", regex.V1)
GRAPHEME: Final = regex.compile(r"\X")  # what a reader sees as one character
# Scripts that don't part words by spaces.
UNPARTED: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]", regex.V1
)
LETTER: Final = regex.compile(r"\p{L}")
LETTER_OR_DIGIT: Final = regex.compile(r"[\p{L}\p{N}]")


def word_spans(text: str) -> list[Span]:
    """What lies between the word boundaries of a text, white space left out; no grapheme is cut."""
    boundaries = {0, len(text), *(match.start() for match in BOUNDARY.finditer(text))}
    edges = sorted(boundaries.intersection(grapheme_edges(text)))
    return [(start, end) for start, end in itertools.pairwise(edges) if not text[start:end].isspace()]


def count_words(text: str) -> int:
    """How many words with a letter or a digit in them a text has; punctuation and emoji don't count."""
    return sum(LETTER_OR_DIGIT.search(text, start, end) is not None for start, end in word_spans(text))


def words_are_parted(text: str) -> bool:
    """Whether most letters are of scripts that put spaces between words, so that words can be counted."""
    return 2 * len(UNPARTED.findall(text)) <= len(LETTER.findall(text))


def whitespace(text: str) -> Tokens:
    """What stands between white space."""
    return _numbered(text, [match.span() for match in regex.finditer(r"\S+", text)])


def words(text: str) -> Tokens:
    """Words and punctuation marks."""
    return _numbered(text, word_spans(text))


def characters(text: str) -> Tokens:
    """Code points; what a reader sees as one character can be several."""
    spans = [(place, place + 1) for place in range(len(text))]
    wholes = [(whole, len(whole)) for whole in GRAPHEME.findall(text)]
    return _units(wholes, [ord(letter) for letter in text], list(text), spans, [letter.encode() for letter in text])


def utf8_bytes(text: str) -> Tokens:
    """Bytes of UTF-8, named in hexadecimal."""
    values = list(text.encode())
    spans = [(place, place + 1) for place, letter in enumerate(text) for _ in letter.encode()]
    wholes = [(whole, len(whole.encode())) for whole in GRAPHEME.findall(text)]
    return _units(wholes, values, [f"0x{value:02X}" for value in values], spans, [bytes([value]) for value in values])


SPLITTERS: Final[dict[str, Splitter]] = {
    "whitespace": whitespace,
    "words": words,
    "characters": characters,
    "bytes": utf8_bytes,
}


def _numbered(text: str, spans: list[Span]) -> Tokens:
    """Words, each distinct one with a number."""
    pieces = [text[start:end] for start, end in spans]
    number = {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}
    texts, parts = graphemes(text, spans, pieces)
    raw = [piece.encode() for piece in pieces]
    return _table([number[piece] for piece in pieces], pieces, texts, raw, spans, parts)


def _units(
    wholes: list[tuple[str, int]], ids: list[int], pieces: list[str], spans: list[Span], raw: list[bytes]
) -> Tokens:
    """The smallest units there are; `wholes` says which graphemes they make up, and how many each."""
    texts = [whole for whole, count in wholes for _ in range(count)]
    parts = [(part, count) for _, count in wholes for part in range(count)]
    return _table(ids, pieces, texts, raw, spans, parts)


def _table(
    ids: list[int], pieces: list[str], texts: list[str], raw: list[bytes], spans: list[Span], parts: list[Span]
) -> Tokens:
    return Tokens(
        ids=np.array(ids, dtype=np.int64),
        pieces=tuple(pieces),
        texts=tuple(texts),
        raw=tuple(raw),
        kinds=tuple("text" for _ in raw),
        segments=(0,) * len(raw),
        spans=tuple(spans),
        parts=tuple(parts),
    )
