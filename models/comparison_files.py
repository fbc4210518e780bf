"""How does a comparison of tokenizers leave? Its counts as CSV for a spreadsheet, its tokens as JSON for a script."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from models import tables
from models.traces import Comparison

COLUMNS: Final = (
    "tokenizer", "tokens", "words", "bytes", "tokens_per_word", "bytes_per_token", "tokens_per_1000_words", "dollars",
)  # fmt: skip


def counts_csv(comparison: Comparison, priced: Collection[str], price: float) -> bytes:
    """One line a tokenizer, numbers with every digit; what can't be counted is left empty.

    Args:
        comparison: what is written.
        priced: the rows that cost something.
        price: dollars for a million tokens.
    """
    versions = {f"version of {package}": number for package, number in comparison.source.versions.items()}
    origin = {"text": comparison.text, "dollars per million tokens": repr(price), **versions}
    rows = []
    for number, row in enumerate(comparison.rows):
        per_word = comparison.tokens_per_word(number)
        rows.append(
            (
                row.key,
                row.tokens,
                comparison.words,
                comparison.bytes,
                per_word,
                comparison.bytes_per_token(number),
                None if per_word is None else 1000 * per_word,
                row.tokens * price / 1e6 if row.key in priced else None,
            )
        )
    return tables.csv(origin, COLUMNS, rows)


def tokens_json(comparison: Comparison) -> bytes:
    """Every token of every row as a JSON document, one list a column; bytes in hexadecimal."""
    document = {
        "made by": "Orrery",
        "text": comparison.text,
        "words": comparison.words,
        "characters": comparison.graphemes,
        "bytes": comparison.bytes,
        "versions": comparison.source.versions,
        "tokenizers": {row.key: row.token_table.to_json() for row in comparison.rows},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
