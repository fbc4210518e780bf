"""Drawing in the view "distribution": numpy's own draws, the theory beside them, links, keys, files, axe, 390 px."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from scipy import stats  # type: ignore[import-untyped]

from models import defaults, engine, sampling, two_bytes
from models.engine import Request
from models.traces import NextTokenTrace, SamplerName
from tests.browser.wire import download, query, wire

VIEW = "/next-token?view=distribution"
MAIN = '[data-testid="stMain"]'
LISTED = 12
LAST = 2**32 - 1  # seed
FIGURE = ".orrery .draws"
Shown = Callable[[str], Page]


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its figure stands there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        page.wait_for_selector(FIGURE)
        return page

    return go


@pytest.fixture(scope="module")
def logits() -> NDArray[np.float64]:
    """The logits of the default prompt as two bytes a token give them back."""
    trace = engine.run(Request("next", defaults.DECODER, defaults.PROMPT))
    assert isinstance(trace, NextTokenTrace)
    return two_bytes.encode(trace.logits).logits


def chance(logits: NDArray[np.float64], **other: float) -> NDArray[np.float64]:
    """[token] the probability that the usual chain, or one with other values, leaves."""
    values: dict[SamplerName, Any] = {
        "temperature": defaults.TEMPERATURE,
        "top_k": defaults.TOP_K,
        "top_p": defaults.TOP_P,
    } | other  # type: ignore[assignment]
    return sampling.run(logits, list(values.items())).probabilities


def rows(page: Page) -> list[list[str]]:
    """Count, theory and greedy of each row."""
    return page.locator(f"{FIGURE} tbody tr:visible").evaluate_all(
        "rows => rows.map((row) => [1, 3, 4].map((i) => row.children[i].textContent))"
    )


def expected(p: NDArray[np.float64], seed: int, count: int) -> list[int]:
    """How often each of the most probable tokens is drawn, and all others."""
    counts = Counter(sampling.draw(p, count, seed).tolist())
    order = np.lexsort((-np.arange(len(p)), -p))[: min(LISTED, int((p > 0).sum()))]
    listed = [counts[int(token)] for token in order]
    return [*listed, count - sum(listed)] if (p > 0).sum() > LISTED else listed


def test_of_equal_logits_greedy_means_the_smallest_id(shown: Shown) -> None:
    cat, dog = 2644, 2767  # at this temperature both logits are lost beside the bias
    first: list[SamplerName] = ["temperature", "logit_bias"]
    order = ",".join([*first, *(name for name in sampling.NAMES if name not in first)])
    page = shown(f"&draws=100&temperature=1e9&top_k=0&top_p=1&order={order}&logit_bias={dog}:1e9,{cat}:1e9")
    assert [greedy for _, _, greedy in rows(page)][:2] == ["0", "100"]
    assert page.locator(f"{FIGURE} tbody th").all_inner_texts()[:2] == ["␣dog", "␣cat"]
    marked = page.locator("[data-sampler=logit_bias] .row", has_text="◆")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("cat")


@pytest.mark.parametrize(
    ("link", "seed", "chain"),
    [
        ("&draws=1000", 0, {}),
        (f"&draws=1000&seed={LAST}&temperature=2&top_k=0&top_p=1", LAST, {"temperature": 2, "top_k": 0, "top_p": 1}),
        ("&draws=1000&seed=5&top_k=5", 5, {"top_k": 5}),
        ("&draws=250&seed=11&temperature=0", 11, {"temperature": 0}),
    ],
)  # fmt: skip
def test_counts_are_numpys(
    link: str, seed: int, chain: dict[str, float], shown: Shown, page: Page, logits: NDArray[np.float64]
) -> None:
    shown(link)
    p, count = chance(logits, **chain), int(query(page)["draws"])
    found = rows(page)
    assert [int(row[0].replace(",", "")) for row in found] == expected(p, seed, count)
    top = np.sort(p[p > 0])[::-1][:LISTED]
    theory = [float(row[1].split(" ")[0]) for row in found[: len(top)]]
    np.testing.assert_allclose(theory, count * top, rtol=2e-2, atol=0.01)
    spread = [float(row[1].split(" ")[2]) for row in found[: len(top)]]
    np.testing.assert_allclose(spread, 2 * stats.binom(count, top).std(), rtol=2e-2, atol=0.01)
    assert [int(row[2].replace(",", "")) for row in found] == [count, *[0] * (len(found) - 1)]
    outside = sum(
        abs(int(row[0].replace(",", "")) - mean) > width
        for row, mean, width in zip(found, theory, spread, strict=False)
    )
    if len(found) == 1:
        expect(page.locator(f"{FIGURE} .sum")).to_have_text("Only one token is left: every draw gives it.")
    else:
        assert sum("▲" in row[1] or "▼" in row[1] for row in found[: len(top)]) == outside


def test_chi_square_is_scipys(shown: Shown, page: Page, logits: NDArray[np.float64]) -> None:
    shown("&draws=1000&seed=3")
    p = chance(logits)
    order = np.argsort(-p, kind="stable")[:LISTED]
    mean = 1000 * np.append(p[order], 1 - p[order].sum())
    assert mean.min() > 5
    found = stats.chisquare(expected(p, 3, 1000), mean)
    said = page.locator(f"{FIGURE} .sum").inner_text()
    assert f"χ² = {found.statistic:.1f}, where {LISTED} ± " in said
    assert f"of {LISTED + 1} counts" in said


def test_one_by_one_by_keyboard_and_again_by_the_link(shown: Shown, page: Page, logits: NDArray[np.float64]) -> None:
    p = chance(logits)
    running = np.cumsum(p) / p.sum()
    with wire(page) as count:
        shown("&seed=7")
        expect(page.locator(f"{FIGURE} table")).to_be_hidden()
        page.wait_for_timeout(500)
        before = count["sent"]
        one = page.get_by_role("button", name="Draw one", exact=True)
        one.focus()
        numbers = np.random.RandomState(7).random_sample(3)
        for draw, (u, token) in enumerate(zip(numbers, sampling.draw(p, 3, 7).tolist(), strict=True), 1):
            page.keyboard.press("Enter")
            which = page.locator(f"{FIGURE} .which")
            expect(which).to_contain_text(f"Draw {draw} of seed 7: u = {u:.6f}")
            expect(which).to_contain_text(f"(id {token})")
            below = running[token - 1] if token else 0.0
            expect(which).to_contain_text(f"from {below:.6f} to {running[token]:.6f}")
        page.wait_for_function("location.search.includes('draws=3')")
        assert count["sent"] == before
    told = page.locator(f"{FIGURE} .latest").inner_text()
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(f"{FIGURE} .which")).to_contain_text("Draw 3 of seed 7", timeout=60_000)
    assert page.locator(f"{FIGURE} .latest").inner_text() == told
    page.get_by_role("button", name="Draw 1,000", exact=True).click()
    expect(page.locator(f"{FIGURE} .which")).to_contain_text("Draw 1,000 of seed 7")
    expect(page.get_by_role("button", name="Draw one", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator(f"{FIGURE} table")).to_be_hidden()
    page.wait_for_function("!location.search.includes('draws')")


def test_a_seed_is_a_whole_number(shown: Shown, page: Page, logits: NDArray[np.float64]) -> None:
    shown("&draws=1000")
    box = page.get_by_label("Seed of the draws")
    for wrong in ("-1", "1.5", "4294967296", "", "x", "1e3"):
        box.fill(wrong)
        box.press("Enter")
        expect(page.locator(f"{FIGURE} .said")).to_have_text(
            "A seed is a whole number from 0 to 4,294,967,295; it stays 0."
        )
        expect(box).to_have_value("0")
    box.fill("4294967295")
    box.press("Enter")
    expect(page.locator(f"{FIGURE} .said")).to_have_text("")
    expect(page.locator(f"{FIGURE} .which")).to_contain_text("of seed 4294967295")
    page.get_by_role("button", name="Next seed").click()
    expect(page.locator(f"{FIGURE} .which")).to_contain_text("of seed 0")
    page.get_by_role("button", name="Next seed").click()
    expect(page.locator(f"{FIGURE} .which")).to_contain_text("of seed 1")
    assert [int(row[0]) for row in rows(page)] == expected(chance(logits), 1, 1000)


def test_bars_follow_the_chain_and_are_in_the_picture(
    shown: Shown, page: Page, logits: NDArray[np.float64], axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme="dark")
    with wire(page) as count:
        shown("&draws=1000")
        page.wait_for_timeout(500)
        before = count["sent"]
        box = page.get_by_label("Top-k, exact")
        box.fill("4")
        box.press("Enter")
        expect(page.locator(f"{FIGURE} tbody tr:visible")).to_have_count(4)
        assert [int(row[0]) for row in rows(page)] == expected(chance(logits, top_k=4), 0, 1000)
        assert count["sent"] == before
    picture = download(page, "Save picture as SVG").decode()
    for words in ("Draw from what the chain leaves", "Draw 1,000 of seed 0", "expected ± 2 sd", rows(page)[0][1]):
        assert words in picture
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(shown: Shown, page: Page, axe: Callable[[Page], None]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown("&draws=1000&temperature=1.5&top_k=0&top_p=1")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(FIGURE).evaluate("element => element.scrollWidth <= element.clientWidth")
    axe(page)
