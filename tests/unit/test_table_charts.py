"""The charts of a model's own table count every token once, and mean over every pair of positions."""

from __future__ import annotations

import numpy as np

from models import catalog, embeddings
from tests.families import tiny_model, tiny_tokenizer
from viz import table_charts


def test_every_token_is_in_one_bar() -> None:
    trace = embeddings.table(catalog.wrap(tiny_model("llama"), tiny_tokenizer()))
    for figure, values in (
        (table_charts.lengths(trace, dark=False), trace.norms),
        (table_charts.head(trace, dark=True), trace.head_cosines),
    ):
        bars = figure.data[0]
        for count, (low, high) in zip(bars.y[:-1], bars.customdata[:-1], strict=True):
            assert count == ((values >= low) & (values < high)).sum()
        assert sum(bars.y) == len(values)


def test_similarity_by_distance_is_the_mean_over_all_pairs() -> None:
    similarity = np.random.default_rng(0).normal(size=(2, 7, 7)).astype(np.float32)
    found = table_charts.by_distance(similarity)
    for far in range(7):
        pairs = [similarity[:, place, place + far] for place in range(7 - far)]
        np.testing.assert_allclose(found[:, far], np.mean(pairs, axis=0), rtol=1e-5)
