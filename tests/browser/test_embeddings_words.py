"""The view "words" in a real browser: word sets on a picture beside what it can be trusted for."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from models import projection, vector_catalog
from models.word_sets import WORD_SETS
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
MAIN = '[data-testid="stMain"]'


def drawn(page: Page) -> Page:
    page.locator("[data-ready='1']").first.wait_for(timeout=60_000)
    expect(page.get_by_text("How far to trust it")).to_be_visible()
    return page


def test_a_point_is_found_and_chosen_without_a_round_trip(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit("/embeddings"))
        page.wait_for_timeout(500)
        before = count["sent"]
        page.get_by_label("Find a label").fill("berl")
        page.keyboard.press("Enter")
        expect(page.locator(".readout")).to_contain_text("berlin · capital")
        page.wait_for_timeout(400)
        assert count["sent"] == before
    places = projection.project(vector_catalog.units(WORD_SETS["capitals"].words)).points
    berlin = WORD_SETS["capitals"].words.index("berlin")
    away = np.linalg.norm(places - places[berlin], axis=1)
    nearest = [WORD_SETS["capitals"].words[place] for place in np.argsort(away)[1:4]]
    expect(page.locator(".readout")).to_contain_text(f"Nearest to berlin in the picture: {', '.join(nearest)}")
    assert query(page) == {"find": "berl", "point": str(berlin)}


def test_a_link_restores_the_view_in_a_fresh_tab(visit: Visit, page: Page) -> None:
    drawn(visit("/embeddings?words=red+green+blue%0Aone+two+three&method=tsne&perplexity=2&dims=3&turn=10&point=4"))
    expect(page.locator(".readout")).to_contain_text("two · one")
    expect(page.get_by_text("perplexity is 1.67, not 2")).to_be_visible()  # since there are only 6 points
    asked = query(page)
    assert {name: asked[name] for name in ("method", "perplexity", "dims", "turn", "point")} == {
        "method": "tsne", "perplexity": "2", "dims": "3", "turn": "10", "point": "4",
    }  # fmt: skip
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    drawn(page)
    expect(page.locator(".readout")).to_contain_text("two · one")
    expect(page.get_by_role("textbox", name="Groups of words")).to_have_value("red green blue\none two three")


def test_the_same_words_under_another_seed_are_linked(visit: Visit, page: Page) -> None:
    drawn(visit("/embeddings?set=numbers&method=tsne&perplexity=5"))
    page.get_by_text("Link another seed", exact=True).click()
    expect(page.get_by_text("seed 1").first).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("72 points in 2 dimensions, in 2 groups")
    assert query(page)["twin"] == "true"


def test_a_method_that_is_new_asks_first(visit: Visit, page: Page) -> None:
    drawn(visit("/embeddings"))
    page.get_by_role("combobox", name="Projection").click()
    page.get_by_role("option", name="tsne").click()
    expect(page.get_by_text("set the parameters first")).to_be_visible()
    page.get_by_role("button", name="Compute t-SNE of 24 points").click()
    expect(page.get_by_text("t-SNE", exact=False).last).to_be_visible()


def test_the_files_hold_what_is_shown(visit: Visit, page: Page) -> None:
    drawn(visit("/embeddings"))
    lines = download(page, "Coordinates as CSV").decode().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    words = WORD_SETS["capitals"].words
    points = projection.project(vector_catalog.units(words)).points
    assert [json.loads(row["label"]) for row in rows] == list(words)
    np.testing.assert_allclose([[float(row["x"]), float(row["y"])] for row in rows], points, atol=1e-5)
    assert json.loads(rows[0]["group"]) == "country"
    picture = download(page, "Save picture as SVG").decode()
    assert "Countries and their capitals" in picture
    assert "berlin" in picture
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")


def test_views_keep_their_own_place_and_back_goes_from_one_to_the_other(visit: Visit, page: Page) -> None:
    link = {"view": "map", "x": "0.016", "y": "0.139", "zoom": "40", "find": "day", "point": "183"}
    drawn(visit(f"/embeddings?{urlencode(link)}"))
    expect(page.get_by_role("heading", name="Who is near monday?")).to_be_visible(timeout=30_000)
    page.get_by_role("radio", name="Words").click()
    expect(page.get_by_role("heading", name="Countries and their capitals")).to_be_visible()
    expect(page.get_by_label("Find a label")).to_have_value("")
    page.wait_for_timeout(400)
    assert query(page) == {"view": "words"}
    page.go_back()
    expect(page.get_by_role("heading", name="Who is near monday?")).to_be_visible()
    expect(page.get_by_label("Find a label")).to_have_value("day")
    assert query(page) == link
    page.go_forward()
    expect(page.get_by_role("heading", name="Countries and their capitals")).to_be_visible()
    page.get_by_role("radio", name="Map").click()
    expect(page.get_by_role("heading", name="Who is near monday?")).to_be_visible()
    page.wait_for_timeout(400)
    assert query(page) == link


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    axe(drawn(visit("/embeddings?set=verbs&point=3")))


def test_a_strangers_words_stay_words(visit: Visit, page: Page) -> None:
    with harmless(page):
        visit("/embeddings?words=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%3A+cat+dog+%3Cscript%3Ealert(1)%3C%2Fscript%3E")
        expect(page.get_by_text("is not among the 400,000 words").first).to_be_visible(timeout=60_000)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit("/embeddings?set=animals"))
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
