"""What does a changed pass hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens, divergence


@dataclass(frozen=True)
class ChangedTrace:
    """The next token behind a text, of the model as it is and with parts of it switched off or scaled."""

    name: ClassVar[str] = "changed"

    source: Source
    token_table: Tokens
    parts: tuple[str, ...]  # as models/interventions.py writes them
    logits: NDArray[np.float32]  # [before, after] [vocabulary] behind the last token

    def __post_init__(self) -> None:
        if self.logits.ndim != 2 or len(self.logits) != 2:
            raise ValueError(f"logits {self.logits.shape}")

    @property
    def divergence(self) -> float:
        """Kullback-Leibler divergence of the next token after from before, in bits."""
        return divergence(self.logits)


@dataclass(frozen=True)
class PatchingTrace:
    """What a second prompt's tensors, each put in place alone, do to the first one's answer."""

    name: ClassVar[str] = "patching"

    source: Source  # its text is the prompt that runs, its pair the one that is patched in
    token_table: Tokens  # of the prompt that runs
    other_table: Tokens  # of the other
    what: str  # "residual", "attention" or "mlp": which output of a layer is put in place
    token: int  # whose logit is watched
    rival: int  # and against whose
    before: float  # logit[token] - logit[rival] of the prompt that runs
    other: float  # of the other prompt
    patched: NDArray[np.float32]  # [layer, position] with that one tensor from the other prompt

    def __post_init__(self) -> None:
        if self.patched.ndim != 2 or self.patched.shape[1] != len(self.token_table):
            raise ValueError(f"patched {self.patched.shape} for {len(self.token_table)} tokens")

    @property
    def recovered(self) -> NDArray[np.float64]:
        """[layer, position] how far it goes: 0 as before, 1 as the other prompt; NaN where both say the same."""
        way = self.other - self.before
        return (self.patched.astype(np.float64) - self.before) / (way if way else np.nan)
