"""How does a picture of patches leave the page? As a table, as JSON, as its trace."""

from __future__ import annotations

import json
import math
from typing import Any

from models import tables, traces
from models.traces import PatchingTrace
from viz import page


def save(trace: PatchingTrace) -> None:
    """The buttons below the figure."""
    page.downloads(
        [
            ("CSV", "orrery-patching.csv", "text/csv", lambda: csv(trace)),
            ("JSON", "orrery-patching.json", "application/json", lambda: json_(trace)),
            (
                "Trace",
                "orrery-patching.safetensors",
                "application/octet-stream",
                lambda: traces.to_bytes(trace),
            ),
        ]
    )


def csv(trace: PatchingTrace) -> bytes:
    """One row for each patch."""
    source = trace.source
    header = {
        "model": f"{source.made_by}, revision {source.revision}",
        "prompt that runs": source.text,
        "prompt that is patched in": source.pair or "",
        "what is patched": trace.what,
        "answer": name(trace, trace.answer),
        "rival": name(trace, trace.rival),
        "difference, prompt that runs": repr(trace.before),
        "difference, other prompt": repr(trace.other),
    }
    rows = records(trace)
    likely = [f"likely_{rank}{what}" for rank in range(1, trace.top.shape[2] + 1) for what in ("", "_probability")]
    columns = [*(field for field in rows[0] if field != "likely"), *likely]
    cells = [
        [
            *(value for field, value in row.items() if field != "likely"),
            *(cell for pair in row["likely"] for cell in pair),
        ]
        for row in rows
    ]
    return tables.csv(header, columns, cells)


def json_(trace: PatchingTrace) -> bytes:
    """Everything as one JSON document."""
    source = trace.source
    ends = [
        {
            "text": text,
            "tokens": list(table.texts),
            "ids": table.ids.tolist(),
            "difference": difference,
            "answer_probability": float(chosen[0]),
            "rival_probability": float(chosen[1]),
            "likely": [(name(trace, int(token)), float(share)) for token, share in zip(ids, shares, strict=True)],
        }
        for text, table, difference, chosen, ids, shares in zip(
            (source.text, source.pair),
            (trace.token_table, trace.other_table),
            (trace.before, trace.other),
            trace.ends_chosen,
            trace.ends_top,
            trace.ends_probabilities,
            strict=True,
        )
    ]
    document = {
        "model": source.made_by,
        "revision": source.revision,
        "versions": source.versions,
        "what": trace.what,
        "answer": {"id": trace.answer, "text": name(trace, trace.answer)},
        "rival": {"id": trace.rival, "text": name(trace, trace.rival)},
        "runs": ends[0],
        "other": ends[1],
        "patches": records(trace),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def records(trace: PatchingTrace) -> list[dict[str, Any]]:
    """A record for each patch."""
    recovered = trace.recovered
    found = []
    for layer in range(trace.patched.shape[0]):
        for column in range(trace.patched.shape[1]):
            position = trace.first + column
            place: dict[str, Any] = {"head": column}
            if trace.what != "heads":
                texts = {"text": trace.token_table.texts[position], "other_text": trace.other_table.texts[position]}
                place = {"token": position, **texts}
            far = float(recovered[layer, column])
            likely = zip(trace.top[layer, column], trace.top_probabilities[layer, column], strict=True)
            found.append(
                {
                    "layer": layer,
                    **place,
                    "difference": float(trace.patched[layer, column]),
                    "recovered": far if math.isfinite(far) else None,
                    "answer_probability": float(trace.chosen[layer, column, 0]),
                    "rival_probability": float(trace.chosen[layer, column, 1]),
                    "likely": [(name(trace, int(token)), float(share)) for token, share in likely],
                }
            )
    return found


def name(trace: PatchingTrace, token: int) -> str:
    """What a person reads of a token that the trace names."""
    return trace.names[int(trace.named.searchsorted(token))]
