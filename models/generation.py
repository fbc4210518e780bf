"""What does a model write, token by token, and what could it have written instead?

At each step the logits behind the tokens so far go through a chain of samplers (models/sampling.py), and one token is
drawn from what is left. The number that draws the token of step t is the t-th of the seed's generator, whatever came
before, so that a text that was changed at one place is drawn on with the same numbers. At temperature 0 the draw is
the most probable token: greedy search, as `model.generate(do_sample=False)`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import prompts, sampling, vocabulary
from models.traces import Ended, GenerationTrace, InputError, SamplerName

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from models.progress import Progress

MOST_TOKENS: Final = 300
MOST_STOP: Final = 100  # characters
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
        stop: a text that ends the writing once it appears; "" for none.
        given: the first new tokens, laid down and not drawn.
        chat: whether the prompt is a message, written as the model's chat template has it.
        progress: called before each step; may raise `Cancelled`.

    Raises:
        InputError: the prompt can't be used, or a setting is out of range.
    """
    import torch

    if not 1 <= tokens <= MOST_TOKENS or len(given) > tokens:
        raise InputError(f"1 to {MOST_TOKENS} tokens can be written at once.")
    encoding = prompts.encode(lm, text, chat=chat, more=tokens)
    began = time.perf_counter()
    prompt = encoding.ids.tolist()
    numbers = np.random.RandomState(seed).random_sample(tokens)
    written: list[int] = []
    columns: list[tuple[Any, ...]] = []
    ended: Ended = "length"
    inputs, cache = encoding.ids[None], None
    for step in range(tokens):
        if progress is not None:
            progress(f"Token {step + 1} of at most {tokens}", step / tokens)
        logits, cache = lm.next_logits(inputs, cache)
        scores = logits[0, -1].double().cpu().numpy()
        before = sampling.softmax(scores)
        after = sampling.run(scores, chain, [*prompt, *written]).probabilities
        running = np.cumsum(after)
        drawn = int(np.searchsorted(running, numbers[step] * running[-1], side="right"))
        token = given[step] if step < len(given) else drawn
        best = np.argsort(-before, kind="stable")[:LIKELY]
        some = before[before > 0]
        columns.append(
            (
                before[token],
                after[token],
                (after > 0).sum(),
                -(some * np.log2(some)).sum(),
                best,
                before[best],
                after[best],
            )
        )
        written.append(token)
        if token in lm.ends:
            ended = "token"
        elif stop and stop in lm.tokenizer.decode(written):
            ended = "text"
        else:
            inputs = torch.tensor([[token]], device=lm.device)
            continue
        break
    probabilities, chances, kept, entropies, likely, likely_probabilities, likely_chances = (
        np.array(column) for column in zip(*columns, strict=True)
    )
    readable = iter(vocabulary.texts(lm.tokenizer, likely.ravel().tolist()))
    return GenerationTrace(
        source=lm.source(encoding.text),
        token_table=encoding.token_table,
        given=len(given),
        tokens=np.array(written, dtype=np.int64),
        texts=vocabulary.texts(lm.tokenizer, written),
        text=lm.tokenizer.decode(written, skip_special_tokens=True),
        probabilities=probabilities.astype(np.float32),
        chances=chances.astype(np.float32),
        kept=kept.astype(np.int64),
        entropies=entropies.astype(np.float32),
        likely=likely.astype(np.int64),
        likely_texts=tuple(tuple(next(readable) for _ in row) for row in likely),
        likely_probabilities=likely_probabilities.astype(np.float32),
        likely_chances=likely_chances.astype(np.float32),
        ended=ended,
        seconds=time.perf_counter() - began,
    )
