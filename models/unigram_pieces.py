"""Which pieces does a unigram tokenizer have, and what does it make of a text before it looks for them?

Three sources: the `tokenizers` library (a tokenizer.json; every entry of its vocabulary can match), sentencepiece (a
.model file; control, byte and unused entries can't), and plain pieces with log-probabilities.

sentencepiece works on raw text: it normalizes (by default NFKC and more), puts a space before the text, folds runs of
spaces, and writes each space as U+2581, "▁", so that spaces are part of pieces and the text can be put together again
(Kudo and Richardson, "SentencePiece", 2018). `splits` gives the result, each character with where it comes from.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.splits import Split, Splitter, library_of
from models.traces import InputError, UnigramTraining

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentencepiece import SentencePieceProcessor

SPACE: Final = "\u2581"
UNKNOWN_PENALTY: Final = 10.0  # below the lowest score; both libraries


@dataclass(frozen=True)
class UnigramPieces:
    """What a unigram tokenizer knows."""

    scores: NDArray[np.float64]  # [id] log-probability, natural
    numbers: Mapping[str, int]  # piece -> id, of those that can match
    unknown: int | None  # the id of the unknown piece
    byte_ids: tuple[int, ...]  # [256] -1: lacking; empty without byte fallback
    penalty: float  # the score of an unknown character
    single: bool  # whether the library sums scores in single precision
    splits: Callable[[str], list[Split]]
    lengths: Mapping[str, tuple[int, ...]] = field(init=False)  # first character -> lengths of pieces, ascending

    def __post_init__(self) -> None:
        lengths: dict[str, set[int]] = {}
        for piece in self.numbers:
            lengths.setdefault(piece[0], set()).add(len(piece))
        object.__setattr__(self, "lengths", {first: tuple(sorted(found)) for first, found in lengths.items()})


def read(source: Any) -> UnigramPieces:
    """The pieces of a unigram tokenizer.

    Args:
        source: a tokenizer of `tokenizers` or a fast one of transformers, a SentencePieceProcessor or the bytes of
            its file, a `UnigramTraining`, or a mapping from pieces to log-probabilities (the text is then taken as it
            is, and there is no unknown piece).

    Raises:
        InputError: it is of another kind, or damaged.
    """
    from sentencepiece import SentencePieceProcessor

    if isinstance(source, UnigramTraining):
        source = source.model
    if isinstance(source, bytes):
        try:
            source = SentencePieceProcessor(model_proto=source)
        except RuntimeError as error:
            raise InputError("This file is not a sentencepiece model, or it is damaged; copy it again.") from error
    if isinstance(source, SentencePieceProcessor):
        return _from_sentencepiece(source)
    if isinstance(source, dict):
        return _from_mapping(source)
    return _from_tokenizers(source)


def _from_mapping(pieces: Mapping[str, float]) -> UnigramPieces:
    if not pieces or "" in pieces or not all(math.isfinite(score) for score in pieces.values()):
        raise InputError("Pieces are texts of one character or more, each with a finite log-probability.")
    return UnigramPieces(
        scores=np.array(list(pieces.values()), dtype=np.float64),
        numbers={piece: number for number, piece in enumerate(pieces)},
        unknown=None,
        byte_ids=(),
        penalty=min(pieces.values()) - UNKNOWN_PENALTY,
        single=False,
        splits=lambda text: [Split(text, tuple((n, n + 1) for n in range(len(text))))] if text else [],
    )


def _from_tokenizers(tokenizer: Any) -> UnigramPieces:
    library = library_of(tokenizer, "Unigram")
    model = json.loads(library.to_str())["model"]
    entries: list[tuple[str, float]] = model["vocab"]
    numbers = {piece: number for number, (piece, _) in enumerate(entries) if piece}
    spelled = [numbers.get(f"<0x{byte:02X}>", -1) for byte in range(256)]
    scores = np.array([score for _, score in entries], dtype=np.float64)
    return UnigramPieces(
        scores=scores,
        numbers=numbers,
        unknown=model["unk_id"],
        byte_ids=tuple(spelled) if model.get("byte_fallback") else (),
        penalty=float(scores.min(initial=math.inf)) - UNKNOWN_PENALTY,
        single=False,
        splits=Splitter(library),
    )


def _from_sentencepiece(processor: SentencePieceProcessor) -> UnigramPieces:
    from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined]

    model = ModelProto.FromString(processor.serialized_model_proto())
    if model.trainer_spec.model_type != model.trainer_spec.UNIGRAM:
        kind = model.trainer_spec.ModelType.Name(model.trainer_spec.model_type)
        raise InputError(f"This needs a unigram tokenizer; this sentencepiece model is {kind}.")
    kinds = model.SentencePiece
    scores = np.array([piece.score for piece in model.pieces], dtype=np.float64)
    normal = [number for number, piece in enumerate(model.pieces) if piece.type == kinds.NORMAL]
    lowest, highest = float(scores[normal].min()), float(scores[normal].max())
    numbers = {model.pieces[number].piece: number for number in normal}
    for number, piece in enumerate(model.pieces):
        if piece.type == kinds.USER_DEFINED:
            # The library's bonus, so that the symbol is always taken whole.
            scores[number] = len(piece.piece.encode()) * highest - 0.1
            numbers[piece.piece] = number
    spelled = {piece.piece: number for number, piece in enumerate(model.pieces) if piece.type == kinds.BYTE}
    return UnigramPieces(
        scores=scores,
        numbers=numbers,
        unknown=processor.unk_id(),
        byte_ids=tuple(spelled[f"<0x{byte:02X}>"] for byte in range(256)) if spelled else (),
        penalty=float(np.float32(lowest - UNKNOWN_PENALTY)),
        single=True,
        splits=lambda text: _normalized(processor, text),
    )


def _normalized(processor: SentencePieceProcessor, text: str) -> list[Split]:
    """The whole text as one stretch, by sentencepiece's own normalizer."""
    normalized, offsets = processor.normalize(text, with_offsets=True)
    if not normalized:
        return []
    spans: list[tuple[int, int]] = []
    end = offsets[len(normalized)]
    for place in reversed(range(len(normalized))):
        # Several characters can come from one: they share its span, up to where the next one begins.
        if place + 1 < len(normalized) and offsets[place + 1] > offsets[place]:
            end = offsets[place + 1]
        spans.append((offsets[place], max(end, offsets[place])))
    spans.reverse()
    first = spans[0][0]
    if normalized[0] == SPACE and not text[first : first + 1].isspace() and text[first : first + 1] != SPACE:
        spans[0] = (first, first)  # the space that sentencepiece puts before the text
    return [Split(normalized, tuple(spans))]
