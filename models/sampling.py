"""Which token comes next? What each sampler makes of the logits of the whole vocabulary, in the order it is asked to.

With z the logits [token], p = softmax(z) at that stage, H its entropy in nats; a token that is cut gets minus infinity,
and the most probable one always stays.

    logit_bias          z[i] + bias[i]
    repetition_penalty  z[i] / r if z[i] >= 0 else z[i] r, for tokens of the context (Keskar et al. 2019, 1909.05858)
    presence_penalty    z[i] - a for tokens of the context                           (as OpenAI's API and llama.cpp)
    frequency_penalty   z[i] - a * (how often i is in the context)                   (the same)
    temperature         z / T; T = 0: the largest alone
    top_n_sigma         cut z[i] < max z - n * (standard deviation of z)             (Tang et al. 2024, 2411.07641)
    top_k               cut what is below the k-th largest; ties with it stay        (Fan et al. 2018, 1805.04833)
    top_p               cut from the least probable up while their sum is <= 1 - t   (Holtzman et al. 2019, 1904.09751)
    min_p               cut p[i] < m * max p                                         (Nguyen et al. 2024, 2407.01082)
    typical_p           keep those with -ln p[i] nearest to H until their sum is >= t  (Meister et al. 2022, 2202.00666)
    epsilon_cutoff      cut p[i] < e                                                 (Hewitt et al. 2022, 2210.15191)
    eta_cutoff          cut p[i] < min(e, sqrt(e) * exp(-H))                         (the same)

All but top_n_sigma and the two penalties that OpenAI named are transformers' own processors, and equal them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.traces import InputError, SamplerName, SamplingStage, SamplingTrace

Logits = NDArray[np.float64]

NAMES: Final[tuple[SamplerName, ...]] = get_args(SamplerName)
# The value that changes nothing.
OFF: Final[dict[SamplerName, Any]] = {
    "logit_bias": {},
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "temperature": 1.0,
    "top_n_sigma": math.inf,
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0,
}
LARGEST: Final = 1e9
COLDEST: Final = 1e-9  # temperature above 0: what is divided by less may overflow
# (least, most) that a value may be; least included
LIMITS: Final[dict[SamplerName, tuple[float, float]]] = {
    "repetition_penalty": (1e-3, 1e3),
    "presence_penalty": (-LARGEST, LARGEST),
    "frequency_penalty": (-LARGEST, LARGEST),
    "temperature": (0, LARGEST),
    "top_n_sigma": (0, math.inf),
    "top_k": (0, LARGEST),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "typical_p": (0, 1),
    "epsilon_cutoff": (0, 1),
    "eta_cutoff": (0, 1),
}
# The two usual orders. transformers: GenerationMixin._get_logits_processor; llama.cpp: common_params_sampling.
TRANSFORMERS: Final[tuple[SamplerName, ...]] = (
    "logit_bias",
    "repetition_penalty",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "epsilon_cutoff",
    "eta_cutoff",
)
LLAMA_CPP: Final[tuple[SamplerName, ...]] = (
    "logit_bias",
    "repetition_penalty",
    "frequency_penalty",
    "presence_penalty",
    "top_n_sigma",
    "top_k",
    "typical_p",
    "top_p",
    "min_p",
    "temperature",
)


def run(
    logits: ArrayLike, chain: Sequence[tuple[SamplerName, Any]], context: Sequence[int] | NDArray[np.integer] = ()
) -> SamplingTrace:
    """What each stage of a chain makes of the logits.

    >>> run([2.0, 1.0, 0.0], [("temperature", 0.5), ("top_k", 2)]).probabilities.round(3).tolist()
    [0.881, 0.119, 0.0]

    Args:
        logits: [token] finite, or minus infinity for a token that can't come.
        chain: (name, value) in the order in which they work; a name may come more than once. The value of
            "logit_bias" is {token id: what is added}.
        context: the ids of the tokens so far, for the penalties.

    Raises:
        InputError: logits that aren't numbers, an unknown name, an impossible value.
    """
    scores = _row(logits)
    seen = np.asarray(context, dtype=np.int64)
    probabilities = softmax(scores)
    stages = [SamplingStage("logits", scores, probabilities, 0, 0.0)]
    for name, value in checked(chain, len(scores)):
        after = _stage(name, scores, value, seen)
        gone = np.isfinite(scores) & ~np.isfinite(after)
        scores, removed = after, float(probabilities[gone].sum())
        probabilities = softmax(scores)
        stages.append(SamplingStage(name, scores, probabilities, int(gone.sum()), removed))
    return SamplingTrace(tuple(stages))


def left(
    logits: ArrayLike, chain: Sequence[tuple[SamplerName, Any]], context: Sequence[int] | NDArray[np.integer] = ()
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The tokens that a chain leaves: their ids, ascending, and the probability of each.

    What `run` ends with, sooner: no stage looks again at what an earlier one has cut.

    Raises:
        InputError: as `run`.
    """
    scores = _row(logits)
    ids = np.arange(len(scores))
    seen = np.asarray(context, dtype=np.int64)
    for name, value in checked(chain, len(scores)):
        if name == "logit_bias":
            places = _places(ids, np.array([*value], dtype=np.int64)).tolist()
            value = {place: added for place, added in zip(places, value.values(), strict=True) if place >= 0}
        scores = _stage(name, scores, value, seen)
        there = np.flatnonzero(np.isfinite(scores))
        if len(there) < len(ids):
            seen = _places(there, seen)
            seen = seen[seen >= 0]
            ids, scores = ids[there], scores[there]
    return ids, softmax(scores)


def _places(ids: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of the tokens stands among ascending ids; -1: nowhere."""
    places = np.searchsorted(ids, tokens)
    return np.where(ids.take(places, mode="clip") == tokens, places, -1)


def checked(chain: Sequence[tuple[SamplerName, Any]], vocabulary: int) -> list[tuple[SamplerName, Any]]:
    """The same chain, its values as the samplers take them.

    Args:
        chain: as `run` takes it.
        vocabulary: how many tokens there are.

    Raises:
        InputError: an unknown name, an impossible value.
    """
    found: list[tuple[SamplerName, Any]] = []
    for name, value in chain:
        if name not in NAMES:
            raise InputError(f'There is no sampler "{str(name)[:40]}"; choose one of: {", ".join(NAMES)}.')
        found.append((name, _bias(value, vocabulary) if name == "logit_bias" else _number(name, value)))
    return found


def _row(logits: ArrayLike) -> Logits:
    """A copy of the logits that has a softmax."""
    scores = np.array(logits, dtype=np.float64)
    if scores.ndim != 1 or not len(scores):
        raise InputError("Logits must be one row of numbers, one for each token.")
    largest = scores.max()
    if np.isnan(largest) or largest == np.inf:
        raise InputError("Some logits are not numbers or are infinite, so they have no softmax; choose another model.")
    if largest == -np.inf:
        raise InputError("Every logit is minus infinity, so no token can come next.")
    return scores


def _stage(name: SamplerName, scores: Logits, value: Any, context: NDArray[np.int64]) -> Logits:
    """What one sampler makes of the logits."""
    after = STAGES[name](scores, value, context)
    if not np.isfinite(after).any():  # a bias of minus infinity, say: the most probable one before it stays
        after = _keep(scores, np.arange(len(scores)) == scores.argmax())
    return after


def softmax(scores: Logits) -> NDArray[np.float64]:
    """[token] exp(z - max z) / sum: the maximum is taken away first, so that nothing overflows."""
    powers = np.exp(scores - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares


def draw(probabilities: NDArray[np.float64], count: int, seed: int) -> NDArray[np.int64]:
    """[draw] token ids: for each number u of the generator, the first token at which the running sum exceeds u.

    The numbers are those of the Mersenne Twister (Matsumoto and Nishimura 1998), as numpy's RandomState has them.
    """
    numbers = np.random.RandomState(seed).random_sample(count)
    running = np.cumsum(probabilities)
    return np.searchsorted(running, numbers * running[-1], side="right")


def _number(name: SamplerName, value: Any) -> float:
    """A value as its sampler can take it."""
    least, most = LIMITS[name]
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InputError(f"{name} is {str(value)[:40]}; it must be a number.")
    if not least <= value <= most:
        raise InputError(f"{name} is {str(value)[:40]}; it must be from {least:g} to {most:g}.")
    number = float(value)
    if name == "temperature" and 0 < number < COLDEST:
        raise InputError(f"temperature is {number:g}; it must be 0, or from {COLDEST:g} to {most:g}.")
    if name == "top_k" and number != int(number):
        raise InputError(f"top_k is {number:g}; it must be a whole number.")
    return number


def _bias(value: Any, vocabulary: int) -> Mapping[int, float]:
    """Token ids and what is added to their logits."""
    if not isinstance(value, Mapping):
        raise InputError("A bias on logits must name token ids and what to add to each.")
    for token, added in value.items():
        if isinstance(token, bool) or not isinstance(token, (int, np.integer)) or not 0 <= token < vocabulary:
            raise InputError(f"There is no token {str(token)[:40]}; ids go from 0 to {vocabulary - 1:,}.")
        if isinstance(added, bool) or not isinstance(added, (int, float, np.integer, np.floating)):
            raise InputError(f"The bias of token {token:,} is {str(added)[:40]}; it must be a number.")
        if not -math.inf <= added <= LARGEST:
            raise InputError(f"The bias of token {token:,} is {str(added)[:40]}; it must be at most {LARGEST:g}.")
    return value


def _keep(scores: Logits, kept: NDArray[np.bool_]) -> Logits:
    return np.where(kept, scores, -np.inf)


def _with_largest(scores: Logits, kept: NDArray[np.bool_]) -> Logits:
    """What is kept, and in any case all that are as probable as the most probable one."""
    return _keep(scores, kept | (scores == scores.max()))


def _logit_bias(scores: Logits, bias: Mapping[int, float], _context: NDArray[np.int64]) -> Logits:
    after = scores.copy()
    for token, added in bias.items():
        after[token] += added
    return after


def _in_context(scores: Logits, context: NDArray[np.int64]) -> NDArray[np.int64]:
    """[token] how often each is in the context; ids beyond the vocabulary, which some models have, can't come."""
    return np.bincount(context[context < len(scores)], minlength=len(scores))


def _repetition_penalty(scores: Logits, penalty: float, context: NDArray[np.int64]) -> Logits:
    there = _in_context(scores, context) > 0
    return np.where(there, np.where(scores < 0, scores * penalty, scores / penalty), scores)


def _presence_penalty(scores: Logits, penalty: float, context: NDArray[np.int64]) -> Logits:
    return scores - penalty * (_in_context(scores, context) > 0)


def _frequency_penalty(scores: Logits, penalty: float, context: NDArray[np.int64]) -> Logits:
    return scores - penalty * _in_context(scores, context)


def _temperature(scores: Logits, temperature: float, _context: NDArray[np.int64]) -> Logits:
    if temperature == 0:  # its limit; of equals the first, as an argmax takes it
        return _keep(scores, np.arange(len(scores)) == scores.argmax())
    return scores / temperature


def _top_n_sigma(scores: Logits, multiple: float, _context: NDArray[np.int64]) -> Logits:
    if multiple == math.inf:
        return scores
    spread = scores[np.isfinite(scores)].std()
    return _keep(scores, scores >= scores.max() - multiple * spread)


def _top_k(scores: Logits, count: float, _context: NDArray[np.int64]) -> Logits:
    if not 0 < count < len(scores):
        return scores
    return _keep(scores, scores >= np.partition(scores, -int(count))[-int(count)])


def _top_p(scores: Logits, mass: float, _context: NDArray[np.int64]) -> Logits:
    if mass == 1:
        return scores
    probabilities = softmax(scores)
    # Those that are cut for certain, even all together, need no sorting: most of a vocabulary, and most of the time.
    certain = probabilities < (1 - mass) / (2 * len(scores))
    near = np.flatnonzero(~certain)
    ascending = near[np.argsort(scores[near], kind="stable")]
    sums = probabilities[certain].sum() + np.cumsum(probabilities[ascending])
    if np.abs(sums - (1 - mass)).min() < 1e-9:  # the order of adding them decides
        ascending = np.argsort(scores, kind="stable")
        sums = np.cumsum(probabilities[ascending])
    kept = np.zeros(len(scores), dtype=bool)
    kept[ascending] = sums > 1 - mass
    kept[ascending[-1]] = True
    return _keep(scores, kept)


def _min_p(scores: Logits, share: float, _context: NDArray[np.int64]) -> Logits:
    probabilities = softmax(scores)
    return _with_largest(scores, probabilities >= share * probabilities.max())


def _typical_p(scores: Logits, mass: float, _context: NDArray[np.int64]) -> Logits:
    if mass == 1:
        return scores
    probabilities = softmax(scores)
    surprise = _surprise(scores)
    away = np.abs(surprise - _entropy(probabilities, surprise))
    nearest = np.argsort(away, kind="stable")
    enough = min(int((np.cumsum(probabilities[nearest]) < mass).sum()), len(scores) - 1)
    kept = away <= away[nearest[enough]]
    kept[nearest[0]] = True
    return _keep(scores, kept)


def _epsilon_cutoff(scores: Logits, least: float, _context: NDArray[np.int64]) -> Logits:
    return _with_largest(scores, softmax(scores) >= least)


def _eta_cutoff(scores: Logits, epsilon: float, _context: NDArray[np.int64]) -> Logits:
    probabilities = softmax(scores)
    entropy = _entropy(probabilities, _surprise(scores))
    return _with_largest(scores, probabilities >= min(epsilon, math.sqrt(epsilon) * math.exp(-entropy)))


def _surprise(scores: Logits) -> NDArray[np.float64]:
    """[token] -ln p, infinite where a token can't come."""
    shifted = scores - scores.max()
    surprise: NDArray[np.float64] = np.log(np.exp(shifted).sum()) - shifted
    return surprise


def _entropy(probabilities: NDArray[np.float64], surprise: NDArray[np.float64]) -> float:
    """In nats."""
    return float((probabilities[probabilities > 0] * surprise[probabilities > 0]).sum())


STAGES: Final[dict[SamplerName, Callable[[Logits, Any, NDArray[np.int64]], Logits]]] = {
    "logit_bias": _logit_bias,
    "repetition_penalty": _repetition_penalty,
    "presence_penalty": _presence_penalty,
    "frequency_penalty": _frequency_penalty,
    "temperature": _temperature,
    "top_n_sigma": _top_n_sigma,
    "top_k": _top_k,
    "top_p": _top_p,
    "min_p": _min_p,
    "typical_p": _typical_p,
    "epsilon_cutoff": _epsilon_cutoff,
    "eta_cutoff": _eta_cutoff,
}
