"""What do a model's vectors say: of a word in context, of sentences, of the model's own tables?

The one name for what this question takes, each answered in a file of its own: `contextual` (models/contextual.py),
`embed` and what is done with its vectors (models/sentences.py, models/text_groups.py), `compare` with counting words
(models/counting.py), `neighbours`, `table` and `positions` (models/embedding_table.py). Vectors that stand in a file,
without a model, are models/word_vectors.py; training some, models/word2vec.py.

    lm = catalog.load("minilm-l6-v2")
    trace = embeddings.contextual(lm, ["They sat on the river bank.", "The bank lent them money."], "bank")
    trace.vectors                      # float32 [layer + 1, use, dimension]
    embeddings.embed(lm, texts).vectors
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from models.contextual import contextual
from models.counting import compare
from models.embedding_table import neighbours, positions, table
from models.sentences import embed, lines_of, search, similarity
from models.text_groups import classify, groups
from models.traces import InputError, Trace

if TYPE_CHECKING:
    from models.engine import Request
    from models.language_model import LanguageModel
    from models.progress import Progress

__all__ = [
    "ANALYSES",
    "classify",
    "compare",
    "contextual",
    "embed",
    "groups",
    "lines_of",
    "neighbours",
    "positions",
    "search",
    "similarity",
    "table",
]


def _context(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    pooling = cast(Any, settings.get("pooling", "mean"))
    return contextual(lm, lines_of(request.text), settings.get("word", ""), pooling=pooling, progress=progress)


def _sentences(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    pooling = cast(Any, dict(request.settings).get("pooling", "mean"))
    return embed(lm, lines_of(request.text), pooling=pooling, progress=progress)


def _neighbours(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    return neighbours(lm, request.text, count=_count(request, 10))


def _table(lm: LanguageModel, _request: Request, _progress: Progress) -> Trace:
    return table(lm)


def _positions(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    return positions(lm, count=_count(request, 128))


def _count(request: Request, usual: int) -> int:
    """The setting `count`, which may come from a link."""
    given = dict(request.settings).get("count", str(usual))
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InputError("The count must be a whole number, such as 10.")
    return int(given)


# What the engine runs for a request, by the name of its analysis. Settings: "context" word and pooling,
# "sentences" pooling, "neighbours" and "positions" count; "context" and "sentences" read a text a line.
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {
    "context": _context,
    "sentences": _sentences,
    "neighbours": _neighbours,
    "table": _table,
    "positions": _positions,
}
