"""What does a computation hand to a picture?

A trace is a frozen dataclass of NumPy arrays and plain values. It is written to and read from one safetensors file:
the arrays as tensors, everything else as one JSON document in the file's header. That file is how a trace is
cached, sent from another machine, stored for first paint, exported, and tested without a model.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

TokenKind = Literal["text", "special"]
FORMAT = "orrery-trace-1"


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


@dataclass(frozen=True)
class AttentionTrace:
    """Every attention weight of one forward pass."""

    name: ClassVar[str] = "attention"

    source: Source
    token_table: Tokens
    weights: NDArray[np.float32]  # [layer, head, query, key]; every row over `key` sums to 1
    causal: bool  # True: a query sees no key after itself
    windows: NDArray[np.int64]  # [layer] how many keys back (itself included) a query sees; 0: no limit
    key_value_heads: NDArray[np.int64]  # [head] which key/value head the query head reads

    def __post_init__(self) -> None:
        if self.weights.ndim != 4 or self.weights.dtype != np.float32:
            raise ValueError(f"weights must be float32 [layer, head, query, key], not {self.weights.shape}")
        layers, heads, queries, keys = self.weights.shape
        if not queries == keys == len(self.token_table):
            raise ValueError(f"{queries} queries and {keys} keys for {len(self.token_table)} tokens")
        if self.windows.shape != (layers,) or self.key_value_heads.shape != (heads,):
            raise ValueError(f"windows {self.windows.shape}, key_value_heads {self.key_value_heads.shape}")

    @property
    def tokens(self) -> tuple[str, ...]:
        """[token] what a person reads."""
        return self.token_table.texts

    @property
    def kinds(self) -> tuple[TokenKind, ...]:
        """[token] "text" or "special"."""
        return self.token_table.kinds

    @property
    def layers(self) -> int:
        return self.weights.shape[0]

    @property
    def heads(self) -> int:
        return self.weights.shape[1]

    def visible(self, layer: int) -> NDArray[np.bool_]:
        """[query, key] True where the mask of `layer` lets the query see the key."""
        position = np.arange(len(self.token_table))
        back = position[:, None] - position[None, :]  # how far the key lies behind the query
        window = int(self.windows[layer])
        seen = back >= 0 if self.causal else np.ones_like(back, dtype=bool)
        return seen & (np.abs(back) < window) if window else seen


@dataclass(frozen=True)
class InductionTrace:
    """How strongly each head repeats: its attention, on a repeated random sequence, to what came next last time."""

    name: ClassVar[str] = "induction"

    source: Source
    scores: NDArray[np.float32]  # [layer, head] mean weight on the token after the query's earlier occurrence, 0 to 1
    length: int  # tokens in the random sequence, before it is repeated
    seed: int

    def __post_init__(self) -> None:
        if self.scores.ndim != 2 or self.scores.dtype != np.float32:
            raise ValueError(f"scores must be float32 [layer, head], not {self.scores.shape}")


@dataclass(frozen=True)
class WordPieceWord:
    """One word of a text under WordPiece: where each longest match was looked for, and what was found."""

    text: str  # as the model sees it, normalized
    span: tuple[int, int]  # characters of the original text, end exclusive
    starts: NDArray[np.int64]  # [match] character of `text` where the search begins
    ends: NDArray[np.int64]  # [match] where the match ends; equal to the start where even one character has no match
    pieces: tuple[str, ...]  # [token] what the word becomes
    ids: NDArray[np.int64]  # [token]
    outcome: Literal["matched", "unknown", "too long", "added"]  # too long: never looked at; added: split off before

    def __post_init__(self) -> None:
        if self.starts.shape != self.ends.shape or len(self.pieces) != len(self.ids):
            raise ValueError(f"{len(self.starts)} starts, {len(self.ends)} ends, {len(self.pieces)} pieces")

    def candidates(self, match: int, prefix: str) -> list[str]:
        """The strings looked up for one match, longest first; `prefix` marks those inside a word ("##")."""
        start, end = int(self.starts[match]), int(self.ends[match])
        mark = prefix if start else ""
        return [mark + self.text[start:stop] for stop in range(len(self.text), max(end, start + 1) - 1, -1)]


@dataclass(frozen=True)
class WordPieceReplay:
    """A whole text under WordPiece, without the special tokens that a template adds around it."""

    text: str
    words: tuple[WordPieceWord, ...]  # [word]
    prefix: str  # what marks a piece inside a word

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] the same as the library's."""
        return np.array([number for word in self.words for number in word.ids], dtype=np.int64)


@dataclass(frozen=True)
class PairRanking:
    """Every merge of one training run, with the rival that the other criterion ranks first at the same moment."""

    pairs: tuple[tuple[str, str], ...]  # [step] the pair that was merged
    counts: NDArray[np.int64]  # [step] how often it stood in the corpus
    scores: NDArray[np.float64]  # [step] count(ab) / (count(a) count(b))
    rivals: tuple[tuple[str, str], ...]  # [step] the pair that the other criterion would have merged
    rival_counts: NDArray[np.int64]  # [step]
    rival_scores: NDArray[np.float64]  # [step]
    ranks: NDArray[np.int64]  # [step] place of the merged pair under the other criterion, from 0

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, part.name)) for part in dataclasses.fields(self)}
        if len(lengths) != 1:
            raise ValueError(f"a ranking's columns have lengths {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True)
class WordPieceTraining:
    """A WordPiece vocabulary as the library trains it, by count, and the merges that the likelihood would choose."""

    vocabulary: tuple[str, ...]  # [id] the library's
    alphabet: int  # how many of its first entries are single characters and special tokens
    by_count: PairRanking  # the library's merges
    by_likelihood: PairRanking  # ours, on the same corpus to the same size
    asked: int  # the vocabulary size asked for; the corpus may hold fewer
    tokenizer: str  # the library's tokenizer.json


@dataclass(frozen=True)
class UnigramLattice:
    """Every way to cut one text into pieces: edges between the gaps of its characters, each a piece."""

    text: str
    normalized: str  # what the model sees
    spans: NDArray[np.int64]  # [character of normalized, 2] characters of `text` it comes from, end exclusive
    splits: NDArray[np.int64]  # [split, 2] stretches of `normalized` that no piece crosses, end exclusive
    starts: NDArray[np.int64]  # [edge] ascending
    ends: NDArray[np.int64]  # [edge]
    edge_ids: NDArray[np.int64]  # [edge] the piece's id, or the unknown piece's
    edge_pieces: tuple[str, ...]  # [edge] the characters covered
    scores: NDArray[np.float64]  # [edge] log-probability, natural; of an unknown character a penalty
    unknown: NDArray[np.bool_]  # [edge] one character that no piece covers
    shares: NDArray[np.float64]  # [edge] probability that a segmentation, drawn as the model says, uses it; 0 to 1
    log_total: float  # log of the summed probability of all segmentations
    best: NDArray[np.int64]  # [step] the edges of the Viterbi path
    byte_ids: tuple[int, ...]  # [256] the pieces that spell unknown characters as bytes; empty without byte fallback

    def __post_init__(self) -> None:
        count = len(self.starts)
        for name in ("ends", "edge_ids", "edge_pieces", "scores", "unknown", "shares"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {count} edges")
        if self.spans.shape != (len(self.normalized), 2):
            raise ValueError(f"spans {self.spans.shape} for {len(self.normalized)} characters")


@dataclass(frozen=True)
class Segmentation:
    """One path through a lattice."""

    edges: NDArray[np.int64]  # [step] indices into the lattice's edges
    pieces: tuple[str, ...]  # [token] unknown characters side by side are one token, or one a byte
    ids: NDArray[np.int64]  # [token]
    log_probability: float  # sum of the edges' scores
    share: float  # of the probability of all segmentations, 0 to 1


@dataclass(frozen=True)
class UnigramTraining:
    """A unigram vocabulary as sentencepiece trains it, and the pruning rounds of training, computed again."""

    model: bytes  # sentencepiece's own file
    pieces: tuple[str, ...]  # [id] the library's vocabulary
    scores: NDArray[np.float32]  # [id] its log-probabilities
    candidates: tuple[str, ...]  # [candidate] every piece that training begins with
    candidate_counts: NDArray[np.int64]  # [candidate] how often each stands in the corpus
    log_probabilities: NDArray[np.float32]  # [round, candidate] after the round's EM; NaN once it is pruned
    losses: NDArray[np.float32]  # [round, candidate] what the log-likelihood of a word loses without it; NaN: not asked
    log_likelihoods: NDArray[np.float64]  # [round, EM step] mean log-likelihood of a word, before the step
    tokens: NDArray[np.int64]  # [round] tokens in the corpus along the Viterbi paths after the round's EM
    final: tuple[str, ...]  # [piece] what our rounds end with, most probable first
    agreement: float  # share of the library's pieces that are in `final` too, 0 to 1

    def __post_init__(self) -> None:
        rounds = len(self.log_likelihoods)
        shape = (rounds, len(self.candidates))
        if self.log_probabilities.shape != shape or self.losses.shape != shape or self.tokens.shape != (rounds,):
            raise ValueError(f"rounds {self.log_probabilities.shape}, {self.losses.shape}, not {shape}")

    @property
    def sizes(self) -> NDArray[np.int64]:
        """[round] pieces alive after the round's EM."""
        return np.isfinite(self.log_probabilities).sum(axis=1)


@dataclass(frozen=True)
class BpeSegmentation:
    """A part of a training text, cut up as BPE cuts it after some merges."""

    step: int  # merges made
    start: int  # first character of the text, where a word begins
    end: int  # the character after the last one
    token_table: Tokens  # id -1: white space that the pre-tokenizer drops
    words: NDArray[np.int64]  # [token] which word of the text it is a part of; -1 for dropped white space

    def __post_init__(self) -> None:
        if self.words.shape != (len(self.token_table),):
            raise ValueError(f"{self.words.shape} words for {len(self.token_table)} tokens")


@dataclass(frozen=True)
class BpeState:
    """One step of a training of BPE."""

    step: int  # merges made
    pairs: tuple[tuple[bytes, bytes], ...]  # [pair] the most frequent, in the order in which the library prefers them
    pair_ids: NDArray[np.int64]  # [pair, 2] the same as ids
    counts: NDArray[np.int64]  # [pair] how often each stands in the whole corpus; the first is merged next
    ties: int  # pairs that have the first one's count, itself included: over 1, the lowest ids decided
    distinct_pairs: int  # pairs that stand anywhere in the corpus
    new_token: bytes  # what the last merge made; b"" before the first
    new_id: int  # -1 before the first
    vocabulary_size: int
    corpus_tokens: int
    segmentation: BpeSegmentation

    def __post_init__(self) -> None:
        if self.pair_ids.shape != (len(self.pairs), 2) or self.counts.shape != (len(self.pairs),):
            raise ValueError(f"{len(self.pairs)} pairs, ids {self.pair_ids.shape}, counts {self.counts.shape}")


@dataclass(frozen=True)
class BpeMoment:
    """One word between two merges."""

    nodes: tuple[int, ...]  # [piece] what the word consists of now
    rivals: tuple[tuple[int, int], ...]  # [pair] (rank, piece that is its left half), in the order of preference
    reason: Literal["only", "rank", "leftmost", "done"]  # why the first rival wins; "leftmost": another has its rank


@dataclass(frozen=True)
class BpeWord:
    """One word of a text and the merges that make its tokens: a tree for each token.

    Nodes 0 to letters - 1 are what the word begins as; node letters + j is what merge j makes.
    """

    text: str  # as the model sees it, normalized
    span: tuple[int, int]  # characters of the original text, end exclusive
    pieces: tuple[str, ...]  # [node] the entry in the vocabulary
    raw: tuple[bytes, ...]  # [node] the bytes that it stands for, a space for U+2581
    node_ids: NDArray[np.int64]  # [node]
    merges: NDArray[np.int64]  # [merge, 3] left node, right node, rank
    rivals: NDArray[np.int64]  # [pair, 3] left node, right node, rank: all neighbours that could ever be merged
    roots: tuple[int, ...]  # [token] nodes left at the end
    outcome: Literal["merged", "whole", "added"]  # whole: in the vocabulary, merges ignored; added: split off before

    def __post_init__(self) -> None:
        nodes = len(self.node_ids)
        if len(self.pieces) != nodes or len(self.raw) != nodes or self.merges.shape != (nodes - self.letters, 3):
            raise ValueError(f"{nodes} nodes: {len(self.pieces)} pieces, {len(self.raw)} raw, {self.merges.shape}")
        if self.rivals.ndim != 2 or self.rivals.shape[1] != 3:
            raise ValueError(f"rivals must be [pair, 3], not {self.rivals.shape}")

    @property
    def letters(self) -> int:
        """What the word begins as: so many single letters, bytes or unknown stretches."""
        return len(self.node_ids) - len(self.merges)

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] what the word becomes."""
        return self.node_ids[list(self.roots)]

    def at(self, k: int) -> BpeMoment:
        """The word after `k` of its merges, and which neighbours compete for the next one."""
        if not 0 <= k <= len(self.merges):
            raise ValueError(f"a word with {len(self.merges)} merges has no step {k}")
        first_letter = list(range(self.letters + k))  # [node]
        standing = {letter: letter for letter in range(self.letters)}  # first letter -> node that stands there
        for made, (left, right, _) in enumerate(self.merges[:k].tolist(), start=self.letters):
            del standing[first_letter[right]]
            first_letter[made] = first_letter[left]
            standing[first_letter[made]] = made
        nodes = tuple(standing[letter] for letter in sorted(standing))
        place = {(left, right): number for number, (left, right) in enumerate(itertools.pairwise(nodes))}
        rivals = sorted(
            (rank, place[left, right]) for left, right, rank in self.rivals.tolist() if (left, right) in place
        )
        if not rivals:
            return BpeMoment(nodes, (), "done")
        tied = len(rivals) > 1 and rivals[1][0] == rivals[0][0]
        return BpeMoment(nodes, tuple(rivals), "leftmost" if tied else "rank" if len(rivals) > 1 else "only")


@dataclass(frozen=True)
class BpeStep:
    """One merge in a text."""

    word: int
    merge: int  # which of the word's merges
    left: str  # vocabulary entries
    right: str
    made: str
    rank: int
    token: int  # id of what is made


@dataclass(frozen=True)
class BpeReplay:
    """A whole text under BPE, without the special tokens that a template adds around it."""

    text: str
    words: tuple[BpeWord, ...]  # [word]
    library_ids: NDArray[np.int64]  # [token] what the library itself says

    @property
    def ids(self) -> NDArray[np.int64]:
        """[token] all words' tokens."""
        return np.array([number for word in self.words for number in word.ids.tolist()], dtype=np.int64)

    @property
    def matches(self) -> bool:
        """Whether ours are the library's ids."""
        return np.array_equal(self.ids, self.library_ids)

    @property
    def steps(self) -> tuple[BpeStep, ...]:
        """[merge] all merges, word by word."""
        return tuple(
            BpeStep(
                word=number,
                merge=merge,
                left=word.pieces[left],
                right=word.pieces[right],
                made=word.pieces[word.letters + merge],
                rank=rank,
                token=int(word.node_ids[word.letters + merge]),
            )
            for number, word in enumerate(self.words)
            for merge, (left, right, rank) in enumerate(word.merges.tolist())
        )


@dataclass(frozen=True)
class ComparisonRow:
    """One tokenizer's tokens on the text of a comparison, without special tokens around it."""

    key: str  # the row's name
    token_table: Tokens

    @property
    def tokens(self) -> int:
        return len(self.token_table)


@dataclass(frozen=True)
class Comparison:
    """The same text under several tokenizers."""

    text: str
    words: int  # by Unicode's word boundaries, those that hold a letter or a digit
    graphemes: int  # what a reader sees as characters
    rows: tuple[ComparisonRow, ...]  # [row]

    def __post_init__(self) -> None:
        length = len(self.text)
        for row in self.rows:
            if any(not 0 <= start <= end <= length for start, end in row.token_table.spans):
                raise ValueError(f"a span of {row.key} lies outside the text")

    @property
    def bytes(self) -> int:
        """UTF-8 bytes of the text."""
        return len(self.text.encode())

    def tokens_per_word(self, row: int) -> float | None:
        """None for a text without a word; 1,000 times this are the tokens per 1,000 words."""
        return self.rows[row].tokens / self.words if self.words else None

    def bytes_per_token(self, row: int) -> float | None:
        """None where there is no token."""
        return self.bytes / self.rows[row].tokens if self.rows[row].tokens else None

    def twins(self, row: int, other: int) -> NDArray[np.int64]:
        """[token of row, 2] the tokens of the other row that share a character with it, end exclusive."""
        mine, theirs = (
            np.array(self.rows[number].token_table.spans, dtype=np.int64).reshape(-1, 2) for number in (row, other)
        )
        # Both columns ascend, so the tokens that end after mine begins and begin before mine ends are neighbours.
        first = np.searchsorted(theirs[:, 1], mine[:, 0], side="right")
        last = np.searchsorted(theirs[:, 0], mine[:, 1], side="left")
        return np.stack([first, np.maximum(first, last)], axis=1)


EntryKind = Literal["text", "byte", "added", "special"]


@dataclass(frozen=True)
class Vocabulary:
    """Every entry of a tokenizer's vocabulary, by id."""

    ids: NDArray[np.int64]  # [entry] ascending; numbers can be left out
    pieces: tuple[str, ...]  # [entry] as the tokenizer's file spells it
    texts: tuple[str, ...]  # [entry] what a person reads; bytes that are no whole character as hexadecimal escapes
    raw: tuple[bytes, ...]  # [entry] the UTF-8 bytes that it stands for
    kinds: tuple[EntryKind, ...]  # [entry] byte: stands for one byte; added: found before the model sees the text
    characters: NDArray[np.int64]  # [entry] characters (code points) that begin in it; 0 for the inside of one
    scripts: tuple[str, ...]  # [entry] of most of its letters, or "Digits", "White space", "Symbols", ...
    unreachable: NDArray[np.int64] | None  # ids that no merge can reach; None: not a BPE

    def __post_init__(self) -> None:
        for name in ("pieces", "texts", "raw", "kinds", "characters", "scripts"):
            if len(getattr(self, name)) != len(self.ids):
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {len(self.ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)

    def search(self, query: str) -> NDArray[np.int64]:
        """[found] the entries that hold a text, in any case; the entry whose id it is comes first."""
        wanted = query.casefold()
        number = int(query) if query.isascii() and query.isdecimal() and len(query) < 10 else -1
        found = [entry for entry, text in enumerate(self.texts) if wanted in text.casefold()]
        exact = np.flatnonzero(self.ids == number)
        return np.concatenate([exact, [entry for entry in found if entry not in exact]]).astype(np.int64)

    def longest(self, count: int) -> NDArray[np.int64]:
        """[count] the entries with the most characters, the lower id first; added tokens are left out."""
        lengths = np.where([kind in {"added", "special"} for kind in self.kinds], -1, self.characters)
        return np.argsort(-lengths, kind="stable")[:count]

    def lengths(self) -> NDArray[np.int64]:
        """[characters] how many entries have 0, 1, 2, ... characters."""
        return np.bincount(self.characters)

    def by_script(self) -> dict[str, int]:
        """How many entries each script has, the most common first."""
        return dict(Counter(self.scripts).most_common())


@dataclass(frozen=True)
class ChatTrace:
    """A chat as its model reads it: one sequence of tokens, and whose words each of them holds."""

    text: str  # what the template makes of the messages
    token_table: Tokens
    roles: tuple[str, ...]  # [message]
    owners: NDArray[np.int64]  # [token] the message whose content it holds a part of; -1: only the template's words
    spans: tuple[tuple[int, int, int], ...]  # [content] message, and its characters of `text`, end exclusive
    attributed: bool  # False: the template changes contents, and whose a token is can't be said

    def __post_init__(self) -> None:
        if self.owners.shape != (len(self.token_table),):
            raise ValueError(f"{self.owners.shape} owners for {len(self.token_table)} tokens")
        if self.owners.size and not -1 <= self.owners.min() <= self.owners.max() < len(self.roles):
            raise ValueError(f"an owner is no message of the {len(self.roles)}")

    @property
    def speakers(self) -> tuple[str, ...]:
        """[token] the role whose words it holds, or "template"."""
        return tuple(self.roles[owner] if owner >= 0 else "template" for owner in self.owners.tolist())


Trace = AttentionTrace | InductionTrace
TRACES: dict[str, type[AttentionTrace] | type[InductionTrace]] = {
    kind.name: kind for kind in (AttentionTrace, InductionTrace)
}


def to_bytes(trace: Trace) -> bytes:
    """The trace as one safetensors file."""
    arrays: dict[str, NDArray[Any]] = {}
    plain: dict[str, Any] = {}
    for part in dataclasses.fields(trace):
        value = getattr(trace, part.name)
        if isinstance(value, np.ndarray):
            arrays[part.name] = np.ascontiguousarray(value)
        elif isinstance(value, Tokens):
            plain[part.name] = value.to_json()
        elif isinstance(value, Source):
            plain[part.name] = dataclasses.asdict(value)
        else:
            plain[part.name] = value
    header = {"format": FORMAT, "trace": trace.name, "values": json.dumps(plain)}
    return save_arrays(arrays, metadata=header)


def from_bytes(blob: bytes) -> Trace:
    """The trace in a safetensors file that `to_bytes` wrote.

    Raises:
        InputError: the bytes are not such a file, or are damaged.
    """
    try:
        size = int.from_bytes(blob[:8], "little")
        header = json.loads(blob[8 : 8 + size])["__metadata__"]
        if header["format"] != FORMAT:
            raise InputError(f"This trace has the format {header['format']!r}; this version reads {FORMAT!r}.")
        values: dict[str, Any] = json.loads(header["values"])
        kind = TRACES[header["trace"]]
        values["source"] = Source(**values["source"])
        if "token_table" in values:
            values["token_table"] = Tokens.from_json(values["token_table"])
        return kind(**values, **load_arrays(blob))
    except (SafetensorError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("This file is not a trace written by Orrery, or it is damaged; compute it again.") from error


def size_of(trace: Trace) -> int:
    """Bytes that the trace's arrays hold in memory."""
    return sum(
        value.nbytes for part in dataclasses.fields(trace) if isinstance(value := getattr(trace, part.name), np.ndarray)
    )
