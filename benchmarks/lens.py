"""What does the logit lens cost beside the bare pass?

Ours: from the text to the trace (tokens described, pass, and what the final norm and the head make of the residual
stream after every layer: at each place the ten likeliest tokens, the entropy, and probability and rank of the answer).
The reference: the same tokenizer and model on the same text, called by themselves. The two alternate; medians are
compared.

The head is 28 of SmolLM2's 135 million weights, and the lens applies it 31 times where a pass applies it once: 31 * 28
/ 135 = 6.5 passes' worth of products. They take the time of two or three, being a few large products instead of many
small ones; a second row says how much of our time these products alone are, which is what is left to save.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import torch

from benchmarks.embeddings import alternate
from benchmarks.engine import text
from benchmarks.row import Row
from benchmarks.surprise import bare
from models import catalog, defaults, lens
from models.language_model import LanguageModel

TOKENS = 32


def products(language_model: LanguageModel, residuals: torch.Tensor) -> None:
    """The head on the stream of all layers, with as many rows at once as in ours, and nothing else."""
    head = language_model.model.get_output_embeddings()
    with torch.inference_mode():
        for rows in residuals.flatten(0, 1).split(lens.BATCH // head.weight.shape[0]):
            head(rows)


def rows() -> Iterable[Row]:
    language_model = catalog.load(defaults.DECODER)
    asked = text(TOKENS, 0)
    count = len(language_model.encode(asked).ids)
    name = f"logit lens of {count} tokens x {language_model.layers} layers"
    ours, alone = alternate(partial(lens.logit_lens, language_model, asked), partial(bare, language_model, asked))
    yield Row(f"{name}: text to trace", ours, "ms", alone, "bare pass", 3)
    residuals = lens.logit_lens(language_model, asked).residuals
    ours, alone = alternate(
        partial(lens.logit_lens, language_model, asked), partial(products, language_model, residuals)
    )
    yield Row(f"{name}: text to trace", ours, "ms", alone, "products with the head alone")
