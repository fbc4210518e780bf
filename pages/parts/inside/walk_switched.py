"""What has the visitor changed about a walk? By what its stages are multiplied, and where its token may not look."""

from __future__ import annotations

from typing import Any

from models import switched_off
from models.traces import ForwardTrace


def factors(trace: ForwardTrace) -> dict[str, Any]:
    """{stage: [layer], of "attention.mixed" [layer][head], of "layer" what a layer adds}; empty: nothing is scaled."""
    found = switched_off.factors(switched_off.parts_of(trace.source.off), trace.layers, trace.heads)
    if found is None:
        return {}
    last = "norm_after" if trace.norms == "around" else "output"  # models/interventions.py: what writes to the stream
    return {
        "attention.mixed": found.head.tolist(),
        f"attention.{last}": found.attention.tolist(),
        f"mlp.{last}": found.mlp.tolist(),
        "layer": found.layer.tolist(),
    }


def cut(trace: ForwardTrace) -> list[tuple[int, int, int]]:
    """(layer, head, key) of the edges that are cut for the token that is walked."""
    here = int(trace.positions[0])
    edges = [
        (part, part.edge[1])
        for part in switched_off.parts_of(trace.source.off)
        if part.edge is not None and part.edge[0] == here
    ]
    return [
        (part.layer, head, key)
        for part, key in edges
        for head in ([part.head] if part.kind == "head" else range(trace.heads))
    ]
