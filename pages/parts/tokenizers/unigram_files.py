"""How do a unigram lattice, its paths and its vocabulary leave the page?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from models import tables
from models.traces import Segmentation, UnigramTraining
from models.unigram_pieces import UnigramPieces
from viz import page
from viz.components.lattice import Drawn, Shown

JSON = "application/json"


def save(shown: Shown, drawn: Drawn, pieces: UnigramPieces, training: UnigramTraining | None) -> None:
    """Buttons for every number, in every digit."""
    origin = {"made by": "Orrery", "tokenizer": shown.title, "text": shown.lattice.text}
    origin[f"version of {shown.library}"] = version(shown.library)
    files = [
        ("Lattice, CSV", "lattice.csv", "text/csv", lambda: _edges(shown, origin)),
        ("Best ways, CSV", "best-ways.csv", "text/csv", lambda: _nearest(shown, origin)),
        ("Samples, CSV", "samples.csv", "text/csv", lambda: _samples(drawn, origin)),
        ("Vocabulary, CSV", "vocabulary.csv", "text/csv", lambda: _vocabulary(pieces, origin)),
        ("All of it, JSON", "unigram.json", JSON, lambda: _json(shown, drawn, pieces, training, origin)),
    ]
    if training:
        files += [
            ("Training rounds, CSV", "rounds.csv", "text/csv", lambda: _rounds(training, origin)),
            ("SentencePiece model", "unigram.model", "application/octet-stream", lambda: training.model),
        ]
    page.downloads(files)


def _edges(shown: Shown, origin: dict[str, str]) -> bytes:
    lattice = shown.lattice
    best = set(lattice.best.tolist())
    columns = ("edge", "start", "end", "piece", "id", "log_probability", "share", "unknown", "best")
    numbers = zip(
        lattice.starts.tolist(),
        lattice.ends.tolist(),
        lattice.edge_pieces,
        lattice.edge_ids.tolist(),
        lattice.scores.tolist(),
        lattice.shares.tolist(),
        lattice.unknown.astype(int).tolist(),
        strict=True,
    )
    return tables.csv(origin, columns, ((e, *row, int(e in best)) for e, row in enumerate(numbers)))


def _nearest(shown: Shown, origin: dict[str, str]) -> bytes:
    rows = ((rank, *_cells(path), path.log_probability, path.share) for rank, path in enumerate(shown.nearest, 1))
    return tables.csv(origin, ("rank", "pieces", "ids", "log_probability", "share"), rows)


def _samples(drawn: Drawn, origin: dict[str, str]) -> bytes:
    settings = {"alpha": repr(drawn.alpha), "seed": str(drawn.seed), "samples": str(drawn.count)}
    rows = (
        (*_cells(path), count, expected)
        for path, count, expected in zip(drawn.paths, drawn.counts.tolist(), drawn.expected.tolist(), strict=True)
    )
    return tables.csv(origin | settings, ("pieces", "ids", "times", "expected"), rows)


def _cells(path: Segmentation) -> tuple[str, str]:
    """Pieces and ids, each as JSON in one cell."""
    return json.dumps(path.pieces, ensure_ascii=False), json.dumps(path.ids.tolist())


def _vocabulary(pieces: UnigramPieces, origin: dict[str, str]) -> bytes:
    rows = ((number, piece, float(pieces.scores[number])) for piece, number in pieces.numbers.items())
    return tables.csv({k: v for k, v in origin.items() if k != "text"}, ("id", "piece", "log_probability"), rows)


def _rounds(training: UnigramTraining, origin: dict[str, str]) -> bytes:
    """One line for each candidate and round in which it is alive."""

    def rows() -> Iterator[tuple[str | float | None, ...]]:
        for number, (scores, losses) in enumerate(zip(training.log_probabilities, training.losses, strict=True), 1):
            for candidate in np.flatnonzero(np.isfinite(scores)).tolist():
                loss = float(losses[candidate])
                count = int(training.candidate_counts[candidate])
                piece = training.candidates[candidate]
                yield number, piece, count, float(scores[candidate]), None if np.isnan(loss) else loss

    columns = ("round", "piece", "count", "log_probability", "loss")
    return tables.csv({k: v for k, v in origin.items() if k != "text"}, columns, rows())


def _json(
    shown: Shown, drawn: Drawn, pieces: UnigramPieces, training: UnigramTraining | None, origin: dict[str, str]
) -> bytes:
    lattice = shown.lattice

    def path(found: Segmentation) -> dict[str, object]:
        return {
            "pieces": found.pieces,
            "ids": found.ids.tolist(),
            "spans": found.borders,
            "log_probability": found.log_probability,
            "share": found.share,
        }

    document = origin | {
        "normalized": lattice.normalized,
        "spans": lattice.spans.tolist(),
        "ways": shown.ways,
        "log_total": lattice.log_total,
        "edges": {
            "start": lattice.starts.tolist(),
            "end": lattice.ends.tolist(),
            "piece": lattice.edge_pieces,
            "id": lattice.edge_ids.tolist(),
            "log_probability": lattice.scores.tolist(),
            "share": lattice.shares.tolist(),
            "unknown": lattice.unknown.tolist(),
        },
        "best": lattice.best.tolist(),
        "nearest": [path(found) for found in shown.nearest],
        "samples": {
            "alpha": drawn.alpha,
            "seed": drawn.seed,
            "count": drawn.count,
            "paths": [path(found) for found in drawn.paths],
            "times": drawn.counts.tolist(),
            "expected": drawn.expected.tolist(),
        },
        "vocabulary": {piece: float(pieces.scores[number]) for piece, number in pieces.numbers.items()},
    }
    if training:
        document["training"] = {
            "candidates": len(training.candidates),
            "sizes": training.sizes.tolist(),
            "tokens": training.tokens.tolist(),
            "log_likelihoods": training.log_likelihoods.tolist(),
            "final": training.final,
            "agreement": training.agreement,
        }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
