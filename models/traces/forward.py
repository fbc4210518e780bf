"""What does one pass, opened up, hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens


@dataclass(frozen=True)
class ForwardTrace:
    """Every tensor of one pass, by name, and how far our own arithmetic is from it.

    The tensors are the model's own. Stages with their shapes (a head's numbers are `size`; `kept` counts `positions`,
    `token` all tokens; what the family hasn't got is missing):

        embedding.tokens, .positions, .segments, .sum, .norm   [kept, dimension]
        rotation.cosine, .sine                                 [token, turned]
        input                                                  [layer, kept, dimension] what enters the layer
        attention.norm                                         [layer, kept, dimension]
        attention.query, .query_norm, .query_rotated           [layer, kept, head, size]
        attention.key, .key_norm, .key_rotated, .value         [layer, token, key/value head, size]
        attention.bias                                         [layer, head, token] ALiBi
        attention.scores                                       [layer, head, kept, token] scaled, before the mask
        attention.mask                                         [layer, kept, token] 1 where the query may look
        attention.weights                                      [layer, head, kept, token]
        attention.mixed                                        [layer, kept, head, size] the weighted sum of values
        attention.output, .norm_after, .residual               [layer, kept, dimension]
        mlp.norm, .output, .norm_after, .residual              [layer, kept, dimension]
        mlp.gate, .up, .activation, .product                   [layer, kept, inner]
        final.norm                                             [kept, dimension]
        final.logits                                           [kept, vocabulary]

    `trace["attention.query"]` has all layers, `trace["layers.3.attention.query"]` one. Where the mask hides a score,
    the model's own is gone, and ours stands there.
    """

    name: ClassVar[str] = "forward"

    source: Source
    token_table: Tokens
    family: str  # the configuration's model_type
    layers: int
    heads: int
    norms: str  # where they stand: "before", "after", "around" or "parallel" (models/adapters.py)
    activation: str  # the function between the MLP's matrices, as the configuration calls it
    causal: bool
    softcap: float  # scores become softcap tanh(score / softcap); 0: they stay
    final_softcap: float  # the same for the logits
    positions: NDArray[np.int64]  # [kept] the positions whose vectors are here
    windows: NDArray[np.int64]  # [layer] how many keys back (itself included) a query sees; 0: no limit
    scales: NDArray[np.float64]  # [layer] what query . key is multiplied by
    tensors: dict[str, NDArray[np.float32]]  # {stage: the model's own numbers}
    # {stage: [layer], or [] where it is in none} largest |ours - the model's| as a share of the largest |the model's|
    differences: dict[str, NDArray[np.float64]]

    def __post_init__(self) -> None:
        if len(self.windows) != self.layers or len(self.scales) != self.layers:
            raise ValueError(f"windows {self.windows.shape}, scales {self.scales.shape} for {self.layers} layers")
        if not set(self.differences) <= set(self.tensors):
            raise ValueError(f"no tensors of {sorted(set(self.differences) - set(self.tensors))}")

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        stage, layer = self._place(name)
        return self.tensors[stage] if layer is None else self.tensors[stage][layer]

    def _place(self, name: str) -> tuple[str, int | None]:
        if not name.startswith("layers."):
            return name, None
        _, layer, stage = name.split(".", 2)
        return stage, int(layer)

    @property
    def names(self) -> tuple[str, ...]:
        """Every tensor of the pass, in its order."""
        around = {stage for stage in self.tensors if stage.partition(".")[0] in ("embedding", "rotation", "final")}
        of_layer = [stage for stage in self.tensors if stage not in around]
        return (
            *(stage for stage in self.tensors if stage in around and not stage.startswith("final")),
            *(f"layers.{layer}.{stage}" for layer in range(self.layers) for stage in of_layer),
            *(stage for stage in self.tensors if stage.startswith("final")),
        )

    def difference(self, name: str) -> float | None:
        """How far our arithmetic is from one tensor, as a share of its largest magnitude; None: it is an input."""
        stage, layer = self._place(name)
        if stage not in self.differences:
            return None
        return float(self.differences[stage] if layer is None else self.differences[stage][layer])

    @property
    def max_difference(self) -> float:
        """The largest of these."""
        return max(float(each.max()) for each in self.differences.values())


@dataclass(frozen=True)
class LensTrace:
    """What a model would say after each layer: layer 0 is what enters the first, the last what leaves the last."""

    name: ClassVar[str] = "lens"

    source: Source
    token_table: Tokens  # of the whole text
    first: int  # the position that the first of those here is in the text
    vocabulary: int  # tokens to choose among
    ids: NDArray[np.int64]  # [layer + 1, position, k] the most likely tokens, the likeliest first
    probabilities: NDArray[np.float32]  # [layer + 1, position, k]
    entropies: NDArray[np.float32]  # [layer + 1, position] in bits
    followed: NDArray[np.int64]  # [token, position] those that are followed; the first is the model's own answer there
    followed_probabilities: NDArray[np.float32]  # [token, layer + 1, position]
    followed_ranks: NDArray[np.int64]  # [token, layer + 1, position] how many tokens are likelier
    entries: NDArray[np.int64]  # [entry] the ids of all tokens in this trace, ascending
    texts: tuple[str, ...]  # [entry] what a person can read of them
    difference: float  # of the last layer's logits from the model's own, as a share of their largest magnitude

    def __post_init__(self) -> None:
        if self.ids.shape != self.probabilities.shape or self.ids.shape[:2] != self.entropies.shape:
            raise ValueError(f"ids {self.ids.shape}, entropies {self.entropies.shape}")
        if self.followed_ranks.shape != (len(self.followed), *self.entropies.shape):
            raise ValueError(f"followed {self.followed.shape}, ranks {self.followed_ranks.shape}")
        if self.first + self.entropies.shape[1] > len(self.token_table) or len(self.entries) != len(self.texts):
            raise ValueError(f"{len(self.token_table)} tokens, {len(self.texts)} texts")

    @property
    def settled(self) -> NDArray[np.int64]:
        """[position] the layer from which on the most likely token is the final answer."""
        wrong = self.followed_ranks[0] > 0  # [layer + 1, position]
        later = np.flip(np.cumsum(np.flip(wrong, 0), axis=0), 0) > 0
        return later.sum(axis=0).astype(np.int64)


@dataclass(frozen=True)
class AttributionTrace:
    """Which part of the model speaks for one token rather than another, behind each of some positions."""

    name: ClassVar[str] = "attribution"

    source: Source
    token_table: Tokens  # of the whole text
    first: int  # the position that the first of those here is in the text
    tokens: NDArray[np.int64]  # [position] the id of the one
    rivals: NDArray[np.int64]  # [position] and of the other
    totals: NDArray[np.float64]  # [position] the model's own logits, one less the other; where capped, before the cap
    embedding: NDArray[np.float64]  # [position] the share of what enters the first layer
    heads: NDArray[np.float64]  # [position, layer, head]
    attention_bias: NDArray[np.float64]  # [position, layer] of the output projection's bias, which is no head's
    mlps: NDArray[np.float64]  # [position, layer]
    constant: NDArray[np.float64]  # [position] of the final norm's and the head's biases, which is no layer's
    likely: NDArray[np.int64]  # [position, k] the likeliest tokens, the likeliest first
    probabilities: NDArray[np.float32]  # [position, k]
    entries: NDArray[np.int64]  # [entry] the ids of all tokens that are named here, ascending
    texts: tuple[str, ...]  # [entry] what a person can read of them
    names: tuple[str, ...]  # [entry] what a request calls them

    def __post_init__(self) -> None:
        if self.heads.shape[:2] != self.mlps.shape or len(self.heads) != len(self.totals):
            raise ValueError(f"heads {self.heads.shape}, MLPs {self.mlps.shape}, totals {self.totals.shape}")
        if not len(self.entries) == len(self.texts) == len(self.names):
            raise ValueError(f"{len(self.entries)} entries, {len(self.texts)} texts, {len(self.names)} names")

    @property
    def attention(self) -> NDArray[np.float64]:
        """[position, layer] all of a layer's attention."""
        shares: NDArray[np.float64] = self.heads.sum(axis=2) + self.attention_bias
        return shares

    @property
    def sums(self) -> NDArray[np.float64]:
        """[position] all shares together."""
        summed: NDArray[np.float64] = (self.attention + self.mlps).sum(axis=1) + self.embedding + self.constant
        return summed

    @property
    def differences(self) -> NDArray[np.float64]:
        """[position] how far they are from the total, as a share of the largest of all these numbers."""
        count = len(self.totals)
        parts = (self.totals, self.embedding, self.constant, self.heads, self.attention_bias, self.mlps)
        largest = np.max([np.abs(part).reshape(count, -1).max(axis=1) for part in parts], axis=0)
        apart = np.abs(self.sums - self.totals)
        return np.divide(apart, largest, out=apart.copy(), where=largest > 0)
