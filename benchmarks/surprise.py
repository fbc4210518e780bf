"""What does an X-ray of a text cost beside the bare pass?

Ours: from the text to the trace (tokens described, pass, and at each place surprisal, rank, entropy, the five likeliest
tokens and the loss over the whole vocabulary). The reference: the same tokenizer and model on the same text, called by
themselves. The two alternate; medians are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import torch

from benchmarks.embeddings import alternate
from benchmarks.engine import text
from benchmarks.row import Row
from models import catalog, defaults, surprise
from models.language_model import LanguageModel

TOKENS = 500


def bare(language_model: LanguageModel, asked: str) -> None:
    with torch.inference_mode():
        language_model.model(**language_model.tokenizer(asked, return_tensors="pt")).logits  # noqa: B018


def rows() -> Iterable[Row]:
    language_model = catalog.load(defaults.DECODER)
    asked = text(TOKENS, 0)
    count = len(language_model.encode(asked).ids)
    ours, alone = alternate(partial(surprise.trace, language_model, asked), partial(bare, language_model, asked))
    yield Row(f"X-ray of {count} tokens: text to trace", ours, "ms", alone, "bare pass", 1.15)
