"""How are several texts continued in one pass?

Side by side in one batch, whose keys and values are kept. Rows of different lengths end together: the shorter ones are
padded on the left, the attention mask hides the padding, and each row counts its positions from its own first token. A
row may join or leave between any two passes.

    batch, logits = decoding.begin(lm, ids)       # a batch of one text: what comes behind the last token
    batch.join(other)                             # another one, of any length
    logits = batch.step([token, other_token])     # one more token of each

That is right only where a layer's keys and values can be shifted, so only where the cache that the model itself gives
back is one of plain layers, and where positions can be given: `Batch.joins`. With a sliding window, a recurrent state
or without a cache, a batch stays a batch of one.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import pad

if TYPE_CHECKING:
    from models.language_model import LanguageModel


def begin(lm: LanguageModel, ids: Sequence[int], keep: int = 1) -> tuple[Batch, torch.Tensor]:
    """Reads the beginning of a text in one pass.

    Args:
        lm: a model that predicts a next token.
        ids: its tokens.
        keep: behind how many of the last ones the logits are wanted.

    Returns:
        a batch of this text, and float32 [keep, vocabulary].
    """
    logits, cache = lm.next_logits(torch.tensor([ids], device=lm.device), None, keep)
    return Batch(lm, cache, [len(ids)], list(ids)), logits[0]


class Batch:
    """Texts of one model, side by side."""

    def __init__(self, lm: LanguageModel, cache: Any, lengths: list[int], ids: list[int]) -> None:
        """`lengths`: tokens read of each row; `ids`: those of the first one, for a model that gives back no cache."""
        self._lm = lm
        self._cache = cache
        self._lengths = lengths
        self._ids = ids

    @property
    def joins(self) -> bool:
        """Whether other texts can stand beside this one."""
        from transformers.cache_utils import DynamicCache, DynamicLayer

        return (
            type(self._cache) is DynamicCache
            and all(type(layer) is DynamicLayer and layer.get_seq_length() for layer in self._cache.layers)
            and "position_ids" in inspect.signature(self._lm.model.forward).parameters
        )

    def join(self, other: Batch) -> None:
        """The rows of another batch of the same model come behind those of this one; both have `joins`."""
        width, others = max(self._lengths), max(other._lengths)
        more, fewer = max(0, others - width), max(0, width - others)
        with torch.inference_mode():
            for layer, added in zip(self._cache.layers, other._cache.layers, strict=True):
                layer.keys = torch.cat([pad(layer.keys, (0, 0, more, 0)), pad(added.keys, (0, 0, fewer, 0))])
                layer.values = torch.cat([pad(layer.values, (0, 0, more, 0)), pad(added.values, (0, 0, fewer, 0))])
        self._lengths = self._lengths + other._lengths

    def keep(self, rows: Sequence[int]) -> None:
        """The other rows leave; at least one stays, and they stay in this order."""
        unused = max(self._lengths) - max(self._lengths[row] for row in rows)
        index = torch.tensor(rows, device=self._lm.device)
        with torch.inference_mode():
            for layer in self._cache.layers if len(rows) < len(self._lengths) else ():
                layer.keys = layer.keys[index, :, unused:]
                layer.values = layer.values[index, :, unused:]
        self._lengths = [self._lengths[row] for row in rows]

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """One more token of each row; float32 [row, vocabulary] what comes behind it."""
        if self._cache is None:
            self._ids += tokens
            logits, _ = self._lm.next_logits(torch.tensor([self._ids], device=self._lm.device), None)
            return logits[:, -1]
        ids = torch.tensor(tokens, device=self._lm.device)[:, None]
        mask = positions = None
        lengths = torch.tensor(self._lengths, device=self._lm.device)[:, None]
        width = int(lengths.max())
        if len(tokens) > 1:
            mask = (torch.arange(width + 1, device=self._lm.device) >= width - lengths).long()
            positions = lengths
        logits, self._cache = self._lm.next_logits(ids, self._cache, mask=mask, positions=positions)
        self._lengths = [length + 1 for length in self._lengths]
        return logits[:, -1]
