"""What does a picture of patches cost beside as many passes one by one?

Ours: from the two prompts to the trace (both prompts run, every layer and token patched in batches, the distributions
read, some patches run again as a check). The reference: as many passes of the model over the same prompt, one after
another and with nothing patched, called by themselves; a part of them is timed, and counted for all. The two prompts
differ at their second token, so that nearly everything has to be run; the two alternate, and medians are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import torch

from benchmarks.embeddings import alternate
from benchmarks.row import Row
from models import catalog, defaults, patching
from models.language_model import LanguageModel

PROMPTS = (
    "The king and all his men went home because they were tired",
    "The queen and all her men went home because they were tired",
)
PART = 10  # one of so many passes is timed


def bare(language_model: LanguageModel, ids: torch.Tensor, passes: int) -> None:
    with torch.inference_mode():
        for _ in range(passes):
            language_model.model(input_ids=ids)


def rows() -> Iterable[Row]:
    language_model = catalog.load(defaults.DECODER)
    ids = language_model.encode(PROMPTS[0]).inputs["input_ids"]
    tokens = ids.shape[1]
    count = tokens * language_model.layers
    ours, part = alternate(
        partial(patching.patch, language_model, *PROMPTS), partial(bare, language_model, ids, count // PART)
    )
    name = f"patching {tokens} tokens x {language_model.layers} layers: prompts to trace"
    yield Row(name, ours, "ms", part * PART, f"{count} passes one by one", 0.5)
