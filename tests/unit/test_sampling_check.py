"""The check of the page's samplers says what differs from transformers', and what transformers doesn't have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import sampling, sampling_check
from models.sampling_check import Ours
from models.traces import SamplerName
from tests.unit.test_sampling import drawn_value, reference

LOGITS = (np.random.default_rng(3).normal(size=500) * 3).astype(np.float32)
CONTEXT = [1, 5, 5, 499, 700]  # 700: beyond the vocabulary, as some models' tokenizers have


@pytest.mark.parametrize("seed", range(40))
def test_random_chains_pass(seed: int) -> None:
    random = np.random.default_rng(seed)
    names: list[SamplerName] = random.permutation(list(sampling.NAMES))[: int(random.integers(0, 9))].tolist()
    chain = [(name, drawn_value(name, random, len(LOGITS))) for name in names]
    ours = sampling_check.of_logits(LOGITS.astype(np.float64), chain, CONTEXT)
    found = sampling_check.check(LOGITS, chain, CONTEXT, ours)
    assert found.largest < 1e-9
    assert found.kept == ours.kept
    assert found.otherwise == 0
    assert found.tokens == len(LOGITS)
    own = {"top_n_sigma", "presence_penalty", "frequency_penalty"}
    assert list(found.elsewhere) == [name for name in names if name in own]


def test_what_is_wrong_is_found() -> None:
    chain: list[tuple[SamplerName, Any]] = [("temperature", 0.7), ("top_k", 20)]
    exact = reference(LOGITS.astype(np.float64), chain, np.array(CONTEXT))
    top = int(exact.argmax())
    found = sampling_check.check(LOGITS, chain, CONTEXT, Ours({top: float(exact[top]) + 0.01, 3: 0.0}, (500, 23)))
    assert found.largest == pytest.approx(0.01, rel=1e-6)
    assert (found.tokens, found.kept, found.otherwise) == (2, (500, 20), 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0),
        ("top_k", 0),
        ("top_k", 10**9),
        ("top_p", 0),
        ("top_p", 1),
        ("min_p", 0),
        ("min_p", 1),
        ("typical_p", 0),
        ("typical_p", 1),
        ("epsilon_cutoff", 0),
        ("epsilon_cutoff", 1),
        ("eta_cutoff", 1),
        ("top_n_sigma", 0),
        ("temperature", 1e-9),
        ("temperature", 1e9),
        ("logit_bias", {}),
        ("logit_bias", {7: -1e9}),
    ],
)
def test_the_ends_of_the_scales(name: SamplerName, value: Any) -> None:
    ours = sampling_check.of_logits(LOGITS.astype(np.float64), [(name, value)], CONTEXT)
    found = sampling_check.check(LOGITS, [(name, value)], CONTEXT, ours)
    assert found.largest < 1e-9
    assert found.kept == ours.kept


def test_no_context_to_penalise() -> None:
    chain: list[tuple[SamplerName, Any]] = [("repetition_penalty", 1.3), ("presence_penalty", 1.0)]
    ours = sampling_check.of_logits(LOGITS.astype(np.float64), chain, [])
    assert sampling_check.check(LOGITS, chain, [], ours).largest < 1e-9
