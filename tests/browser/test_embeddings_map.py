"""The map of words in a real browser: moved without a round trip, and its lies told when a word is chosen."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import map_neighbours, stored_map, traces, vector_catalog
from models.map_neighbours import Near
from models.traces import WordMap
from models.word_vectors import WordVectors
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
MONDAY = {"x": 0.016, "y": 0.139, "zoom": 40.0}
LINK = "&x=0.016&y=0.139&zoom=40"
HOSTILE = quote("<img src='x' onerror='alert(1)'>")


@pytest.fixture(scope="module")
def table() -> WordVectors:
    return vector_catalog.load()


@pytest.fixture(scope="module")
def found() -> WordMap:
    return stored_map.stored()


def opened(visit: Visit, link: str = "") -> Page:
    page = visit(f"/embeddings?view=map{link}")
    page.locator("[data-ready='1']").first.wait_for(timeout=60_000)
    expect(page.get_by_text("How far to trust it")).to_be_visible()
    page.wait_for_timeout(300)
    return page


def place(page: Page, found: WordMap, word: int, view: dict[str, float]) -> tuple[float, float]:
    """Where a word is in the stage, from the stored map and what the link says of the view."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    sides = found.extent / found.extent.max()
    scale = 0.88 * view["zoom"] * min((box["width"] - 2) / sides[0], (box["height"] - 2) / sides[1])
    across, up = (found.points[word] - found.corner - found.extent / 2) / found.extent.max()
    return (
        float(box["width"] / 2 + (across - view["x"]) * scale),
        float(box["height"] / 2 - (up - view["y"]) * scale),
    )


def near(page: Page, word: str) -> None:
    """Waits for the lists of a word; the first one reads GloVe's vectors."""
    expect(page.get_by_role("heading", name=f"Who is near {word}?")).to_be_visible(timeout=30_000)


def told(page: Page, table: WordVectors, pair: tuple[Near, Near]) -> None:
    """Waits until the two tables have these words, those marked that are in both."""
    for number, near_ in enumerate(pair):
        cells = page.locator('[data-testid="stMarkdown"] table').nth(number).locator("tbody tr td:nth-child(2)")
        marked = zip(near_.places, near_.elsewhere, strict=True)
        expect(cells).to_have_text([table.words[i] + (" ✓" if rank <= 10 else "") for i, rank in marked])


def test_the_hand_moves_and_searches_without_a_round_trip(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(1500)
        assert count["received"] < 800_000
        before = dict(count)
        stage = page.locator(".stage")
        stage.hover()
        page.mouse.down()
        page.mouse.move(500, 500, steps=5)
        page.mouse.up()
        page.mouse.wheel(0, -500)
        page.get_by_role("button", name="Zoom in").click()
        page.get_by_role("searchbox").fill("ology")
        expect(page.locator(".found")).to_contain_text("more contain it")
        page.wait_for_timeout(500)
        assert count == before
    asked = query(page)
    assert asked["find"] == "ology"
    assert float(asked["zoom"]) > 2
    page.get_by_role("button", name="First view").click()
    page.wait_for_timeout(300)
    assert query(page) == {"view": "map", "find": "ology"}
    page.get_by_role("button", name="Show all").click()
    page.wait_for_timeout(300)
    assert query(page) == {"view": "map", "x": "0", "y": "0", "zoom": "1", "find": "ology"}


def test_a_chosen_words_neighbours_are_told_beside_those_on_the_map(
    visit: Visit, page: Page, table: WordVectors, found: WordMap
) -> None:
    monday = table.place("monday")
    expected = map_neighbours.compare(table, found, monday)
    with wire(page) as count:
        opened(visit, LINK)
        page.wait_for_timeout(1000)
        before = dict(count)
        x, y = place(page, found, monday, MONDAY)
        page.locator(".stage").click(position={"x": x, "y": y})
        near(page, "monday")
        page.wait_for_timeout(500)
        assert count["sent"] == before["sent"] + 1
        assert count["received"] - before["received"] < 100_000  # the map itself isn't sent again
    told(page, table, expected)
    assert query(page)["point"] == str(monday)
    eight = [table.words[i] for i in expected[1].places[:8]]
    expect(page.locator(".readout")).to_contain_text(
        f"Nearest to monday in the picture: {', '.join(eight[:-1])} and {eight[-1]}."
    )

    page.mouse.move(5, 5)
    page.wait_for_timeout(300)
    link, picture = page.url, page.locator(".stage").screenshot()
    page.goto("about:blank")
    page.goto(link)
    near(page, "monday")
    page.locator("[data-ready='1']").first.wait_for()
    page.wait_for_timeout(300)
    told(page, table, expected)
    assert page.locator(".stage").screenshot() == picture


def test_the_keys_go_from_word_to_word_and_let_go(visit: Visit, page: Page, table: WordVectors) -> None:
    opened(visit, f"{LINK}&point={table.place('monday')}")
    near(page, "monday")
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    word = table.words[int(query(page)["point"])]
    assert word != "monday"
    near(page, word)
    expect(page.locator("[aria-live]")).to_contain_text(word)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Who is near")).to_have_count(0)
    expect(page.get_by_text("Click a word to compare")).to_be_visible()
    assert "point" not in query(page)


def test_colours_and_all_words_keep_the_view_and_the_word(visit: Visit, page: Page, table: WordVectors) -> None:
    monday = table.place("monday")
    opened(visit, LINK)
    page.get_by_role("searchbox").fill("monday")
    page.get_by_role("searchbox").press("Enter")
    near(page, "monday")
    page.get_by_role("combobox", name="Colour").click()
    page.get_by_role("option", name="frequency").click()
    expect(page.locator(".readout")).to_contain_text(f"monday · rank by frequency {monday + 1}")
    page.get_by_role("combobox", name="Words on the map").click()
    page.get_by_role("option", name="400000").click()
    expect(page.get_by_role("heading", name="Map of GloVe’s 400,000 words")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Its transform then placed each of the other 350,000")).to_be_visible()
    expect(page.locator(".readout")).to_contain_text(f"monday · rank by frequency {monday + 1}")
    page.wait_for_timeout(500)
    asked = query(page)
    assert (asked["x"], asked["y"], asked["zoom"]) == ("0.016", "0.139", "40")
    assert (asked["size"], asked["colour"], asked["point"]) == ("400000", "frequency", str(monday))
    told(page, table, map_neighbours.compare(table, stored_map.stored(stored_map.ALL), monday))


def test_the_files_and_the_picture(visit: Visit, page: Page, table: WordVectors, found: WordMap) -> None:
    opened(visit, f"{LINK}&point={table.place('monday')}")
    coordinates = pd.read_csv(io.BytesIO(download(page, "Coordinates as CSV")), comment="#")
    np.testing.assert_array_equal(coordinates[["x", "y"]].to_numpy(dtype=np.float32), found.points)
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, WordMap)
    np.testing.assert_array_equal(trace.places, found.places)
    drawing = download(page, "Save picture as SVG").decode()
    for words in (">monday<", ">friday<", "Map of GloVe’s 50,000 most frequent words", "UMAP of the unit vectors"):
        assert words in drawing
    assert "<image" in drawing
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, "&point=183&find=day")
    near(page, "monday")
    axe(page)


@pytest.mark.parametrize(
    "link",
    [
        "point=50000&size=99&colour=%3Cscript%3Ealert(1)%3C/script%3E&zoom=1e99&x=nan",
        f"find={HOSTILE}&point=-5",
        f"size=400000&point=400000&find={'a' * 5000}&y=![x](http://example.org/x.png)",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/embeddings?view=map&{link}")
        page.locator("[data-ready='1']").first.wait_for()
        expect(page.locator(".readout")).to_contain_text("Point at the picture")


def test_a_telephone_and_a_finger(visit: Visit, page: Page, table: WordVectors, found: WordMap) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    monday = table.place("monday")
    opened(visit, LINK)
    assert page.locator('[data-testid="stMain"]').evaluate("main => main.scrollWidth <= main.clientWidth")
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    x, y = place(page, found, monday, MONDAY)
    at = {"x": box["x"] + x, "y": box["y"] + y}
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    near(page, "monday")
    fingers = [{"x": box["x"] + 120, "y": at["y"], "id": 0}, {"x": box["x"] + 220, "y": at["y"], "id": 1}]
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers})
    fingers[1] |= {"x": box["x"] + 320}
    hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": fingers})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('zoom')) > 70")
    assert query(page)["point"] == str(monday)
    assert page.locator('[data-testid="stMain"]').evaluate("main => main.scrollWidth <= main.clientWidth")
