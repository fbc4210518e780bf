"""A trace of no model: random weights over given tokens, for what shows or writes traces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from models.traces import AttentionTrace, Source, Tokens


def random_trace(
    texts: Sequence[str],
    *,
    layers: int = 3,
    heads: int = 2,
    causal: bool = True,
    pair: str | None = None,
    source: str = "org/model",
) -> AttentionTrace:
    """Softmax of normal scores; with `pair`, the second half of the tokens belongs to it. Weights are read-only."""
    count = len(texts)
    scores = np.random.default_rng(0).normal(0, 3, (layers, heads, count, count))
    if causal:
        scores = np.where(np.tril(np.ones((count, count), dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)
    weights.flags.writeable = False
    return AttentionTrace(
        source=Source(source, "abc123", "".join(texts), pair, versions={"numpy": "2", "torch": "2.13.0"}),
        token_table=Tokens(
            ids=np.arange(count) + 7,
            pieces=tuple(texts),
            texts=tuple(texts),
            raw=tuple(text.encode("utf-8", "surrogatepass") for text in texts),
            kinds=tuple("text" for _ in texts),
            segments=tuple(int(pair is not None and token >= count // 2) for token in range(count)),
            spans=tuple((end - len(text), end) for text, end in zip(texts, accumulate(map(len, texts)), strict=True)),
            parts=((0, 1),) * count,
        ),
        weights=weights,
        causal=causal,
        windows=np.zeros(layers, dtype=np.int64),
        key_value_heads=np.arange(heads),
    )
