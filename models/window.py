"""What does a model no longer know when the beginning of a text has fallen out of its window?

A window of W tokens holds what truncation in transformers (`truncation_side="left"`) leaves of a longer text: the
special tokens that the tokenizer puts at the beginning, and the last tokens of the text. They are read as a text of
their own: the first one has position 0. With p what is predicted behind the whole text and q behind the window,

    KL(p || q) = sum p log2(p / q)     bits that are lost, on average, by believing q where p holds

Windows of similar length run as one batch. Shorter ones are filled up behind their end, where a causal model doesn't
look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models import prompts, vocabulary
from models.traces import WindowTrace

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

EVERY: Final = 32  # windows of every length up to this one,
FURTHER: Final = 30  # and so many longer ones, at equal distances
LIKELY: Final = 10  # of the most probable tokens, for each window
BATCH: Final = 512  # tokens in one batch
APART: Final = 32  # how much longer the longest of a batch may be than the shortest


def trace(lm: LanguageModel, text: str, *, chat: bool = False, progress: Progress | None = None) -> WindowTrace:
    """What the model predicts behind a text, of which it sees all, or the last tokens.

    Args:
        lm: a model that predicts a next token.
        text: the text; it may be longer than what can be run.
        chat: whether it is a message, written as the model's chat template has it.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, or the model predicts no next token.
    """
    encoding = prompts.encode(lm, text, chat=chat, cut=True)
    table = encoding.token_table
    ids = encoding.ids.tolist()
    added = [kind == "special" and not raw for kind, raw in zip(table.kinds, table.raw, strict=True)]
    leading = added.index(False)
    windows = lengths(len(ids), leading, lm.max_tokens)
    logits = np.concatenate(list(_logits(lm, ids, leading, windows, progress))).astype(np.float64)
    logs = logits - logits.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    probabilities = np.exp(logs)
    difference = max(
        float(np.abs(_alone(lm, _within(ids, leading, int(windows[place]))) - probabilities[place]).max())
        for place in {0, len(windows) // 2, len(windows) - 1}
    )
    finite = np.maximum(logs, -1e4)  # 0 * -inf has no value; e^-10000 is 0 too
    count = min(LIKELY, logits.shape[1])
    best = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    candidates, places = np.unique(best, return_inverse=True)
    return WindowTrace(
        source=lm.source(encoding.text),
        token_table=table,
        limit=lm.max_tokens,
        reach=int(getattr(lm.config, "max_position_embeddings", 0) or 0),
        leading=leading,
        windows=windows,
        candidates=candidates.astype(np.int64),
        texts=vocabulary.texts(lm.tokenizer, candidates.tolist()),
        probabilities=probabilities[:, candidates].astype(np.float32),
        likely=places.reshape(best.shape).astype(np.int64),
        divergences=np.maximum(0, (probabilities[-1] * (finite[-1] - finite)).sum(axis=1)) / np.log(2),
        entropies=-(probabilities * finite).sum(axis=1) / np.log(2),
        difference=difference,
    )


def lengths(tokens: int, leading: int, limit: int) -> NDArray[np.int64]:
    """The windows of a text of so many tokens: every length at first, then steps; the last is as much as can be run."""
    longest = min(tokens, limit)
    short = np.arange(min(leading + 1, longest), min(EVERY, longest) + 1)
    further = np.linspace(min(EVERY, longest), longest, FURTHER + 1).round().astype(np.int64)
    return np.unique(np.concatenate([short, further[1:]]))


def _within(ids: list[int], leading: int, size: int) -> list[int]:
    """The tokens in a window of `size`."""
    return ids[:leading] + ids[len(ids) - (size - leading) :]


def _alone(lm: LanguageModel, ids: list[int]) -> NDArray[np.float64]:
    """[vocabulary] what a plain pass over these tokens gives to each as the next one."""
    import torch

    logits = lm.logits({"input_ids": torch.tensor([ids], device=lm.device)})[-1]
    found: NDArray[np.float64] = logits.double().softmax(-1).cpu().numpy()
    return found


def _logits(
    lm: LanguageModel, ids: list[int], leading: int, windows: NDArray[np.int64], progress: Progress | None
) -> Iterator[NDArray[np.float32]]:
    """[window, vocabulary] behind each window, batch by batch."""
    import torch

    done = 0
    while done < len(windows):
        end = done + 1
        while end < len(windows) and windows[end] * (end + 1 - done) <= BATCH and windows[end] - windows[done] <= APART:
            end += 1
        batch = windows[done:end].tolist()
        longest = batch[-1]
        if progress is not None:
            progress(f"Windows up to {longest} of {windows[-1]} tokens", done / len(windows))
        rows = [_within(ids, leading, size) for size in batch]
        filled = torch.tensor([row + row[-1:] * (longest - len(row)) for row in rows], device=lm.device)
        logits, _ = lm.next_logits(filled, None, keep=longest - batch[0] + 1)
        last = torch.tensor([size - batch[0] for size in batch], device=logits.device)
        yield logits[torch.arange(len(batch), device=logits.device), last].cpu().numpy()
        done = end
