"""The view "walk" in a real browser: stages under the hand, a row of weights, another token, one token more, links."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from models import catalog, defaults, forward, interventions, switched_off, traces
from models.traces import ForwardTrace
from tests.browser.wire import download, harmless, query, wire

VIEW = "/inside?view=walk"
MAIN = '[data-testid="stMain"]'


@pytest.fixture
def shown(page: Page, server: str) -> Callable[[str], Page]:
    """Opens the view by the rest of its link, and waits until its figure and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        badge = page.locator(MAIN).get_by_text("every stage equals the model").filter(visible=True)
        expect(badge.first).to_be_visible(timeout=90_000)
        return page

    return go


def heading(page: Page) -> Locator:
    return page.locator(".orrery h2")


def formula(page: Page) -> Locator:
    return page.locator(".orrery .formula")


def number(words: str) -> float:
    """A number as the figure writes it."""
    return float(words.replace("−", "-").replace(",", ""))


def test_stages_layers_and_heads_need_no_round_trip(shown: Callable[[str], Page], page: Page) -> None:
    with wire(page) as count:
        shown("&stage=attention.scores&layer=23&head=4&key=3")
        page.wait_for_timeout(500)
        before = count["sent"]
        page.get_by_role("button", name="Next stage").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(heading(page)).to_have_text("Softmax: attention weights layer 23")
        walked = forward.walk(catalog.load(defaults.DECODER), defaults.ANSWERED, position=-1)
        weight = float(walked["layers.23.attention.weights"][4, 0, 3])
        expect(formula(page)).to_contain_text(f"= {weight:.3g}")
        page.keyboard.press("[")
        page.keyboard.press("h")
        expect(heading(page)).to_have_text("Softmax: attention weights layer 22")
        weight = float(walked["layers.22.attention.weights"][5, 0, 3])
        expect(formula(page)).to_contain_text(f"= {weight:.3g}")
        page.get_by_role("button", name="q · k").click()
        keys = torch.tensor(walked["layers.22.attention.key_rotated"])[3].repeat_interleave(3, 0)
        dot = float(torch.tensor(walked["layers.22.attention.query_rotated"])[0, 5].double() @ keys[5].double())
        said = formula(page).locator(".total")
        expect(said).to_contain_text("sum = ")
        assert number(said.inner_text().split("= ")[1]) == pytest.approx(dot, rel=5e-3)
        terms = formula(page).locator("td.value").all_inner_texts()
        assert sum(map(number, terms)) == pytest.approx(dot, abs=0.1)
        page.keyboard.press("+")
        page.keyboard.press("+")
        page.wait_for_function("location.search.includes('zoom=product')")
        assert query(page)["layer"] == "22"
        assert query(page)["head"] == "5"
        assert count["sent"] == before
    link = page.url
    words = formula(page).inner_text()
    page.goto("about:blank")
    page.goto(link)
    expect(heading(page)).to_have_text("Query times keys layer 22", timeout=60_000)
    expect(formula(page)).to_have_text(re.compile(r"key of token 3"))
    assert formula(page).inner_text() == words


def test_a_row_of_weights_is_fetched_when_asked(shown: Callable[[str], Page], page: Page) -> None:
    shown("&stage=mlp.gate&layer=2")
    page.locator(".orrery .cells.pick").click(position={"x": 100, "y": 30})
    expect(formula(page)).to_contain_text("Fetch the 576 weights")
    page.get_by_role("button", name="Fetch the 576 weights of this row").click()
    expect(formula(page)).to_contain_text("576 terms, the largest first", timeout=60_000)
    page.wait_for_function("location.search.includes('dimension=')")
    row = int(query(page)["dimension"])
    lm = catalog.load(defaults.DECODER)
    walked = forward.walk(lm, defaults.ANSWERED, position=-1)
    products = lm.model.model.layers[2].mlp.gate_proj.weight[row].detach().numpy() * walked["layers.2.mlp.norm"][0]
    largest = products[np.abs(products).argmax()]
    assert number(formula(page).locator("td.value").first.inner_text()) == pytest.approx(float(largest), rel=5e-3)
    total = float(walked["layers.2.mlp.gate"][0, row])
    assert number(formula(page).locator(".total").inner_text().split("= ")[1]) == pytest.approx(total, rel=5e-3)
    link = page.url
    page.goto("about:blank")
    page.goto(link)  # the link brings the row with it
    expect(formula(page)).to_contain_text("576 terms, the largest first", timeout=60_000)


def test_another_token_and_one_token_more(shown: Callable[[str], Page], page: Page) -> None:
    shown("&stage=next")
    expect(formula(page)).to_contain_text("“Paris” has p = 0.773")
    page.get_by_role("button", name="Append it and walk on").click()
    expect(page.locator(".orrery .chosenTokens button")).to_have_count(6, timeout=60_000)
    expect(page.get_by_label("Text", exact=True)).to_have_value("The capital of France is Paris")
    expect(heading(page)).to_have_text("The text")
    page.locator(".orrery .chosenTokens button").nth(1).click()
    chosen = page.locator(".orrery .chosenTokens button[aria-pressed='true']")
    expect(chosen).to_contain_text("capital", timeout=60_000)
    page.wait_for_function("location.search.includes('token=1')")
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, ForwardTrace)
    assert trace.positions.tolist() == [1]
    assert trace.source.text == "The capital of France is Paris"


def test_play_walks_and_a_picture_is_saved(shown: Callable[[str], Page], page: Page) -> None:
    shown("")
    expect(heading(page)).to_have_text("Softmax: attention weights layer 23")
    expect(formula(page)).to_contain_text("“France”: e^(")  # the one that the head looks at most
    page.get_by_role("button", name="Next stage").focus()
    page.keyboard.press("Home")
    expect(heading(page)).to_have_text("The text")
    expect(page.locator(".orrery .ids")).to_contain_text("20 46 72 61 6e 63 65")  # " France"
    page.get_by_role("button", name="Play").click()
    expect(heading(page)).not_to_have_text("The text", timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="weighted sum").click()
    expect(heading(page)).to_contain_text("Weighted sum of values")
    saved = download(page, "Save picture as SVG").decode()
    assert "Weighted sum of values" in saved
    assert saved.startswith("<svg")


def test_what_is_switched_off_is_in_the_sums(shown: Callable[[str], Page], page: Page) -> None:
    lm = catalog.load(defaults.DECODER)
    parts = switched_off.parts_of("23.4x0.5,l23x0.5,a22x0.5,22.4:4>3")
    with interventions.changed(lm, parts):
        walked = forward.walk(lm, defaults.ANSWERED, position=-1)
    off = "&off=23.4x0.5,l23x0.5,a22x0.5,22.4:4%3E3&dimension=260"
    shown(f"&stage=mlp.residual&layer=23{off}")
    said = formula(page).get_by_text("what entered")
    expect(said).to_be_visible()
    entered, factor, stream, wrote, again, total = (
        number(found) for found in re.findall(r"−?[\d.]+", said.inner_text().replace("− what", "what"))
    )
    assert again == entered
    assert total == pytest.approx(float(walked["layers.23.mlp.residual"][0, 260]), rel=5e-3)
    assert entered + factor * (stream + wrote - entered) == pytest.approx(total, abs=0.05)
    shown(f"&stage=attention.mixed&layer=23{off}")
    said = formula(page).locator(".total")
    expect(said).to_contain_text("× 0.5 = ")
    mixed = float(walked["layers.23.attention.mixed"].ravel()[260])
    assert number(said.inner_text().split("= ")[-1]) == pytest.approx(mixed, rel=5e-3)
    shown(f"&stage=attention.output&layer=22{off}")  # the row comes with the link
    expect(formula(page)).to_contain_text("576 terms", timeout=60_000)
    assert re.search(r"apart by (0|\d × 10⁻)", formula(page).inner_text())
    shown(f"&stage=attention.mask&layer=22&key=3{off}")
    expect(formula(page)).to_contain_text("−∞: this edge is cut")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Next stage").click()
    expect(formula(page)).to_contain_text("is masked: 0")
    page.locator(".orrery .bars button").first.click()
    first = float(walked["layers.22.attention.weights"][4, 0, 0])
    expect(formula(page)).to_contain_text(f"= {first:.3g}")
    score, most, below, p = (
        number(found) for found in re.findall(r"−?\d[\d.]*", formula(page).inner_text().split("“The”:")[1])
    )
    assert np.exp(score - most) / below == pytest.approx(p, rel=0.02)


def test_hostile_links_do_nothing(page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}{VIEW}&text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&stage=%3Cb%3E&layer=99&token=%00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(
    scheme: str, shown: Callable[[str], Page], page: Page, axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown("&stage=attention.mixed&layer=3&dimension=70")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(shown: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown("&stage=attention.query_rotated&layer=13&head=8&dimension=512")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")
