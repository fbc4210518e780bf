"""How does a logit lens leave the page? As a table of all cells, and as its trace."""

from __future__ import annotations

from models import tables, traces
from models.traces import LensTrace
from viz import page
from viz.components.lens import INPUT


def origin(trace: LensTrace) -> list[str]:
    """The lines below a saved picture: model, revision and versions; the text."""
    source = trace.source
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return [" · ".join([source.made_by, f"revision {source.revision[:12]}", *versions]), source.text]


def save(trace: LensTrace) -> None:
    """The buttons below the figure."""
    binary = "application/octet-stream"
    page.downloads(
        [
            ("All cells, CSV", "orrery-lens.csv", "text/csv", lambda: csv(trace)),
            ("Trace", "orrery-lens.safetensors", binary, lambda: traces.to_bytes(trace)),
        ]
    )


def csv(trace: LensTrace) -> bytes:
    """One row for each layer and position, with every number as the model gave it; ranks count from 1."""
    layers, positions, likely = trace.ids.shape
    names = dict(zip(trace.entries.tolist(), trace.texts, strict=True))
    whose = ("answer", "followed")[: len(trace.followed)]
    columns = ["layer", "token", "text", "entropy"]
    columns += [f"{who}{what}" for who in whose for what in ("", "_id", "_probability", "_rank")]
    columns += [f"top_{rank}{what}" for rank in range(1, likely + 1) for what in ("", "_id", "_probability")]
    rows = []
    for layer in range(layers):
        for place in range(positions):
            row: list[str | int | float | None] = [INPUT if layer == 0 else str(layer - 1), trace.first + place]
            row += [trace.token_table.texts[trace.first + place], float(trace.entropies[layer, place])]
            for number, followed in enumerate(trace.followed[:, place].tolist()):
                share = float(trace.followed_probabilities[number, layer, place])
                row += [names[followed], followed, share, int(trace.followed_ranks[number, layer, place]) + 1]
            for rank, entry in enumerate(trace.ids[layer, place].tolist()):
                row += [names[entry], entry, float(trace.probabilities[layer, place, rank])]
            rows.append(row)
    source = trace.source
    return tables.csv({"model": f"{source.made_by}, revision {source.revision}", "text": source.text}, columns, rows)
