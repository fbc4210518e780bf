"""Samplers: transformers' own processors where there are any, the definition in the paper where there are none."""

from __future__ import annotations

import functools
import math
import unittest.mock
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel
from transformers.generation import logits_process as theirs

from models import sampling
from models.traces import InputError, SamplerName

CHAINS = 1_000
PROCESSORS: dict[SamplerName, Any] = {
    "logit_bias": lambda bias: theirs.SequenceBiasLogitsProcessor({(token,): added for token, added in bias.items()}),
    "repetition_penalty": theirs.RepetitionPenaltyLogitsProcessor,
    "temperature": theirs.TemperatureLogitsWarper,
    "top_k": lambda count: theirs.TopKLogitsWarper(int(count)),
    "top_p": theirs.TopPLogitsWarper,
    "min_p": theirs.MinPLogitsWarper,
    "typical_p": theirs.TypicalLogitsWarper,
    "epsilon_cutoff": theirs.EpsilonLogitsWarper,
    "eta_cutoff": theirs.EtaLogitsWarper,
}


def definition(name: SamplerName, value: float, scores: NDArray[Any], context: NDArray[Any]) -> NDArray[Any]:
    """What transformers doesn't have, token by token, from the paper or OpenAI's documentation."""
    if name == "top_n_sigma":
        finite = [z for z in scores if z > -math.inf]
        mean = math.fsum(finite) / len(finite)
        sigma = math.sqrt(math.fsum((z - mean) ** 2 for z in finite) / len(finite))
        line = max(finite) - value * sigma
        return np.array([z if z >= line else -math.inf for z in scores])
    counts = {token: int((context == token).sum()) for token in set(context.tolist())}
    times = {token: min(1, count) if name == "presence_penalty" else count for token, count in counts.items()}
    return np.array([z - value * times.get(token, 0) for token, z in enumerate(scores)])


def reference(logits: NDArray[Any], chain: list[tuple[SamplerName, Any]], context: NDArray[Any]) -> NDArray[Any]:
    """Probabilities by transformers, in double precision.

    torch leaves open which of equals its sort puts first; here it is the one with the smaller id.
    """
    stable = functools.partial(torch.sort, stable=True)
    with unittest.mock.patch.object(torch, "sort", stable):
        return _reference(logits, chain, context)


def _reference(logits: NDArray[Any], chain: list[tuple[SamplerName, Any]], context: NDArray[Any]) -> NDArray[Any]:
    scores = torch.from_numpy(logits.copy())[None]
    for name, value in chain:
        if name in PROCESSORS:
            scores = PROCESSORS[name](value)(torch.from_numpy(context)[None], scores)
        else:
            scores = torch.from_numpy(definition(name, value, scores[0].numpy(), context))[None]
    return scores.softmax(dim=-1)[0].numpy()


def drawn_value(name: SamplerName, random: np.random.Generator, vocabulary: int) -> Any:
    if name == "logit_bias":
        tokens = random.choice(vocabulary, min(3, vocabulary), replace=False).tolist()
        return {token: float(random.choice([-100.0, -2.0, 0.5, 5.0])) for token in tokens}
    return {
        "repetition_penalty": lambda: random.uniform(0.5, 2),
        "presence_penalty": lambda: random.uniform(-2, 2),
        "frequency_penalty": lambda: random.uniform(-2, 2),
        "temperature": lambda: 10 ** random.uniform(-3, 3),
        "top_n_sigma": lambda: random.uniform(0.1, 4),
        "top_k": lambda: int(random.integers(1, 2 * vocabulary)),
        "top_p": lambda: random.uniform(0.01, 0.999),
        "min_p": lambda: 10 ** random.uniform(-5, 0),
        "typical_p": lambda: random.uniform(0.01, 0.999),
        "epsilon_cutoff": lambda: 10 ** random.uniform(-6, -0.1),
        "eta_cutoff": lambda: 10 ** random.uniform(-6, -0.1),
    }[name]()


def drawn_logits(random: np.random.Generator, number: int) -> NDArray[Any]:
    """Wide and narrow, with ties, with tokens that can't come; now and then a whole vocabulary."""
    vocabulary = int(random.choice([49_152, 152_000])) if number % 50 == 0 else int(random.integers(2, 2_000))
    logits = random.normal(size=vocabulary) * random.choice([0.1, 1, 3, 10])
    if number % 3 == 0:
        logits = logits.round(1)
    if number % 5 == 0:
        logits[random.random(vocabulary) < 0.3] = -np.inf
        logits[int(random.integers(vocabulary))] = 1.0
    return logits


@pytest.mark.parametrize("part", range(10))
def test_random_chains_are_transformers_own(part: int) -> None:
    for number in range(part * CHAINS // 10, (part + 1) * CHAINS // 10):
        random = np.random.default_rng(number)
        logits = drawn_logits(random, number)
        names: list[SamplerName] = random.permutation(list(sampling.NAMES))[: int(random.integers(1, 8))].tolist()
        chain = [(name, drawn_value(name, random, len(logits))) for name in names]
        context = random.integers(0, len(logits), int(random.integers(1, 50)))
        last = sampling.run(logits, chain, context).stages[-1]
        ours = last.probabilities
        np.testing.assert_allclose(ours, reference(logits, chain, context), rtol=1e-6, atol=1e-9, err_msg=str(chain))
        ids, left = sampling.left(logits, chain, context)
        np.testing.assert_array_equal(ids, np.flatnonzero(np.isfinite(last.logits)))
        np.testing.assert_allclose(left, ours[ids], rtol=1e-12, err_msg=str(chain))


def test_the_usual_order_is_transformers_own() -> None:
    config = GenerationConfig(
        do_sample=True, sequence_bias=[[[1], 1.0]], repetition_penalty=1.2, temperature=0.5, top_k=3, top_p=0.9,
        min_p=0.1, typical_p=0.9, epsilon_cutoff=0.1, eta_cutoff=0.1, pad_token_id=0,
    )  # fmt: skip
    model = GPT2LMHeadModel(GPT2Config(vocab_size=10, n_embd=4, n_layer=1, n_head=1, n_positions=8))
    config._eos_token_tensor = None
    found = model._get_logits_processor(config, input_ids_seq_length=1, device="cpu")
    made = {type(PROCESSORS[name]({1: 1.0} if name == "logit_bias" else 0.5 if name != "top_k" else 3)): name
            for name in PROCESSORS}  # fmt: skip
    assert tuple(made[type(processor)] for processor in found) == sampling.TRANSFORMERS


@given(
    logits=st.lists(st.floats(-50, 50), min_size=1, max_size=30),
    chain=st.lists(
        st.sampled_from(
            [
                ("temperature", 0),
                ("temperature", 1e-9),
                ("temperature", 1e9),
                ("top_k", 0),
                ("top_k", 10**6),
                ("top_k", 1),
                ("top_p", 0),
                ("top_p", 1),
                ("min_p", 1),
                ("min_p", 0),
                ("typical_p", 0),
                ("typical_p", 1),
                ("epsilon_cutoff", 1),
                ("eta_cutoff", 1),
                ("top_n_sigma", 0),
                ("top_n_sigma", math.inf),
                ("repetition_penalty", 1000.0),
                ("presence_penalty", -1e9),
                ("frequency_penalty", 1e9),
                ("logit_bias", {0: -math.inf}),
            ]
        ),
        max_size=6,
    ),
)
@settings(deadline=None)
def test_one_token_always_survives(logits: list[float], chain: list[tuple[SamplerName, Any]]) -> None:
    trace = sampling.run(logits, chain, [0, 0, 3])
    assert trace.probabilities.sum() == pytest.approx(1)
    for before, after in zip(trace.stages, trace.stages[1:], strict=False):
        assert 1 <= after.kept == before.kept - after.cut
        assert after.removed == pytest.approx(before.probabilities[np.isinf(after.logits)].sum())
        assert 0 <= after.entropy <= math.log2(len(logits)) + 1e-9
        assert 1 - 1e-9 <= after.effective <= after.perplexity + 1e-9 <= after.kept + 1e-6


def test_what_is_off_changes_nothing() -> None:
    logits = np.random.default_rng(0).normal(size=100)
    for name, value in sampling.OFF.items():
        np.testing.assert_array_equal(sampling.run(logits, [(name, value)], [3, 3]).stages[-1].logits, logits)


def test_cold_is_greedy_and_hot_is_fair() -> None:
    logits = np.array([1.0, 3.0, 3.0, -np.inf])
    assert sampling.run(logits, [("temperature", 0)]).probabilities.tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(sampling.run(logits, [("temperature", 1e-9)]).probabilities, [0, 0.5, 0.5, 0])
    np.testing.assert_allclose(sampling.run(logits, [("temperature", 1e9)]).probabilities, [1 / 3, 1 / 3, 1 / 3, 0])


def test_measures_are_scipys() -> None:
    from scipy import stats  # type: ignore[import-untyped]

    stage = sampling.run(np.random.default_rng(1).normal(size=1000) * 3, [("top_k", 50)]).stages[-1]
    assert stage.entropy == pytest.approx(stats.entropy(stage.probabilities, base=2))
    assert stage.perplexity == pytest.approx(math.exp(stats.entropy(stage.probabilities)))
    assert stage.effective == pytest.approx(1 / (stage.probabilities**2).sum())


def test_draws_are_the_generators_and_follow_the_probabilities() -> None:
    from scipy import stats

    probabilities = sampling.run(np.array([2.0, 1.0, -np.inf, 0.0, 1.5]), []).probabilities
    found = sampling.draw(probabilities, 20_000, seed=7)
    assert found.tolist() == sampling.draw(probabilities, 20_000, seed=7).tolist()
    numbers = np.random.RandomState(7).random_sample(3)
    assert [int((np.cumsum(probabilities) <= number).sum()) for number in numbers] == found[:3].tolist()
    counts = np.bincount(found, minlength=5)
    assert counts[2] == 0
    rest = probabilities > 0
    assert stats.chisquare(counts[rest], 20_000 * probabilities[rest]).pvalue > 1e-4


@pytest.mark.parametrize(
    ("logits", "chain", "part"),
    [
        ([[1.0]], [], "one row of numbers"),
        ([], [], "one row of numbers"),
        ([1.0, math.nan], [], "not numbers"),
        ([1.0, math.inf], [], "infinite"),
        ([-math.inf, -math.inf], [], "no token can come"),
        ([1.0], [("topk", 1)], "There is no sampler"),
        ([1.0], [("temperature", -1)], "from 0 to 1e+09"),
        ([1.0], [("temperature", 1e-12)], "must be 0, or from 1e-09"),
        ([1.0], [("temperature", "hot")], "must be a number"),
        ([1.0], [("temperature", math.nan)], "must be from"),
        ([1.0], [("top_k", 1.5)], "whole number"),
        ([1.0], [("top_p", 1.1)], "from 0 to 1"),
        ([1.0], [("logit_bias", {5: 1.0})], "There is no token 5; ids go from 0 to 0"),
        ([1.0], [("logit_bias", {0: math.inf})], "at most"),
        ([1.0], [("logit_bias", 3)], "must name token ids"),
        ([1.0], [("logit_bias", {0: "much"})], "must be a number"),
        ([1.0], [("temperature", 10**400)], "from 0 to 1e+09"),
    ],
)
def test_what_cannot_be_is_refused(logits: Any, chain: Any, part: str) -> None:
    with pytest.raises(InputError, match=part.replace("+", r"\+")):
        sampling.run(logits, chain)
