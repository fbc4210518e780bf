"""What does it cost to keep every step of a BPE training, and to open one?

Training with its history is timed beside the library's training of the same text alone, given line by line, which is
the fastest way to give it; and against the plain way to make merges in Python, which is to count all pairs again for
each merge and then to go through the whole text (as minbpe does). The text is Python's own manual and source, so that
every machine has it.
"""

from __future__ import annotations

import pydoc_data.topics
import statistics
import sysconfig
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from benchmarks.engine import milliseconds
from benchmarks.row import Row
from models import bpe

ROUNDS = 5
MERGES = 8_000
SMALL = (200_000, 256)  # bytes, merges


def corpus(size: int) -> str:
    """As much English, and then source code, as makes `size` bytes."""
    manual = "\n".join(pydoc_data.topics.topics.values())
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    code = "".join(file.read_text(encoding="utf-8", errors="ignore") for file in files[:60])
    return (manual + code).encode()[:size].decode(errors="ignore")


def library(text: str, merges: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=256 + merges, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
    return tokenizer


def naive(text: str, merges: int) -> list[tuple[int, int]]:
    """The merges of the whole text as one word, each found by counting every pair again."""
    ids = list(text.encode())
    found: list[tuple[int, int]] = []
    for new in range(256, 256 + merges):
        counts: dict[tuple[int, int], int] = {}
        for neighbours in pairwise(ids):
            counts[neighbours] = counts.get(neighbours, 0) + 1
        pair = max(counts, key=lambda neighbours: counts[neighbours])
        merged: list[int] = []
        place = 0
        while place < len(ids):
            if place + 1 < len(ids) and (ids[place], ids[place + 1]) == pair:
                merged.append(new)
                place += 2
            else:
                merged.append(ids[place])
                place += 1
        ids = merged
        found.append(pair)
    return found


def rows() -> Iterable[Row]:
    text = corpus(1_000_000)
    ours: list[float] = []
    alone: list[float] = []
    for number in range(ROUNDS):
        if number % 2:
            ours.append(milliseconds(partial(bpe.train, text, MERGES)))
            alone.append(milliseconds(partial(library, text, MERGES)))
        else:
            alone.append(milliseconds(partial(library, text, MERGES)))
            ours.append(milliseconds(partial(bpe.train, text, MERGES)))
    yield Row(
        f"BPE, 1 MB, {MERGES:,} merges: with every step",
        statistics.median(ours),
        "ms",
        statistics.median(alone),
        "library's training",
        3,
    )

    training = bpe.train(text, MERGES)
    opened = [milliseconds(partial(training.state, k)) for k in range(0, MERGES + 1, 250)]
    yield Row("BPE: opening a step, the slowest of 33", max(opened), "ms", at_most=100)

    windows = [milliseconds(partial(training.window, k, k + 99)) for k in range(0, MERGES, 500)]
    yield Row("BPE: the pairs of 100 steps, the slowest of 16", max(windows), "ms", at_most=300)

    size, merges = SMALL
    small = text[:size]
    with_history = min(milliseconds(partial(bpe.train, small, merges)) for _ in range(ROUNDS))
    rescan = milliseconds(partial(naive, small, merges))
    yield Row(f"BPE, 200 KB, {merges} merges: with every step", with_history, "ms", rescan, "naive rescan", 1 / 50)
