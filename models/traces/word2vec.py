"""What does a training of word2vec hand to a picture?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Word2VecMode = Literal["skip-gram", "cbow"]


@dataclass(frozen=True)
class Word2VecTraining:
    """Word vectors, and how those of the most frequent words moved from epoch to epoch."""

    mode: Word2VecMode
    window: int  # words to each side that can be neighbours
    negative: int  # noise words for each target
    seed: int
    rates: tuple[float, float]  # learning rate at the beginning and at the end
    words: tuple[str, ...]  # [word] the most frequent first
    counts: NDArray[np.int64]  # [word] in the text
    losses: NDArray[np.float64]  # [epoch] gensim's loss for each word it trained on, in nats; NaN where on none
    trained: NDArray[np.int64]  # [epoch] words trained on: frequent ones are left out at random
    final: NDArray[np.float32]  # [word, dimension] the vectors after the last epoch
    vectors: NDArray[np.float32]  # [epoch + 1, kept word, dimension] of the first words; 0 is before the first epoch
    outputs: NDArray[np.float32]  # [epoch + 1, kept word, dimension] their output vectors, which guesses are made with

    def __post_init__(self) -> None:
        epochs = len(self.losses)
        if self.vectors.shape != self.outputs.shape or len(self.vectors) != epochs + 1 or len(self.trained) != epochs:
            raise ValueError(f"vectors {self.vectors.shape}, outputs {self.outputs.shape} for {epochs} epochs")
        if not len(self.words) == len(self.counts) == len(self.final) >= self.kept:
            raise ValueError(f"{len(self.words)} words, {len(self.counts)} counts, final {self.final.shape}")

    @property
    def epochs(self) -> int:
        return len(self.losses)

    @property
    def kept(self) -> int:
        """Words whose vectors are known after every epoch: the first ones of `words`."""
        return self.vectors.shape[1]

    def rate(self, epoch: int) -> float:
        """The learning rate after so many epochs."""
        first, last = self.rates
        return first - (first - last) * epoch / self.epochs


@dataclass(frozen=True)
class Word2VecStep:
    """One update: what the words of `context` are to tell is `samples[0]`; the other samples are noise."""

    context: NDArray[np.int64]  # [context] words behind `hidden`: one in skip-gram, the neighbours in CBOW
    samples: NDArray[np.int64]  # [sample] the target, then noise (less what the noise drew of the target itself)
    rate: float
    hidden: NDArray[np.float32]  # [dimension] the mean of the context's vectors
    before: NDArray[np.float32]  # [sample, dimension] output vectors as the sample finds them
    products: NDArray[np.float32]  # [sample] output vector . hidden
    sigmoids: NDArray[np.float32]  # [sample] as gensim's table has them; NaN where it leaves the sample alone
    exact: NDArray[np.float64]  # [sample] the sigmoid itself
    losses: NDArray[np.float64]  # [sample] -ln of the probability (exact) of the sample's label
    steps: NDArray[np.float32]  # [sample] rate * (label - sigmoid); 0 where left alone
    after: NDArray[np.float32]  # [sample, dimension] output vectors as the sample leaves them
    work: NDArray[np.float32]  # [dimension] what is added to each vector of the context


@dataclass(frozen=True)
class Word2VecApart:
    """A short sentence taken apart into its updates, one after the other."""

    words: tuple[str, ...]
    places: tuple[tuple[tuple[int, ...], int], ...]  # [step] of its context and of its target in the sentence
    steps: tuple[Word2VecStep, ...]  # numbers in them are those of the training's words
    difference: float  # largest one between our vectors and gensim's after all steps
