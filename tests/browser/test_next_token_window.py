"""The view "window" in a real browser: the border, the token that is followed, links, files, axe, 390 px."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import traces
from models.traces import WindowTrace
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/next-token?view=window"
TEXT = "The key is in the red teapot. It rained all night. Where was the key? It was in the red"
LINK = f"&text={quote(TEXT)}"
BADGE = "Windows run one by one give the same"


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its picture and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(page.get_by_text(BADGE).filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def struck(page: Page) -> str:
    return "".join(page.locator(".text .out").all_inner_texts()).replace("␣", " ")


def test_moving_the_border_asks_nothing_of_the_server(shown: Shown, page: Page) -> None:
    heading = page.locator(".orrery h2")
    with wire(page) as count:
        shown(LINK)
        count_of = page.locator(".text .tok").count()
        expect(heading).to_have_text(f"The model sees the last {count_of // 2} tokens")
        assert struck(page).startswith("The key is in the red teapot.")
        before = count["sent"]
        chips = page.locator(".text .tok")
        chips.nth(3).click()
        expect(heading).to_have_text(f"The model sees the last {count_of - 3} tokens")
        assert struck(page) == "The key is"
        page.mouse.down()
        chips.nth(10).hover()
        page.mouse.up()
        expect(heading).to_have_text(f"The model sees the last {count_of - 10} tokens")
        page.get_by_role("button", name="Copy link").focus()
        page.keyboard.press("ArrowRight")
        expect(heading).to_have_text(f"The model sees the last {count_of - 9} tokens")
        page.keyboard.press("End")
        expect(heading).to_have_text("The model sees the whole text")
        assert struck(page) == ""
        page.keyboard.press("Home")
        expect(heading).to_have_text("The model sees the last token")
        third = page.locator("table").nth(1).get_by_role("button").nth(2)
        followed = third.inner_text()
        third.click()
        expect(page.locator("h3 .tok")).to_have_text(followed)
        expect(page.locator("table").nth(1).locator(".followed .tok")).to_have_text(followed)
        page.wait_for_timeout(400)  # the address follows
        assert count["sent"] == before
    link = page.url
    assert query(page)["window"] == "1"
    page.goto("about:blank")
    page.goto(link)
    expect(heading).to_have_text("The model sees the last token")
    expect(page.locator("h3 .tok")).to_have_text(followed)


def test_what_comes_into_view_where_the_probability_jumps(shown: Shown, page: Page) -> None:
    shown(LINK + "&window=12")
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, WindowTrace)
    favourite = trace.likely[-1][0]
    place = trace.windows.tolist().index(12)
    said = page.locator(".orrery .readout").inner_text()
    assert f"{trace.probabilities[-1][favourite]:.3f} with the whole text" in said
    assert f"{trace.divergences[place]:.2f} bits (KL divergence)" in said
    rows = page.locator("table").nth(1).locator("tbody tr:not(.below)")
    shown_texts = [text.replace("␣", " ") for text in rows.locator(".tok").all_inner_texts()]
    assert shown_texts == [trace.texts[number] for number in trace.likely[place]]
    expect(page.locator(".jump")).to_contain_text("What comes into view there")
    table = pd.read_csv(io.BytesIO(download(page, "Windows, CSV")), comment="#")
    assert len(table) == len(trace.windows)
    grown = table["of the largest window's favourite"].diff()
    assert f"with {table['window'][grown.idxmax()]}." in page.locator(".jump").inner_text()
    box = page.locator(".curve").bounding_box()
    assert box is not None
    page.locator(".curve").click(position={"x": box["width"] - 18, "y": 60})
    expect(page.locator(".orrery h2")).to_have_text("The model sees the whole text")
    picture = download(page, "Save picture as SVG").decode()
    for words in ("The model sees the whole text", "tokens in the window", "Where was the key?"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 10_000


def test_a_strangers_words_are_only_words(shown: Shown, page: Page) -> None:
    text = "<img src=x onerror=alert(1)> [a](https://example.org/) \u202e **x**"
    with harmless(page):
        shown(f"&text={quote(text)}")
    assert "img" in page.locator(".text").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(shown: Shown, page: Page, axe: Callable[[Page], None], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(LINK + "&window=9")
    axe(page)


def test_a_narrow_screen(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    shown(LINK)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for table in page.locator(".halves table").all():
        box = table.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
