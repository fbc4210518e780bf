"""How long does it take to compare one text under many tokenizers?

The text is 10,000 characters in several scripts, and then as long as a comparison takes it. Beside the whole comparison
(tokens, bytes, graphemes, counts) stands the tokenizers' own work on it, by the `tokenizers` library with its offsets,
or for the simple ones by nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

from benchmarks.row import Row
from models import catalog, comparison

ROUNDS = 15
LENGTH = 10_000
LONG_ROUNDS = 3
LEARNT = ("smollm2-135m", "minilm-l6-v2", "cl100k_base", "o200k_base")
SIMPLE = ("whitespace", "words", "characters", "bytes")
TEXT = (
    "A thousand words of English are about 1,300 tokens; how many are they elsewhere? The unstoppable tokenizer went "
    "lower, and lower, to the lowest of all. def count(words: list[str]) -> int:\n    return sum(1 for _ in words)\n"
    "Eine Straße führt über die Brücke, und naïve Cafés säumen sie. Быстрая коричневая лиса прыгает через собаку. "
    "猫はマットの上に座った。我们在河边放纸船。모든 사람은 자유롭게 태어났다. كل الناس يولدون أحرارا. नि:शुल्क शिक्षा "
    "😀 👨‍👩‍👧‍👦\n"
)


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def filled(length: int) -> str:
    return (TEXT * (length // len(TEXT) + 1))[:length]


def rows() -> Iterable[Row]:
    text = filled(LENGTH)
    tokenizers = {key: catalog.tokenizer(key) for key in (*LEARNT, *SIMPLE)}
    backends = [tokenizers[key].backend_tokenizer for key in LEARNT]
    ours, alone = [], []
    for _ in range(ROUNDS):
        alone.append(milliseconds(lambda: [backend.encode(text).offsets for backend in backends]))
        ours.append(milliseconds(lambda: comparison.compare(text, tokenizers)))
    took, library = statistics.median(ours), statistics.median(alone)
    yield Row("8 tokenizers on 10,000 characters: text to comparison", took, "ms", at_most=150)
    yield Row("8 tokenizers on 10,000 characters: text to comparison", took, "ms", library, "4 encodes by the library")

    longest = filled(comparison.MAX_CHARACTERS)
    took = statistics.median(milliseconds(lambda: comparison.compare(longest, tokenizers)) for _ in range(LONG_ROUNDS))
    yield Row(f"8 tokenizers on {comparison.MAX_CHARACTERS:,} characters: text to comparison", took, "ms")
