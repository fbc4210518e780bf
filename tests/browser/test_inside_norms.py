"""The view "norms" in a real browser: the hand on the vector, the mask, padding, truncation, links, files, axe."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import traces
from models.traces import NormalisedTrace, UnmaskedTrace
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/inside?view=norms"
TEXT = "The animal was too tired."
LINK = f"&text={quote(TEXT)}"


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its picture and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(page.locator(".stMarkdownBadge").filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def at_rest(page: Page) -> None:
    """The address has followed the hand."""
    page.wait_for_timeout(400)


def test_a_hand_on_the_vector_asks_nothing_of_the_server(shown: Shown, page: Page) -> None:
    with wire(page) as count:
        shown(LINK + "&layer=4")
        trace = traces.from_bytes(download(page, "Trace"))
        assert isinstance(trace, NormalisedTrace)
        before = count["sent"]
        heading, change, readout = (page.locator(f".orrery {name}") for name in ("h2", ".change", ".readout"))
        expect(heading).to_contain_text("Layer 4, before the attention")
        place = next(i for i, layer in enumerate(trace.layers) if layer == 4 and trace.places[i] == "attention")
        largest = int(np.abs(trace.vectors[place]).argmax())
        expect(readout).to_contain_text(f"Number {largest}:")
        expect(change).to_contain_text("As the model has it")

        page.get_by_role("button", name="Copy link").focus()
        page.keyboard.press("ArrowRight")
        expect(readout).to_contain_text(f"Number {(largest + 1) % 576}:")
        page.keyboard.press("ArrowUp")
        expect(heading).to_contain_text("Layer 4, before the MLP")
        page.keyboard.press("ArrowDown")
        expect(heading).to_contain_text("Layer 4, before the attention")

        page.get_by_label("Add to all").fill("2")
        expect(change).to_contain_text("LayerNorm's result stays")
        x, weight = torch.from_numpy(trace.vectors[place]).double(), torch.from_numpy(trace.weights[place]).double()

        def normed(vector: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.rms_norm(vector, vector.shape, weight, trace.eps)

        moved = (normed(x + 2 * x.square().mean().sqrt()) - normed(x)).abs().max() / normed(x).abs().max()
        expect(change).to_contain_text(f"RMSNorm's result moves by up to {float(100 * moved):.2g} %")
        page.get_by_label("then multiply by").fill("-3")
        expect(change).to_contain_text("no longer large against eps")
        at_rest(page)
        assert query(page)["times"] == "0.001"
        assert count["sent"] == before
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(change).to_contain_text("no longer large against eps", timeout=60_000)
    expect(readout).to_contain_text(f"Number {(largest + 1) % 576}:")
    page.get_by_role("button", name="As it is").click()
    expect(change).to_contain_text("As the model has it")


def test_another_token_asks_for_its_vectors(shown: Shown, page: Page) -> None:
    shown(LINK + "&layer=15")
    page.get_by_role("button", name="Token 0: The").click()
    expect(page.locator(".orrery h2 .tok")).to_have_text("The", timeout=60_000)
    expect(page.get_by_role("button", name="Token 0: The")).to_have_attribute("aria-pressed", "true")
    at_rest(page)
    assert query(page)["token"] == "0"
    table = pd.read_csv(io.BytesIO(download(page, "Lengths, CSV")), comment="#")
    row = table[(table["layer"] == 15) & (table["token"] == 0)].iloc[0]
    assert row["length before"] > 10_000
    expect(page.locator(".course")).to_contain_text(f"before, here {row['length before']:,.0f}")
    vectors = pd.read_csv(io.BytesIO(download(page, "Vectors, CSV")), comment="#")
    assert len(vectors) == 61 * 576
    picture = download(page, "Save picture as SVG").decode()
    assert "what a norm makes of" in picture
    assert len(download(page, "Save picture as PNG")) > 10_000


def test_the_mask_lifted(shown: Shown, page: Page) -> None:
    with wire(page) as count:
        shown(LINK + "&show=mask")
        trace = traces.from_bytes(download(page, "Trace"))
        assert isinstance(trace, UnmaskedTrace)
        before = count["sent"]
        heading = page.locator(".orrery h2")
        mean = trace.surprisals.mean(1)
        expect(heading).to_contain_text(f"costs {mean[0]:.2f} bits a token with the mask")
        rows = page.locator(".list tbody tr")
        expect(rows).to_have_count(len(trace.token_table))
        rows.nth(2).click()
        caption = page.locator(".likely caption").first
        expect(caption).to_contain_text(trace.token_table.texts[2].strip())
        best = page.locator(".likely").nth(1).locator(".tok").nth(1)  # behind that of the caption
        expect(best).to_have_text(trace.likely_texts[1][2][0].replace(" ", "␣"))
        page.locator(".list").focus()
        page.keyboard.press("ArrowDown")
        expect(rows.nth(3)).to_have_class("on")
        page.get_by_label("Layer", exact=True).select_option("18")
        page.get_by_label("Head", exact=True).select_option("7")
        expect(page.locator(".matrices h3").first).to_have_text("Layer 18, head 7, with the mask")
        key = int(trace.weights[1, 18, 7, 3].argmax())
        label = page.locator(".matrices .frame").nth(1).get_attribute("aria-label") or ""
        assert f": {said(trace, 3)} looks at {said(trace, key)} " in label
        page.locator(".list").focus()
        page.keyboard.press("ArrowRight")
        at_rest(page)
        assert count["sent"] == before
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(rows.nth(3)).to_have_class("on", timeout=60_000)
    expect(page.get_by_label("Layer", exact=True)).to_have_value("18")
    expect(page.get_by_label("Head", exact=True)).to_have_value("8")
    table = pd.read_csv(io.BytesIO(download(page, "Tokens, CSV")), comment="#")
    np.testing.assert_allclose(table["other mask"][:-1], trace.true_probabilities[1])


def said(trace: UnmaskedTrace, token: int) -> str:
    return trace.token_table.texts[token].strip()


def test_padding(shown: Shown, page: Page) -> None:
    with wire(page) as count:
        shown("&show=padding")
        before = count["sent"]
        heading, second = page.locator(".orrery h2"), page.locator(".answers table").nth(1)
        expect(heading).to_contain_text("Filled up on the left, without an attention mask")
        expect(second.locator(".tok").first).to_have_text("␣a")
        page.get_by_label("attention mask", exact=True).check()
        expect(heading).to_contain_text("are what they are alone")
        expect(second.locator(".tok").first).to_have_text("␣Paris")
        page.get_by_label("Filled up on the").select_option("right")
        expect(page.locator(".answers table").nth(2).locator(".tok").first).not_to_have_text("␣Paris")
        expect(second.locator(".tok").first).to_have_text("␣Paris")
        page.get_by_role("button", name="left, without mask, positions from the first column").click()
        expect(heading).to_contain_text("Filled up on the left, without")
        at_rest(page)
        assert count["sent"] == before
        assert query(page)["counted"] == "0"
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_label("positions counted from the text")).not_to_be_checked(timeout=60_000)
    table = pd.read_csv(io.BytesIO(download(page, "Ways, CSV")), comment="#")
    assert table["difference"].max() > 0.1


def test_truncation(shown: Shown, page: Page) -> None:
    with wire(page) as count:
        shown(f"&show=truncation&text={quote('red, green, blue, red, green,')}&limit=4")
        before = count["sent"]
        heading, struck = page.locator(".orrery h2"), page.locator(".text .out")
        expect(heading).to_contain_text("A limit of 4 tokens, cut on the right: 6 tokens fall off")
        expect(struck.first).to_have_text("␣blue")
        page.get_by_label("Cut on the").select_option("left")
        expect(struck.first).to_have_text("red")
        expect(struck).to_have_count(6)
        page.locator(".text").focus()
        page.keyboard.press("End")
        expect(heading).to_have_text("The text fits: nothing falls off")
        at_rest(page)
        assert count["sent"] == before
        assert query(page)["side"] == "left"
    window = page.get_by_role("link", name="The window, token by token").get_attribute("href") or ""
    assert "view=window" in window
    assert "red%2C+green" in window
    table = pd.read_csv(io.BytesIO(download(page, "Predictions, CSV")), comment="#")
    assert set(table["limit"]) == set(range(1, 11))


def test_a_strangers_words_are_only_words(shown: Shown, page: Page) -> None:
    text = quote("<img src=x onerror=alert(1)> [a](https://example.org/) \u202e **x**")
    with harmless(page):
        shown(f"&text={text}&show=mask")
        expect(page.locator(".list")).to_contain_text("img")
        shown(f"&text={text}")
        expect(page.locator(".text")).to_contain_text("img")


@pytest.mark.parametrize(
    ("show", "schemes"),
    [("norm", ("light", "dark")), ("mask", ("dark",)), ("padding", ("light",)), ("truncation", ("dark",))],
)
def test_axe_and_a_narrow_screen(
    shown: Shown, page: Page, axe: Callable[[Page], None], show: str, schemes: tuple[str, ...]
) -> None:
    page.emulate_media(color_scheme=schemes[0])  # type: ignore[arg-type]
    shown(f"{LINK}&show={show}")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        axe(page)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(".orrery.small")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in page.locator(".orrery .body > *:visible").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= 391
