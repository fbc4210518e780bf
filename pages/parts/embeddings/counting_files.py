"""How do sentences in three ways leave the page? Cosines and weights as tables, all of it as a trace."""

from __future__ import annotations

import itertools

import numpy as np

from models import tables, traces
from models.traces import CountingTrace
from viz import page


def save(trace: CountingTrace) -> None:
    """The buttons."""
    page.downloads(
        (
            ("Cosines, CSV", "orrery-counting-cosines.csv", "text/csv", lambda: cosines_csv(trace)),
            ("Counts and weights, CSV", "orrery-counting-words.csv", "text/csv", lambda: words_csv(trace)),
            (
                "All of it, trace",
                "orrery-counting.safetensors",
                "application/octet-stream",
                lambda: traces.to_bytes(trace),
            ),
        )
    )


def cosines_csv(trace: CountingTrace) -> bytes:
    """One row for every two sentences."""
    cosines, sentences = trace.cosines.astype(float), trace.sentences
    rows = (
        (first + 1, second + 1, sentences[first], sentences[second], *cosines[:, first, second].tolist())
        for first, second in itertools.combinations(range(len(sentences)), 2)
    )
    columns = ("row", "other_row", "sentence", "other_sentence", "bag_of_words", "tf_idf", "embedding")
    return tables.csv(_origin(trace), columns, rows)


def words_csv(trace: CountingTrace) -> bytes:
    """One row for every word that stands in a sentence."""
    rows = (
        (
            sentence + 1,
            trace.words[word],
            int(trace.counts[sentence, word]),
            float(trace.idf[word]),
            float(trace.tfidf[sentence, word]),
        )
        for sentence, word in np.argwhere(trace.counts).tolist()
    )
    return tables.csv(_origin(trace), ("row", "word", "count", "idf", "tf_idf"), rows)


def _origin(trace: CountingTrace) -> dict[str, str]:
    source = trace.source
    return {"embedding": f"{source.made_by}, revision {source.revision}, mean pooling", "sentences": source.text}
