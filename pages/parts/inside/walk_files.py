"""Which files does the walk offer? Every tensor as it is, and a table of the stages."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import numpy as np

from models import tables, traces
from models.traces import ForwardTrace
from viz import page


def save(trace: ForwardTrace) -> None:
    """The buttons."""
    page.downloads(
        (
            ("Stages, CSV", "orrery-walk-stages.csv", "text/csv", lambda: stages_csv(trace)),
            ("Numbers, CSV", "orrery-walk.csv", "text/csv", lambda: numbers_csv(trace)),
            ("Numbers, JSON", "orrery-walk.json", "application/json", lambda: numbers_json(trace)),
            ("Trace", "orrery-walk.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def stages_csv(trace: ForwardTrace) -> bytes:
    """One row for every tensor: its shape, its size, and how far our arithmetic is from it."""
    rows = (
        (
            name,
            " x ".join(str(length) for length in trace[name].shape),
            float(np.linalg.norm(trace[name].astype(np.float64))),
            float(np.abs(trace[name]).max()),
            trace.difference(name),
        )
        for name in trace.names
    )
    return tables.csv(_origin(trace), ("tensor", "shape", "length", "largest", "relative difference"), rows)


def numbers_csv(trace: ForwardTrace) -> bytes:
    """One row for every vector, its numbers side by side; those of several tokens or heads are rows of their own."""
    widest = max(trace[name].shape[-1] for name in trace.names if name != "final.logits")
    return tables.csv(_origin(trace), ("tensor", "index", *map(str, range(widest))), _vectors(trace, widest))


def _vectors(trace: ForwardTrace, widest: int) -> Iterator[tuple[str | float, ...]]:
    for name in trace.names:
        array = trace[name]
        if name == "final.logits":  # 50,000 of them, in lines as long as the others
            logits = array[0].tolist()
            for begin in range(0, len(logits), widest):
                part = logits[begin : begin + widest]
                yield name, f"0 {begin}", *part, *[""] * (widest - len(part))
            continue
        for index in itertools.product(*map(range, array.shape[:-1])):
            values = array[index].tolist()
            yield name, " ".join(map(str, index)), *values, *[""] * (widest - len(values))


def numbers_json(trace: ForwardTrace) -> bytes:
    """Every tensor as nested lists."""
    document = {
        **_origin(trace),
        "position": int(trace.positions[0]),
        "tokens": list(trace.token_table.pieces),
        "ids": trace.token_table.ids.tolist(),
        "tensors": {name: trace[name].tolist() for name in trace.names},
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _origin(trace: ForwardTrace) -> dict[str, str]:
    source = trace.source
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
