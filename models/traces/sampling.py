"""What does a chain of samplers hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces.base import Source, Tokens

SamplerName = Literal[
    "logit_bias",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "temperature",
    "top_n_sigma",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "epsilon_cutoff",
    "eta_cutoff",
]


@dataclass(frozen=True, eq=False)
class SamplingStage:
    """The logits of every token as one stage leaves them, and what they make."""

    name: SamplerName | Literal["logits"]  # "logits": as they came from the model, before the first stage
    logits: NDArray[np.float64]  # [token]; minus infinity: cut
    probabilities: NDArray[np.float64]  # [token] their softmax
    cut: int  # tokens that this stage cut
    removed: float  # the probability that those had before it

    def __post_init__(self) -> None:
        if self.logits.ndim != 1 or self.logits.shape != self.probabilities.shape:
            raise ValueError(f"logits {self.logits.shape}, probabilities {self.probabilities.shape}")

    @property
    def kept(self) -> int:
        """Tokens that can still be drawn."""
        return int(np.isfinite(self.logits).sum())

    @property
    def entropy(self) -> float:
        """-sum p log2 p, in bits."""
        some = self.probabilities[self.probabilities > 0]
        return float(max(0.0, -(some * np.log2(some)).sum()))

    @property
    def perplexity(self) -> float:
        """2^entropy: as uncertain as a fair choice among so many."""
        return float(2**self.entropy)

    @property
    def effective(self) -> float:
        """1 / sum p^2: 1 over the chance that two draws are the same."""
        return float(1 / np.square(self.probabilities).sum())


@dataclass(frozen=True, eq=False)
class SamplingTrace:
    """A chain of samplers on the logits of one position."""

    stages: tuple[SamplingStage, ...]  # the first is the logits as they came

    def __post_init__(self) -> None:
        if not self.stages or len({stage.logits.shape for stage in self.stages}) != 1:
            raise ValueError(f"{len(self.stages)} stages, or vocabularies of different sizes")

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """[token] what is drawn from."""
        return self.stages[-1].probabilities


@dataclass(frozen=True)
class NextTokenTrace:
    """What a model gives to every token of its vocabulary as the next one, behind a prompt."""

    name: ClassVar[str] = "next token"

    source: Source  # its text is all that the model read: of a chat, what the template wrote
    token_table: Tokens  # of the prompt
    logits: NDArray[np.float32]  # [vocabulary]

    def __post_init__(self) -> None:
        if self.logits.ndim != 1 or not len(self.token_table):
            raise ValueError(f"logits {self.logits.shape} behind {len(self.token_table)} tokens")


@dataclass(frozen=True)
class VocabularyTrace:
    """What a person reads of every token that a model can write."""

    name: ClassVar[str] = "vocabulary texts"

    source: Source  # without a text
    letters: NDArray[np.uint8]  # [byte] the UTF-8 of all texts, one behind the other
    ends: NDArray[np.uint32]  # [vocabulary] where each one ends; ids that no token has are empty

    def __post_init__(self) -> None:
        if self.ends.ndim != 1 or (len(self.ends) and int(self.ends[-1]) != len(self.letters)):
            raise ValueError(f"letters {self.letters.shape}, ends {self.ends.shape}")

    @property
    def texts(self) -> tuple[str, ...]:
        """What each of [vocabulary] stands for."""
        whole, ends = self.letters.tobytes(), self.ends.tolist()
        return tuple(whole[start:end].decode() for start, end in zip([0, *ends], ends, strict=False))


@dataclass(frozen=True)
class SurpriseTrace:
    """What a model expected at each token of a text, and what came."""

    name: ClassVar[str] = "surprise"

    source: Source
    token_table: Tokens
    vocabulary: int  # tokens that the model chooses among
    first: int  # the first token that is predicted; those before it stand at the beginning, with nothing before them
    surprisals: NDArray[np.float32]  # [predicted token] -log2 p, in bits
    ranks: NDArray[np.int64]  # [predicted token] from 1: how many tokens were at least as probable
    entropies: NDArray[np.float32]  # [predicted token] in bits, of the whole distribution that it was drawn from
    likely: NDArray[np.int64]  # [predicted token, rank] ids of the most probable ones
    likely_texts: tuple[tuple[str, ...], ...]  # [predicted token][rank] what a person reads
    likely_probabilities: NDArray[np.float32]  # [predicted token, rank]
    loss: float  # PyTorch's own cross-entropy of the same logits, in nats for each predicted token

    def __post_init__(self) -> None:
        count = len(self.token_table) - self.first
        if not self.surprisals.shape == self.ranks.shape == self.entropies.shape == (count,):
            raise ValueError(f"{count} predicted tokens, surprisals {self.surprisals.shape}, ranks {self.ranks.shape}")
        if self.likely.shape != self.likely_probabilities.shape or len(self.likely_texts) != count:
            raise ValueError(f"likely {self.likely.shape}, {len(self.likely_texts)} texts")

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """[predicted token] that the model gave to what came."""
        return np.exp2(-self.surprisals.astype(np.float64))

    @property
    def perplexity(self) -> float:
        """2^(mean surprisal): as surprised as by a fair choice among so many; NaN for no predicted token."""
        return float(np.exp2(self.surprisals.mean(dtype=np.float64))) if len(self.surprisals) else float("nan")
