"""Which analyses open a model up? All of them, by the names under which the engine runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from models import attribution, forward, lens
from models.traces import Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    **forward.ANALYSES,
    **lens.ANALYSES,
    **attribution.ANALYSES,
}
