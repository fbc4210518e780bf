"""How does what became of a changed matrix leave the page? As tables, and as the trace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models import export, tables, traces
from models.traces import QuantisedTrace
from pages.parts.parameters.quantise_below import facts
from viz import page
from viz.components import token_shift


def save(trace: QuantisedTrace, others: Sequence[QuantisedTrace], texts: Sequence[str]) -> None:
    """The buttons below the figure."""
    csv = "text/csv"
    files: list[page.File] = [
        ("Tokens, CSV", "orrery-quantise-tokens.csv", csv, lambda: tokens(trace, texts)),
        ("Histogram, CSV", "orrery-quantise-histogram.csv", csv, lambda: histogram(trace)),
    ]
    if others:
        files.append(("All at once, CSV", "orrery-quantise.csv", csv, lambda: several(others, texts)))
    name = export.filename(trace, "safetensors")
    files.append(("Trace", name, "application/octet-stream", lambda: traces.to_bytes(trace)))
    page.downloads(files)


def tokens(trace: QuantisedTrace, texts: Sequence[str]) -> bytes:
    """One row for each token, the most probable before first."""
    place, shares = token_shift.ranks(trace.logits), trace.probabilities
    written = trace.logits.astype(str)  # a float32 in its fewest digits
    rows = (
        (
            token,
            texts[token] if token < len(texts) else "",
            *(float(written[side, token]) for side in (0, 1)),
            *shares[:, token].tolist(),
            *place[:, token].tolist(),
        )
        for token in np.argsort(place[0]).tolist()
    )
    names = ("id", "text", "logit_before", "logit_after", "p_before", "p_after", "place_before", "place_after")
    return tables.csv(_origin(trace), names, rows)


def histogram(trace: QuantisedTrace) -> bytes:
    """One row for each bar."""
    rows = zip(trace.edges[:-1].tolist(), trace.edges[1:].tolist(), *trace.counts.tolist(), strict=True)
    return tables.csv(_origin(trace), ("from", "to", "weights_before", "weights_after"), rows)


def several(found: Sequence[QuantisedTrace], texts: Sequence[str]) -> bytes:
    """One row for each number of bits, or share."""
    best = [int(trace.logits[1].argmax()) for trace in found]
    rows = (
        (
            trace.bits or None,
            trace.block if trace.bits else None,
            trace.share if trace.method == "prune" else None,
            trace.bytes,
            trace.error,
            trace.relative,
            trace.signal_to_noise if trace.error else None,
            trace.largest,
            trace.zeros[1],
            trace.divergence,
            token,
            texts[token] if token < len(texts) else "",
            float(trace.probabilities[1, token]),
        )
        for trace, token in zip(found, best, strict=True)
    )
    names = (
        "bits", "block", "share", "bytes", "error", "relative_error", "signal_to_noise_db", "largest_error", "zeros",
        "divergence_bits", "most_probable_id", "most_probable", "p",
    )  # fmt: skip
    origin = {name: value for name, value in _origin(found[0]).items() if name != "change"}
    return tables.csv(origin, names, rows)


def _origin(trace: QuantisedTrace) -> dict[str, str]:
    model, matrix, change, computed = facts(trace)
    return {"model": model, "matrix": matrix, "change": change, "computed": computed, "text": trace.source.text}
