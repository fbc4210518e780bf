"""What do many tokenizers make of the same text?

Each row is one tokenizer's tokens on the whole text, without the special tokens that it would put around it ([CLS],
<s>): they belong to a model's input and not to the text. Rows are tied together by the characters of the text: two
tokens of different rows are twins where their characters overlap.

    tokens per word         tokens / words      words: Unicode's (UAX 29) that hold a letter or a digit
    bytes per token         UTF-8 bytes of the text / tokens
    tokens per 1,000 words  1000 x tokens per word

"1,000 words are about 1,300 tokens" is a claim about English; how far it is from true elsewhere: Petrov et al.,
"Language Model Tokenizers Introduce Unfairness Between Languages", 2023.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models import simple_tokenizers, traces
from models.tokenizer_catalog import TOKENIZERS
from models.tokens import describe, grapheme_edges, spells
from models.traces import Comparison, ComparisonRow, InputError, Source, TooLongError

if TYPE_CHECKING:
    from models.traces import Tokens

MAX_CHARACTERS: Final = 100_000
STORED: Final = Path(__file__).parent / "stored"
PACKAGES: Final = ("tokenizers", "transformers")


def compare(text: str, tokenizers: Mapping[str, Any]) -> Comparison:
    """The text under each tokenizer.

    Args:
        text: up to MAX_CHARACTERS characters.
        tokenizers: by the name of its row, a transformers tokenizer or a `simple_tokenizers.Splitter`, as
            `catalog.tokenizer` gives them.

    Raises:
        InputError: the text is empty, too long, or holds half a character; or a tokenizer fails on it.
    """
    checked(text)
    return Comparison(
        source=Source(", ".join(tokenizers), "", text, versions={package: version(package) for package in PACKAGES}),
        words=simple_tokenizers.count_words(text),
        graphemes=len(grapheme_edges(text)) - 1,
        rows=tuple(ComparisonRow(key, tokenize(text, tokenizer, key)) for key, tokenizer in tokenizers.items()),
    )


def content_id(text: str, keys: Sequence[str]) -> str:
    """Identifies the comparison of tokenizers of the catalog: 64 hexadecimal digits, its file's name if it is stored.

    A tokenizer's package and version are in it, so that another vocabulary is another comparison.
    """
    rows = [(key, TOKENIZERS[key].source, TOKENIZERS[key].files) for key in keys]
    return hashlib.sha256(json.dumps((traces.FORMAT, Comparison.name, text, rows)).encode()).hexdigest()


@functools.lru_cache(maxsize=4)
def stored(text: str, keys: tuple[str, ...]) -> Comparison | None:
    """The comparison, if it was computed ahead; no tokenizer is loaded."""
    file = STORED / f"{content_id(text, keys)}.safetensors"
    if not file.is_file():
        return None
    found = traces.from_bytes(file.read_bytes())
    return found if isinstance(found, Comparison) else None


def only(comparison: Comparison, keys: Sequence[str]) -> Comparison | None:
    """The rows by these names, in this order; None where one isn't there."""
    rows = {row.key: row for row in comparison.rows}
    if not set(keys) <= set(rows):
        return None
    return dataclasses.replace(comparison, rows=tuple(rows[key] for key in keys))


def respelled(row: ComparisonRow) -> int:
    """How many tokens of a learnt tokenizer don't spell what they stand for: unknown, or without case or accents."""
    table = row.token_table
    pairs = Counter(zip(table.pieces, table.raw, strict=True))
    return sum(count for (piece, raw), count in pairs.items() if not spells(piece, raw))


def is_exact(comparison: Comparison, row: int) -> bool:
    """Whether the bytes of the row's tokens, joined, are those of the text: it can be told from the tokens alone."""
    shown = comparison.rows[row]
    entry = TOKENIZERS.get(shown.key)
    joined = b"".join(shown.token_table.raw) == comparison.text.encode()
    return joined and ((entry is not None and entry.kind == "simple") or respelled(shown) == 0)


def checked(text: str) -> str:
    """The text, if it can be tokenized.

    Raises:
        InputError: as `compare`.
    """
    if not text:
        raise InputError("There is no text to compare; type or paste some.")
    if len(text) > MAX_CHARACTERS:
        raise TooLongError(
            f"The text has {len(text):,} characters and the comparison takes {MAX_CHARACTERS:,}; use a part of it.",
            fitting=text[:MAX_CHARACTERS],
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"Character {error.start + 1:,} of the text is half of a character (a lone surrogate); delete it."
        ) from error
    return text


def tokenize(text: str, tokenizer: Any, name: str) -> Tokens:
    """The tokens of a text that `checked` let through; `name` is for the refusal.

    Raises:
        InputError: the tokenizer fails.
    """
    if not hasattr(tokenizer, "convert_ids_to_tokens"):
        tokens: Tokens = tokenizer(text)
        return tokens
    try:
        batch = tokenizer(
            text,
            add_special_tokens=False,
            truncation=False,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            return_offsets_mapping=tokenizer.is_fast,
            verbose=False,
        )
    except BaseException as error:
        # What goes wrong inside the tokenizers library arrives as a bare Exception, or, from its regular
        # expressions, as a PanicException, which is none.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise InputError(f"The tokenizer {name} fails on this text; choose another one.") from error
        raise
    ids = batch["input_ids"]
    return describe(tokenizer, [text], ids, batch.get("offset_mapping"), [0] * len(ids))
