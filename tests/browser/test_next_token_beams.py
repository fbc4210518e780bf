"""The view "beams" in a real browser: stepping, choosing, links, files, a stranger's words, axe, 390 px."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import traces
from models.traces import BeamTrace
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/next-token?view=beams"
SMALL = "&text=My+name+is&beams=3&max_new_tokens=5"
BADGE = "The best text is that of transformers' generate"


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its picture and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(page.get_by_text(BADGE).filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def chosen(page: Page) -> str:
    return page.locator(".readout h2 b").inner_text()


def test_stepping_and_choosing_ask_nothing_of_the_server(shown: Shown, page: Page) -> None:
    heading, tree = page.locator(".orrery h2").first, page.locator(".tree")
    with wire(page) as count:
        shown(SMALL)
        expect(heading).to_have_text("The end, after 5 steps: 3 finished texts")
        best = page.locator(".finished tbody .text").first.inner_text()
        assert chosen(page) == best
        before = count["sent"]
        page.get_by_role("button", name="Step back").click()
        expect(heading).to_have_text("After 4 tokens: 3 beams alive")
        assert best.startswith(chosen(page)) != (best == chosen(page))
        tree.focus()
        for _ in range(6):  # down to the last candidate of this step, which is never among the best three
            page.keyboard.press("ArrowDown")
        expect(page.locator(".node.chosen")).to_have_class("node cut on chosen")
        total = page.locator(".node.chosen .number").text_content()
        least = page.locator(".fate").inner_text().split("less than ")[1].split(",")[0]
        expect(page.locator(".fate")).to_have_text(
            f"Cut: its sum {total} is less than {least}, the least of the 3 that went on."
        )
        assert least in [text.split(" ")[0] for text in page.locator(".node.alive .number").all_text_contents()]
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".sums tr").first.locator("td")).to_have_count(3)
        page.get_by_role("button", name="Show text 2 in the tree").click()
        expect(heading).to_have_text("The end, after 5 steps: 3 finished texts")
        assert chosen(page) == page.locator(".finished tbody .text").nth(1).inner_text()
        page.locator(".player input").focus()
        page.keyboard.press("Home")
        expect(page.locator(".fate")).to_contain_text("The prompt: nothing is added yet")
        page.get_by_role("button", name="Play", exact=True).click()
        expect(heading).to_have_text("After 2 tokens: 3 beams alive")
        page.get_by_role("button", name="Pause").click()
        page.wait_for_timeout(400)  # the address follows
        assert count["sent"] == before
    assert query(page)["step"] == "2"


def test_a_link_restores_step_text_and_controls(shown: Shown, page: Page) -> None:
    shown(SMALL + "&length_penalty=0&step=3&node=14")
    expect(page.locator(".orrery h2").first).to_have_text("After 3 tokens: 3 beams alive")
    assert page.locator(".node.chosen").get_attribute("data-node") == "14"
    expect(page.get_by_label("Beams", exact=True)).to_have_value("3")
    expect(page.get_by_label("Length penalty", exact=True)).to_have_value("0")
    expect(page.locator(".finished .sum").nth(1)).to_contain_text("/ 5^0")


def test_the_arithmetic_is_that_of_the_files(shown: Shown, page: Page) -> None:
    shown(SMALL)
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, BeamTrace)
    table = pd.read_csv(io.BytesIO(download(page, "Finished texts, CSV")), comment="#", float_precision="round_trip")
    assert [json.loads(text) for text in table["text"]] == page.locator(".finished tbody .text").all_inner_texts()
    rows = page.locator(".sums tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].slice(1).map((c) => c.textContent))"
    )
    probabilities = np.array(rows[1], dtype=float)
    sums = np.array([text.replace("−", "-") for text in rows[3]], dtype=float)
    way = trace.paths()[0]
    theirs = [float(trace.scores[step][rank]) for step, rank in enumerate(way)]
    np.testing.assert_allclose(sums, theirs, atol=6e-4)
    np.testing.assert_allclose(probabilities, np.exp(np.diff([0, *theirs])), atol=6e-4)
    score = page.locator(".arithmetic").inner_text().split("= ")[-1]
    assert float(score.replace("−", "-")) == pytest.approx(trace.final_scores[0], abs=6e-4)
    candidates = pd.read_csv(io.BytesIO(download(page, "Candidates, CSV")), comment="#")
    assert len(candidates) == trace.tokens.size
    picture = download(page, "Save picture as SVG").decode()
    for words in ("Beam search, 3 beams", "My name is", "Finished texts", "one beam"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 10_000


def test_a_wide_search_scrolls_inside_its_figure(shown: Shown, page: Page) -> None:
    shown("&text=My+name+is&beams=10&max_new_tokens=9")
    tree = page.locator(".tree")
    width, seen = tree.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert width > seen
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    few = page.locator(".node").count()
    assert few < 9 * 20  # only what can be seen is drawn
    tree.focus()
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".orrery h2").first).to_have_text("The prompt, before the first step")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".node.chosen")).to_have_attribute("data-node", "0")
    assert tree.evaluate("e => e.scrollLeft") == 0


def test_the_better_of_two_texts_is_told_by_the_score(shown: Shown, page: Page) -> None:
    said, verdict = page.locator(".apart"), "A wider search isn't always a better one."
    shown(f"&text={quote('The cat sat on the')}")
    expect(said).to_contain_text("The text of one beam is")
    expect(said).to_contain_text(verdict)
    # Here the less probable text is the longer one, and a length penalty of 2 wants that.
    shown(f"&text={quote('What is 2+2?')}&chat=true&beams=3&max_new_tokens=24&length_penalty=2")
    expect(said).to_contain_text("The text of one beam is")
    expect(said).not_to_contain_text(verdict)


def test_a_strangers_words_are_only_words(shown: Shown, page: Page) -> None:
    text = "<img src=x onerror=alert(1)> [a](https://example.org/) \u202e **x** $y$"
    with harmless(page):
        shown(f"&text={quote(text)}&beams=2&max_new_tokens=3")
    expect(page.locator(".readout h2 .quiet")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".readout h2 .quiet")).to_contain_text("U+202E")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(shown: Shown, page: Page, axe: Callable[[Page], None], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(SMALL + "&step=4")
    axe(page)


def test_a_narrow_screen(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    shown(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(".tree").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
