"""The browser's samplers give what models/sampling.py gives, which equals transformers' own (tests/unit)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from models import sampling
from models.traces import SamplerName
from tests.unit.test_sampling import CHAINS, drawn_logits, drawn_value
from viz.components import shared

RUN = """([logits, chain, context]) => {
  const bytes = Uint8Array.from(atob(logits), (letter) => letter.charCodeAt(0));
  const z = new Float64Array(bytes.buffer);
  const read = chain.map(([name, value]) => ({ name, value: name === "logit_bias" ? new Map(value) : value }));
  const stages = run(z, orderOf(z), read, context), last = stages.at(-1), all = new Float64Array(z.length);
  last.order.forEach((id, i) => { all[id] = last.p[i]; });
  let text = "";
  for (const byte of new Uint8Array(all.buffer)) text += String.fromCharCode(byte);
  const told = ({ name, kept, cut, removed, entropy, perplexity, effective }) =>
    ({ name, kept, cut, removed, entropy, perplexity, effective });
  return [btoa(text), stages.map(told)];
}"""


@pytest.fixture
def samplers(page: Page) -> Page:
    """A tab that has the browser's samplers."""
    page.goto("about:blank")
    page.add_script_tag(content=(Path(shared.__file__).parent / "sampling" / "1_sampling.js").read_text("utf-8"))
    return page


def in_browser(
    page: Page, logits: NDArray[Any], chain: list[tuple[SamplerName, Any]], context: NDArray[Any]
) -> tuple[NDArray[Any], list[dict[str, Any]]]:
    sent = [[name, list(value.items()) if name == "logit_bias" else value] for name, value in chain]
    coded = base64.b64encode(logits.astype("<f8").tobytes()).decode()
    found, stages = page.evaluate(RUN, [coded, sent, context.tolist()])
    return np.frombuffer(base64.b64decode(found), dtype="<f8"), stages


@pytest.mark.parametrize("part", range(4))
def test_random_chains_are_the_servers(part: int, samplers: Page) -> None:
    for number in range(part * CHAINS // 4, (part + 1) * CHAINS // 4):
        random = np.random.default_rng(number)
        logits = drawn_logits(random, number)
        names: list[SamplerName] = random.permutation(list(sampling.NAMES))[: int(random.integers(1, 8))].tolist()
        chain = [(name, drawn_value(name, random, len(logits))) for name in names]
        context = random.integers(0, len(logits), int(random.integers(1, 50)))
        found, stages = in_browser(samplers, logits, chain, context)
        trace = sampling.run(logits, chain, context)
        np.testing.assert_allclose(found, trace.probabilities, rtol=1e-6, atol=1e-9, err_msg=f"{number} {chain}")
        for ours, theirs in zip(trace.stages, stages, strict=True):
            assert (ours.name, ours.kept, ours.cut) == (theirs["name"], theirs["kept"], theirs["cut"]), (number, chain)
            for name in ("removed", "entropy", "perplexity", "effective"):
                assert theirs[name] == pytest.approx(getattr(ours, name), rel=1e-6, abs=1e-9), (number, name)


def test_the_ends_of_the_scales(samplers: Page) -> None:
    logits = np.array([1.0, 3.0, 3.0, -np.inf, -2.0])
    for chain in (
        [("temperature", 0)], [("temperature", 1e-9)], [("temperature", 1e9)], [("top_k", 0)], [("top_k", 99)],
        [("top_p", 0)], [("top_p", 1)], [("min_p", 1)], [("typical_p", 0)], [("typical_p", 1)], [("eta_cutoff", 1)],
        [("epsilon_cutoff", 1)], [("top_n_sigma", 0)], [("presence_penalty", -1e9)],
        [("temperature", 1e-9), ("top_k", 1)],
    ):  # fmt: skip
        found, _ = in_browser(samplers, logits, chain, np.array([0, 0, 4]))  # type: ignore[arg-type]
        ours = sampling.run(logits, chain, [0, 0, 4]).probabilities  # type: ignore[arg-type]
        np.testing.assert_allclose(found, ours, rtol=1e-9, err_msg=str(chain))


def test_codes_are_put_in_order_by_counting(samplers: Page) -> None:
    codes = np.random.default_rng(0).integers(0, 1 << 16, 5_000)
    codes[::7] = 0
    codes[::11] = 65_535
    found = samplers.evaluate("(codes) => [...orderOfCodes(Uint16Array.from(codes))]", codes.tolist())
    assert found == [id_ for id_ in np.argsort(codes, kind="stable").tolist() if codes[id_]]


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_draws_are_numpys(seed: int, samplers: Page) -> None:
    numbers = samplers.evaluate(
        "([seed, count]) => { const t = new Twister(seed); return Array.from({ length: count }, () => t.next()); }",
        [seed, 2_000],
    )
    np.testing.assert_array_equal(numbers, np.random.RandomState(seed).random_sample(2_000))
    logits = np.random.default_rng(seed).normal(size=300) * 2
    found = samplers.evaluate(
        "([z, seed]) => { z = Float64Array.from(z); return draws(run(z, orderOf(z), [], [])[0], 500, seed); }",
        [logits.tolist(), seed],
    )
    assert found == sampling.draw(sampling.run(logits, []).probabilities, 500, seed).tolist()
