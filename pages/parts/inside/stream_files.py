"""How do the residual stream and the shares in a logit difference leave the page? As tables, as JSON, as traces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from models import tables, traces
from models.traces import AttributionTrace, StreamTrace
from viz import page

Row = tuple[int | float | str | None, ...]


def save(trace: StreamTrace, shares: AttributionTrace | None) -> None:
    """The buttons below the figure; those of the shares where there are any."""
    binary = "application/octet-stream"
    files: list[page.File] = [
        ("Stream, CSV", "orrery-stream.csv", "text/csv", lambda: stream_csv(trace)),
        ("Stream, trace", "orrery-stream.safetensors", binary, lambda: traces.to_bytes(trace)),
    ]
    if shares is not None:
        files += [
            ("Shares, CSV", "orrery-attribution.csv", "text/csv", lambda: shares_csv(shares)),
            ("Shares, JSON", "orrery-attribution.json", "application/json", lambda: shares_json(shares)),
            ("Shares, trace", "orrery-attribution.safetensors", binary, lambda: traces.to_bytes(shares)),
        ]
    page.downloads(files)


def stream_csv(trace: StreamTrace) -> bytes:
    """One row for each part at each position: the stream itself, attention, heads and MLP of each layer."""
    columns = ("position", "text", "layer", "part", "head", "norm", "cosine")
    return tables.csv(_header(trace), columns, _stream(trace))


def _stream(trace: StreamTrace) -> Iterator[Row]:
    layers, heads, positions = trace.heads.shape
    for place in range(positions):
        start = (trace.first + place, trace.token_table.texts[trace.first + place])
        yield *start, None, "input", None, float(trace.stream[0, place]), None
        for layer in range(layers):
            for part in ("attention", "mlp"):
                norms, cosines = getattr(trace, part), getattr(trace, f"{part}_cosine")
                yield *start, layer, part, None, float(norms[layer, place]), float(cosines[layer, place])
            for head in range(heads):
                both = float(trace.heads[layer, head, place]), float(trace.heads_cosine[layer, head, place])
                yield *start, layer, "head", head, *both
            yield *start, layer, "stream", None, float(trace.stream[layer + 1, place]), None


def shares_csv(shares: AttributionTrace) -> bytes:
    """One row for each part at each position; the shares of one position sum to the logit difference."""
    columns = ("position", "text", "token", "token_id", "rival", "rival_id", "layer", "part", "head", "share")
    return tables.csv(_header(shares), columns, _shares(shares))


def _shares(shares: AttributionTrace) -> Iterator[Row]:
    for place, record in enumerate(_records(shares)):
        start = (record["position"], record["text"])
        pair = record["token"]["text"], record["token"]["id"], record["rival"]["text"], record["rival"]["id"]
        yield *start, *pair, None, "embedding", None, record["embedding"]
        for layer, heads in enumerate(shares.heads[place]):
            for head, share in enumerate(heads.tolist()):
                yield *start, *pair, layer, "head", head, share
            yield *start, *pair, layer, "attention bias", None, float(shares.attention_bias[place, layer])
            yield *start, *pair, layer, "mlp", None, float(shares.mlps[place, layer])
        yield *start, *pair, None, "constant", None, record["constant"]


def shares_json(shares: AttributionTrace) -> bytes:
    """Everything as one JSON document."""
    source = shares.source
    document = {
        "model": source.made_by,
        "revision": source.revision,
        "versions": source.versions,
        "text": source.text,
        "positions": [
            record
            | {
                "heads": shares.heads[place].tolist(),
                "attention_bias": shares.attention_bias[place].tolist(),
                "mlps": shares.mlps[place].tolist(),
            }
            for place, record in enumerate(_records(shares))
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _records(shares: AttributionTrace) -> list[dict[str, Any]]:
    """What is no layer's, for each position."""

    def named(token: int) -> dict[str, Any]:
        return {"id": token, "text": shares.texts[int(np.searchsorted(shares.entries, token))]}

    return [
        {
            "position": shares.first + place,
            "text": shares.token_table.texts[shares.first + place],
            "token": named(int(shares.tokens[place])),
            "rival": named(int(shares.rivals[place])),
            "logit_difference": float(shares.totals[place]),
            "sum": float(shares.sums[place]),
            "embedding": float(shares.embedding[place]),
            "constant": float(shares.constant[place]),
        }
        for place in range(len(shares.totals))
    ]


def _header(trace: StreamTrace | AttributionTrace) -> dict[str, str]:
    return {"model": f"{trace.source.made_by}, revision {trace.source.revision}", "text": trace.source.text}
