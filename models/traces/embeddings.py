"""What do the analyses of a model's vectors (of words in context, of sentences, of its own table) hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens

WordPooling = Literal["mean", "first", "last"]  # which of a word's tokens speak for it
Pooling = Literal["mean", "first", "max"]  # which of a text's tokens speak for it

WORD_POOLINGS: Final[tuple[WordPooling, ...]] = get_args(WordPooling)
POOLINGS: Final[tuple[Pooling, ...]] = get_args(Pooling)


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """float32 [..., dimension] the vectors at length 1; one of length 0 has no direction and stays 0."""
    wide = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    return np.divide(wide, length, out=np.zeros_like(wide), where=length > 0).astype(np.float32)


def cosines(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """float32 [..., vector, vector] the cosine of the angle between every two of [..., vector, dimension].

    0 where one of the two has length 0.
    """
    directions = unit(vectors)
    between: NDArray[np.float32] = directions @ np.swapaxes(directions, -1, -2)
    return np.clip(between, -1, 1)


@dataclass(frozen=True)
class ContextTrace:
    """One word wherever it stands in some sentences: its vector at every layer of the model.

    Layer 0 is what enters the first block; the last one is what leaves the body of the model, behind its final norm
    where it has one. Both are transformers' `output_hidden_states`.
    """

    name: ClassVar[str] = "context"

    source: Source  # its text is the sentences, one a line
    sentences: tuple[str, ...]
    word: str
    pooling: WordPooling
    uses: NDArray[np.int64]  # [use, 3] sentence, first character, the character after the last one
    pieces: tuple[tuple[str, ...], ...]  # [use] what a person reads of the tokens that carry the word
    vectors: NDArray[np.float32]  # [layer + 1, use, dimension]
    static: NDArray[np.float32]  # [use, dimension] the same tokens' rows of the input table, before any context

    def __post_init__(self) -> None:
        if self.vectors.ndim != 3 or self.vectors.dtype != np.float32:
            raise ValueError(f"vectors must be float32 [layer + 1, use, dimension], not {self.vectors.shape}")
        uses = self.vectors.shape[1]
        if self.uses.shape != (uses, 3) or len(self.pieces) != uses or len(self.static) != uses:
            raise ValueError(f"{uses} vectors, uses {self.uses.shape}, {len(self.pieces)} pieces, {self.static.shape}")

    @property
    def layers(self) -> int:
        """Blocks of the model; there is one vector more than that."""
        return len(self.vectors) - 1

    @property
    def cosines(self) -> NDArray[np.float32]:
        """float32 [layer + 1, use, use] between the uses, layer by layer."""
        return cosines(self.vectors)

    @property
    def static_cosines(self) -> NDArray[np.float32]:
        """float32 [use, use] between the rows of the input table: 1 wherever the tokens are the same."""
        return cosines(self.static)


@dataclass(frozen=True)
class SentenceTrace:
    """One vector for each of many texts."""

    name: ClassVar[str] = "sentences"

    source: Source  # its text is all texts, one a line
    texts: tuple[str, ...]
    pooling: Pooling
    vectors: NDArray[np.float32]  # [text, dimension], as pooled: not at length 1
    tokens: NDArray[np.int64]  # [text] how many were run, special ones included
    unread: NDArray[np.int64]  # [text] characters at its end that were over the model's limit; 0 nearly always

    def __post_init__(self) -> None:
        count = len(self.texts)
        if self.vectors.ndim != 2 or self.vectors.dtype != np.float32 or len(self.vectors) != count:
            raise ValueError(f"vectors must be float32 [text, dimension], not {self.vectors.shape}, for {count} texts")
        if self.tokens.shape != (count,) or self.unread.shape != (count,):
            raise ValueError(f"{count} texts, tokens {self.tokens.shape}, unread {self.unread.shape}")


@dataclass(frozen=True)
class CountingTrace:
    """The same sentences as bags of words, by TF-IDF and as a model's vectors."""

    name: ClassVar[str] = "counting"

    source: Source  # of the model's vectors; its text is the sentences, one a line
    sentences: tuple[str, ...]
    words: tuple[str, ...]  # [word] the columns, in alphabetical order
    counts: NDArray[np.int64]  # [sentence, word]
    tfidf: NDArray[np.float32]  # [sentence, word], each row at length 1
    idf: NDArray[np.float32]  # [word]
    vectors: NDArray[np.float32]  # [sentence, dimension]

    def __post_init__(self) -> None:
        table = (len(self.sentences), len(self.words))
        if self.counts.shape != table or self.tfidf.shape != table or self.idf.shape != table[1:]:
            raise ValueError(f"counts {self.counts.shape}, tfidf {self.tfidf.shape}, idf {self.idf.shape} for {table}")
        if len(self.vectors) != table[0]:
            raise ValueError(f"{len(self.vectors)} vectors for {table[0]} sentences")

    @property
    def cosines(self) -> NDArray[np.float32]:
        """float32 [3, sentence, sentence] by bag of words, by TF-IDF and by the model's vectors."""
        return np.stack([cosines(vectors) for vectors in (self.counts, self.tfidf, self.vectors)])


@dataclass(frozen=True)
class NeighbourTrace:
    """The tokens of a text, and for each the entries of the model's input table that point the same way."""

    name: ClassVar[str] = "neighbours"

    source: Source
    token_table: Tokens
    ids: NDArray[np.int64]  # [token, rank] the nearest first; the token itself is left out
    pieces: tuple[tuple[str, ...], ...]  # [token][rank] the entries as the tokenizer's file spells them
    texts: tuple[tuple[str, ...], ...]  # [token][rank] what a person reads
    cosines: NDArray[np.float32]  # [token, rank]
    norms: NDArray[np.float32]  # [token] length of the token's own vector

    def __post_init__(self) -> None:
        count = len(self.token_table)
        if self.ids.shape != self.cosines.shape or not len(self.ids) == len(self.norms) == len(self.texts) == count:
            raise ValueError(f"{count} tokens, ids {self.ids.shape}, cosines {self.cosines.shape}, {len(self.norms)}")


@dataclass(frozen=True)
class TableTrace:
    """The model's input table as a whole, and the output head beside it."""

    name: ClassVar[str] = "table"

    source: Source
    norms: NDArray[np.float32]  # [token] length of each vector
    dimensions: int
    ends: NDArray[np.int64]  # [entry] ids of the shortest vectors, then of the longest, in the order of their length
    end_texts: tuple[str, ...]  # [entry] what a person reads of them
    head: Literal["tied", "untied", "none"]  # tied: the head is the same table
    head_cosines: NDArray[np.float32]  # [token] between a token's row and its row in an untied head; else empty
    head_difference: float  # largest difference between one number of the table and of the head; 0 where tied or none

    def __post_init__(self) -> None:
        if len(self.ends) != len(self.end_texts):
            raise ValueError(f"{len(self.ends)} ends and {len(self.end_texts)} texts")
        if self.head_cosines.shape != ((len(self.norms),) if self.head == "untied" else (0,)):
            raise ValueError(f"{self.head} head, cosines {self.head_cosines.shape} for {len(self.norms)} tokens")


@dataclass(frozen=True)
class PositionTrace:
    """How alike two positions are to the model.

    learned: the cosine between two rows of its table of positions (a fixed table of sines is one too). rotary: what
    turning leaves of the product of a query and a key that are the same vector, with equal shares in every pair of
    dimensions that is turned: the mean of cos(distance * frequency).
    """

    name: ClassVar[str] = "positions"

    source: Source
    kind: Literal["learned", "rotary"]
    kinds: tuple[str, ...]  # [picture] layers that turn by frequencies of their own, by the config; "" where all alike
    similarity: NDArray[np.float32]  # [picture, position, position]
    frequencies: NDArray[np.float32]  # [picture, pair] angle in radians from one position to the next; [1, 0] learned
    turned: float  # share of a head's dimensions that are turned; 0 where learned

    def __post_init__(self) -> None:
        if self.similarity.ndim != 3 or not len(self.similarity) == len(self.kinds) == len(self.frequencies):
            raise ValueError(f"{len(self.kinds)} kinds, {self.similarity.shape}, frequencies {self.frequencies.shape}")

    @property
    def by_distance(self) -> NDArray[np.float32]:
        """float32 [picture, distance] from the first position to each."""
        return self.similarity[:, 0]
