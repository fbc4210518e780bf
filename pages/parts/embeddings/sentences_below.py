"""What stands below every picture of the view "sentences"? The check, where the numbers come from, the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from models import tables, traces
from models.traces import SentenceTrace
from pages.parts.embeddings.sentences_source import Embedded
from pages.parts.running import answer
from viz import page, theme
from viz.embedding_words import sentences as words

GOOD: Final = 1e-4  # of the largest number in a vector


def below(
    found: Embedded,
    columns: Mapping[str, Sequence[str | int | float | None]] | None = None,
    files: Sequence[tuple[str, str, str, Callable[[], bytes]]] = (),
) -> None:
    """The check, the source, and the files.

    Args:
        found: what is shown.
        columns: further ones of the table of texts.
        files: further ones to take away, as for `page.downloads`.
    """
    badge, waiting = st.empty(), st.container()  # drawn last: the rest stands while the model runs
    if found.request is None or found.trace is None:
        page.facts(found.texts.title)
    else:
        page.source(found.source, int(found.trace.tokens.sum()))
    origin = {"texts": found.texts.title, "vectors": f"{found.source.made_by}, revision {found.source.revision}"}
    trace = found.trace
    counted = {} if trace is None else {"pooling": trace.pooling}

    def csv() -> bytes:
        more = columns or {}
        rows = zip(found.where, found.texts.lines, *more.values(), strict=True)
        return tables.csv(origin | counted, ("row", "text", *more), rows)

    files = [("Texts as CSV", "orrery-sentences.csv", "text/csv", csv), *files]
    if trace is not None:
        binary = "application/octet-stream"
        files.append(("Vectors, trace", "orrery-vectors.safetensors", binary, lambda: traces.to_bytes(trace)))
    page.downloads(files)
    off = None
    with waiting, page.guarded():
        off = _checked(found)
    if off is not None:
        with badge:
            page.badge(
                f"Run alone, texts have the same vectors within {theme.power(off)}",
                good=off < GOOD,
                explanation=words.CHECK,
            )


def _checked(found: Embedded) -> float | None:
    """How far the vectors of the shortest, the middle and the longest text are from those that each has alone.

    As a share of the largest number in a vector; None where there is nothing to check, or the visitor stopped it.
    """
    if found.request is None or found.trace is None or len(found.texts.lines) == 1:
        return None
    order = np.argsort(found.trace.tokens, kind="stable")
    off = 0.0
    for number in sorted({int(order[0]), int(order[len(order) // 2]), int(order[-1])}):
        alone = answer(replace(found.request, text=found.texts.lines[number]))
        if not isinstance(alone, SentenceTrace):
            return None
        off = max(off, float(np.abs(alone.vectors[0] - found.vectors[number]).max() / np.abs(alone.vectors[0]).max()))
    return off
