"""How does what a chain of samplers makes of the whole vocabulary leave the page? As a table, and as the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models import export, sampling, tables, traces
from models.traces import NextTokenTrace, SamplerName, VocabularyTrace
from pages.parts.next_token.distribution_check import title
from viz import page


def save(trace: NextTokenTrace, vocabulary: VocabularyTrace, chain: Sequence[tuple[SamplerName, Any]]) -> None:
    """The buttons below the figure."""
    page.downloads(
        (
            ("CSV", export.filename(trace, "csv"), "text/csv", lambda: csv(trace, vocabulary, chain)),
            (
                "Trace",
                export.filename(trace, "safetensors"),
                "application/octet-stream",
                lambda: traces.to_bytes(trace),
            ),
        )
    )


def csv(trace: NextTokenTrace, vocabulary: VocabularyTrace, chain: Sequence[tuple[SamplerName, Any]]) -> bytes:
    """One row for each token, the most probable first: id, text, logit, and its probability behind every stage."""
    stages = sampling.run(trace.logits, chain, trace.token_table.ids).stages
    texts = vocabulary.texts
    order = np.argsort(-stages[0].probabilities, kind="stable").tolist()
    # A float32 in its fewest digits, as the model gave it; a token that can't come has no logit.
    logits = [float(written) if np.isfinite(float(written)) else None for written in trace.logits.astype(str)]
    columns = [stage.probabilities.tolist() for stage in stages]
    rows = (
        (token, texts[token] if token < len(texts) else "", logits[token], *(column[token] for column in columns))
        for token in order
    )
    header = {
        "model": f"{trace.source.made_by}, revision {trace.source.revision}",
        "text": trace.source.text,
        "chain": title(chain),
    }
    names = ("id", "text", "logit", "probability", *(f"after_{stage.name}" for stage in stages[1:]))
    return tables.csv(header, names, rows)
