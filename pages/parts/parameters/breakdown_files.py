"""How does a breakdown leave the page? All tensors, the formula, the configuration, the trace."""

from __future__ import annotations

import json

from models import tables, traces
from pages.parts.parameters.counted import Counted
from viz import page

COLUMNS = ("tensor", "shape", "parameters", "part", "block", "experts", "experts_on_one_token", "also_used_as")


def save(found: Counted) -> None:
    """Buttons for the files."""
    page.downloads(
        [
            ("Tensors, CSV", "orrery-parameters.csv", "text/csv", lambda: tensors_csv(found)),
            *(
                [("Formula, CSV", "orrery-parameters-formula.csv", "text/csv", lambda: formula_csv(found))]
                if found.formula
                else []
            ),
            (
                "Configuration, JSON",
                "config.json",
                "application/json",
                json.dumps(found.chosen.fields, indent=2).encode,
            ),
            (
                "Trace",
                "orrery-parameters.safetensors",
                "application/octet-stream",
                lambda: traces.to_bytes(found.trace),
            ),
        ]
    )


def tensors_csv(found: Counted) -> bytes:
    """One line a tensor, each tied one once."""
    trace = found.trace
    rows = [
        (
            name,
            " x ".join(map(str, shape)),
            count,
            part,
            layer if layer >= 0 else None,
            held,
            used if used >= 0 else None,
            " ".join(other for other, first in trace.tied if first == name),
        )
        for name, shape, count, part, layer, held, used in zip(
            trace.names,
            trace.shapes,
            trace.counts.tolist(),
            trace.parts,
            trace.layers.tolist(),
            trace.experts.tolist(),
            trace.used.tolist(),
            strict=True,
        )
    ]
    return tables.csv(_origin(found), COLUMNS, rows)


def formula_csv(found: Counted) -> bytes:
    """One line a matrix of the formula."""
    if found.formula is None:
        raise ValueError("no formula")
    symbols = {f"symbol {name}": str(value) for name, value in found.formula.symbols.items()}
    rows = [
        (term.name, term.part, term.formula, term.numbers, term.each, term.times, term.count, term.tied)
        for term in found.formula.terms
    ]
    columns = ("what", "part", "formula", "numbers", "each", "times", "parameters", "is_the")
    return tables.csv(_origin(found) | symbols, columns, rows)


def _origin(found: Counted) -> dict[str, str]:
    versions = {f"version of {package}": number for package, number in found.trace.source.versions.items()}
    return {
        "model": found.chosen.title,
        "source": found.chosen.source,
        "class": found.trace.model_class,
        **versions,
    }
