"""What does the library itself make of every entry of a vocabulary?

    its entry       convert_ids_to_tokens(id) = piece           for every id, and as many as len(tokenizer)
    its text        decode([id]) = the entry's bytes as text    less the space or mark dropped at a text's beginning
    its way back    encode(decode([id])) = [id]                 else the entry is "split": its own text gives others

The last is asked of byte-level tokenizers, where an entry stands for the same bytes wherever it stands. What is split
can be reached by merging and still comes in no text, because the text is cut or normalized before it is merged; Land
and Bartolo, "Fishing for Magikarp", 2024, look for such entries in this way.

A stranger's tokenizer is never run on 200,000 texts: its regular expressions may ask for endless work. Its decoder is
asked only where it is made of parts that can't.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.traces import Vocabulary

# Decoders whose work is bounded by the length of the text.
BOUNDED: Final = frozenset({"ByteLevel", "Metaspace", "WordPiece", "BPEDecoder", "ByteFallback", "Fuse", "Strip"})
SPACES: Final = {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}  # SentencePiece's


@dataclass(frozen=True)
class VocabularyCheck:
    """How the library answers for each entry."""

    entries: int  # len(tokenizer)
    differing: int  # ids whose entry or text is another there
    decoded: bool  # whether the texts were compared, too
    split: NDArray[np.int64] | None  # ids of the entries whose own text gives other tokens; None: not asked


def check(tokenizer: Any, vocabulary: Vocabulary, *, trusted: bool) -> VocabularyCheck:
    """Ask the library about every entry.

    Args:
        tokenizer: the fast transformers tokenizer that was described.
        vocabulary: what `models.vocabulary.describe` found in it.
        trusted: whether it may be run on any text.
    """
    backend = tokenizer.backend_tokenizer
    numbers = vocabulary.ids.tolist()
    same = np.array([a == b for a, b in zip(tokenizer.convert_ids_to_tokens(numbers), vocabulary.pieces, strict=True)])
    decoder = json.loads(backend.to_str())["decoder"]
    split = None
    texts = _texts(backend, numbers) if trusted or _is_bounded(decoder) else None
    if texts is not None:
        spelled = zip(texts, vocabulary.raw, vocabulary.pieces, strict=True)
        same &= np.array([_agree(text, raw.decode(errors="replace"), piece) for text, raw, piece in spelled])
        if trusted and decoder and decoder["type"] == "ByteLevel":
            split = _split(backend, vocabulary, texts)
    return VocabularyCheck(len(tokenizer), int((~same).sum()), texts is not None, split)


def _texts(backend: Any, numbers: list[int]) -> list[str] | None:
    """[entry] what the decoder makes of each; None where it gives up."""
    try:
        texts: list[str] = backend.decode_batch([[number] for number in numbers], skip_special_tokens=False)
    except BaseException as error:
        # A decoder that strips more than there is ends in a PanicException, which is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            return None
        raise
    return texts


def _agree(decoded: str, text: str, piece: str) -> bool:
    """Whether the library's text of one id is ours: a space at the beginning may be dropped, a mark as ## kept."""
    return decoded in {text, text.removeprefix(" "), piece}


def _is_bounded(decoder: Any) -> bool:
    if decoder is None:
        return True
    if decoder["type"] == "Sequence":
        return all(_is_bounded(part) for part in decoder["decoders"])
    return decoder["type"] in BOUNDED or decoder == SPACES


def _split(backend: Any, vocabulary: Vocabulary, texts: list[str]) -> NDArray[np.int64]:
    """The ids of the entries of whole characters that their own text doesn't give."""
    whole = [
        place
        for place, (text, raw, kind) in enumerate(zip(texts, vocabulary.raw, vocabulary.kinds, strict=True))
        if kind in {"text", "byte"} and text.encode() == raw
    ]
    encoded = backend.encode_batch_fast([texts[place] for place in whole], add_special_tokens=False)
    numbers = vocabulary.ids[whole]
    return numbers[[found.ids != [number] for found, number in zip(encoded, numbers.tolist(), strict=True)]]
