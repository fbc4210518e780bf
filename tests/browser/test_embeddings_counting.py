"""The view "counting" in a real browser: the cell in the link, the pair taken apart below, the files, strangers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from models import defaults, traces
from models.traces import CountingTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire
from viz.embedding_words import counting as words

Visit = Callable[[str], Page]
LINES = defaults.COUNTED.splitlines()
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://example.org/x.png)\n=1+1 </script><script>alert(1)</script> | `x`"
PATTERN = r"(?u)\b\w+\b"


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    page = visit(f"/embeddings?view=counting{link}")
    page.wait_for_selector(READY)
    return page


def chosen(page: Page) -> list[str]:
    """The two sentences that are taken apart."""
    heading = page.get_by_role("heading", name="Where the cosines of the chosen cell come from")
    expect(heading).to_be_visible()
    return [text for text in page.locator('[data-testid="stMarkdown"] p').all_inner_texts() if text[2:] in LINES]


def test_a_cell_is_chosen_by_hand_and_keys_and_stands_in_the_link(visit: Visit, page: Page) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    with wire(page) as count:
        opened(visit)
        expect(page.locator(".orrery .readout")).to_contain_text("1 The dog bit the man. · 2 The man bit the dog.")
        page.wait_for_timeout(500)
        before = count["sent"]
        stage = page.locator(".orrery .stage")
        box = stage.bounding_box()
        assert box is not None
        for step in range(10):
            page.mouse.move(box["x"] + 300 + 30 * step, box["y"] + box["height"] - 50)
        assert count["sent"] == before  # pointing asks the server nothing
    stage.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_role("cell", name="physician")).to_have_count(2)
    assert chosen(page) == [f"3 {LINES[2]}", f"4 {LINES[3]}"]
    page.wait_for_function("location.search.includes('column=3')")
    assert {name: query(page)[name] for name in ("row", "column")} == {"row": "2", "column": "3"}
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    assert chosen(again) == chosen(page)
    expect(again.locator(".orrery .readout")).to_contain_text("3 The doctor examined the patient. · 4 A physician")
    stage.focus()
    page.keyboard.press("Escape")
    expect(page.get_by_text(words.NONE)).to_be_visible()


def test_files_and_pictures_are_scikit_learns(visit: Visit, page: Page) -> None:
    opened(visit)
    counter, weigher = CountVectorizer(token_pattern=PATTERN), TfidfVectorizer(token_pattern=PATTERN)
    counts, weights = counter.fit_transform(LINES).toarray(), weigher.fit_transform(LINES).toarray()
    pairs = pd.read_csv(io.BytesIO(download(page, "Cosines, CSV")), comment="#")
    assert len(pairs) == 15
    for name, vectors in (("bag_of_words", counts), ("tf_idf", weights)):
        exact = cosine_similarity(vectors)[pairs["row"] - 1, pairs["other_row"] - 1]
        assert pairs[name].to_numpy() == pytest.approx(exact, abs=1e-6)
    assert [json.loads(text) for text in pairs["sentence"][:2]] == [LINES[0], LINES[0]]
    table = pd.read_csv(io.BytesIO(download(page, "Counts and weights, CSV")), comment="#")
    place = {word: number for number, word in enumerate(counter.get_feature_names_out())}
    columns = [place[json.loads(word)] for word in table["word"]]
    assert table["count"].to_numpy().tolist() == counts[table["row"] - 1, columns].tolist()
    assert table["tf_idf"].to_numpy() == pytest.approx(weights[table["row"] - 1, columns], abs=1e-6)
    assert len(table) == np.count_nonzero(counts)
    trace = traces.from_bytes(download(page, "All of it, trace"))
    assert isinstance(trace, CountingTrace)
    assert trace.sentences == tuple(LINES)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for word in ("Bag of words", "TF-IDF", "all-MiniLM-L6-v2", f"1 {LINES[0]}"):
        assert f">{word}<" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


def test_each_view_has_a_text_of_its_own_until_one_is_typed(visit: Visit, page: Page) -> None:
    opened(visit)
    box = page.get_by_role("textbox", name="Sentences, one a line")
    expect(box).to_have_value(defaults.COUNTED)
    page.get_by_role("radio", name="A model's table").click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value(defaults.LOOKED_UP)
    page.get_by_role("radio", name="Counting").click()
    expect(box).to_have_value(defaults.COUNTED)
    box.fill("A dog.\nA cat.")
    box.press("Control+Enter")
    expect(page.locator(".orrery .readout")).to_contain_text("1 A dog. · 2 A cat.")
    page.get_by_role("radio", name="A model's table").click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("A dog.\nA cat.")


@pytest.mark.parametrize(
    "link", [f"text={quote(HOSTILE)}", "row=%3Cscript%3E&column=-1", f"text={quote('a ' * 3000)}%0Ab&model=../../etc"]
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/embeddings?view=counting&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, row="2", column="3")
    expect(page.locator('[data-testid="stDataFrame"]').first).to_be_visible()
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    long = "Extraordinarily uncharacteristic internationalization " * 4
    opened(visit, text=f"{long}\n{long} once more\n你好，世界")
    expect(page.locator('[data-testid="stDataFrame"]').first).to_be_visible()
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
    badge = page.locator(".stMarkdownBadge").filter(visible=True).first
    assert badge.evaluate("element => element.scrollWidth <= element.clientWidth")  # else its end is cut off
