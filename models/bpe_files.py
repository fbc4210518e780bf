"""How does a training of BPE leave? Its merges as a table; the tokenizer itself is `BpeTraining.document`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from models import tables
from models.bpe import BpeTraining

COLUMNS = (
    "rank",
    "left",
    "right",
    "token",
    "left_id",
    "right_id",
    "token_id",
    "token_bytes",
    "count_before",
    "vocabulary",
    "corpus_tokens",
)


def merges_csv(training: BpeTraining, origin: Mapping[str, str]) -> bytes:
    """One line for each merge, in their order.

    Tokens are spelled as in the tokenizer.json. `count_before` is how often the pair stood in the corpus just before
    it was merged, `vocabulary` and `corpus_tokens` are what there was just after.
    """
    model = json.loads(training.document)["model"]
    rows = (
        (
            rank,
            left,
            right,
            left + right,
            *training.rules[rank].tolist(),
            training.pieces[training.rules[rank, 2]].hex(" "),
            int(training.winner_counts[rank]),
            int(training.vocabulary_sizes[rank + 1]),
            int(training.corpus_tokens[rank + 1]),
        )
        for rank, (left, right) in enumerate(model["merges"])
    )
    return tables.csv(origin, COLUMNS, rows)
