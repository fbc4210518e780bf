"""What is in a tokenizer's vocabulary?

Every entry with its bytes, what a person can read of them, the script of most of its letters (Unicode's Script
property, UAX 24), and, for BPE, the entries that no merge can reach: those that the merge loop, run on the entry's own
letters, doesn't join into the one entry. Whatever text the letters stand in, as long as nothing is merged across their
two ends the merges inside go the same way; so what does not come together alone never does. (Added tokens are found in
the text before any merge, and with `ignore_merges` whole words are too; both are another way in than merging.) An
entry that stands for one letter needs no merge; letters are single characters, and single bytes where a tokenizer
falls back to them. Such entries are what "glitch tokens" come from: Land and Bartolo, "Fishing for Magikarp", 2024.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import regex

from models.tokens import BYTE_OF, LONE_BYTE
from models.traces import EntryKind, InputError, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

# Scripts in use today that have tokens of their own; letters of any other script are "Other".
SCRIPTS: Final = (
    "Latin Han Cyrillic Arabic Hangul Hiragana Katakana Devanagari Greek Hebrew Thai Bengali Tamil Telugu Kannada "
    "Malayalam Gujarati Gurmukhi Oriya Sinhala Khmer Lao Myanmar Georgian Armenian Ethiopic Tibetan Mongolian Thaana "
    "Cherokee Canadian_Aboriginal Yi Syriac Tifinagh Bopomofo Javanese Balinese Nko Coptic Gothic Runic Ogham Braille"
).split()
SPACE_MARK: Final = "\u2581"  # SentencePiece's mark of a space
SURROGATES: Final = range(0xD800, 0xE000)  # what no text can hold

# tokenizer -> its document without the entries, and its added tokens by id: written out, it is megabytes
_parts: WeakKeyDictionary[Any, tuple[Any, dict[int, Any]]] = WeakKeyDictionary()


def describe(tokenizer: Any) -> Vocabulary:
    """Every entry of the vocabulary of a fast transformers tokenizer, added tokens too, by id.

    No text is encoded with it, so nothing in it is run.

    Raises:
        InputError: the tokenizer has no backend of the `tokenizers` library.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise InputError("This tokenizer's vocabulary can't be read; choose one that has a tokenizer.json.")
    document = json.loads(backend.to_str())
    added = {int(token["id"]): token for token in document["added_tokens"]}
    entries = sorted((number, piece) for piece, number in backend.get_vocab(with_added_tokens=True).items())
    raw = _bytes_of(document, entries, added)
    kinds = tuple(_kind(number, spelled, added) for (number, _), spelled in zip(entries, raw, strict=True))
    return Vocabulary(
        ids=np.array([number for number, _ in entries], dtype=np.int64),
        pieces=tuple(piece for _, piece in entries),
        texts=tuple(readable(spelled) for spelled in raw),
        raw=raw,
        kinds=kinds,
        characters=np.array([sum(byte & 0xC0 != 0x80 for byte in spelled) for spelled in raw], dtype=np.int64),
        scripts=_scripts(raw, kinds),
        unreachable=_unreachable(document["model"], added) if document["model"].get("type", "BPE") == "BPE" else None,
    )


def texts(tokenizer: Any, ids: Iterable[int]) -> tuple[str, ...]:
    """What a person can read of some entries; of a tokenizer without a backend, the entries themselves."""
    return tuple(map(readable, raw(tokenizer, ids)))


def raw(tokenizer: Any, ids: Iterable[int]) -> tuple[bytes, ...]:
    """The UTF-8 bytes that some entries stand for; of a tokenizer without a backend, those of the entries' names.

    None of an id that isn't an entry: some models have logits of tokens that their tokenizer doesn't have.
    """
    entries = [(number, tokenizer.convert_ids_to_tokens(number) or "") for number in ids]
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return tuple(piece.encode() for _, piece in entries)
    if tokenizer not in _parts:
        document = json.loads(backend.to_str())
        added = {int(token["id"]): token for token in document["added_tokens"]}
        document["model"] = {**document["model"], "vocab": None, "merges": None}
        _parts[tokenizer] = document, added
    return _bytes_of(_parts[tokenizer][0], entries, _parts[tokenizer][1])


def readable(raw: bytes) -> str:
    r"""The text of some bytes; those that are no whole character as `\xe2`, and never a replacement character."""
    return raw.decode(errors="backslashreplace").replace("\N{REPLACEMENT CHARACTER}", r"\ufffd")


def _kind(number: int, raw: bytes, added: dict[int, Any]) -> EntryKind:
    if number in added:
        return "special" if added[number]["special"] else "added"
    return "byte" if len(raw) == 1 else "text"


def _bytes_of(document: Any, entries: Iterable[tuple[int, str]], added: dict[int, Any]) -> tuple[bytes, ...]:
    """The UTF-8 bytes that each entry stands for, in the spelling that the tokenizer's parts ask for."""
    parts = [document[name] for name in ("normalizer", "pre_tokenizer", "decoder")]
    model = document["model"]
    if "ByteLevel" in _types(parts):
        alphabet = str.maketrans({letter: chr(byte) for letter, byte in BYTE_OF.items()})

        def spell(piece: str) -> bytes:
            if any(letter not in BYTE_OF for letter in piece):
                return piece.encode()
            return piece.translate(alphabet).encode("latin-1")
    else:
        spaces = SPACE_MARK in json.dumps(parts, ensure_ascii=False)
        prefix = model.get("continuing_subword_prefix") or ""
        suffix = model.get("end_of_word_suffix") or ""

        def spell(piece: str) -> bytes:
            lone = LONE_BYTE.fullmatch(piece) if model.get("byte_fallback") else None
            if lone:
                return bytes.fromhex(lone[1])
            bare = piece.removeprefix(prefix).removesuffix(suffix) or piece
            return (bare.replace(SPACE_MARK, " ") if spaces else bare).encode()

    return tuple(added[number]["content"].encode() if number in added else spell(piece) for number, piece in entries)


def _types(part: Any) -> set[str]:
    """The `type` of every part of a pipeline."""
    if isinstance(part, list):
        return set().union(*map(_types, part))
    if isinstance(part, dict):
        return {str(part.get("type"))}.union(*(_types(inner) for inner in part.values()))
    return set()


def _scripts(raw: tuple[bytes, ...], kinds: tuple[EntryKind, ...]) -> tuple[str, ...]:
    """The script of most letters of each entry; of equals, the first to come."""
    texts = [spelled.decode(errors="ignore") for spelled in raw]
    letters = "".join(sorted({letter for text in texts for letter in text}))
    script_of = dict.fromkeys(regex.findall(r"\p{L}|\p{M}", letters), "Other")
    for name in SCRIPTS:
        script_of |= dict.fromkeys(regex.findall(rf"\p{{Script={name}}}", letters), name.replace("_", " "))
    for letter in regex.findall(r"\p{Script=Inherited}", letters):
        script_of.pop(letter, None)  # an accent has the script of what it stands on

    def script(text: str, kind: EntryKind) -> str:
        if kind in {"special", "added"}:
            return "Special"
        counts = Counter(found for letter in text if (found := script_of.get(letter)))
        if counts:
            return counts.most_common(1)[0][0]
        if not text:
            return "Incomplete bytes"
        if text.isspace():
            return "White space"
        return "Digits" if any(letter.isnumeric() for letter in text) else "Symbols"

    return tuple(script(text, kind) for text, kind in zip(texts, kinds, strict=True))


def _unreachable(model: Any, added: dict[int, Any]) -> NDArray[np.int64]:
    """The ids of the entries of a BPE that no merge can reach."""
    from tokenizers import models

    vocabulary: dict[str, int] = model["vocab"]
    unused = (chr(point) for point in range(sys.maxunicode) if point not in SURROGATES)
    code: dict[str, str] = {}  # letter -> the one character that stands for it

    def spelled(piece: str) -> str:
        letters = _letters(piece, model)
        if any(letter not in vocabulary for letter in letters):
            return ""
        return "".join(code[letter] if letter in code else code.setdefault(letter, next(unused)) for letter in letters)

    # The same BPE with each letter one character: `##` and `</w>` have no say in what is merged.
    spellings = {piece: spelled(piece) for piece in vocabulary}
    numbers = {spelling: vocabulary[piece] for piece, spelling in spellings.items() if spelling}
    merges = (pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"])
    halves = ((spellings[left], spellings[right]) for left, right in merges)
    again = models.BPE(numbers, [pair for pair in halves if all(pair) and "".join(pair) in numbers])
    never = []
    for piece, number in vocabulary.items():
        if number in added or piece == model.get("unk_token"):
            continue
        spelling = spellings[piece]
        if not spelling or [token.id for token in again.tokenize(spelling)] != [number]:
            never.append(number)
    return np.array(sorted(never), dtype=np.int64)


def _letters(piece: str, model: Any) -> Sequence[str]:
    """What a word that is written as this entry begins as, before any merge."""
    if len(piece) == 1 or (model.get("byte_fallback") and LONE_BYTE.fullmatch(piece)):
        return [piece]
    prefix, suffix = (model.get(name) or "" for name in ("continuing_subword_prefix", "end_of_word_suffix"))
    if not prefix and not suffix:
        return piece
    bare = piece.removeprefix(prefix) or piece
    inside = bare != piece
    core = bare.removesuffix(suffix) or bare
    letters = [(prefix if inside or place else "") + letter for place, letter in enumerate(core)]
    return [*letters[:-1], letters[-1] + bare[len(core) :]] if letters else []
