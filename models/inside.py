"""Which analyses open a model up? All of them, by the names under which the engine runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from models import (
    attribution,
    caching,
    forward,
    forward_rows,
    lens,
    normalised,
    padded,
    patching,
    position_ways,
    shuffled,
    stream,
    trials,
    unmasked,
)
from models.traces import Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    **forward.ANALYSES,
    **forward_rows.ANALYSES,
    **lens.ANALYSES,
    **stream.ANALYSES,
    **attribution.ANALYSES,
    **normalised.ANALYSES,
    **unmasked.ANALYSES,
    **padded.ANALYSES,
    **caching.ANALYSES,
    **patching.ANALYSES,
    **position_ways.ANALYSES,
    **shuffled.ANALYSES,
    **trials.ANALYSES,
}
