"""Do the samplers of a page give what transformers' own processors give on the exact logits?

The processors run one by one, in the order of the chain, on the float32 logits as the model gave them, in double
precision. What transformers doesn't have (top-n-sigma, the presence and frequency penalties, temperature 0, which is
its greedy search, and the ends of some scales, which it refuses) is done by its definition in models/sampling.py.

    found = sampling_check.check(trace.logits, chain, context, ours)
    found.largest, found.elsewhere
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import importing, sampling
from models.traces import SamplerName

Chain = Sequence[tuple[SamplerName, Any]]
# Values that transformers' processors take; it refuses the ends, or leaves the processor out there.
_TAKES: Final[dict[SamplerName, Callable[[Any], bool]]] = {
    "logit_bias": bool,
    "repetition_penalty": lambda _: True,
    "temperature": lambda value: value > 0,
    "top_k": lambda value: value > 0,
    "top_p": lambda value: 0 <= value <= 1,
    "min_p": lambda value: 0 <= value <= 1,
    "typical_p": lambda value: 0 < value < 1,
    "epsilon_cutoff": lambda value: 0 < value < 1,
    "eta_cutoff": lambda value: 0 < value < 1,
}


@dataclass(frozen=True)
class Ours:
    """What is checked: some tokens' probabilities behind the last stage, and how many each stage kept."""

    probabilities: Mapping[int, float]  # {token id: p}
    kept: tuple[int, ...]  # [stage], without the logits as they came


@dataclass(frozen=True)
class Check:
    """Ours beside transformers'."""

    largest: float  # difference of two probabilities
    tokens: int  # how many were compared
    kept: tuple[int, ...]  # [stage] tokens that transformers keeps
    otherwise: int  # the largest difference in how many a stage keeps
    elsewhere: tuple[SamplerName, ...]  # samplers done by their definition, since transformers has none for the value


def check(logits: NDArray[np.float32], chain: Chain, context: Sequence[int], ours: Ours) -> Check:
    """Ours against transformers' processors. Imports torch and transformers.

    Args:
        logits: [token] as the model gave them.
        chain: (name, value), as `sampling.run` takes them and has checked them.
        context: ids of the tokens so far.
        ours: what is checked.
    """
    theirs, kept, elsewhere = run(logits, chain, context)
    differences = [abs(theirs[token] - share) for token, share in ours.probabilities.items()]
    otherwise = [abs(there - here) for there, here in zip(kept, ours.kept, strict=True)]
    return Check(
        float(max(differences, default=0.0)), len(differences), kept, max(otherwise, default=0), tuple(elsewhere)
    )


def of_logits(logits: NDArray[np.float64], chain: Chain, context: Sequence[int]) -> Ours:
    """What `sampling.run` makes of logits: every token's probability."""
    trace = sampling.run(logits, chain, context)
    kept = tuple(stage.kept for stage in trace.stages[1:])
    return Ours(dict(enumerate(trace.probabilities.tolist())), kept)


def run(
    logits: NDArray[np.float32], chain: Chain, context: Sequence[int]
) -> tuple[NDArray[np.float64], tuple[int, ...], list[SamplerName]]:
    """[token] probabilities, tokens kept by each stage, and the samplers that transformers doesn't have."""
    importing.for_samplers()
    import torch
    from transformers.generation import logits_process as processors

    made: dict[SamplerName, Callable[[Any], Any]] = {
        "logit_bias": lambda bias: processors.SequenceBiasLogitsProcessor(
            {(token,): float(added) for token, added in bias.items()}
        ),
        "repetition_penalty": processors.RepetitionPenaltyLogitsProcessor,
        "temperature": lambda value: processors.TemperatureLogitsWarper(float(value)),
        "top_k": lambda count: processors.TopKLogitsWarper(int(count)),
        "top_p": processors.TopPLogitsWarper,
        "min_p": processors.MinPLogitsWarper,
        "typical_p": processors.TypicalLogitsWarper,
        "epsilon_cutoff": processors.EpsilonLogitsWarper,
        "eta_cutoff": processors.EtaLogitsWarper,
    }
    inside = np.array([token for token in context if token < len(logits)], dtype=np.int64)
    tokens = torch.from_numpy(inside)[None]
    scores = torch.from_numpy(logits.astype(np.float64))[None]
    kept: list[int] = []
    elsewhere: list[SamplerName] = []
    for name, value in chain:
        if name in made and _TAKES[name](value) and not (name == "repetition_penalty" and not len(inside)):
            after = made[name](value if name == "logit_bias" else float(value))(tokens, scores.clone())
        else:
            elsewhere.append(name)
            after = torch.from_numpy(sampling.run(scores[0].numpy(), [(name, value)], context).stages[-1].logits)[None]
        scores = after
        kept.append(int(torch.isfinite(scores).sum()))
    return scores.softmax(dim=-1)[0].numpy(), tuple(kept), elsewhere
