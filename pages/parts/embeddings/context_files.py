"""How do the uses of a word leave the page? Cosines and coordinates as tables, all vectors as a trace."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from models import tables, traces
from models.context_motion import Motion
from models.traces import ContextTrace
from viz import page


def save(trace: ContextTrace, motion: Motion, labels: Sequence[str]) -> None:
    """The buttons; `labels` [use]."""
    page.downloads(
        (
            ("Cosines, CSV", "orrery-context-cosines.csv", "text/csv", lambda: cosines_csv(trace, labels)),
            ("Coordinates, CSV", "orrery-context-points.csv", "text/csv", lambda: points_csv(trace, motion, labels)),
            (
                "Vectors, trace",
                "orrery-context.safetensors",
                "application/octet-stream",
                lambda: traces.to_bytes(trace),
            ),
        )
    )


def cosines_csv(trace: ContextTrace, labels: Sequence[str]) -> bytes:
    """One row for every two uses at every layer, and without a layer for the input table."""
    layers = [*enumerate(trace.cosines), (None, trace.static_cosines)]
    rows = (
        (layer, first + 1, second + 1, labels[first], labels[second], float(cosines[first, second]))
        for layer, cosines in layers
        for first, second in itertools.combinations(range(len(labels)), 2)
    )
    return tables.csv(_origin(trace), ("layer", "use", "other", "label", "other_label", "cosine"), rows)


def points_csv(trace: ContextTrace, motion: Motion, labels: Sequence[str]) -> bytes:
    """One row for every use at every layer, and without a layer for the input table along the same axes."""
    layers = [*enumerate(motion.joint.points), (None, motion.still)]
    rows = (
        (layer, use + 1, int(trace.uses[use, 0]) + 1, labels[use], float(places[use, 0]), float(places[use, 1]))
        for layer, places in layers
        for use in range(len(labels))
    )
    shared = "shown" if motion.shared else "taken out"
    return tables.csv(_origin(trace) | {"shared motion": shared}, ("layer", "use", "sentence", "label", "x", "y"), rows)


def _origin(trace: ContextTrace) -> dict[str, str]:
    source = trace.source
    return {
        "model": f"{source.made_by}, revision {source.revision}",
        "word": trace.word,
        "pooling": trace.pooling,
        "sentences": source.text,
        "no layer": "the word's row in the input table",
    }
