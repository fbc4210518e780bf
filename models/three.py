"""What do BPE, WordPiece and Unigram make of one text, each trained on the same corpus to the same size?

The libraries train: `tokenizers` BPE and WordPiece, sentencepiece Unigram. So that only the method differs,

    all three begin with the characters of the corpus, not with bytes, and keep case
    the size counts everything: characters, control and unknown tokens
    BPE cuts words as GPT-2 does, a space before a word being its first character; Unigram writes that space as U+2581;
    WordPiece drops spaces and marks what doesn't begin a word with ##, so that it has most characters twice

The last tenth of a corpus, where it is large enough, is held out: what a tokenizer makes of text that it has not seen.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models import bpe, splits, tokenizer_file, tokens, unigram, unigram_training, wordpiece
from models.traces import Comparison, InputError, Tokens
from models.unigram_training import SizeError

MAX_CORPUS_BYTES: Final = 1_000_000  # two of the three take minutes on more
MAX_CHARACTERS: Final = 5_000  # as many as our own lattice takes, for the check
SIZES: Final = (20, 8_000)
UNKNOWN: Final = "[UNK]"
HELD_OUT: Final = 10  # one part of so many
MIN_HELD_OUT, MAX_HELD_OUT = 500, 20_000  # characters; of less nothing can be said
SPACE: Final = "\u2581"
TITLES: Final = {"bpe": "BPE", "wordpiece": "WordPiece", "unigram": "Unigram"}


@dataclass(frozen=True)
class Three:
    """Three tokenizers that have learnt from the same corpus."""

    documents: Mapping[str, bytes]  # name -> tokenizer.json, of Unigram sentencepiece's own file
    vocabularies: Mapping[str, frozenset[str]]  # name -> pieces, U+2581 before those that begin a word
    sizes: Mapping[str, int]  # name -> entries, all of them
    held_out: str  # "": the corpus was too small

    def tokenizers(self) -> dict[str, Any]:
        """By name, as `comparison.compare` takes them."""
        fast = {
            name: tokenizer_file.trusted(self.documents[name].decode(), unk_token=UNKNOWN)
            for name in ("bpe", "wordpiece")
        }
        return {**fast, "unigram": _sentencepiece(self.documents["unigram"])}


def train(corpus: str, size: int) -> Three:
    """The three, on all but the end of a corpus.

    Raises:
        InputError: the corpus is empty or over MAX_CORPUS_BYTES, or one of the three can't have this size.
    """
    splits.check_corpus(corpus, MAX_CORPUS_BYTES)
    learnt, held_out = hold_out(corpus)
    characters = len(set(learnt)) + 1
    if size < characters:
        raise InputError(
            f"This corpus has {characters - 1:,} different characters, and each is an entry; "
            f"ask for a vocabulary of at least {characters:,}."
        )
    try:
        model = unigram_training.train(learnt, vocabulary_size=size)
    except SizeError as error:
        raise _fitting(learnt, size, error.fitting) from error
    pieces = wordpiece.train(learnt, vocabulary_size=size)
    merged = json.loads(bpe.train(learnt, size - characters, unit="characters").document)
    merged["model"]["vocab"][UNKNOWN] = len(merged["model"]["vocab"])
    merged["model"]["unk_token"] = UNKNOWN
    return Three(
        documents={
            "bpe": json.dumps(merged, ensure_ascii=False).encode(),
            "wordpiece": pieces.tokenizer.encode(),
            "unigram": model.model,
        },
        vocabularies={
            "bpe": frozenset(piece.replace(" ", SPACE) for piece in merged["model"]["vocab"] if piece != UNKNOWN),
            "wordpiece": frozenset(map(_marked, pieces.vocabulary[1:])),
            "unigram": frozenset(model.pieces[unigram_training.META :]),
        },
        sizes={"bpe": len(merged["model"]["vocab"]), "wordpiece": len(pieces.vocabulary), "unigram": len(model.pieces)},
        held_out=held_out,
    )


def _fitting(corpus: str, size: int, largest: int) -> InputError:
    """What to say where Unigram can't have a size: the largest that all three can have, if there is one."""
    try:
        wordpiece.train(corpus, vocabulary_size=min(size, largest))
    except InputError:
        return InputError(
            f"This corpus is too small for three: Unigram finds no more than {largest:,} pieces in it, and WordPiece "
            "needs more than that for its characters alone; use a longer text."
        )
    return InputError(
        f"Unigram finds too few different pieces in this corpus for a vocabulary of {size:,}; the largest that works "
        f"for all three is {largest:,}."
    )


def hold_out(corpus: str) -> tuple[str, str]:
    """A corpus without its end, and its end, from the beginning of a line; "" if that would be too short."""
    at = corpus.rfind("\n", 0, len(corpus) - len(corpus) // HELD_OUT) + 1
    if at == 0 or len(corpus) - at < MIN_HELD_OUT:
        return corpus, ""
    return corpus[:at], corpus[at : at + MAX_HELD_OUT]


def _marked(piece: str) -> str:
    """A piece of WordPiece as the two others would write it."""
    return piece.removeprefix(wordpiece.PREFIX) if piece.startswith(wordpiece.PREFIX) else SPACE + piece


def _sentencepiece(model: bytes) -> Any:
    """What cuts a text with sentencepiece's own file, as a `simple_tokenizers.Splitter`."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_proto=model)

    def cut(text: str) -> Tokens:
        found = processor.encode(text, return_type="proto").pieces
        starts = itertools.accumulate((len(character.encode()) for character in text), initial=0)
        place = {byte: character for character, byte in enumerate(starts)}
        spans = [(place[piece.begin], place[piece.end]) for piece in found]
        pieces = [piece.piece for piece in found]
        texts, parts = tokens.graphemes(text, spans, pieces)
        return Tokens(
            ids=np.array([piece.id for piece in found], dtype=np.int64),
            pieces=tuple(pieces),
            texts=tuple(texts),
            raw=tuple(text[start:end].encode() for start, end in spans),
            kinds=tuple("special" if piece.id < unigram_training.META else "text" for piece in found),
            segments=(0,) * len(found),
            spans=tuple(spans),
            parts=tuple(parts),
        )

    return cut


def shared(three: Three) -> dict[tuple[str, ...], list[str]]:
    """{the names of those that have it: pieces, the longest first}, every piece once."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for piece in sorted(frozenset().union(*three.vocabularies.values()), key=lambda piece: (-len(piece), piece)):
        owners = tuple(name for name in TITLES if piece in three.vocabularies[name])
        groups.setdefault(owners, []).append(piece)
    return groups


def agree(three: Three, compared: Comparison) -> dict[str, bool]:
    """Whether our merges, longest matches and best path give the ids that the libraries gave, by name."""
    tokenizers = three.tokenizers()
    lattice = unigram.lattice(three.documents["unigram"], compared.text)
    ours = {
        "bpe": bpe.replay(tokenizers["bpe"], compared.text).ids,
        "wordpiece": wordpiece.replay(tokenizers["wordpiece"], compared.text).ids,
        "unigram": unigram.segmentation(lattice, lattice.best).ids,
    }
    return {row.key: np.array_equal(ours[row.key], row.token_table.ids) for row in compared.rows}
