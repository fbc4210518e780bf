"""How do a unigram lattice, its best and drawn paths and the rounds of training reach the browser?

Numbers travel as the trace has them; the browser rounds them where it writes them. Edges travel as columns, a path as
its tokens with the places where they begin and end, and of each round of training the pieces nearest to the line
between those that stay and those that go.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import Segmentation, UnigramLattice, UnigramTraining
from viz import theme

FOLDER: Final = Path(__file__).parent
PARTS: Final = ("lattice", "best", "samples", "rounds")
MAX_BEST: Final = 20
SPACE: Final = "\u2581"
MAX_WORD: Final = 24  # characters
LISTED: Final = 48  # pieces of one kind in one round

# The state that the browser owns, and the values that need not stand in the link.
DEFAULTS: Final[dict[str, Any]] = {
    "part": "lattice",
    "word": None,  # one word by itself
    "edge": None,  # the chosen piece
    "n": 5,
    "samples": 100,
    "alpha": 0.5,
    "seed": 0,
    "round": 0,
}


@dataclass(frozen=True)
class Drawn:
    """Samples of one text, the same ones counted together, the most frequent first."""

    alpha: float
    seed: int
    asked: int  # how many were asked for; fewer are drawn of a long text
    count: int
    paths: tuple[Segmentation, ...]  # [path]
    counts: NDArray[np.int64]  # [path] how often each came
    expected: NDArray[np.float64]  # [path] probability of each, P^alpha over the sum of P^alpha


@dataclass(frozen=True)
class Shown:
    """All that is known of one text under one tokenizer."""

    title: str  # the tokenizer's, as people read it
    library: str
    lattice: UnigramLattice
    before: NDArray[np.int64]  # [gap] last edge of the best way to it
    after: NDArray[np.int64]  # [gap] first edge of the best way on
    nearest: tuple[Segmentation, ...]  # at most MAX_BEST, best first
    ways: int  # how many segmentations there are


def free_gaps(lattice: UnigramLattice) -> list[int]:
    """The gaps that no piece crosses, ends included: between two of them the text is cut by itself."""
    covered = np.zeros(len(lattice.normalized) + 1, dtype=np.int64)
    np.add.at(covered, lattice.starts + 1, 1)
    np.add.at(covered, lattice.ends, -1)
    return np.flatnonzero(np.cumsum(covered) == 0).tolist()


def words(lattice: UnigramLattice) -> list[int]:
    """The free gaps before spaces; a longer run without one is parted at other free gaps, where it has any."""
    free = free_gaps(lattice)
    found = free[:1]
    for gap, following in itertools.pairwise(free[1:]):
        if lattice.normalized[gap] == SPACE or following - found[-1] > MAX_WORD:
            found.append(gap)
    return found + free[-1:]


def data(shown: Shown, drawn: Drawn | None, training: UnigramTraining | None, facts: Sequence[str]) -> dict[str, Any]:
    """What the figure draws.

    Args:
        shown: the text's lattice and its best paths.
        drawn: samples of it.
        training: the rounds, where the tokenizer was trained here.
        facts: lines below a saved picture.
    """
    lattice = shown.lattice
    return {
        "title": shown.title,
        "library": shown.library,
        "text": lattice.normalized,
        "spans": lattice.spans.tolist(),
        "free": free_gaps(lattice),
        "words": words(lattice),
        "starts": lattice.starts.tolist(),
        "ends": lattice.ends.tolist(),
        "ids": lattice.edge_ids.tolist(),
        "scores": lattice.scores.tolist(),
        "shares": lattice.shares.tolist(),
        "unknown": np.flatnonzero(lattice.unknown).tolist(),
        "bytes": bool(lattice.byte_ids),
        "best": lattice.best.tolist(),
        "before": shown.before.tolist(),
        "after": shown.after.tolist(),
        "total": lattice.log_total,
        "ways": _count(shown.ways),
        "nearest": [_path(path) for path in shown.nearest],
        "drawn": drawn and _drawn(drawn),
        "rounds": training and rounds(training),
        "facts": list(facts),
    }


def _path(path: Segmentation) -> dict[str, Any]:
    return {
        "pieces": path.pieces,
        "ids": path.ids.tolist(),
        "borders": path.borders,
        "log": path.log_probability,
        "share": path.share,
    }


def _drawn(drawn: Drawn) -> dict[str, Any]:
    rows = list(zip(drawn.paths, drawn.counts.tolist(), drawn.expected.tolist(), strict=True))
    return {
        "alpha": drawn.alpha,
        "seed": drawn.seed,
        "asked": drawn.asked,
        "count": drawn.count,
        "kinds": len(rows),
        "rows": [_path(path) | {"count": count, "expected": p} for path, count, p in rows[:MAX_BEST]],
        "rest": [sum(count for _, count, _ in rows[MAX_BEST:]), 1.0 - sum(p for _, _, p in rows[:MAX_BEST])],
    }


def rounds(training: UnigramTraining) -> dict[str, Any]:
    """The history of a vocabulary, round by round."""
    sizes = training.sizes.tolist()
    last = len(sizes) - 1
    final = set(training.final)
    alive = np.flatnonzero(np.isfinite(training.log_probabilities[last]))
    ranked = alive[np.argsort(training.log_probabilities[last][alive], kind="stable")]
    dropped = np.array([c for c in ranked.tolist() if training.candidates[c] not in final], dtype=np.int64)

    def listed(candidates: NDArray[np.int64], values: NDArray[np.float32] | None) -> dict[str, Any]:
        shown = candidates[:LISTED].tolist()
        worth = [None] * len(shown) if values is None else [float(values[c]) for c in shown]
        rows = zip((training.candidates[c] for c in shown), worth, strict=True)
        return {"total": len(candidates), "pieces": [list(row) for row in rows]}

    steps = []
    for number in range(last):
        pruned, unused, forgotten = training.lost(number)
        kept, losses = training.kept(number), training.losses[number]
        steps.append(
            {
                "pruned": listed(pruned, losses),
                "unused": listed(unused, None),
                "forgotten": listed(forgotten, losses),
                "kept": listed(kept, losses),
                "nearest": listed(kept[::-1], losses),
            }
        )
    strongest = training.log_probabilities[last]
    steps.append({"dropped": listed(dropped, strongest), "strongest": listed(ranked[::-1], strongest)})
    return {
        "candidates": len(training.candidates),
        "sizes": sizes,
        "tokens": training.tokens.tolist(),
        "likelihoods": training.log_likelihoods[:, -1].tolist(),
        "final": len(training.final),
        "agreement": training.agreement,
        "steps": steps,
    }


def _count(ways: int) -> str:
    """A whole number as a person reads it; beyond a million million as a power of ten."""
    if ways < 10**12:
        return f"{ways:,}"
    return f"about 10{str(len(str(ways)) - 1).translate(theme.SUPERSCRIPT)}"
