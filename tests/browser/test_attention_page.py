"""The attention page in a real browser: links, no round trips, what crosses the wire, hostile links, axe, 390 px."""

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

from models import attention, catalog, defaults
from models.traces import AttentionTrace, from_bytes
from tests.browser.server import serving
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
READY = "[data-ready='1']"
LONG = "one two three four five six seven " * 43  # 301 tokens: more than travel with every layer


def drawn(page: Page, view: str = "heads") -> Page:
    """The page once its figure is painted."""
    page.wait_for_selector(READY)
    expect(page.locator(f'.orrery[data-view="{view}"]')).to_be_visible()
    return page


def test_views_layers_and_heads_need_no_round_trip_and_stand_in_the_link(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit("/attention"))
        page.wait_for_timeout(1000)
        before = count["sent"]
        for view in ("Map", "Matrix", "Text", "Rollout", "Heads"):
            page.get_by_role("tab", name=view).click()
            expect(page.locator(f'.orrery[data-view="{view.lower()}"]')).to_be_visible()
        page.locator(".column.query .row").nth(3).hover()
        page.keyboard.press("]")
        page.keyboard.press(",")
        page.get_by_role("tab", name="Matrix").click()
        page.wait_for_timeout(600)
        assert count["sent"] == before
    assert query(page)["view"] == "matrix"
    link = page.url
    shown = page.locator(".orrery h2").first.inner_text()
    page.goto("about:blank")
    page.goto(link)
    drawn(page, "matrix")
    assert page.locator(".orrery h2").first.inner_text() == shown


def test_a_rerun_keeps_what_the_hand_has_chosen(visit: Visit, page: Page) -> None:
    drawn(visit("/attention?layer=3&head=2"))
    page.get_by_role("tab", name="Matrix").click()
    page.wait_for_timeout(400)
    page.get_by_label("Text", exact=True).fill("Another text entirely.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("4 of 512 tokens")).to_be_visible()
    drawn(page, "matrix")
    expect(page.locator(".orrery h2").first).to_contain_text("Layer 3, head 2")
    asked = query(page)
    assert (asked["view"], asked["layer"], asked["head"]) == ("matrix", "3", "2")
    assert asked["text"] == "Another text entirely."


def test_find_the_induction_heads(visit: Visit, page: Page) -> None:
    drawn(visit("/attention?layer=3"))
    page.get_by_role("button", name="Find the induction heads").click()
    drawn(page, "map")
    expect(page.get_by_text("Heads by induction").first).to_be_visible()
    page.wait_for_timeout(500)
    assert (query(page)["view"], query(page)["sort"]) == ("map", "induction")


def test_a_preset_is_a_plain_link(visit: Visit, page: Page) -> None:
    drawn(visit("/attention"))
    page.get_by_role("link", name="Both directions").click()
    drawn(page, "matrix")
    expect(page.get_by_role("textbox", name="Second text")).to_have_value("The cat lay on the rug.")


@pytest.mark.parametrize(
    "link",
    [
        "?layer=%3Cscript%3Ealert(1)%3C/script%3E&view=%3C/script%3E&head=x&token=%00&sort=../../etc",
        "?text=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E%00%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9&special=1&spaces=1",
        "?model=minilm-l6-v2&pair=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&text=%E2%80%AEabc",
        "?text=%ED%A0%80&layer=9999999999999999999999",
        "?model=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        "?model=![x](http://example.org/x.png)",
        "?model=../../etc/passwd&model2=/etc&compare=another+model",
        "?compare=nonsense&present=nonsense&bertviz=nonsense&text2=%3Cscript%3E",
        "?layer=![x](http://example.org/x.png)",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/attention{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/attention", "/attention?view=map&sort=previous", "/attention?layer=99"])
def test_axe_finds_nothing_grave(path: str, scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(path)
    if path != "/":
        page.wait_for_selector(READY)
    axe(page)


@pytest.mark.parametrize(
    "path", ["/", "/attention", "/attention?view=map", "/attention?compare=another+text&view=text"]
)
def test_a_telephone_needs_no_sideways_scrolling(path: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(path)
    if path != "/":
        page.wait_for_selector(READY)
    page.wait_for_timeout(300)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")


def test_presenting_hides_the_controls_and_enlarges_the_type(visit: Visit, page: Page) -> None:
    drawn(visit("/attention"))
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    usual = page.locator("h1").evaluate(size)
    expect(page.get_by_label("Text", exact=True)).to_be_in_viewport()
    drawn(visit("/attention?present=1"))
    expect(page.get_by_label("Text", exact=True)).not_to_be_in_viewport()
    assert page.locator("h1").evaluate(size) > 1.1 * usual


def test_a_layer_beyond_those_that_travelled_is_fetched_when_opened(visit: Visit, page: Page) -> None:
    drawn(visit(f"/attention?text={quote(LONG)}&layer=0&head=0"))
    page.locator(".column.query").first.click(position={"x": 5, "y": 5})
    for layer in range(1, 30):  # the keys go on working while layers come
        page.keyboard.press("]")
        expect(page.locator(".orrery h2").first).to_contain_text(f"Layer {layer}, head 0")
    trace = attention.trace(catalog.load(defaults.DECODER), LONG)
    weight = float(trace.weights[29, 0, 4, 2])
    page.locator(".column.query .row").nth(4).hover()
    told = "<0.001" if weight < 0.0005 else f"{weight:.3f}"
    expect(page.locator(".column.key .value").nth(2)).to_have_text(told)  # once the layer has come


def test_the_payload_of_smollm2_at_128_tokens(visit: Visit, page: Page) -> None:
    text = " the" * 128
    with wire(page) as count:
        drawn(visit(f"/attention?text={quote(text)}"))
        expect(page.get_by_text("128 of 512 tokens")).to_be_visible()
    assert count["received"] <= 2_500_000


def test_the_files_carry_the_models_own_numbers(visit: Visit, page: Page) -> None:
    drawn(visit("/attention?layer=5"))
    page.get_by_text("Save the numbers").click()
    trace = attention.trace(catalog.load(defaults.DECODER), defaults.TEXT)
    layer, query_index, key_index = 5, 8, 1

    table = pd.read_csv(io.BytesIO(download(page, "CSV, one layer")), comment="#")
    row = table[(table["head"] == 8) & (table["query"] == query_index) & (table["key"] == key_index)]
    assert set(table["layer"]) == {layer}
    assert np.float32(row["weight"].iloc[0]) == pytest.approx(trace.weights[layer, 8, query_index, key_index], abs=1e-6)

    record = json.loads(download(page, "JSON, one layer"))
    assert trace.source.revision in json.dumps(record)

    with np.load(io.BytesIO(download(page, "NumPy, all layers")), allow_pickle=False) as arrays:
        np.testing.assert_allclose(arrays["weights"], trace.weights, atol=1e-6)

    saved = from_bytes(download(page, "Trace, all layers"))
    assert isinstance(saved, AttentionTrace)
    np.testing.assert_allclose(saved.weights, trace.weights, atol=1e-6)
    assert saved.source.text == defaults.TEXT


def test_the_single_file_page_works_offline(visit: Visit, page: Page, tmp_path: Path) -> None:
    drawn(visit("/attention"))
    page.get_by_text("Save the numbers").click()
    file = tmp_path / "figure.html"
    file.write_bytes(download(page, "This figure, one page"))
    page.context.set_offline(True)
    page.goto(file.as_uri())
    drawn(page)
    expect(page.locator(".column.query .row")).to_have_count(13)


def test_bertviz_draws_unplugged(visit: Visit, page: Page) -> None:
    drawn(visit("/attention?bertviz=head"))
    frame = page.frame_locator("iframe")
    expect(frame.locator("svg").first).to_be_visible()
    expect(frame.get_by_text("animal").first).to_be_visible()


def test_a_text_too_long_for_bertviz_says_what_it_would_have_sent(visit: Visit, page: Page) -> None:
    drawn(visit(f"/attention?text={quote(' the' * 200)}&bertviz=model"))
    slider = page.get_by_role("slider", name="Layers that bertviz draws").last
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("MB").first).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


def test_the_first_picture_needs_no_model(page: Page, tmp_path: Path) -> None:
    """Where no model can be loaded at all, the page still opens on its stored trace, and says what the matter is."""
    with serving(tmp_path / "log.txt", ORRERY_MEMORY_GB="0.001") as url:
        page.goto(f"{url}/attention")
        drawn(page)
        expect(page.locator(".column.key .value").nth(1)).to_have_text("0.750")
        page.get_by_label("Text", exact=True).fill("Another text.")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert").first).to_contain_text("choose a smaller model")
        expect(page.get_by_role("heading", name="What to notice")).to_be_visible()


def test_one_visitors_mistake_is_nobody_elses(visit: Visit, page: Page, server: str) -> None:
    drawn(visit("/attention?layer=4&head=1"))
    other = page.context.new_page()
    other.goto(f"{server}/attention?text={quote('word ' * 3000)}")
    expect(other.get_by_role("alert").first).to_contain_text("at most 512")
    other.close()
    page.get_by_label("Text", exact=True).fill("All is well here.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("5 of 512 tokens")).to_be_visible()
    expect(page.locator(".orrery h2").first).to_contain_text("Layer 4, head 1")
