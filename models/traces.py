"""What does a computation hand to a picture?

A trace is a frozen dataclass of NumPy arrays and plain values. It is written to and read from one safetensors file:
the arrays as tensors, everything else as one JSON document in the file's header. That file is how a trace is
cached, sent from another machine, stored for first paint, exported, and tested without a model.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import dataclasses
import json
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
