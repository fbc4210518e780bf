"""What does each token stand for in the text?

A tokenizer says which ids a text becomes; a reader wants to see the letters. For every token this module finds the
UTF-8 bytes it stands for, the characters those bytes touch, and, where several tokens share one grapheme (what a
reader sees as one character: an emoji can be four tokens), the whole grapheme and the token's place in it.

Bytes come from the vocabulary entries, read in the three spellings in use, and are believed only when all of them
joined give the text back:
    byte-level    every byte is one printable character     GPT-2's `bytes_to_unicode` (Radford et al. 2019)
    metaspace     a space is U+2581, a lone byte is <0xE2>  SentencePiece (Kudo and Richardson 2018)
Where they don't (WordPiece drops spaces and case), the tokenizer's own character offsets are used, and the bytes of
entries are believed for the characters that they give back.
"""

from __future__ import annotations

import functools
import sys
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np
import regex

from models.traces import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's spelling of bytes: printable ones stand for themselves, the others are moved to U+0100 and up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(moved)}


BYTE_OF: Final = _byte_alphabet()
SPACES: Final = frozenset({"\u2581", *(letter for letter, byte in BYTE_OF.items() if byte in b" \t\n\r")})
LONE_BYTE: Final = regex.compile(r"<0x([0-9A-F]{2})>")


def _byte_level(piece: str) -> bytes:
    """`"ĠParis"` -> `b" Paris"`. Raises KeyError for a character outside the alphabet."""
    return bytes(BYTE_OF[character] for character in piece)


def _metaspace(piece: str) -> bytes:
    r"""`"▁Paris"` -> `b" Paris"`, `"<0xE2>"` -> `b"\xe2"`."""
    lone = LONE_BYTE.fullmatch(piece)
    return bytes.fromhex(lone[1]) if lone else piece.replace("\u2581", " ").encode()


def spells(piece: str, raw: bytes) -> bool:
    """Whether a vocabulary entry is written as these bytes, in any of the spellings in use."""
    bare = piece.removeprefix("##")
    if raw in (piece.encode(), bare.encode()) or _metaspace(piece).removeprefix(b" ") == raw.removeprefix(b" "):
        return True
    return all(character in BYTE_OF for character in piece) and _byte_level(piece) == raw


def describe(
    tokenizer: PreTrainedTokenizerBase,
    segments: Sequence[str],
    ids: Sequence[int],
    offsets: Sequence[Span] | None,
    segment_of: Sequence[int | None],
) -> Tokens:
    """The tokens of one input, each with what it stands for.

    Args:
        tokenizer: the tokenizer that made `ids`.
        segments: the text, or the two texts of a pair.
        ids: [token].
        offsets: [token] character offsets into the token's segment, or None where the tokenizer has none.
        segment_of: [token] index into `segments`; None for a token that the tokenizer added itself.
    """
    pieces: list[str] = [str(piece) for piece in tokenizer.convert_ids_to_tokens(list(ids))]
    special = set(tokenizer.all_special_ids)
    added = {number: token.content for number, token in tokenizer.added_tokens_decoder.items()}

    count = len(pieces)
    raw: list[bytes] = [b""] * count
    spans: list[Span] = [(0, 0)] * count
    texts = list(pieces)
    parts: list[Span] = [(0, 1)] * count
    owners: list[int] = []
    for owner in segment_of:
        owners.append(owner if owner is not None else (owners[-1] if owners else 0))

    for number, text in enumerate(segments):
        mine = [token for token in range(count) if segment_of[token] == number]
        literal = [added.get(ids[token]) for token in mine]
        own = [pieces[token] for token in mine]
        where = [offsets[token] for token in mine] if offsets is not None else None
        found_raw, found_spans = _locate(text, own, literal, where)
        found_texts, found_parts = graphemes(text, found_spans, own)
        for index, token in enumerate(mine):
            raw[token], spans[token] = found_raw[index], found_spans[index]
            texts[token], parts[token] = found_texts[index], found_parts[index]

    return Tokens(
        ids=np.array(ids, dtype=np.int64),
        pieces=tuple(pieces),
        texts=tuple(texts),
        raw=tuple(raw),
        kinds=tuple(
            "special" if segment_of[token] is None or ids[token] in special else "text" for token in range(count)
        ),
        segments=tuple(owners),
        spans=tuple(spans),
        parts=tuple(parts),
    )


def _locate(
    text: str, pieces: list[str], literal: list[str | None], offsets: list[Span] | None
) -> tuple[list[bytes], list[Span]]:
    """Bytes and character span of each piece; `literal` holds the content of pieces that stand for themselves."""
    encoded = text.encode()
    for spelling in (_byte_level, _metaspace):
        raw = _spell(pieces, literal, spelling)
        if raw is None:
            continue
        joined = b"".join(raw)
        if joined == b" " + encoded and raw and raw[0].startswith(b" "):
            # SentencePiece puts a space before the first word that is not in the text.
            raw[0], joined = raw[0][1:], encoded
        if joined == encoded:
            return raw, spans_of_bytes(text, raw)
    if offsets is None:
        offsets = _search(text, pieces)
        return [text[start:end].encode() for start, end in offsets], offsets
    return _by_offsets(text, pieces, literal, offsets)


def _by_offsets(
    text: str, pieces: list[str], literal: list[str | None], offsets: list[Span]
) -> tuple[list[bytes], list[Span]]:
    """Bytes and spans where the entries don't give the whole text back.

    Offsets tell no byte: tokens that share a character all have it whole. Their entries share it out, where they spell
    it; and give back spaces that the library leaves out of its offsets.
    """
    raw = [text[start:end].encode() for start, end in offsets]
    spans = list(offsets)
    for first, last, told in _doubtful(pieces, offsets):
        starts, end = {told, offsets[first][0]}, max(stop for _, stop in offsets[first:last])
        for spelling in (_byte_level, _metaspace):
            own = _spell(pieces[first:last], literal[first:last], spelling)
            shared = _share_out(text, own, starts, end) if own is not None else None
            if shared is not None:
                raw[first:last], spans[first:last] = shared
                break
    return raw, spans


def _doubtful(pieces: list[str], offsets: list[Span]) -> Iterator[tuple[int, int, int]]:
    """Runs of tokens that share characters, and tokens before which a space seems to be left out.

    For each, its first token, the one after its last, and the character at which the tokens before it end.
    """
    first, before, reached = 0, 0, 0
    for token, (start, end) in enumerate([*offsets, (sys.maxsize, sys.maxsize)]):
        if token and start >= reached:
            if token - first > 1 or (offsets[first][0] != before and pieces[first][:1] in SPACES):
                yield first, token, before
            first, before = token, reached
        reached = max(reached, end)


def _share_out(text: str, raw: list[bytes], starts: set[int], end: int) -> tuple[list[bytes], list[Span]] | None:
    """The bytes and spans of tokens that spell the characters from one of the starts to the end, or None.

    A space before them and a mark for the end of a word (CLIP's), which aren't in the text, are left out.
    """
    without_space, without_mark = [raw[0].removeprefix(b" "), *raw[1:]], [*raw[:-1], raw[-1].removesuffix(b"</w>")]
    for start in sorted(starts):
        covered = text[start:end]
        for found in (raw, without_space, without_mark):
            if b"".join(found) == covered.encode():
                return found, [(start + a, start + b) for a, b in spans_of_bytes(covered, found)]
    return None


def _spell(pieces: list[str], literal: list[str | None], spelling: Callable[[str], bytes]) -> list[bytes] | None:
    """The bytes of each piece under one spelling, or None where a piece isn't in it."""
    both = list(zip(pieces, literal, strict=True))
    try:
        # Most pieces of a long text come again and again.
        spelled = {pair: spelling(pair[0]) if pair[1] is None else pair[1].encode() for pair in set(both)}
    except KeyError:
        return None
    return [spelled[pair] for pair in both]


def spans_of_bytes(text: str, raw: list[bytes]) -> list[Span]:
    """The characters that each run of bytes touches, the runs joined being the text."""
    encoded = np.frombuffer(text.encode(), dtype=np.uint8)
    # [byte + 1] which character it is a part of: those that go on with one begin with the bits 10.
    character = np.append(np.cumsum((encoded & 0xC0) != 0x80) - 1, len(text))
    edges = np.cumsum([0, *map(len, raw)])
    starts, ends = edges[:-1], edges[1:]
    first = character[starts]
    last = np.where(starts < ends, character[ends - 1] + 1, first)
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _search(text: str, pieces: list[str]) -> list[Span]:
    """Spans of pieces from a tokenizer without offsets: each is looked for after the one before."""
    spans: list[Span] = []
    cursor = 0
    for piece in pieces:
        bare = piece.removeprefix("##").replace("\u2581", "").removesuffix("</w>")
        found = text.lower().find(bare.lower(), cursor) if bare else -1
        if found < 0 or len(text.lower()) != len(text):
            spans.append((cursor, cursor))
        else:
            cursor = found + len(bare)
            spans.append((found, cursor))
    return spans


@functools.lru_cache(maxsize=1)
def grapheme_edges(text: str) -> tuple[int, ...]:
    """Where a text's graphemes begin, and its end; kept for the next tokenizer of the same text."""
    return (0, *(match.end() for match in regex.finditer(r"\X", text)))


def graphemes(text: str, spans: list[Span], pieces: list[str]) -> tuple[list[str], list[Span]]:
    """What a person reads for each token: its characters, or the whole graphemes it shares with its neighbours."""
    edges = grapheme_edges(text)
    is_edge = bytearray(len(text) + 1)
    for edge in edges:
        is_edge[edge] = True
    texts: list[str] = []
    parts: list[Span] = []
    token = 0
    while token < len(spans):
        start, end = spans[token]
        if start == end:
            texts.append(pieces[token])
            parts.append((0, 1))
            token += 1
            continue
        if is_edge[end] and (token + 1 == len(spans) or spans[token + 1][0] >= end):  # by far the most tokens
            texts.append(text[start:end])
            parts.append((0, 1))
            token += 1
            continue
        # Neighbours belong together while the next one begins inside the grapheme in which this one ends.
        last = token
        while True:
            edge = edges[bisect_right(edges, end - 1)]
            if last + 1 >= len(spans) or spans[last + 1][0] >= edge or spans[last + 1][0] == spans[last + 1][1]:
                break
            last += 1
            end = max(end, spans[last][1])
        shared = last - token + 1
        whole = text[edges[bisect_right(edges, start) - 1] : edge] if shared > 1 else text[start:end]
        texts.extend([whole] * shared)
        parts.extend((k, shared) for k in range(shared))
        token = last + 1
    return texts, parts
