"""The view "switch" in a real browser: a click switches a part off, here and elsewhere, until it is cleared."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, traces
from models.traces import ChangedTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
BOARD = ".orrery .board"
BITS = ".orrery .bits"
BANNER = "Not the model as it is"
HOSTILE = "</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
WAIT = 90_000


def opened(visit: Visit, link: str = "") -> Page:
    page = visit(f"/inside?view=switch{link}")
    page.wait_for_selector(READY, timeout=WAIT)
    return page


def answered(page: Page, off: str) -> None:
    """Waits until the link says so, and the figure has the server's answer."""
    page.wait_for_function("off => (new URLSearchParams(location.search).get('off') ?? '') === off", arg=off)
    expect(page.locator(".orrery .next:not(.old)")).to_be_visible(timeout=WAIT)
    expect(page.locator(BITS)).to_contain_text("Nothing is off" if not off else "bits", timeout=WAIT)


def test_a_part_is_switched_off_and_on_with_the_keyboard(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit, "&layer=23&head=3")
        page.wait_for_timeout(500)
        before = count["sent"]
        page.locator(BOARD).focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("!location.search.includes('head=3')")  # 23.4 is the usual one
        expect(page.locator(".orrery .machine .readout")).to_have_text("head 23.4: on")
        page.locator(".orrery .looks").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".looks-read")).to_contain_text("looks at 1 “capital”: 0.012")
        assert count["sent"] == before  # looking asks nothing
    page.locator(BOARD).focus()
    page.keyboard.press("Enter")
    answered(page, "23.4")
    expect(page.locator(BITS)).to_contain_text("1.73 bits", timeout=WAIT)
    expect(page.get_by_text(BANNER)).to_be_visible()
    saved = traces.from_bytes(download(page, "All numbers, trace"))
    assert isinstance(saved, ChangedTrace)
    lm = catalog.load("smollm2-135m")
    inputs = lm.encode("The capital of France is").inputs

    def zeros(_module: object, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        mixed = given[0].clone()
        mixed[..., 4 * 64 : 5 * 64] = 0
        return (mixed,)

    with torch.inference_mode():
        own = lm.model(**inputs).logits[0, -1]
        handle = lm.model.model.layers[23].self_attn.o_proj.register_forward_pre_hook(zeros)
        changed = lm.model(**inputs).logits[0, -1]
        handle.remove()
    np.testing.assert_allclose(saved.logits, torch.stack([own, changed]), rtol=1e-3, atol=1e-3)
    table = pd.read_csv(io.BytesIO(download(page, "Next token, CSV")), comment="#")
    np.testing.assert_allclose(table["probability after"], changed.softmax(-1)[table["id"]], rtol=1e-3, atol=1e-5)
    page.locator(BOARD).focus()
    page.keyboard.press("u")
    answered(page, "")
    expect(page.get_by_text(BANNER)).to_have_count(0)


def test_scales_edges_and_the_field(visit: Visit, page: Page) -> None:
    opened(visit, "&layer=23&head=4")
    page.get_by_role("slider", name="A click multiplies by").fill("0.5")
    page.locator(BOARD).focus()
    for _ in range(6):  # from head 4 to the MLP
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    answered(page, "m23x0.5")
    page.locator(".orrery .looks").focus()  # on the last token and the first
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    answered(page, "23.8:4>3,m23x0.5")
    page.get_by_label("Switched off, as in the link").fill("a13:4>1,zz")
    page.keyboard.press("Enter")
    answered(page, "a13:4>1,zz")
    expect(page.get_by_text("“zz”, which names no part")).to_be_visible(timeout=WAIT)
    page.locator(".orrery").get_by_role("button", name="Clear").click()
    answered(page, "")


def test_a_link_restores_it_and_its_files_are_whole(visit: Visit, page: Page) -> None:
    opened(visit, "&off=m5x0.5,12.0,3.1:4%3E1&layer=3&head=1&text=" + quote("Two plus two is four"))
    expect(page.get_by_label("Switched off, as in the link")).to_have_value("3.1:4>1,m5x0.5,12.0")
    expect(page.get_by_label("Watched layer", exact=True)).to_have_value("3")
    expect(page.get_by_label("Watched head", exact=True)).to_have_value("1")
    lens = pd.read_csv(io.BytesIO(download(page, "Logit lens, CSV")), comment="#")
    assert len(lens) == 2 * 31 * 5
    for kind in ("SVG", "PNG"):
        assert len(download(page, f"Save picture as {kind}")) > 5_000


def test_it_stays_off_on_other_pages_until_it_is_cleared(visit: Visit, page: Page) -> None:
    visit("/attention?text=The+cat+sat&off=3.4")
    expect(page.get_by_text(BANNER)).to_be_visible(timeout=WAIT)
    page.wait_for_selector(READY, timeout=WAIT)
    page.get_by_role("link", name="Next token").nth(1).click()
    expect(page.get_by_text(BANNER)).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("The cat sat")
    assert query(page)["off"] == "3.4"
    page.wait_for_selector(READY, timeout=WAIT)
    page.get_by_test_id("stTopNavLink").filter(has_text="Attention").click()  # Streamlit's own menu empties the address
    expect(page.get_by_role("heading", name="Attention", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(BANNER)).to_be_visible(timeout=WAIT)
    page.wait_for_function("location.search.includes('off=3.4')")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text(BANNER)).to_have_count(0, timeout=WAIT)
    page.wait_for_function("!location.search.includes('off=')")


def test_the_same_part_again_after_the_page_has_cleared_it(visit: Visit, page: Page) -> None:
    opened(visit, "&layer=23&head=4")
    page.get_by_label("A click multiplies by", exact=True).last.fill("0.12345678")  # more digits than a link takes
    for _ in range(2):
        page.locator(BOARD).focus()
        page.keyboard.press("Enter")
        answered(page, "23.4x0.123457")
        page.get_by_test_id("stMain").get_by_role("button", name="Clear", exact=True).first.click()
        answered(page, "")


def test_it_stays_off_beyond_a_page_without_a_model(visit: Visit, page: Page) -> None:
    visit("/attention?text=The+cat+sat&off=3.4")
    expect(page.get_by_text(BANNER)).to_be_visible(timeout=WAIT)
    for name in ("Tokenizers", "Attention"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(BANNER)).to_be_visible(timeout=WAIT)
    page.wait_for_function("location.search.includes('off=3.4')")


def test_a_strangers_words(visit: Visit, page: Page) -> None:
    with harmless(page):
        opened(visit, f"&off={quote(HOSTILE)},23.4&text={quote(HOSTILE)}")
    expect(page.get_by_text("which names no part of a model")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_and_a_small_screen(visit: Visit, page: Page, axe: Callable[[Page], None], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if scheme == "dark":
        page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, "&off=23.4,12.0x0.5,23.3:4%3E1&layer=23&head=3")
    expect(page.locator(BITS)).to_have_text(re.compile(r"divergence of after from before: [\d.]+ bits"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    axe(page)
