"""What can be taken away from the view "switch" of the page of the inside?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import tables, traces
from models.traces import ChangedTrace, EachOffTrace
from viz import page

COLUMNS = ("head", "attention", "mlp", "layer")


def save(trace: ChangedTrace, each: EachOffTrace | None) -> None:
    """The buttons below the figure."""
    names = dict(zip(trace.entries.tolist(), trace.texts, strict=True))
    media, data = "text/csv", "application/octet-stream"
    files: list[page.File] = [
        ("Next token, CSV", "orrery-switched-off.csv", media, lambda: next_token(trace, names)),
        ("Logit lens, CSV", "orrery-switched-off-lens.csv", media, lambda: lens(trace, names)),
        ("All numbers, trace", "orrery-switched-off.safetensors", data, lambda: traces.to_bytes(trace)),
    ]
    if each is not None:
        files.append(("Each part alone, CSV", "orrery-each-off.csv", media, lambda: each_off(each)))
    page.downloads(files)


def _origin(trace: ChangedTrace | EachOffTrace) -> dict[str, str]:
    source = trace.source
    return {"model": source.model, "revision": source.revision, "text": source.text}


def next_token(trace: ChangedTrace, names: dict[int, str]) -> bytes:
    """The tokens that have a name here: the likeliest before and after, and those of the lens."""
    logits = trace.logits.astype(np.float64)
    logs = logits - logits.max(axis=1, keepdims=True)
    shares = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    origin = _origin(trace) | {"off": ",".join(trace.parts), "divergence in bits": repr(trace.divergence)}
    ids = sorted(names, key=lambda token: -shares[0, token])
    rows: list[tuple[str | int | float, ...]] = [
        (token, names[token], *(float(each[side, token]) for each in (trace.logits, shares) for side in (0, 1)))
        for token in ids
    ]
    columns = ("id", "token", "logit before", "logit after", "probability before", "probability after")
    return tables.csv(origin, columns, rows)


def lens(trace: ChangedTrace, names: dict[int, str]) -> bytes:
    """The likeliest tokens behind each layer, at the last position; layer 0 is what enters the first."""

    def rows() -> Iterator[tuple[str | int | float, ...]]:
        for side, when in enumerate(("before", "after")):
            for layer, (ids, shares) in enumerate(
                zip(trace.lens_ids[side], trace.lens_probabilities[side], strict=True)
            ):
                for rank, (token, share) in enumerate(zip(ids.tolist(), shares.tolist(), strict=True)):
                    yield when, layer, rank, token, names[token], share

    origin = _origin(trace) | {"off": ",".join(trace.parts)}
    return tables.csv(origin, ("when", "layer", "rank", "id", "token", "probability"), rows())


def each_off(each: EachOffTrace) -> bytes:
    """What becomes of the next token when each part alone is off."""
    names = dict(zip(each.entries.tolist(), each.texts, strict=True))
    origin = _origin(each) | {"answer": names[each.answer], "its probability": repr(each.probability)}
    rows = [
        (
            layer,
            COLUMNS[max(0, column - each.heads + 1)],
            column if column < each.heads else None,
            float(each.divergences[layer, column]),
            names[int(each.answers[layer, column])],
            float(each.probabilities[layer, column]),
            float(each.kept[layer, column]),
        )
        for layer, column in np.ndindex(each.divergences.shape)
    ]
    columns = ("layer", "part", "head", "bits", "likeliest token", "its probability", "answer's probability")
    return tables.csv(origin, columns, rows)
