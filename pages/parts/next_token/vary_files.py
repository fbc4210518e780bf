"""How do texts that vary leave the page? As tables, as JSON, and as their traces."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from models import tables, traces
from models.traces import GenerationTrace, Source, VariationTrace
from viz import page
from viz.components import text_fan

CSV: Final = "text/csv"
JSON: Final = "application/json"
BINARY: Final = "application/octet-stream"


def save_seeds(
    found: Sequence[GenerationTrace],
    seeds: Sequence[str],
    leaves: Sequence[int | None],
    counted: Sequence[float],
    expected: Sequence[float],
) -> None:
    """The buttons below texts of several seeds."""
    origin = _origin(found[0].source)
    one_a_text = [
        (int(seed), trace.text, text_fan.log_probability(trace), None if step is None else step + 1, trace.ended)
        for seed, trace, step in zip(seeds, found, leaves, strict=True)
    ]
    columns = ("seed", "text", "log_probability", "leaves_first_at", "ended_by")

    def steps() -> bytes:
        rows = (
            (int(seed), step + 1, *row)
            for seed, trace in zip(seeds, found, strict=True)
            for step, row in enumerate(_steps(trace))
        )
        names = ("seed", "step", "token", "id", "probability", "chance", "kept", "entropy_bits")
        return tables.csv(origin, names, rows)

    def as_json() -> bytes:
        content = {
            "source": origin,
            "texts": [dict(zip(columns, row, strict=True)) for row in one_a_text],
            "pairs_that_agree": {"counted": list(counted), "expected": list(expected)},
        }
        return json.dumps(content, indent=1).encode()

    page.downloads(
        (
            ("Texts, CSV", "orrery-texts.csv", CSV, lambda: tables.csv(origin, columns, one_a_text)),
            ("Steps, CSV", "orrery-steps.csv", CSV, steps),
            ("JSON", "orrery-texts.json", JSON, as_json),
            ("Traces", "orrery-texts.zip", "application/zip", lambda: _zipped(found, seeds)),
        )
    )


def save_numbers(trace: VariationTrace) -> None:
    """The buttons below one text computed in several ways."""
    origin = _origin(trace.source)
    columns = ("way", "step", "token", "id", "logit", "second", "second_id", "second_logit", "margin", "difference")

    def rows() -> list[tuple[Any, ...]]:
        return [
            (way, step + 1, texts[0], ids[0], logits[0], texts[1], ids[1], logits[1], margin, _known(difference))
            for way, *columns in zip(
                trace.ways,
                trace.best_texts,
                trace.best.tolist(),
                trace.best_logits.tolist(),
                trace.margins.tolist(),
                trace.differences.tolist(),
                strict=True,
            )
            for step, (texts, ids, logits, margin, difference) in enumerate(zip(*columns, strict=True))
            if texts
        ]

    def as_json() -> bytes:
        content = {
            "source": origin,
            "ways": [
                {"way": way, "parts_at": None if step is None else step + 1}
                for way, step in zip(trace.ways, trace.parted, strict=True)
            ],
            "skipped": dict(trace.skipped),
            "steps": [dict(zip(columns, row, strict=True)) for row in rows()],
        }
        return json.dumps(content, indent=1).encode()

    page.downloads(
        (
            ("Differences, CSV", "orrery-differences.csv", CSV, lambda: tables.csv(origin, columns, rows())),
            ("JSON", "orrery-differences.json", JSON, as_json),
            ("Trace", "orrery-differences.safetensors", BINARY, lambda: traces.to_bytes(trace)),
        )
    )


def _steps(trace: GenerationTrace) -> list[tuple[str | int | float, ...]]:
    return list(
        zip(
            trace.texts,
            trace.tokens.tolist(),
            trace.probabilities.tolist(),
            trace.chances.tolist(),
            trace.kept.tolist(),
            trace.entropies.tolist(),
            strict=True,
        )
    )


def _zipped(found: Sequence[GenerationTrace], seeds: Sequence[str]) -> bytes:
    """One trace a seed, the same bytes each time."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for seed, trace in zip(seeds, found, strict=True):
            archive.writestr(zipfile.ZipInfo(f"seed-{seed}.safetensors"), traces.to_bytes(trace))
    return held.getvalue()


def _known(value: float) -> float | None:
    return value if value == value else None  # NaN: there is none


def _origin(source: Source) -> dict[str, str]:
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}
