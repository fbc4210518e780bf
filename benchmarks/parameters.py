"""How fast is a model taken apart, from its name to the picture, and does the tab stay alive meanwhile?

Measured in Chromium on the running app, once torch and transformers are imported there: memory is what the server's
process has grown by (resident set size), a pause is the longest time between two frames of the tab.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.row import Row
from tests.browser.chromium import launch
from tests.browser.server import serving

ROUNDS = 5
PATIENCE = 120_000
# Notes when the tab began, and the longest time between two frames since then.
WATCH = """
window.pause = 0;
let last = performance.now();
requestAnimationFrame(function look(now) {
  window.pause = Math.max(window.pause, now - last);
  last = now;
  requestAnimationFrame(look);
});
"""
# Waits until a drawing has this title and areas, and says when that was.
DRAWN = """(title) => {
  const figure = [...document.querySelectorAll(".js-plotly-plot")].find((one) => one.textContent.includes(title));
  return figure && figure.querySelectorAll("path.surface").length > 1 && performance.now();
}"""


@contextmanager
def tab(browser: Browser, url: str, **query: str) -> Iterator[Page]:
    """A page with an empty cache, on its way."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{url}/parameters?{urlencode(query)}")
    yield page
    context.close()


def drawn(page: Page, title: str) -> float:
    """Milliseconds from the tab's beginning until the drawing is there."""
    return float(page.wait_for_function(DRAWN, arg=title, timeout=PATIENCE).json_value())


def rows() -> Iterable[Row]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        with serving(Path(folder) / "log") as url:
            yield from measured(browser, url)
        browser.close()


def measured(browser: Browser, url: str) -> Iterable[Row]:
    process = server(url)
    first = []
    for _ in range(ROUNDS):
        with tab(browser, url) as page:
            first.append(drawn(page, "GPT-2 small"))
    yield Row("/parameters, default view: page load to picture", statistics.median(first), "ms", at_most=1500)
    with tab(browser, url, model="llama-3-8b") as page:  # imports what builds models
        drawn(page, "Llama 3 8B")
        before = process.memory_info().rss
        page.get_by_role("combobox", name="Model").fill("llama-3.1-405b")
        began = page.evaluate("performance.now()")
        page.keyboard.press("Enter")
        took = drawn(page, "Llama 3.1 405B") - began
        grown = process.memory_info().rss - before
    yield Row("Llama 3.1 405B: from its name to its picture", took, "ms", at_most=2500)
    yield Row("Llama 3.1 405B: what the server grows by", grown / 1e6, "MB", at_most=300)
    for shape in ("treemap", "sunburst", "icicle"):
        with tab(browser, url, model="llama-3-8b", shape=shape) as page:
            drawn(page, "Llama 3 8B")
            page.evaluate("window.pause = 0")
            page.get_by_role("combobox", name="Model").fill("deepseek-v3")
            page.keyboard.press("Enter")
            drawn(page, "DeepSeek-V3")
            page.get_by_role("combobox", name="Open").fill("Experts")
            page.keyboard.press("Enter")
            page.wait_for_function("location.search.includes('open=Experts')")
            page.wait_for_timeout(1500)
            pause = float(page.evaluate("window.pause"))
        yield Row(f"DeepSeek-V3's experts opened, {shape}: longest pause of the tab", pause, "ms")


def server(url: str) -> psutil.Process:
    """The process that listens at this address."""
    port = urlsplit(url).port
    (found,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
    }
    return psutil.Process(found)
