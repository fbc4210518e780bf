"""Does the library that a unigram tokenizer comes from cut a text in the same way, on exactly what is shown?

sentencepiece is asked for its best path and, by its own search, for its n best with their log-probabilities, which it
sums in single precision; `tokenizers` tells only its best path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import unigram
from models.traces import Segmentation, UnigramLattice


@dataclass(frozen=True)
class Check:
    """What the library says to our lattice."""

    library: str
    same_path: bool  # its ids are those of our Viterbi path
    compared: int  # how many of its n best were compared with ours; 0: it has none to tell
    difference: float  # the largest between two log-probabilities of the same rank, as a share of their size

    @property
    def good(self) -> bool:
        """Whether all agrees, as far as single precision can tell."""
        return self.same_path and self.difference < 1e-5


def check(source: Any, lattice: UnigramLattice, nearest: Sequence[Segmentation]) -> Check:
    """Ask the library.

    Args:
        source: the bytes of sentencepiece's file, or a fast tokenizer of transformers.
        lattice: of the text to ask about.
        nearest: its n best.
    """
    ours = unigram.segmentation(lattice, lattice.best).ids.tolist()
    if not isinstance(source, bytes):
        theirs = source.backend_tokenizer.encode(lattice.text, add_special_tokens=False).ids
        return Check("tokenizers", ours == theirs, 0, 0.0)
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_proto=source)
    same = processor.encode(lattice.text) == ours
    asked = max(2, len(nearest))  # asked for one, it gives its best path with a score of 0
    theirs = processor.nbest_encode(lattice.text, nbest_size=asked, return_type="proto").nbests
    mine, other = (np.array(found) for found in ([n.log_probability for n in nearest], [t.score for t in theirs]))
    if mine.shape != other.shape:
        return Check("sentencepiece", same, len(theirs), np.inf)
    size = np.maximum(np.abs(mine), 1.0)
    return Check("sentencepiece", same, len(theirs), float((np.abs(mine - other) / size).max(initial=0.0)))
