"""How does a finished BPE tokenizer make its tokens of this text, merge by merge?

The merges are the tokenizer's own, read from its tokenizer.json. Its normalizer and pre-tokenizer run as the library
runs them (models/splits.py); the letters that a word begins as, and the merge loop (models/bpe_merging.py), are ours,
after the source of `tokenizers` (`BPE::merge_word`, `Word::merge_all`):

    text -> added tokens split off -> normalized -> normalized added tokens split off -> words
    word -> its characters, each an entry of the vocabulary, or its bytes (`byte_fallback`), or the unknown token
         -> the lowest rank merges first, among equals the leftmost, until nothing can be merged

Where `ignore_merges` is set (Llama 3), a word that is an entry itself is not looked into.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.bpe_merging import Merging, Rule, merge
from models.splits import Split, Splitter, check, library_of
from models.tokens import BYTE_OF
from models.traces import BpeReplay, BpeWord, InputError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TEXT: Final = 100_000  # characters
KEPT: Final = 4  # tokenizers whose merges are kept in memory: up to 100 MB each
NOTHING: Final = Merging([], [], [0])


@dataclass(frozen=True)
class Merges:
    """The merges of one tokenizer, by the ids of the two halves."""

    ranks: dict[int, int]  # left << 32 | right -> rank
    made: NDArray[np.int64]  # [rank] id of the token that the merge makes
    byte_level: bool  # whether each character of a word stands for a byte
    splits: Splitter

    def rule(self, left: int, right: int) -> Rule | None:
        rank = self.ranks.get(left << 32 | right)
        return None if rank is None else (rank, int(self.made[rank]))


def replay(tokenizer: Any, text: str) -> BpeReplay:
    """The merges that a tokenizer makes on a text.

    Args:
        tokenizer: a BPE tokenizer of transformers (fast) or of `tokenizers`, or a catalog key.
        text: up to 100,000 characters. Special tokens written in it count, those of a template are not added.

    Raises:
        InputError: another kind of tokenizer, one that merges at random, or a text that can't be used.
    """
    if isinstance(tokenizer, str):
        from models import catalog

        tokenizer = catalog.tokenizer(tokenizer)
    library = _library(tokenizer)
    check(text, MAX_TEXT)
    library_ids = np.array(_encode(tokenizer, library, text), dtype=np.int64)
    found = BpeReplay(text, _words(library, _merges(library), text), library_ids)
    if not found.matches and _forget(library):
        # The tokenizer was given another model since its merges were read.
        found = BpeReplay(text, _words(library, _merges(library), text), library_ids)
    return found


def _library(tokenizer: Any) -> Tokenizer:
    """The `tokenizers` object inside, checked to be a BPE that always cuts a text the same way."""
    library = library_of(tokenizer, "BPE")
    if library.model.dropout:
        raise InputError(
            f"This tokenizer leaves out merges at random (dropout {library.model.dropout:g}), "
            "so there is no one way to show; set its dropout to 0."
        )
    return library


def _encode(tokenizer: Any, library: Tokenizer, text: str) -> list[int]:
    """The library's own ids, without a template's."""
    try:
        if tokenizer is library:
            ids: list[int] = library.encode(text, add_special_tokens=False).ids
            return ids
        return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    except Exception as error:  # the library raises Exception itself
        raise InputError(f"The tokenizer can't cut this text ({error}); use another one.") from error


_kept: list[tuple[Any, Merges]] = []  # by identity, the latest last: a tokenizer has no cheap content id
_lock = threading.Lock()


def _merges(library: Tokenizer) -> Merges:
    """The merges of a tokenizer, read once."""
    with _lock:
        for number, (known, merges) in enumerate(_kept):
            if known is library:
                _kept.append(_kept.pop(number))
                return merges
    merges = _read(library)
    with _lock:
        _kept.append((library, merges))
        del _kept[:-KEPT]
    return merges


def _forget(library: Tokenizer) -> bool:
    """Drops the merges that were kept for a tokenizer; False if there were none."""
    with _lock:
        for number, (known, _) in enumerate(_kept):
            if known is library:
                del _kept[number]
                return True
    return False


def _read(library: Tokenizer) -> Merges:
    record = json.loads(library.to_str())
    model = record["model"]
    ids: dict[str, int] = model["vocab"]
    skipped = len((model["continuing_subword_prefix"] or "").encode())
    ranks: dict[int, int] = {}
    made = np.zeros(len(model["merges"]), dtype=np.int64)
    for rank, (left, right) in enumerate(model["merges"]):
        ranks[ids[left] << 32 | ids[right]] = rank
        made[rank] = ids[left + right.encode()[skipped:].decode()]
    steps = json.dumps([record["normalizer"], record["pre_tokenizer"]])
    return Merges(ranks, made, byte_level='"ByteLevel"' in steps, splits=Splitter(library))


def _words(library: Tokenizer, merges: Merges, text: str) -> tuple[BpeWord, ...]:
    model = library.model
    words: list[BpeWord] = []
    for stretch in merges.splits(text):
        if stretch.added is not None:
            start, end = stretch.span
            letters = [(stretch.added, text[start:end].encode())]
            words.append(_word(library, stretch, "added", letters, NOTHING))
            continue
        whole = model.token_to_id(stretch.text) if model.ignore_merges else None
        if whole is not None:
            letters = [(whole, _raw(stretch.text, merges))]
            words.append(_word(library, stretch, "whole", letters, NOTHING))
            continue
        letters = _letters(model, merges, stretch.text)
        merging = merge([number for number, _ in letters], merges.rule)
        words.append(_word(library, stretch, "merged", letters, merging))
    return tuple(words)


def _word(
    library: Tokenizer,
    stretch: Split,
    outcome: Literal["merged", "whole", "added"],
    letters: list[tuple[int, bytes]],
    merging: Merging,
) -> BpeWord:
    ids = [number for number, _ in letters]
    raw = [own for _, own in letters]
    for left, right, _, new in merging.merges:
        ids.append(new)
        raw.append(raw[left] + raw[right])
    return BpeWord(
        text=stretch.text,
        span=stretch.span,
        pieces=tuple(library.id_to_token(number) or "" for number in ids),
        raw=tuple(raw),
        node_ids=np.array(ids, dtype=np.int64),
        merges=np.array([step[:3] for step in merging.merges], dtype=np.int64).reshape(-1, 3),
        rivals=np.array(merging.rivals, dtype=np.int64).reshape(-1, 3),
        roots=tuple(merging.last),
        outcome=outcome,
    )


def _letters(model: Any, merges: Merges, word: str) -> list[tuple[int, bytes]]:
    """(id, bytes) of what a word begins as. A letter that the vocabulary lacks, with no way to say so, is dropped."""
    prefix, suffix = model.continuing_subword_prefix or "", model.end_of_word_suffix or ""
    byte_fallback, unk_token, fuse_unk = model.byte_fallback, model.unk_token, model.fuse_unk
    letters: list[tuple[int, bytes]] = []
    unknown: list[bytes] = []  # letters that will be unknown tokens, not written yet

    for place, character in enumerate(word):
        spelled = (prefix if place else "") + character + (suffix if place == len(word) - 1 else "")
        number = model.token_to_id(spelled)
        if number is not None:
            letters.extend(_unknown(model, unknown))
            unknown.clear()
            letters.append((number, _raw(character, merges)))
            continue
        if byte_fallback:
            fallback = [model.token_to_id(f"<0x{byte:02X}>") for byte in spelled.encode()]
            if None not in fallback:
                # The library leaves an unknown token that is waiting where it is: it comes after these bytes.
                letters.extend((byte, bytes([own])) for byte, own in zip(fallback, spelled.encode(), strict=True))
                continue
        if unk_token:
            if unknown and not fuse_unk:
                letters.extend(_unknown(model, unknown))
                unknown.clear()
            unknown.append(_raw(character, merges))
    letters.extend(_unknown(model, unknown))
    return letters


def _unknown(model: Any, letters: list[bytes]) -> list[tuple[int, bytes]]:
    """One unknown token for all letters that wait, or none."""
    return [(model.token_to_id(model.unk_token), b"".join(letters))] if letters else []


def _raw(piece: str, merges: Merges) -> bytes:
    """The bytes that a stretch of a word stands for."""
    if merges.byte_level:
        return b"".join(bytes([BYTE_OF[letter]]) if letter in BYTE_OF else letter.encode() for letter in piece)
    return piece.replace("\u2581", " ").encode()
