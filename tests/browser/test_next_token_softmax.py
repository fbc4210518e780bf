"""The view "softmax" in a real browser: the model's logits under the hand, links, the check, files, axe, 390 px."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from models import defaults, engine, traces
from models.engine import Request
from models.traces import NextTokenTrace
from tests.browser.wire import download, harmless, query, wire

VIEW = "/next-token?view=softmax"
MAIN = '[data-testid="stMain"]'


@pytest.fixture
def shown(page: Page, server: str) -> Callable[[str], Page]:
    """Opens the view by the rest of its link, and waits until its figure and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(badge(page)).to_be_visible(timeout=90_000)
        return page

    return go


def badge(page: Page, part: str = "torch.softmax agrees") -> Locator:
    """Streamlit writes a badge twice and shows one of them."""
    return page.locator(MAIN).get_by_text(part).filter(visible=True).first


def test_the_models_logits_under_the_hand(shown: Callable[[str], Page], page: Page) -> None:
    with wire(page) as count:
        shown("")
        page.wait_for_timeout(500)
        before = count["sent"]
        page.get_by_role("slider", name="Temperature T", exact=True).focus()
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        page.get_by_role("slider", name="Logit of ␣cat", exact=True).focus()
        page.keyboard.press("PageDown")
        page.get_by_label("Format of the numbers").select_option("float32")
        page.wait_for_function("location.search.includes('format=float32') && location.search.includes('t=0.')")
        assert count["sent"] == before
    link, asked = page.url, query(page)
    trace = traces.from_bytes(download(page, "All logits, trace"))
    assert isinstance(trace, NextTokenTrace)
    z = torch.topk(torch.tensor(trace.logits), 5).values
    z[0] = float(z[0]) - 1
    np.testing.assert_allclose([float(number) for number in asked["z"].split(",")], z.numpy(), rtol=1e-6)
    table = pd.read_csv(io.BytesIO(download(page, "Save numbers as CSV")), comment="#", float_precision="round_trip")
    theirs = torch.softmax(z / torch.tensor(float(asked["t"])), 0)
    np.testing.assert_allclose(table["p"], theirs.numpy(), rtol=1e-5)
    assert json.loads(table["name"][0]) == " cat"
    page.get_by_role("button", name="Check with torch").click()
    expect(badge(page, f"T = {asked['t']}, c = 0, float32")).to_be_visible(timeout=30_000)
    p = page.locator("tbody td.p span").all_inner_texts()
    page.goto("about:blank")
    page.goto(link)
    expect(badge(page, f"T = {asked['t']}, c = 0, float32")).to_be_visible(timeout=30_000)
    expect(page.locator("tbody td.p span")).to_have_text(p)
    page.get_by_role("button", name="As at first").click()
    page.wait_for_function("!location.search.includes('z=')")


def test_another_prompt_brings_its_own_logits(shown: Callable[[str], Page], page: Page) -> None:
    shown("&t=2")
    page.get_by_role("slider", name="Logit of ␣cat", exact=True).focus()
    page.keyboard.press("PageDown")
    page.wait_for_function("location.search.includes('z=')")
    page.get_by_role("button", name="Check with torch").click()
    expect(badge(page, "z = 7.523, 8.033")).to_be_visible(timeout=30_000)
    box = page.get_by_label("Prompt", exact=True)
    box.fill("The capital of France is")
    box.press("Control+Enter")
    expect(page.locator("tbody th").first).to_contain_text("Paris", timeout=60_000)
    expect(page.locator(".notes")).to_contain_text("The model has 49,152 tokens")
    page.wait_for_function("!location.search.includes('z=')")
    trace = engine.run(Request("next", defaults.DECODER, "The capital of France is"))
    assert isinstance(trace, NextTokenTrace)
    largest = np.sort(trace.logits)[::-1][:5]
    z = ", ".join(f"{logit:.4g}" for logit in largest.tolist())
    expect(badge(page, f"z = {z}; T = 2, c = 0, float64")).to_be_visible(timeout=30_000)
    page.locator("label", has_text="As a chat").click()  # one more run, and the bars of before don't come back
    expect(page.locator("tbody th").first).not_to_contain_text("Paris", timeout=60_000)
    assert "z" not in query(page)


@pytest.mark.parametrize(
    ("link", "says", "never"),
    [
        ("&z=-10000,-9000&t=0.01&format=float16", "x itself is infinite already", "one power is e^0"),
        ("&z=709.7,709.7", "their sum is ∞", "The largest x"),
        ("&z=2,0&t=0&plus=3", "all on the largest", "stands above"),
        ("&z=2,0&t=2&plus=3", "e^(c / T) stands above and below", "e^c stands"),
        ("&z=2,0,1,0&t=0", "all on the largest", "The largest x"),
    ],
)
def test_what_the_notes_say_is_so(link: str, says: str, never: str, shown: Callable[[str], Page]) -> None:
    page = shown(f"&logits=own{link}")
    expect(page.locator(".notes")).to_contain_text(says)
    expect(page.locator(".notes")).not_to_contain_text(never)


@pytest.mark.parametrize("held", ["float64", "float32", "float16"])
def test_powers_are_infinite_from_the_number_that_is_named(held: str, shown: Callable[[str], Page]) -> None:
    page = shown(f"&logits=own&format={held}")
    start = float(page.locator(".notes").inner_text().split("∞ from x = ")[1].split(" on")[0])
    at, below = np.array([start, start - 0.01]).astype(held)
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(at))
        assert np.isfinite(np.exp(below))


@pytest.mark.parametrize("rest", ["&z=800.3,798.9&plus=800", "&z=800.1,800&t=0", "&z=2,2,2,0&t=0"])
def test_the_sigmoid_gives_what_the_table_gives(rest: str, shown: Callable[[str], Page]) -> None:
    page = shown(f"&logits=own&format=float16{rest}")
    p = float(page.locator("tbody tr.now td.p span").inner_text())
    assert float(page.locator(".curve p").last.inner_text().split(" = ")[1]) == pytest.approx(p, abs=1e-3)


@pytest.mark.parametrize(
    "link",
    [
        "&text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&z=%3Cscript%3E&t=%00",
        "&logits=own&z=![x](http://example.org/x.png)&format=%3Cb%3E&plus=1e99&bar=-1",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}{VIEW}{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(
    scheme: str, shown: Callable[[str], Page], page: Page, axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown("&logits=own&plus=800&format=float16")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(shown: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown("&z=-9999.123456,10000,3,4,5,6,7,8&plus=-999.5&t=0.01")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")
