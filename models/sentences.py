"""How does a text become one vector, and what can be done with many such vectors?

    vector = mean over tokens of hidden[token]        hidden: what leaves the last layer of the model

The mean runs over all tokens that the model reads, special ones included, as in Sentence-BERT (Reimers and Gurevych
2019, arXiv:1908.10084), whose MiniLM is made for it; the first token alone and the largest value in each dimension are
the two other poolings it compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from models.traces import POOLINGS, InputError, Pooling, SentenceTrace, TooLongError, cosines, unit

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from models.language_model import LanguageModel
    from models.progress import Progress

MAX_TEXTS: Final = 10_000
MAX_CHARACTERS: Final = 4_000_000  # of all texts together
MAX_PICTURE: Final = 2_000  # texts whose similarities are drawn as one matrix
CHUNK: Final = 4_000_000  # cosines held at once where every text is compared with every other
BATCH_TEXTS: Final = 128
BATCH_TOKENS: Final = 2_048  # of one batch, padding included: more are no faster, and hold the model longer


def embed(
    lm: LanguageModel, texts: Sequence[str], *, pooling: Pooling = "mean", progress: Progress | None = None
) -> SentenceTrace:
    """One vector for each text.

    Texts of like length run together; the padding is masked, in the model and in the pooling. A line break inside a
    text is read as a space. Of a text over the model's limit the beginning is read, and the trace says so.

    Args:
        lm: an encoder or a decoder.
        texts: at most `MAX_TEXTS`.
        pooling: over the tokens: mean, the first one, or the largest value in each dimension.
        progress: called before each batch; may raise `Cancelled`.

    Raises:
        InputError: a text can't be used, or there are too many.
    """
    import torch

    if pooling not in POOLINGS:
        raise InputError(f"Tokens can be pooled by {', '.join(POOLINGS)}; choose one of these.")
    if progress is not None:
        progress("Splitting the texts into tokens", 0)
    lines = _lines(texts)
    rows, unread = _token_rows(lm, lines)
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    # RoBERTa knows padding by its id; elsewhere the mask is what counts.
    candidates = (lm.config.pad_token_id, lm.tokenizer.pad_token_id)
    padding = next((number for number in candidates if number is not None and number >= 0), 0)
    pooled: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []
    done = 0
    for chosen in _batches(lengths):
        if progress is not None:
            progress(f"Reading {len(lines):,} texts", done / len(lines))
        ids = np.full((len(chosen), lengths[chosen].max()), padding, dtype=np.int64)
        for place, number in enumerate(chosen):
            ids[place, : lengths[number]] = rows[number]
        mask = torch.from_numpy(np.arange(ids.shape[1]) < lengths[chosen, None]).to(lm.device)
        inputs = {"input_ids": torch.from_numpy(ids).to(lm.device), "attention_mask": mask.long()}
        hidden = lm.forward(inputs, use_cache=False).last_hidden_state.float()
        pooled.append((chosen, _pool(hidden, mask, pooling).cpu().numpy()))
        done += len(chosen)
    vectors = np.empty((len(lines), pooled[0][1].shape[1]), dtype=np.float32)
    for chosen, found in pooled:
        vectors[chosen] = found
    return SentenceTrace(lm.source("\n".join(lines)), lines, pooling, vectors, lengths, unread)


def lines_of(text: str) -> list[str]:
    """The texts that somebody pasted, one a line; empty lines are none."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    """Each text on one line."""
    if not texts:
        raise InputError("There is no text; paste some, one a line.")
    if len(texts) > MAX_TEXTS:
        raise InputError(
            f"There are {len(texts):,} texts; at most {MAX_TEXTS:,} are read at once, so use a part of them."
        )
    characters = sum(map(len, texts))
    if characters > MAX_CHARACTERS:
        raise InputError(
            f"The texts have {characters:,} characters together; at most {MAX_CHARACTERS:,} are read at once, "
            "so use a part of them."
        )
    lines = tuple(" ".join(text.splitlines()).strip() for text in texts)
    if "" in lines:
        raise InputError(f"Text {lines.index('') + 1} is empty; write something there or leave it out.")
    return lines


def _token_rows(lm: LanguageModel, lines: Sequence[str]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """[text][token] ids, and how many characters at each text's end were over a limit."""
    read = list(lines)
    for number, line in enumerate(lines):
        try:
            lm.check_text(line, f"text {number + 1}")
        except TooLongError as error:
            read[number] = error.fitting
    # The tokenizer's own padding and cutting stay off: they are a state that other threads would see.
    batch = lm.tokenizer(read, return_special_tokens_mask=True)
    rows: list[list[int]] = batch["input_ids"]
    for number, row in enumerate(rows):
        if all(batch["special_tokens_mask"][number]):
            raise InputError(f"The tokenizer keeps nothing of text {number + 1}; write words there or leave it out.")
        if len(row) > lm.max_tokens:
            try:
                lm.encode(read[number])
            except TooLongError as error:
                read[number] = error.fitting
            rows[number] = lm.tokenizer(read[number])["input_ids"]
    unread = [len(line) - len(part) for line, part in zip(lines, read, strict=True)]
    return rows, np.array(unread, dtype=np.int64)


def _batches(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Texts that run together, by number: neighbours in length, the longest first, so that memory never grows."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, min(BATCH_TEXTS, BATCH_TOKENS // int(lengths[order[start]])))
        yield order[start : start + size]
        start += size


def _pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """[text, dimension] of [text, token, dimension]; mask is True for tokens that are no padding."""
    if pooling == "first":
        return hidden[:, 0]
    if pooling == "max":
        return hidden.masked_fill(~mask[:, :, None], float("-inf")).amax(dim=1)
    return (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def similarity(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [text, text] the cosine between every two of [text, dimension].

    Raises:
        InputError: they are more than fit into one picture.
    """
    if len(vectors) > MAX_PICTURE:
        raise InputError(f"{len(vectors):,} texts are too many for one picture; at most {MAX_PICTURE:,} fit.")
    return cosines(vectors)


def search(
    vectors: NDArray[np.float32], query: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `count` texts whose vectors are nearest in angle to `query` [dimension], best first: numbers and cosines."""
    found = np.clip(unit(vectors) @ unit(query), -1, 1)
    best = np.argsort(-found, kind="stable")[:count]
    return best, found[best]


def closest(
    vectors: NDArray[np.float32], count: int, *, progress: Progress | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `count` pairs of texts that are nearest in angle, best first.

    Returns:
        int64 [pair, 2] numbers, the smaller one first, and float32 [pair] cosines.
    """
    directions = unit(vectors)
    size = len(directions)
    pairs = np.empty((0, 2), dtype=np.int64)
    values = np.empty(0, dtype=np.float32)
    step = max(1, CHUNK // max(1, size))
    for start in range(0, size, step):
        if progress is not None:
            progress(f"Comparing {size:,} texts with each other", start / size)
        between = directions[start : start + step] @ directions[start:].T
        between[np.tril_indices(len(between))] = -np.inf  # each pair once, and no text with itself
        best = np.argpartition(-between, min(count, between.size) - 1, axis=None)[:count]
        best = best[np.isfinite(between.ravel()[best])]
        pairs = np.concatenate([pairs, np.stack(np.unravel_index(best, between.shape), axis=1) + start])
        values = np.concatenate([values, between.ravel()[best]])
        order = np.lexsort((pairs[:, 1], pairs[:, 0], -values))[:count]
        pairs, values = pairs[order], values[order]
    return pairs, np.clip(values, -1, 1)


def nearest(vectors: NDArray[np.float32], count: int, *, progress: Progress | None = None) -> NDArray[np.int64]:
    """int64 [text, count] for each text the others that are nearest in angle, best first; they must be as many."""
    directions = unit(vectors)
    size = len(directions)
    found = np.empty((size, count), dtype=np.int64)
    step = max(1, CHUNK // max(1, size))
    for start in range(0, size, step):
        if progress is not None:
            progress(f"Looking for the nearest of {size:,} texts", start / size)
        between = directions[start : start + step] @ directions.T
        itself = np.arange(len(between))
        between[itself, start + itself] = -np.inf
        best = np.argpartition(-between, count - 1, axis=1)[:, :count]
        order = np.lexsort((best, -np.take_along_axis(between, best, axis=1)))
        found[start : start + step] = np.take_along_axis(best, order, axis=1)
    return found


def shared_neighbours(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Of the texts that `nearest` gives in `first`, the share that it gives for the same text in `second`, too."""
    both = [len(np.intersect1d(one, other)) for one, other in zip(first, second, strict=True)]
    return float(sum(both) / first.size)


def label_agreement(vectors: NDArray[np.float32], labels: Mapping[int, str]) -> float | None:
    """Of the texts in `labels` (text number -> label), the share whose nearest other one there has the same label.

    None where fewer than two texts are labelled.
    """
    chosen = sorted(labels)
    if len(chosen) < 2:
        return None
    given = np.array([labels[number] for number in chosen])
    return float(np.mean(given[nearest(vectors[chosen], 1)[:, 0]] == given))
