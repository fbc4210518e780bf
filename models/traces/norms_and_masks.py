"""What do a model's norms, its mask and the padding of its batches hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class NormalisedTrace:
    """The vector of one token as it enters each norm of a model, and what each norm is made of.

    A place is one norm on the way through the model: those around the layers have the layer -1.
    """

    name: ClassVar[str] = "normalised"

    source: Source
    token_table: Tokens
    position: int  # whose vectors these are
    kind: str  # "LayerNorm" or "RMSNorm": what the model's own norms are
    eps: float  # what is added under the root
    places: tuple[str, ...]  # [place] "embedding", "attention", "attention after", "mlp", "mlp after" or "final"
    layers: NDArray[np.int64]  # [place]
    vectors: NDArray[np.float32]  # [place, dimension] what enters
    weights: NDArray[np.float32]  # [place, dimension] what the norm multiplies by
    biases: NDArray[np.float32]  # [place, dimension] and adds; [place, 0] of norms without
    lengths: NDArray[np.float32]  # [entering or leaving, place, token] of all tokens
    differences: NDArray[np.float64]  # [place] of our arithmetic from the module's own output, of its largest number
    other_differences: NDArray[np.float64]  # [place] of the other kind's from PyTorch's function for it

    def __post_init__(self) -> None:
        count = len(self.places)
        if not self.vectors.shape == self.weights.shape or not len(self.vectors) == len(self.layers) == count:
            raise ValueError(f"{count} places, vectors {self.vectors.shape}, weights {self.weights.shape}")
        if self.lengths.shape != (2, count, len(self.token_table)):
            raise ValueError(f"lengths {self.lengths.shape} for {count} places and {len(self.token_table)} tokens")

    @property
    def max_difference(self) -> float:
        """The largest one from the model's own outputs."""
        return float(self.differences.max())


@dataclass(frozen=True)
class UnmaskedTrace:
    """One text read twice: with the model's own mask, and with the other one.

    A decoder's own mask hides what comes later, and the other one hides nothing; of an encoder it is the other way
    round. "Own" comes before "other" wherever there are two.
    """

    name: ClassVar[str] = "unmasked"

    source: Source
    token_table: Tokens
    causal: bool  # whether the model's own mask hides what comes later
    first: int  # the first token whose attention is here
    weights: NDArray[np.float32]  # [own or other, layer, head, query, key] from `first` on
    later: NDArray[np.float64]  # [layer, head] share of the attention that goes to later tokens where nothing is hidden
    cosines: NDArray[np.float64]  # [layer + 1, token] between the two vectors, from what enters the first layer on
    likely: NDArray[np.int64]  # [own or other, token, rank] ids of the most probable next ones; no ranks of an encoder
    likely_texts: tuple[tuple[tuple[str, ...], ...], ...]  # [own or other][token][rank]
    likely_probabilities: NDArray[np.float32]  # [own or other, token, rank]
    true_probabilities: NDArray[np.float64]  # [own or other, token] of what does come next; all but the last; or none
    divergences: NDArray[np.float64]  # [token] KL(own || other) in bits; none of an encoder
    difference: float  # of the model's own pass from one that is handed the same mask, as a share of its largest number

    def __post_init__(self) -> None:
        count = len(self.token_table)
        if self.weights.shape[0] != 2 or self.weights.shape[1:3] != self.later.shape or self.cosines.shape[1] != count:
            raise ValueError(f"weights {self.weights.shape}, later {self.later.shape}, cosines {self.cosines.shape}")
        if self.divergences.size and self.true_probabilities.shape != (2, count - 1):
            raise ValueError(f"probabilities {self.true_probabilities.shape} for {count} tokens")

    @property
    def surprisals(self) -> NDArray[np.float64]:
        """[own or other, token] -log2 of what is given to the token that does come next, in bits."""
        return -np.log2(np.maximum(self.true_probabilities, np.finfo(np.float64).tiny))


@dataclass(frozen=True)
class PaddedTrace:
    """What a batch with a longer text makes of a shorter one, filled up in every way.

    The axes of the ways: [filled up on the left or the right, without or with an attention mask, positions counted
    from the batch's first column or from the text's first token].
    """

    name: ClassVar[str] = "padded"

    source: Source  # its text is the shorter one, its pair the longer
    token_table: Tokens  # of the shorter
    longer_texts: tuple[str, ...]  # [token] of the longer
    swapped: bool  # whether the first of the two that were given is the longer one
    padding: int  # the id that fills up
    padding_text: str
    padding_borrowed: bool  # the tokenizer names none; the one that ends a text stands in
    padding_side: str  # the tokenizer's own
    counted: bool  # whether the model takes positions as an argument; else both are the same pass
    differences: NDArray[np.float64]  # [side, mask, positions, token] of the last layer's vector, of its largest number
    cosines: NDArray[np.float64]  # [side, mask, positions, token] between that vector and the one it has alone
    candidates: NDArray[np.int64]  # [candidate] ids among the most probable ones of some way; none of an encoder
    texts: tuple[str, ...]  # [candidate]
    alone: NDArray[np.float64]  # [candidate] probability behind the text alone
    probabilities: NDArray[np.float64]  # [side, mask, positions, candidate] behind the text's own last token
    at_the_end: NDArray[np.float64]  # [side, mask, positions, candidate] behind the batch's last column
    divergences: NDArray[np.float64]  # [side, mask, positions] KL(alone || this way) in bits; 0 of an encoder

    def __post_init__(self) -> None:
        ways = (2, 2, 2)
        if self.differences.shape != (*ways, len(self.token_table)) or self.cosines.shape != self.differences.shape:
            raise ValueError(f"differences {self.differences.shape}, cosines {self.cosines.shape}")
        if not self.probabilities.shape == self.at_the_end.shape == (*ways, len(self.candidates)):
            raise ValueError(f"probabilities {self.probabilities.shape} for {len(self.candidates)} candidates")
