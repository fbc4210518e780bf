"""Where do texts that were drawn from the same prompt part, and how likely was it that they go on together?

They stand in a tree: what they share is there once, and branches where they go different ways. To a count of branches
belongs a chance: that which each token had when it was drawn.

For a text x, the product of its tokens' chances up to the k-th is the chance that one more text begins as x does; the
mean over the texts drawn estimates without bias the chance that two of them agree so far,

    E_x [ prod_t p(x_t | x_<t) ] = sum_x P(x)^2.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.engine import Request
from models.traces import GenerationTrace, InputError

SEEDS: Final = 2**32  # those that the generator of numbers takes
MOST_TOKENS: Final = 1_000  # of all texts together


def requests(
    model: str,
    text: str,
    *,
    chain: Sequence[tuple[str, Any]],
    seed: int,
    tokens: int,
    times: int,
    settings: Sequence[tuple[str, str]] = (),
) -> list[Request]:
    """The same prompt with `times` seeds, one after the other, and behind them the first of these once more.

    Args:
        model: its name.
        text: the prompt.
        chain: the samplers, as `generation.generate` takes them.
        seed: the first one.
        tokens: the most that are added to each.
        times: how many texts.
        settings: further ones, such as ("chat", "1").

    Raises:
        InputError: they are too many tokens together.
    """
    if times * tokens > MOST_TOKENS:
        raise InputError(
            f"{times} texts of {tokens} tokens are {times * tokens:,} together; at most {MOST_TOKENS:,} are written at "
            "once, so ask for fewer."
        )
    usual = (*settings, ("chain", json.dumps(chain)), ("tokens", str(tokens)))
    texts = [(("seed", str((seed + number) % SEEDS)),) for number in range(times)]
    once_more = (*texts[0], ("again", "1"))  # it means nothing, so that the same is computed anew
    return [Request("generation", model, text, settings=(*usual, *own)) for own in (*texts, once_more)]


@dataclass(frozen=True)
class Branch:
    """Tokens that some of the texts share, and how they go on apart."""

    start: int  # the step of its first token
    stop: int  # the step behind its last one
    texts: tuple[int, ...]  # which texts have it, in their order
    after: tuple[Branch, ...]  # the most frequent first; none where the texts end


def tree(traces: Sequence[GenerationTrace]) -> Branch:
    """What all texts share (nothing, if they part at once), and the branches behind it."""
    return _grow([trace.tokens.tolist() for trace in traces], tuple(range(len(traces))), 0)


def _grow(tokens: Sequence[Sequence[int]], texts: tuple[int, ...], start: int) -> Branch:
    stop, least = start, min(len(tokens[text]) for text in texts)
    while stop < least and len({tokens[text][stop] for text in texts}) == 1:
        stop += 1
    groups: dict[int, list[int]] = {}
    for text in texts:
        if stop < len(tokens[text]):
            groups.setdefault(tokens[text][stop], []).append(text)
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0]))
    return Branch(start, stop, texts, tuple(_grow(tokens, tuple(group), stop) for group in ordered))


def leaves(traces: Sequence[GenerationTrace]) -> list[int | None]:
    """[text] the step at which each text first differs from the first one; None: it is the same."""
    first = traces[0].tokens.tolist()
    return [_apart(first, trace.tokens.tolist()) for trace in traces]


def agreement(traces: Sequence[GenerationTrace]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """([tokens, from 0] share of the pairs of texts that agree so far, the same as the chances make one expect).

    A text that has ended agrees with its like from there on.
    """
    longest = max(len(trace.tokens) for trace in traces)
    apart = [
        _apart(one.tokens.tolist(), other.tokens.tolist())
        for number, one in enumerate(traces)
        for other in traces[:number]
    ]
    counted = np.array([np.mean([step is None or step >= reached for step in apart]) for reached in range(longest + 1)])
    chances = np.ones((len(traces), longest + 1))
    for number, trace in enumerate(traces):
        chances[number, 1 : len(trace.tokens) + 1] = trace.chances
    return counted, np.cumprod(chances, axis=1).mean(axis=0)


def _apart(one: Sequence[int], other: Sequence[int]) -> int | None:
    if one == other:
        return None
    pairs = zip(one, other, strict=False)
    return next((step for step, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
