"""Logits in two bytes a token: what that changes, and that it never changes a probability by a thousandth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import two_bytes
from models.traces import InputError


def softmax(logits: np.ndarray) -> np.ndarray:
    return torch.from_numpy(logits.astype(np.float64)).softmax(0).numpy()


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 1, 5, 12, 30]), st.sampled_from([2, 300, 5000]))
@settings(deadline=None, max_examples=60)
def test_no_probability_changes_by_a_thousandth(seed: int, spread: float, vocabulary: int) -> None:
    random = np.random.default_rng(seed)
    logits = (random.normal(size=vocabulary) * spread).astype(np.float32)
    logits[random.random(vocabulary) < 0.1] = -np.inf
    logits[0] = 1.0
    coded = two_bytes.encode(logits)
    assert coded.codes.dtype == np.uint16
    assert ((coded.codes == 0) == np.isinf(logits)).all()
    before, after = softmax(logits), softmax(coded.logits)
    near = np.isfinite(logits) & (logits >= logits[np.isfinite(logits)].max() - two_bytes.REACH)
    error = (np.abs(after - before)[near] / before[near]).max()
    assert error < 1e-3
    assert two_bytes.largest_error(logits, coded) == pytest.approx(error, rel=1e-6, abs=1e-12)
    assert two_bytes.below(logits, coded) == int((np.isfinite(logits) & ~near).sum())


def test_codes_keep_the_order_and_the_ends() -> None:
    logits = np.array([3.0, -2.0, 10.0, -np.inf, 9.99], dtype=np.float32)
    coded = two_bytes.encode(logits)
    assert coded.codes.tolist()[:4] == [1 + round(5 / 12 * 65534), 1, 65535, 0]
    np.testing.assert_allclose(coded.logits, logits, atol=coded.step / 2 + 1e-6)
    assert (np.argsort(coded.codes, kind="stable") == np.argsort(logits, kind="stable")).all()


def test_all_alike_and_far_below() -> None:
    assert two_bytes.encode(np.full(5, 2.5, dtype=np.float32)).logits.tolist() == [2.5] * 5
    far = np.array([0.0, -1e9, -3.0], dtype=np.float32)
    coded = two_bytes.encode(far)
    assert two_bytes.below(far, coded) == 1
    assert coded.logits.tolist() == pytest.approx([0.0, -64.0, -3.0], abs=1e-3)


@pytest.mark.parametrize("logits", [[np.nan, 1.0], [np.inf, 0.0], [-np.inf, -np.inf]])
def test_what_has_no_softmax_is_refused(logits: list[float]) -> None:
    with pytest.raises(InputError, match="no softmax"):
        two_bytes.encode(np.array(logits, dtype=np.float32))
