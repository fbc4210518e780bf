"""How long does it take to ask 400,000 words for neighbours, an analogy, a spelling?"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from functools import partial

import numpy as np

from benchmarks.engine import milliseconds
from benchmarks.row import Row
from models import vector_catalog, word_vectors

ROUNDS = 41


def rows() -> Iterable[Row]:
    table = vector_catalog.load()
    count = f"{len(table):,}"
    places = np.random.default_rng(0).choice(len(table), 4 * ROUNDS, replace=False)
    words = [table.words[place] for place in places]
    nearest = [milliseconds(partial(word_vectors.neighbours, table, word, 20)) for word in words[:ROUNDS]]
    yield Row(f"neighbours of a word among {count}", statistics.median(nearest), "ms", at_most=40)
    asked = [words[start : start + 4] for start in range(0, len(words), 4)]
    analogies = [milliseconds(partial(word_vectors.analogy, table, *four)) for four in asked]
    yield Row(f"an analogy among {count}, both methods, ranks", statistics.median(analogies), "ms")
    table.spellings.nearest("the")  # its table of letters is made on first use
    spelled = [milliseconds(partial(table.spellings.nearest, word[::-1])) for word in words[:ROUNDS]]
    yield Row(f"nearest spellings among {count}", statistics.median(spelled), "ms")
