"""How does a text with the surprise at each of its tokens leave the page? As a table, as JSON, as its trace."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from models import surprise, tables, traces
from models.surprise_compare import Compared
from models.traces import Source, SurpriseTrace
from viz import page


def origin(source: Source) -> str:
    """Which model, and by what it was read."""
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return " · ".join([source.made_by, f"revision {source.revision[:12]}", *versions])


def save(trace: SurpriseTrace, second: SurpriseTrace | None, compared: Compared | None) -> None:
    """The buttons below the figure; those of the second model where there is one."""
    binary = "application/octet-stream"
    files: list[page.File] = [
        ("CSV", "orrery-xray.csv", "text/csv", lambda: csv(trace)),
        ("JSON", "orrery-xray.json", "application/json", lambda: json_(trace)),
        ("Trace", "orrery-xray.safetensors", binary, lambda: traces.to_bytes(trace)),
    ]
    if second is not None and compared is not None:
        files += [
            ("Both, CSV", "orrery-xray-both.csv", "text/csv", lambda: both_csv(trace, second, compared)),
            ("Second trace", "orrery-xray-second.safetensors", binary, lambda: traces.to_bytes(second)),
        ]
    page.downloads(files)


def csv(trace: SurpriseTrace) -> bytes:
    """One row for each token; what isn't predicted has no numbers."""
    ranks = range(1, trace.likely.shape[1] + 1)
    columns = [*_tokens(trace)[0], *(f"likely_{rank}{what}" for rank in ranks for what in ("", "_probability"))]
    rows = [
        [*row.values(), *(cell for entry in _likely(trace, place) for cell in (entry["text"], entry["probability"]))]
        if place >= trace.first
        else [*row.values(), *[None] * (2 * len(ranks))]
        for place, row in enumerate(_tokens(trace))
    ]
    return tables.csv(_header(trace.source), columns, rows)


def json_(trace: SurpriseTrace) -> bytes:
    """Everything as one JSON document; null where there is no number, or it is infinite."""
    tokens = [
        {name: _finite(value) for name, value in row.items()}
        | {"likely": _likely(trace, place) if place >= trace.first else []}
        for place, row in enumerate(_tokens(trace))
    ]
    bits = float(trace.surprisals.sum(dtype=np.float64))
    characters, size = surprise.covered(trace)
    document = {
        "model": trace.source.made_by,
        "revision": trace.source.revision,
        "versions": trace.source.versions,
        "text": trace.source.text,
        "vocabulary": trace.vocabulary,
        "bits": _finite(bits),
        "bits_per_token": _finite(bits / len(trace.surprisals)),
        "bits_per_character": _finite(bits / characters) if characters else None,
        "bits_per_byte": _finite(bits / size) if size else None,
        "perplexity": _finite(trace.perplexity),
        "loss": _finite(trace.loss),
        "tokens": tokens,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def both_csv(first: SurpriseTrace, second: SurpriseTrace, compared: Compared) -> bytes:
    """One row for each piece of the text that both models cut out."""
    text = first.source.text
    rows = [
        (
            *segment.span,
            text[slice(*segment.span)],
            *(end - start for start, end in segment.tokens),
            *(segment.bits or (None, None)),
            segment.difference,
        )
        for segment in compared.segments
    ]
    header = _header(first.source) | {"second model": f"{second.source.made_by}, revision {second.source.revision}"}
    columns = ("start", "end", "text", "tokens_1", "tokens_2", "bits_1", "bits_2", "difference")
    return tables.csv(header, columns, rows)


def _tokens(trace: SurpriseTrace) -> list[dict[str, Any]]:
    """A record for each token."""
    table, first = trace.token_table, trace.first
    sums = trace.surprisals.cumsum(dtype=np.float64)
    return [
        {
            "token": place,
            "text": table.texts[place],
            "id": int(table.ids[place]),
            "start": table.spans[place][0],
            "end": table.spans[place][1],
            "probability": float(trace.probabilities[place - first]) if place >= first else None,
            "rank": int(trace.ranks[place - first]) if place >= first else None,
            "surprisal": float(trace.surprisals[place - first]) if place >= first else None,
            "entropy": float(trace.entropies[place - first]) if place >= first else None,
            "sum": float(sums[place - first]) if place >= first else None,
        }
        for place in range(len(table))
    ]


def _likely(trace: SurpriseTrace, place: int) -> list[dict[str, Any]]:
    """The likeliest tokens at a place, with their ids and probabilities."""
    row = place - trace.first
    entries = zip(
        trace.likely_texts[row], trace.likely[row].tolist(), trace.likely_probabilities[row].tolist(), strict=True
    )
    return [{"text": text, "id": number, "probability": share} for text, number, share in entries]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _header(source: Source) -> dict[str, str]:
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
