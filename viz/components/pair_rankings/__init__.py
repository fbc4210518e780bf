"""Which pairs does a training merge by count, and which by score? Both lists side by side, in the browser.

    data = {"facts": [line below a saved picture], "prefix": of symbols inside a word,
            "alphabet": entries before any merge,
            "runs": [{"left", "right", "counts", "scores", "rivals": [left, right, count, score], "ranks": [step]}]}

The first run is by count, the second by score. Scores travel with four digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.traces import PairRanking, WordPieceTraining

FOLDER: Final = Path(__file__).parent


def pack(training: WordPieceTraining, prefix: str, facts: Sequence[str]) -> bytes:
    """A training as it travels; `facts` are the lines below a saved picture."""
    runs = [_run(training.by_count), _run(training.by_likelihood)]
    return shared.pack({"facts": list(facts), "prefix": prefix, "alphabet": training.alphabet, "runs": runs})


def _run(ranking: PairRanking) -> dict[str, Any]:
    rivals = zip(ranking.rivals, ranking.rival_counts.tolist(), _short(ranking.rival_scores), strict=True)
    return {
        "left": [left for left, _ in ranking.pairs],
        "right": [right for _, right in ranking.pairs],
        "counts": ranking.counts.tolist(),
        "scores": _short(ranking.scores),
        "rivals": [[left, right, count, score] for (left, right), count, score in rivals],
        "ranks": ranking.ranks.tolist(),
    }


def _short(scores: NDArray[Any]) -> list[float]:
    return [float(f"{score:.4g}") for score in scores.tolist()]


def pair_rankings(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show a training in a Streamlit page; the parameter it owns is `step`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
