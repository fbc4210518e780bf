"""What does a pass with another prompt's tensors hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens

LEAST: Final = 1e-3  # of a way between two differences of logits: a shorter one is none


@dataclass(frozen=True)
class PatchingTrace:
    """What a second prompt's tensors, each put in place alone, do to the first one's answer.

    A column is a position of the prompt, from `first` on; of heads it is a head, patched at all of these positions.
    """

    name: ClassVar[str] = "patching"

    source: Source  # its text is the prompt that runs, its pair the one that is patched in
    token_table: Tokens  # of the prompt that runs
    other_table: Tokens  # of the other
    what: str  # "residual", "attention", "mlp" or "heads": which output of a layer is put in place
    first: int  # the first position that is patched
    end: int  # the one behind the last
    answer: int  # the token whose logit is watched
    rival: int  # and with whose it is compared
    before: float  # logit[answer] - logit[rival] of the prompt that runs
    other: float  # of the other prompt
    patched: NDArray[np.float32]  # [layer, column] with that one tensor from the other prompt
    chosen: NDArray[np.float32]  # [layer, column, (answer, rival)] their probabilities
    top: NDArray[np.int64]  # [layer, column, rank] ids of the likeliest tokens
    top_probabilities: NDArray[np.float32]  # [layer, column, rank]
    ends_chosen: NDArray[np.float32]  # [(prompt that runs, other), (answer, rival)] without a patch
    ends_top: NDArray[np.int64]  # [(prompt that runs, other), rank]
    ends_probabilities: NDArray[np.float32]  # [(prompt that runs, other), rank]
    named: NDArray[np.int64]  # all ids above, in order
    names: tuple[str, ...]  # [id of these] what a person reads
    checked: NDArray[np.int64]  # [check, (layer, column)] what was run again, alone
    alone: NDArray[np.float32]  # [check] its logit[answer] - logit[rival]

    def __post_init__(self) -> None:
        shape = self.patched.shape
        if len(shape) != 2 or not shape == self.chosen.shape[:2] == self.top.shape[:2]:
            raise ValueError(f"patched {shape}, chosen {self.chosen.shape}, top {self.top.shape}")
        if len(self.token_table) != len(self.other_table) or len(self.named) != len(self.names):
            raise ValueError(f"{len(self.token_table)} and {len(self.other_table)} tokens, {len(self.names)} names")

    @property
    def recovered(self) -> NDArray[np.float64]:
        """[layer, column] how far it goes: 0 as before, 1 as the other prompt; NaN where both say the same."""
        way = self.other - self.before
        return (self.patched.astype(np.float64) - self.before) / (way if abs(way) > LEAST else np.nan)
