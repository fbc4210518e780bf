"""What does a window that is too short for a text hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class WindowTrace:
    """What a model predicts behind a text of which it sees the last tokens only, for windows of many lengths."""

    name: ClassVar[str] = "window"

    source: Source  # its text is all of it: of a chat, what the template wrote
    token_table: Tokens  # of the whole text, however long
    limit: int  # the most tokens that are run here
    reach: int  # those that the model itself takes, by its config; 0: it doesn't say
    leading: int  # special tokens that the tokenizer puts at the beginning: they stay in every window
    windows: NDArray[np.int64]  # [window] tokens in it, those included, ascending; the last is as much as can be run
    candidates: NDArray[np.int64]  # [candidate] ids of all that are among the most probable ones of some window
    texts: tuple[str, ...]  # [candidate] what a person reads of each
    probabilities: NDArray[np.float32]  # [window, candidate]
    likely: NDArray[np.int64]  # [window, rank] the most probable ones, the first before the others: a candidate's index
    divergences: NDArray[np.float64]  # [window] KL(largest window || this one), in bits
    entropies: NDArray[np.float64]  # [window] in bits
    difference: float  # the largest one, of any token's probability, to windows that are run alone

    def __post_init__(self) -> None:
        windows, candidates = len(self.windows), len(self.candidates)
        if self.probabilities.shape != (windows, candidates) or len(self.texts) != candidates:
            raise ValueError(f"{windows} windows, {candidates} candidates, probabilities {self.probabilities.shape}")
        if not len(self.likely) == len(self.divergences) == len(self.entropies) == windows:
            raise ValueError(f"likely {self.likely.shape} for {windows} windows")

    @property
    def lost(self) -> int:
        """Tokens that fall off in any case, since the whole text is over the limit."""
        return len(self.token_table) - int(self.windows[-1])
