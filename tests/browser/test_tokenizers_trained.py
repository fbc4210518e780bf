"""The view "trained" in a real browser: one click trains three; twins, links, files, axe, 390 px."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models import comparison, three
from models.traces import Comparison
from tests.browser.test_tokenizers_compare import MAIN, Visit, drawn, line, lit, twins
from tests.browser.wire import download, query, wire

LINK = "/tokenizers?view=trained&size=400&text=unreadable+lower"
TEXT = "unreadable lower"
FILES = {"bpe": "bpe-tokenizer.json", "wordpiece": "wordpiece-tokenizer.json", "unigram": "unigram.model"}


def compared(page: Page) -> Comparison:
    """The text under the three tokenizers that the page gives away: ties may fall otherwise in another process."""
    documents = {name: download(page, file) for name, file in FILES.items()}
    return comparison.compare(TEXT, three.Three(documents, {}, {}, "").tokenizers())


def test_three_rows_of_twins_without_a_round_trip(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit(LINK))
        expect(page.get_by_text("Same ids as the libraries").first).to_be_visible()
        found = compared(page)
        page.wait_for_timeout(500)
        before = count["sent"]
        for row, shown in enumerate(found.rows):
            assert line(page, row).all_text_contents() == list(shown.token_table.texts)
            line(page, row).first.hover()
            assert lit(page, 3) == twins(found, row, 0)
        page.mouse.move(0, 0)
        page.locator(".box").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
        assert count["sent"] == before
    assert query(page)["token"] == "0,1"
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    drawn(page)
    assert lit(page, 3) == twins(found, 0, 1)


def test_the_tab_is_one_click(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers"))
    page.get_by_text("Three trained", exact=True).click()
    expect(page.locator(".who bdi")).to_have_text(["BPE", "WordPiece", "Unigram"], timeout=60_000)
    expect(page.get_by_role("heading", name="On text that none has seen")).to_be_visible()
    assert query(page)["view"] == "trained"


def test_the_files_hold_what_is_shown(visit: Visit, page: Page) -> None:
    drawn(visit(LINK))
    found = compared(page)
    shown = json.loads(download(page, "Tokens, JSON"))["tokenizers"]
    assert {name: row["ids"] for name, row in shown.items()} == {
        row.key: row.token_table.ids.tolist() for row in found.rows
    }
    assert b"tokens_per_word" in download(page, "Counts, CSV")
    assert "WordPiece" in download(page, "Save picture as SVG").decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    drawn(visit(LINK))
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit(LINK))
    page.wait_for_timeout(300)
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
