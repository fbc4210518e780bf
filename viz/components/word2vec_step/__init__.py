"""How does one pair of words train word2vec? Sample by sample, with every number, in the browser.

    data = {"title": name, "facts": [line below a saved picture], "mode", "rate", "epoch", "dimensions": of a vector,
            "sentence": [word], "updates": [{"context": [place in the sentence], "target": place,
                "hidden": [dimension], "work": [dimension], "words": [sample], "before": [sample][dimension],
                "products", "sigmoids" (null: left alone), "exact", "losses", "steps": [sample]}]}

Of each vector the first `SHOWN` numbers travel; products, sigmoids, losses and steps are of all. Single precision is
written with as few digits as tell it apart. What is added to an output vector is made in the browser, as gensim makes
it: the step times h, in single precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.traces import Word2VecApart, Word2VecMode

FOLDER: Final = Path(__file__).parent
SHOWN: Final = 16


def parameters(apart: Word2VecApart) -> dict[str, state.Kind]:
    """What a link may say of these updates, for `viz.state.read`."""
    most = max(len(step.samples) for step in apart.steps)
    return {"pair": state.Whole(len(apart.steps)), "step": state.Whole(most + 2)}


def defaults(apart: Word2VecApart) -> dict[str, Any]:
    """The state that need not stand in the link: the pair of the rarest words, and its first sample."""
    ranks = [min(*step.context.tolist(), step.samples[0]) for step in apart.steps]
    return {"pair": int(np.argmax(ranks)), "step": 1}


def pack(
    apart: Word2VecApart, words: Sequence[str], *, mode: Word2VecMode, epoch: int, title: str, facts: Sequence[str]
) -> bytes:
    """A sentence's updates as they travel.

    Args:
        apart: what is shown.
        words: [word] of the training.
        mode: of the training.
        epoch: after how many epochs the sentence is trained on.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
    """
    updates = []
    for (context, target), step in zip(apart.places, apart.steps, strict=True):
        updates.append(
            {
                "context": context,
                "target": target,
                "hidden": _short(step.hidden[:SHOWN]),
                "work": _short(step.work[:SHOWN]),
                "words": [words[number] for number in step.samples],
                "before": [_short(vector[:SHOWN]) for vector in step.before],
                "products": _short(step.products),
                "sigmoids": _short(step.sigmoids),
                "exact": step.exact.tolist(),
                "losses": step.losses.tolist(),
                "steps": _short(step.steps),
            }
        )
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "mode": mode,
            "rate": apart.steps[0].rate,
            "epoch": epoch,
            "dimensions": len(apart.steps[0].hidden),
            "sentence": apart.words,
            "updates": updates,
        }
    )


def _short(values: NDArray[np.float32]) -> list[float | None]:
    """The fewest digits that tell each number from its neighbours in single precision; NaN is None."""
    return [None if np.isnan(value) else float(str(value)) for value in values]


def word2vec_step(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Show a sentence's updates in a Streamlit page; the parameters it owns are `pair` and `step`."""
    shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults)
