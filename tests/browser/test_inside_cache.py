"""The view "cache" in a real browser: the steps, the measurement, links, files, axe, 390 px."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import traces
from models.traces import CachingTrace
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/inside?view=cache"
LINK = f"&text={quote('One, two, three,')}&new=4"
BADGE = "Both ways write the same"


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its picture and its checks stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(page.get_by_text(BADGE).filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def test_the_steps_ask_nothing_of_the_server(shown: Shown, page: Page) -> None:
    heading = page.locator(".orrery h2")
    said = page.locator(".pair .said")
    with wire(page) as count:
        shown(LINK)
        trace = traces.from_bytes(download(page, "Trace"))
        assert isinstance(trace, CachingTrace)
        prompt = len(trace.token_table)
        expect(heading).to_contain_text("Step 3 writes")
        expect(said.nth(0)).to_have_text(
            "Queries, keys and values are computed for 1 token. "
            f"Keys and values of {prompt + 2} tokens are kept from before."
        )
        expect(said.nth(1)).to_have_text(
            f"Queries, keys and values are computed for {prompt + 3} tokens. Nothing is kept."
        )
        before = count["sent"]
        page.get_by_role("button", name="Copy link").focus()
        page.keyboard.press("ArrowLeft")
        expect(heading).to_contain_text("Step 2 writes")
        expect(heading.locator(".tok")).to_have_text(trace.texts[2].replace(" ", "␣").replace("\n", "⏎"))
        expect(page.locator(".totals tbody tr").nth(2).locator("td").nth(1)).to_have_text(str(prompt + 2))
        expect(page.get_by_text("The cache after this step")).to_contain_text(f"{46_080 * (prompt + 2) / 1000:.0f}")
        page.keyboard.press("Home")
        expect(heading).to_contain_text("once the prompt is read")
        expect(said.nth(0)).to_contain_text(f"computed for {prompt} tokens. Nothing is kept yet.")
        page.get_by_label("What the curves count").select_option("tokens")
        expect(page.get_by_role("heading", name="All steps so far: tokens read")).to_be_visible()
        page.get_by_role("button", name="Play", exact=True).click()
        expect(heading).to_contain_text("Step 3 writes")
        page.get_by_role("button", name="Step back").click()
        expect(heading).to_contain_text("Step 2 writes")
        page.wait_for_timeout(400)  # the address follows
        assert count["sent"] == before
    assert (query(page)["step"], query(page)["measure"]) == ("2", "tokens")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(heading).to_contain_text("Step 2 writes")
    expect(page.get_by_role("heading", name="Each step: tokens read")).to_be_visible()


def test_times_are_measured_when_asked(shown: Shown, page: Page) -> None:
    shown(f"&text={quote('Four, five, six,')}&new=2&step=1")
    table = page.locator(".totals")
    expect(table.get_by_text("not measured yet")).to_have_count(2)
    assert page.get_by_label("What the curves count").locator("option[value=time]").is_disabled()
    page.get_by_role("button", name="Measure the times here").click()
    expect(page.get_by_role("button", name="Measure again")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("heading", name="Each step: time")).to_be_visible()
    expect(table.get_by_text("not measured yet")).to_have_count(0)
    expect(page.get_by_text("measured on this server at")).to_be_visible()
    found = pd.read_csv(io.BytesIO(download(page, "Steps, CSV")), comment="#")
    assert (found[["seconds with", "seconds without"]] > 0).all(axis=None)
    shown_ms = table.locator("tbody tr").nth(4).locator("td").nth(0).inner_text()
    assert shown_ms.split("\u00a0")[1] in {"ms", "s"}
    number = float(shown_ms.split("\u00a0")[0]) / (1000 if shown_ms.endswith("ms") else 1)
    assert number == pytest.approx(found["seconds with"][1], rel=0.02)


def test_pictures_and_files(shown: Shown, page: Page) -> None:
    shown(LINK + "&step=2")
    picture = download(page, "Save picture as SVG").decode()
    for words in ("With the cache", "Without the cache", "attends to", "layer 0", "All steps so far: multiplications"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 10_000
    layers = pd.read_csv(io.BytesIO(download(page, "Layers, CSV")), comment="#")
    assert len(layers) == 30
    assert (layers["key/value heads"] == 3).all()
    for name in ("The cache of large models", "Write with samplers"):
        assert page.get_by_role("link", name=name).get_attribute("href")


def test_a_strangers_words_are_only_words(shown: Shown, page: Page) -> None:
    text = "<img src=x onerror=alert(1)> [a](https://example.org/) \u202e **x**"
    with harmless(page):
        shown(f"&new=2&text={quote(text)}")
    assert "img" in page.locator(".orrery .text").inner_text()


def test_axe_in_the_dark(shown: Shown, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme="dark")
    shown(LINK)
    axe(page)


def test_a_long_text_keeps_its_last_token_in_sight(shown: Shown, page: Page, axe: Callable[[Page], None]) -> None:
    page.set_viewport_size({"width": 800, "height": 1000})
    shown(f"&new=2&step=0&text={quote('one two three four five six seven eight nine ten ' * 6)}")
    text = page.locator(".orrery .text")
    last = "e => { const a = e.querySelector('.last').getBoundingClientRect(), b = e.getBoundingClientRect();"
    inside = f"{last} return a.top >= b.top - 1 && a.bottom <= b.bottom + 1; }}"
    assert text.evaluate("e => e.scrollHeight > e.clientHeight")
    assert text.evaluate(inside)
    height = page.locator(".pair").first.evaluate("e => e.offsetTop")
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".orrery h2")).to_contain_text("Step 1 writes")
    assert text.evaluate(inside)
    assert page.locator(".pair").first.evaluate("e => e.offsetTop") == height
    axe(page)  # in the light


def test_a_narrow_screen(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    shown(LINK)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in (*page.locator(".pair section").all(), page.locator(".totals")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
