"""Where does each cosine come from? Two of the sentences word by word, and below them the words of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from models import catalog, counting
from models.traces import CountingTrace
from viz import page
from viz.embedding_words import counting as words

SHOWN: Final = 12  # words of a pair
WORDS: Final = 100  # columns of the table of all sentences
LONG: Final = 120  # characters of a sentence above the tables
LONG_WORD: Final = 24


def show(trace: CountingTrace, row: int, column: int) -> None:
    """Two sentences word by word, and what becomes of it; what stands for none says how to choose."""
    if not (0 <= row < len(trace.sentences) and 0 <= column < len(trace.sentences)):
        st.caption(words.NONE)
        return
    st.header(words.PAIR, anchor=False)
    for number in (row, column):
        st.markdown(f"**{number + 1}** {page.plain(_cut(trace.sentences[number], LONG))}")
    _words(trace, row, column)
    _three(trace, row, column)


def _words(trace: CountingTrace, row: int, column: int) -> None:
    """Counts and weights of the words that stand in one of the two: those in both first, the heaviest first."""
    pair = [row, column]
    here = np.flatnonzero(trace.counts[pair].any(axis=0))
    weights = trace.tfidf[pair][:, here].astype(float)
    shown = here[np.lexsort((-weights.max(axis=0), -weights.prod(axis=0)))[:SHOWN]]
    names = [page.plain(_breakable(trace.words[word])) for word in shown]
    counts, weights = trace.counts[pair][:, shown], trace.tfidf[pair][:, shown].astype(float)
    numbers = [f"in {number + 1}" for number in pair]
    counted = zip(names, *map(_whole, counts), _bold(_whole(counts.prod(axis=0))), strict=True)
    weighed = zip(
        names, _parts(trace.idf[shown]), *map(_parts, weights), _bold(_parts(weights.prod(axis=0))), strict=True
    )
    left, right = st.columns([3, 4], gap="large")
    left.markdown(_markdown([words.WAYS[0], *numbers, words.PRODUCT], counted))
    right.markdown(_markdown([words.WAYS[1], "idf", *numbers, words.PRODUCT], weighed))
    if len(here) > SHOWN:
        st.caption(words.MORE.format(shown=SHOWN, all=len(here)))


def _three(trace: CountingTrace, row: int, column: int) -> None:
    """What becomes of the products, in the three ways."""
    ways = counting.between(trace, row, column)
    model = page.plain(catalog.resolve(trace.source.model).title)
    table = [
        [words.NUMBERS, *(f"{way.numbers:,}" for way in ways)],
        [words.SUM, *(_short(way.product) for way in ways)],
        [words.LENGTHS, *(f"{_short(way.lengths[0])} and {_short(way.lengths[1])}" for way in ways)],
        [words.COSINE, *(f"**{way.cosine:.3f}**" for way in ways)],
        [words.DISTANCE, *(f"**{_short(way.distance)}**" for way in ways)],
    ]
    st.markdown(_markdown(["", *words.WAYS, model], table))
    if row != column and not (trace.counts[row] != trace.counts[column]).any():
        st.markdown(words.ONE_POINT.format(first=row + 1, second=column + 1))


def table(trace: CountingTrace) -> None:
    """Counts and weights of every word in every sentence."""
    st.header(words.ALL, anchor=False)
    import pandas as pd

    many = len(trace.words) > WORDS
    shown = np.sort(np.argsort(-trace.counts.sum(axis=0), kind="stable")[:WORDS])
    columns = [trace.words[word] for word in shown]
    labels = [f"{number} {sentence}" for number, sentence in enumerate(trace.sentences, 1)]
    weights = np.vstack([trace.idf[shown], trace.tfidf[:, shown]]).astype(float).round(4)
    tables = ((trace.counts[:, shown], labels), (weights, ["idf", *labels]))
    for tab, (values, index) in zip(st.tabs(words.TABS), tables, strict=True):
        tab.dataframe(pd.DataFrame(values, index=index, columns=columns))
    st.caption(words.ALL_CAPTION + (words.ALL_MORE.format(shown=WORDS, all=len(trace.words)) if many else ""))


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _breakable(word: str) -> str:
    """A word that a narrow cell can break, at signs that can't be seen."""
    shown = _cut(word, LONG_WORD)
    return shown if len(shown) <= 10 else "\u200b".join(shown[at : at + 8] for at in range(0, len(shown), 8))


def _bold(cells: Iterable[str]) -> list[str]:
    return [f"**{cell}**" for cell in cells]


def _whole(numbers: NDArray[np.int64]) -> list[str]:
    return [str(number) for number in numbers.tolist()]


def _parts(numbers: NDArray[np.float64] | NDArray[np.float32]) -> list[str]:
    return ["0" if number == 0 else f"{number:.3f}" for number in numbers.tolist()]


def _short(number: float) -> str:
    """Whole numbers as they are, others to three decimals."""
    return f"{number:,.0f}" if number == round(number) else f"{number:.3f}".replace("-", "−")
