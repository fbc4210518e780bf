"""What can be taken away from the view "weights"? Tiles, distribution, singular values, norms, the weights."""

from __future__ import annotations

import math
from itertools import pairwise

import streamlit as st

from models import engine, random_matrices, tables, traces, weights
from models.engine import Request
from models.traces import MatrixTrace, NormsTrace
from pages.parts.parameters import weights_norms
from viz import page, weight_charts
from viz.page import File
from viz.parameter_words import weights as words

ARRAYS = "application/octet-stream"


def save(request: Request, trace: MatrixTrace, norms: NormsTrace | None) -> None:
    """Buttons for all files."""
    files: list[File] = [
        ("Tiles, CSV", "orrery-weights-tiles.csv", "text/csv", lambda: tiles(trace)),
        ("Distribution, CSV", "orrery-weights-distribution.csv", "text/csv", lambda: distribution(trace)),
    ]
    if len(trace.singular):
        files.append(("Singular values, CSV", "orrery-singular-values.csv", "text/csv", lambda: singular(trace)))
    if norms is not None:
        files.append(("Sizes by layer, CSV", "orrery-weights-by-layer.csv", "text/csv", lambda: by_layer(norms)))
    files.append(("Trace", "orrery-matrix.safetensors", ARRAYS, lambda: traces.to_bytes(trace)))
    small = math.prod(trace.size) <= weights.KEPT
    if small:
        given = Request(request.analysis, request.model, settings=(*request.settings, ("give", "weights")))
        files.append(("The weights", "orrery-weights.safetensors", ARRAYS, lambda: traces.to_bytes(engine.run(given))))
    page.downloads(files)
    if not small:
        st.caption(words.TOO_MANY.format(size=4 * math.prod(trace.size) / 1e6))


def tiles(trace: MatrixTrace) -> bytes:
    """A tile a line: its rows and columns, its mean, its largest magnitude."""
    spans = [
        [(first, min(first + tile, end) - 1) for first in range(begin, end, tile)]
        for (begin, end), tile in zip(trace.region, trace.tile, strict=True)
    ]
    return tables.csv(
        _origin(trace),
        ("first row", "last row", "first column", "last column", "mean", "largest magnitude"),
        (
            (*rows, *columns, float(trace.picture[row, column]), float(trace.largest[row, column]))
            for row, rows in enumerate(spans[0])
            for column, columns in enumerate(spans[1])
        ),
    )


def distribution(trace: MatrixTrace) -> bytes:
    """A bin a line."""
    normal = weight_charts.normal(trace).tolist()
    return tables.csv(
        _origin(trace),
        ("from", "to", "weights", "of a normal distribution"),
        (
            (begin, end, count, expected)
            for (begin, end), count, expected in zip(
                pairwise(trace.edges.tolist()), trace.counts.tolist(), normal, strict=True
            )
        ),
    )


def singular(trace: MatrixTrace) -> bytes:
    """A direction a line, from the strongest."""
    random = random_matrices.singular(*trace.size, trace.deviation).tolist()
    return tables.csv(
        _origin(trace),
        ("direction", "singular value", "of a random matrix"),
        zip(range(1, len(random) + 1), trace.singular.tolist(), random, strict=True),
    )


def by_layer(norms: NormsTrace) -> bytes:
    """A matrix a line."""
    return tables.csv(
        {"model": f"{norms.source.model}, revision {norms.source.revision}"},
        ("matrix", "kind", "layer", "root mean square"),
        (
            (
                weights_norms.path_of(kind, layer),
                kind,
                None if norms.single[row] else layer,
                float(norms.values[row, layer]),
            )
            for row, kind in enumerate(norms.kinds)
            for layer in weights_norms.layers(norms, row)
        ),
    )


def _origin(trace: MatrixTrace) -> dict[str, str]:
    (top, bottom), (left, right) = trace.region
    return {
        "model": f"{trace.source.model}, revision {trace.source.revision}",
        "matrix": trace.matrix,
        "region": f"rows {top} to {bottom - 1}, columns {left} to {right - 1}",
    }
