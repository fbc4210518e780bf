"""What does a computation hand to a picture?

A trace is a frozen dataclass of NumPy arrays and plain values. It is written to and read from one safetensors file
(models/traces/file.py), which is how a trace is cached, sent from another machine, stored for first paint, exported,
and tested without a model.

Importing this package imports neither torch nor transformers.
"""

from models.traces.attention import (
    AttentionTrace,
    InductionTrace,
)
from models.traces.base import (
    InputError,
    Source,
    TokenKind,
    Tokens,
    TooLongError,
)
from models.traces.bpe import (
    BpeMoment,
    BpeReplay,
    BpeSegmentation,
    BpeState,
    BpeStep,
    BpeTrees,
    BpeWindow,
    BpeWord,
)
from models.traces.file import (
    FORMAT,
    TRACES,
    Trace,
    from_bytes,
    size_of,
    to_bytes,
)
from models.traces.pieces import (
    PairRanking,
    Segmentation,
    UnigramLattice,
    UnigramTraining,
    WordPieceReplay,
    WordPieceTraining,
    WordPieceWord,
)
from models.traces.tokenizers import (
    ChatTrace,
    Comparison,
    ComparisonRow,
    EntryKind,
    Vocabulary,
)

__all__ = [
    "FORMAT",
    "TRACES",
    "AttentionTrace",
    "BpeMoment",
    "BpeReplay",
    "BpeSegmentation",
    "BpeState",
    "BpeStep",
    "BpeTrees",
    "BpeWindow",
    "BpeWord",
    "ChatTrace",
    "Comparison",
    "ComparisonRow",
    "EntryKind",
    "InductionTrace",
    "InputError",
    "PairRanking",
    "Segmentation",
    "Source",
    "TokenKind",
    "Tokens",
    "TooLongError",
    "Trace",
    "UnigramLattice",
    "UnigramTraining",
    "Vocabulary",
    "WordPieceReplay",
    "WordPieceTraining",
    "WordPieceWord",
    "from_bytes",
    "size_of",
    "to_bytes",
]
