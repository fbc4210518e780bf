"""What does a model write, token by token, and what could it have written instead?

At each step the logits behind the tokens so far go through a chain of samplers (models/sampling.py), and one token is
drawn from what is left. The number that draws the token of step t is the t-th of the seed's generator, whatever came
before, so that a text that was changed at one place is drawn on with the same numbers. At temperature 0 the draw is
the most probable token: greedy search, as `model.generate(do_sample=False)`.

A `Writing` is one text on its way: it says what the model must read next, and takes what the model then predicts. So
many of them can be written side by side (models/decoding.py, models/writers.py); `generate` writes one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models import prompts, sampling, vocabulary
from models.traces import Ended, GenerationTrace, InputError, SamplerName

if TYPE_CHECKING:
    import torch

    from models.language_model import LanguageModel
    from models.progress import Progress

MOST_TOKENS: Final = 300
MOST_STOP: Final = 100  # characters
MOST_SEED: Final = 2**32 - 1  # of the Mersenne Twister
LIKELY: Final = 8  # of the most probable tokens, at each step
GREEDY: Final[tuple[tuple[SamplerName, Any], ...]] = (("temperature", 0.0),)


def generate(
    lm: LanguageModel,
    text: str,
    *,
    chain: Sequence[tuple[SamplerName, Any]] = GREEDY,
    seed: int = 0,
    tokens: int = 40,
    stop: str = "",
    given: Sequence[int] = (),
    chat: bool = False,
    progress: Progress | None = None,
) -> GenerationTrace:
    """A text written from the prompt `text`.

    Args:
        lm: a model that predicts a next token.
        text: the prompt.
        chain: samplers in the order in which they work, as `sampling.run` takes them.
        seed: of the numbers that draw.
        tokens: the most that are added, those given included.
        stop: a text that ends the writing once it appears in what is written, in whatever tokens; the token that
            completes it is kept, as with transformers' `stop_strings`. "" for none.
        given: the first new tokens, laid down and not drawn.
        chat: whether the prompt is a message, written as the model's chat template has it.
        progress: called before each pass; may raise `Cancelled`.

    Raises:
        InputError: the prompt can't be used, or a setting is out of range.
    """
    from models import decoding

    writing = Writing(lm, text, chain=chain, seed=seed, tokens=tokens, stop=stop, given=given, chat=chat)
    batch = None
    while not writing.ended:
        if progress is not None:
            progress(*writing.progress)
        if batch is None:
            batch, logits = decoding.begin(lm, *writing.begin())
        else:
            logits = batch.step([writing.last])
        writing.take(logits)
    return writing.trace()


@dataclass(frozen=True)
class _Step:
    """One token that was written, and what else there was."""

    token: int
    probability: float
    chance: float
    kept: int
    entropy: float
    likely: NDArray[np.int64]
    likely_probabilities: NDArray[np.float64]
    likely_chances: NDArray[np.float64]


class Writing:
    """One text in the middle of being written.

    Attributes:
        ended: by what, once it has.
    """

    def __init__(
        self,
        lm: LanguageModel,
        text: str,
        *,
        chain: Sequence[tuple[SamplerName, Any]] = GREEDY,
        seed: int = 0,
        tokens: int = 40,
        stop: str = "",
        given: Sequence[int] = (),
        chat: bool = False,
    ) -> None:
        """See `generate`."""
        if not 1 <= tokens <= MOST_TOKENS:
            raise InputError(f"1 to {MOST_TOKENS} tokens can be written at once.")
        if len(given) > tokens:
            raise InputError(
                f"{len(given)} tokens are laid down, and at most {tokens} are to be written; ask for more."
            )
        if not 0 <= seed <= MOST_SEED:
            raise InputError(f"The seed must be a whole number from 0 to {MOST_SEED:,}.")
        if len(stop) > MOST_STOP:
            raise InputError(f"The stop text has {len(stop):,} characters; at most {MOST_STOP} are looked for.")
        self._lm = lm
        self._encoding = prompts.encode(lm, text, chat=chat, more=tokens)
        known = int(lm.model.get_output_embeddings().weight.shape[0])
        for token in given:
            if not 0 <= token < known:
                raise InputError(f"There is no token {token}; ids go from 0 to {known - 1:,}.")
        self._chain = sampling.checked(chain, known)
        self._numbers = np.random.RandomState(seed).random_sample(tokens)
        self._most = tokens
        self._stop = stop
        self._given = list(given)
        self._prompt: list[int] = self._encoding.ids.tolist()
        self._began = 0.0
        # Read by other threads while this one writes: lists only grow, `_steps` last.
        self._written: list[int] = []
        self._steps: list[_Step] = []
        self._texts: dict[int, str] = {}
        self._draft: GenerationTrace | None = None
        self.ended: Ended | None = None

    def begin(self) -> tuple[list[int], int]:
        """What the model must read first, all in one pass: the prompt, and the tokens given. Time counts from here.

        Returns:
            these tokens, and behind how many of the last ones `take` wants to know what comes next.
        """
        self._began = time.perf_counter()
        laid_down = self._given[: self._most - 1]
        return self._prompt + laid_down, len(laid_down) + 1

    @property
    def last(self) -> int:
        """The token that the model must read next."""
        return self._written[-1]

    @property
    def longest(self) -> int:
        """How many tokens it may come to, with the prompt."""
        return len(self._prompt) + self._most

    @property
    def progress(self) -> tuple[str, float]:
        """Which token is next, and the fraction done, as `Progress` takes them."""
        return f"Token {len(self._steps) + 1} of at most {self._most}", len(self._steps) / self._most

    def take(self, logits: torch.Tensor) -> None:
        """What the model predicts behind what it has read: [1, vocabulary], and [behind, vocabulary] at first.

        Raises:
            InputError: a logit isn't a number.
        """
        for row in logits:
            if not self.ended:
                self._add(row.double().cpu().numpy())

    def _add(self, scores: NDArray[np.float64]) -> None:
        step = len(self._steps)
        ids, chances = sampling.left(scores, self._chain, self._prompt + self._written)
        running = np.cumsum(chances)
        drawn = int(ids[np.searchsorted(running, self._numbers[step] * running[-1], side="right")])
        token = self._given[step] if step < len(self._given) else drawn

        shifted = scores - scores.max()
        powers = np.exp(shifted)
        total = powers.sum()
        there = np.maximum(shifted, -1e4)  # 0 * -inf has no value; e^-10000 is 0 too
        # No scalar product: NumPy's would wake threads of its own, and they wait for torch's in busy loops.
        entropy = (np.log(total) - (powers * there).sum() / total) / np.log(2)
        rank = min(LIKELY, len(scores))
        first = np.flatnonzero(scores >= np.partition(scores, -rank)[-rank])
        likely = first[np.argsort(-scores[first], kind="stable")][:rank]
        looked_up = np.append(likely, token)
        places = np.minimum(np.searchsorted(ids, looked_up), len(ids) - 1)
        found = np.where(ids[places] == looked_up, chances[places], 0.0)

        self._written.append(token)
        self._steps.append(
            _Step(
                token=token,
                probability=float(powers[token] / total),
                chance=float(found[-1]),
                kept=int((chances > 0).sum()),
                entropy=float(entropy),
                likely=likely,
                likely_probabilities=powers[likely] / total,
                likely_chances=found[:-1],
            )
        )
        if token in self._lm.ends:
            self.ended = "token"
        elif self._stop and self._stop in self._lm.tokenizer.decode(self._written):
            self.ended = "text"
        elif len(self._steps) == self._most:
            self.ended = "length"

    def trace(self) -> GenerationTrace:
        """The text, once it has ended."""
        if self.ended is None:
            raise ValueError("the text is still being written")
        return self._trace(list(self._steps), self.ended)

    def so_far(self) -> GenerationTrace | None:
        """What is written by now, or None; the same object while nothing is added; for any thread.

        A character whose last bytes aren't written yet is left out of its text.
        """
        steps = list(self._steps)
        if not steps:
            return None
        draft = self._draft
        if draft is None or len(draft.tokens) < len(steps):
            draft = self._draft = self._trace(steps, "unfinished")
        return draft

    def _trace(self, steps: list[_Step], ended: Ended) -> GenerationTrace:
        written = [step.token for step in steps]
        likely = np.stack([step.likely for step in steps])
        new = [token for token in {*written, *likely.ravel().tolist()} if token not in self._texts]
        known = len(self._lm.tokenizer)  # some models have logits of tokens that their tokenizer doesn't
        spelled = [token for token in new if token < known]
        found = dict(zip(spelled, vocabulary.texts(self._lm.tokenizer, spelled), strict=True))
        self._texts.update(dict.fromkeys(new, "") | found)  # at once: another thread mustn't meet a text that isn't it
        text = self._lm.tokenizer.decode(written, skip_special_tokens=True)
        return GenerationTrace(
            source=self._lm.source(self._encoding.text),
            token_table=self._encoding.token_table,
            given=min(len(self._given), len(steps)),
            tokens=np.array(written, dtype=np.int64),
            texts=tuple(self._texts[token] for token in written),
            text=text.rstrip("\N{REPLACEMENT CHARACTER}") if ended == "unfinished" else text,
            probabilities=np.array([step.probability for step in steps], dtype=np.float32),
            chances=np.array([step.chance for step in steps], dtype=np.float32),
            kept=np.array([step.kept for step in steps], dtype=np.int64),
            entropies=np.array([step.entropy for step in steps], dtype=np.float32),
            likely=likely,
            likely_texts=tuple(tuple(self._texts[token] for token in row) for row in likely.tolist()),
            likely_probabilities=np.stack([step.likely_probabilities for step in steps]).astype(np.float32),
            likely_chances=np.stack([step.likely_chances for step in steps]).astype(np.float32),
            ended=ended,
            seconds=time.perf_counter() - self._began,
        )
