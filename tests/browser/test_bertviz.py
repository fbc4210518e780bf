"""The documents of bertviz in a browser that is offline: they draw and answer, and strangers' tokens do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from models import bertviz_page
from models.traces import AttentionTrace
from tests.random_trace import random_trace

HOSTILE = (
    "</script>", "<script>window.owned = 1</script>", "<img src=x onerror='window.owned = 1'>", "<!--", "\u2028",
    "PYTHON_PARAMS", "${window.owned = 1}", "plain",
)  # fmt: skip
LAYERS = [0, 2]
DRAW = {
    "head": lambda trace: bertviz_page.head_view(trace, LAYERS),
    "model": lambda trace: bertviz_page.model_view(trace, LAYERS),
}


def make(*, pair: bool) -> AttentionTrace:
    return random_trace(HOSTILE, heads=3, causal=False, pair="pair" if pair else None, source="<b>model</b>")


class Opened:
    """A document in a tab without a network, and what went wrong or out of it."""

    def __init__(self, page: Page, document: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.context.set_offline(True)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(document.as_uri())

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()


@pytest.fixture(params=[("head", False), ("head", True), ("model", False), ("model", True)], ids=str)
def opened(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    view, pair = request.param
    file = tmp_path / f"{view}.html"
    file.write_text(DRAW[view](make(pair=pair)), "utf-8")
    page = browser.new_context().new_page()
    yield Opened(page, file)
    page.context.close()


def test_it_draws_unplugged(opened: Opened) -> None:
    lines = 3 * len(HOSTILE) ** 2 * (1 if "head.html" in opened.page.url else len(LAYERS))
    assert opened.count("#vis svg line") == lines
    assert opened.requests == [opened.page.url]
    assert opened.complaints == []


def test_strangers_tokens_do_nothing(opened: Opened) -> None:
    assert opened.page.evaluate("window.owned") is None
    assert opened.count("script") == 4
    assert opened.count("img, b") == 0
    if "model.html" in opened.page.url:
        opened.page.locator("#attn_background_0_0").locator("xpath=../*[last()]").click(force=True)
    shown = opened.page.locator("#vis svg text").all_text_contents()
    for token in HOSTILE:
        assert shown.count(token) == 2, token  # left and right
    assert opened.page.evaluate("window.owned") is None
    assert opened.complaints == []


def test_the_controls_answer(opened: Opened) -> None:
    if "model.html" in opened.page.url:
        opened.page.locator("#attn_background_1_2").locator("xpath=../*[last()]").click(force=True)
        assert "Layer 2, Head 2" in opened.page.locator("#vis svg text.detail").all_text_contents()
    else:
        opened.page.get_by_label("Layer").select_option("2")
        opened.page.locator("#left text").last.hover()
        assert opened.count("#attention line[visibility=visible]") == 3 * len(HOSTILE)
    if opened.count("#filter"):
        opened.page.get_by_label("Which attention").select_option("1")
        assert opened.count("#vis svg line") < 3 * len(HOSTILE) ** 2
    assert opened.complaints == []


def test_dark_changes_the_colours(browser: Browser, tmp_path: Path) -> None:
    fills = []
    for dark in (False, True):
        file = tmp_path / f"{dark}.html"
        file.write_text(bertviz_page.model_view(make(pair=False), [0], dark=dark), "utf-8")
        page = browser.new_context().new_page()
        fills.append(Opened(page, file).page.locator(".attn_background").first.get_attribute("fill"))
        page.context.close()
    assert fills == ["white", "black"]
