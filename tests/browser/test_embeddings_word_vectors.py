"""The view "words" in a real browser: what is asked of the vectors, drawn as they are, by hand and by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.spatial.distance import pdist  # type: ignore[import-untyped]

from models import stored_analogies, vector_catalog, word_sets, word_vectors
from models.traces import Neighbours, from_bytes
from models.word_vectors import WordVectors
from tests.browser.wire import download, harmless, query, wire
from viz.embedding_words import words

Visit = Callable[[str], Page]
MAIN = '[data-testid="stMain"]'
ASKED = ("neighbours", "analogy", "odd", "scale")


@pytest.fixture(scope="module")
def glove() -> WordVectors:
    return vector_catalog.load()


def opened(visit: Visit, ask: str, **parameters: str) -> Page:
    page = visit(f"/embeddings?{urlencode({'ask': ask, **parameters})}")
    page.locator("[data-ready='1']").first.wait_for(timeout=60_000)
    expect(page.locator(".orrery .readout").first).not_to_be_empty()
    return page


def numbers(page: Page, selector: str, names: Sequence[str]) -> Any:
    """The attributes of drawn elements: [element, name]."""
    elements = page.locator(selector)
    return np.array(
        elements.evaluate_all("(all, names) => all.map(e => names.map(n => Number(e.getAttribute(n))))", list(names))
    )


def fresh(page: Page, link: str) -> None:
    page.goto("about:blank")
    page.goto(link)
    page.locator("[data-ready='1']").first.wait_for(timeout=60_000)


def test_the_angles_drawn_are_the_real_ones(visit: Visit, page: Page, glove: WordVectors) -> None:
    found = word_vectors.neighbours(glove, "ocean", 12)
    opened(visit, "neighbours", word="ocean", count="12")
    assert page.locator(".rows .word bdi").all_inner_texts() == list(found.words)
    rays = numbers(page, ".ray line.thin", ("x1", "y1", "x2", "y2"))
    drawn = np.degrees(np.arctan2(rays[:, 2] - rays[:, 0], rays[:, 1] - rays[:, 3]))
    np.testing.assert_allclose(drawn, found.angles, atol=0.01)
    lengths = np.hypot(rays[:, 2] - rays[:, 0], rays[:, 3] - rays[:, 1])
    np.testing.assert_allclose((rays[:, 1] - rays[:, 3]) / lengths, found.cosines, atol=1e-4)
    expect(page.locator(".rows .row .value:not(.quiet)").first).to_have_text(f"{found.cosines[0]:.3f}")


def test_a_neighbour_is_asked_about_by_a_click_and_by_a_key(visit: Visit, page: Page, glove: WordVectors) -> None:
    opened(visit, "neighbours", word="ocean")
    first = word_vectors.neighbours(glove, "ocean", 10).words
    page.locator(".rows .row").nth(2).click()
    expect(page.locator(".orrery h2")).to_have_text(f"The 10 words nearest to {first[2]}")
    expect(page.get_by_role("textbox", name="Word")).to_have_value(first[2])
    assert query(page)["word"] == first[2]
    second = word_vectors.neighbours(glove, first[2], 10).words
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".orrery h2")).to_have_text(f"The 10 words nearest to {second[1]}")
    page.get_by_role("textbox", name="Word").fill("ocean")
    page.keyboard.press("Enter")
    expect(page.locator(".orrery h2")).to_have_text("The 10 words nearest to ocean")
    page.locator(".rows .row").nth(2).click()  # the same word as at first
    expect(page.locator(".orrery h2")).to_have_text(f"The 10 words nearest to {first[2]}")
    fresh(page, page.url)
    expect(page.locator(".orrery h2")).to_have_text(f"The 10 words nearest to {first[2]}")


def test_an_analogy_is_the_vectors_they_are(visit: Visit, page: Page, glove: WordVectors) -> None:
    found = word_vectors.analogy(glove, "walk", "walked", "go", "went")
    opened(visit, "analogy", a="walk", b="walked", c="go", d="went")
    expect(page.locator(".orrery h2").first).to_have_text("walk is to walked as go is to got")
    expect(page.locator(".ranks")).to_contain_text("went ranks 2nd by 3CosAdd with the question's words left out")
    dots = numbers(page, ".plane circle.dot", ("cx", "cy"))
    assert len(dots) == len(found.drawn)
    # The three words stand as far apart as their vectors do.
    apart, real = pdist(dots[:3]), pdist(found.vectors[:3].astype(np.float64))
    np.testing.assert_allclose(apart / apart[0], real / real[0], atol=1e-4)
    for method, shown in zip(found.words, page.locator(".plane-list").all(), strict=True):
        assert shown.locator(".word bdi").all_inner_texts() == list(method)
        expect(shown.locator(".given .word")).to_have_text(
            [f"{word}in the question" for word in method if word in found.terms]
        )


def test_candidates_are_looked_at_without_a_round_trip(visit: Visit, page: Page, glove: WordVectors) -> None:
    found = word_vectors.analogy(glove, "man", "king", "woman", "queen")
    with wire(page) as count:
        opened(visit, "analogy")
        page.wait_for_timeout(1000)
        before = count["sent"]
        expect(page.locator(".readout").first).to_contain_text("From woman to queen")
        page.locator(".plane-list").first.focus()
        page.keyboard.press("End")
        last = found.words[0][-1]
        expect(page.locator(".readout").first).to_contain_text(f"From woman to {last}")
        page.locator(".plane-list .row").nth(3).hover()
        expect(page.locator(".readout").first).to_contain_text(f"From woman to {found.words[0][3]}")
        page.locator(".plane circle.dot.term").first.click()
        expect(page.locator(".readout").first).to_contain_text("man is one of the three words")
        page.mouse.move(0, 0)  # what is pointed at is told before what is chosen
        page.locator(".plane-list").first.focus()
        page.keyboard.press("End")
        page.wait_for_timeout(400)
        assert count["sent"] == before
    assert query(page)["chosen"] == str(found.drawn.index(last))
    distance = np.linalg.norm(found.vectors[found.drawn.index(last)] - found.vectors[2])
    expect(page.locator(".readout").first).to_contain_text(f"it is {distance:.2f}")
    fresh(page, page.url)
    expect(page.locator(".readout").first).to_contain_text(f"From woman to {last}")


def test_the_published_list_is_there_by_category(visit: Visit, page: Page) -> None:
    visit("/embeddings?ask=analogy&a=kingg")  # also where the question can't be answered
    expect(page.get_by_text('"kingg" is not among')).to_be_visible(timeout=60_000)
    stored = stored_analogies.stored()
    rows = page.locator(".accuracy tbody tr")
    expect(rows).to_have_count(15)
    for number, (name, right, asked) in enumerate(
        zip(stored.sections, stored.correct.tolist(), stored.asked.tolist(), strict=True)
    ):
        said = rows.nth(number)
        expect(said).to_contain_text(name)
        expect(said).to_contain_text(f"{100 * right / asked:.1f}%")
        expect(said).to_contain_text(f"{right:,} of {asked:,}")
    expect(rows.last).to_contain_text(f"all{100 * stored.total:.1f}%")


def test_the_odd_one_out_is_the_lowest(visit: Visit, page: Page, glove: WordVectors) -> None:
    found = word_vectors.odd_one_out(glove, ("france", "germany", "italy", "paris"))
    opened(visit, "odd", among="france, germany; italy\nparis")
    expect(page.locator(".orrery h2").first).to_have_text("paris is the odd one out")
    expect(page.locator(".rows .row.odd")).to_contain_text(f"{found.cosines[3]:.3f}")
    assert page.locator(".rows .row").last.get_attribute("class") == page.locator(".row.odd").get_attribute("class")
    expect(page.get_by_role("heading", name="Each word with each")).to_be_visible()
    page.locator(".rows .row").first.hover()
    expect(page.locator(".readout").first).to_contain_text(f"cosine {found.cosines.max():.4f}")


def test_words_lie_where_they_are_and_no_label_on_another(visit: Visit, page: Page, glove: WordVectors) -> None:
    preset = word_sets.SCALES["gender"]
    along = (*preset.words, *"mathematics poetry physics dance art engineering literature leader caring".split())
    found = word_vectors.scale(glove, preset.low, preset.high, along)
    with wire(page) as count:
        opened(visit, "scale", scale="gender", along=" ".join(along))
        page.wait_for_timeout(1000)
        before = count["sent"]
        places = numbers(page, ".one circle", ("cx",))[:, 0]
        np.testing.assert_allclose(np.corrcoef(places, np.sort(found.positions))[0, 1], 1, atol=1e-6)
        boxes = page.locator(".line .back").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom])"
        )
        assert len(boxes) == len(along) + 2
        for number, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[:number]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        page.get_by_role("listbox").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        second = int(np.argsort(found.positions)[1])
        expect(page.locator(".readout")).to_contain_text(along[second])
        page.wait_for_timeout(400)
        assert count["sent"] == before
    assert query(page)["chosen"] == str(second)
    expect(page.locator(".readout")).to_contain_text(f"{abs(found.positions[second]):.3f}")
    fresh(page, page.url)
    expect(page.locator(".readout")).to_contain_text(along[second])
    expect(page.get_by_text("What it doesn't show.")).to_be_visible()


def test_the_files_and_pictures_hold_what_is_shown(visit: Visit, page: Page) -> None:
    opened(visit, "neighbours", word="Ocean")
    picture = download(page, "Save picture as SVG").decode()
    assert all(word in picture for word in ("Neighbours of ocean", "arctic", "GloVe 6B, 50 dimensions · kumo"))
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")
    trace = from_bytes(download(page, "Trace"))
    assert isinstance(trace, Neighbours)
    assert trace.source.text == "ocean"
    assert b"arctic" in download(page, "Neighbours, CSV")


def test_from_a_misspelling_and_on_to_other_questions(visit: Visit, page: Page) -> None:
    page = visit("/embeddings?ask=neighbours&word=beautifull")
    page.get_by_role("button", name="beautiful", exact=True).click()
    expect(page.locator(".orrery h2")).to_have_text("The 10 words nearest to beautiful")
    for ask, heading in (("odd", "cereal is the odd one out"), ("scale", "From small, tiny, little to large")):
        page.get_by_role("combobox", name="Ask").click()
        page.get_by_role("option", name=ask, exact=True).click()
        expect(page.locator(".orrery h2").first).to_contain_text(heading)
    assert query(page)["ask"] == "scale"


@pytest.mark.parametrize("ask", ASKED)
def test_axe_finds_nothing_grave(ask: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    opened(visit, ask, chosen="2")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        axe(page)


def test_a_strangers_words_stay_words(visit: Visit, page: Page) -> None:
    evil = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![](https://example.org/a.png)"
    with harmless(page):
        visit(f"/embeddings?{urlencode({'ask': 'odd', 'among': f'cat dog {evil}'})}")
        expect(page.get_by_text("is not among the 400,000 words")).to_be_visible(timeout=60_000)
    with harmless(page):
        visit(f"/embeddings?{urlencode({'ask': 'neighbours', 'word': evil})}")
        expect(page.get_by_text("more than one word")).to_be_visible()


@pytest.mark.parametrize("ask", ASKED)
def test_a_telephone_needs_no_sideways_scrolling(ask: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    longest = " ".join(["telecommunications", "internationalization", "electroencephalogram", words.WORD])
    opened(visit, ask, among=longest, along=longest, word="telecommunications", d="electroencephalogram")
    page.wait_for_timeout(300)
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
