"""The view "weights" in a real browser: the picture, zooming, the table of sizes, links, files, axe, 390 px."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from safetensors.numpy import load

from models import traces
from models.traces import MatrixTrace
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/parameters?view=weights"
BADGE = "Singular values equal torch's within"
KEYS = "model.layers.0.self_attn.k_proj"


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its pictures and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        expect(page.locator("[data-ready='1']")).to_have_count(2, timeout=90_000)
        expect(page.get_by_text(BADGE).filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def test_reading_asks_nothing_of_the_server_and_zooming_asks_once(shown: Shown, page: Page) -> None:
    stage, readout = page.locator(".sheet .stage"), page.locator(".sheet .readout")
    with wire(page) as count:
        shown("")
        expect(page.locator(".sheet")).to_contain_text("Each tile stands for 4 × 4 weights.")
        trace = traces.from_bytes(download(page, "Trace"))
        assert isinstance(trace, MatrixTrace)
        before = count["sent"]
        stage.scroll_into_view_if_needed()
        box = stage.locator("canvas").bounding_box()
        assert box is not None
        tile = box["width"] / 144
        page.mouse.move(box["x"] + 20.5 * tile, box["y"] + 100.5 * tile)
        expect(readout).to_contain_text("Rows 400 to 403, columns 80 to 83")
        expect(readout).to_contain_text(f"largest magnitude {trace.largest[100, 20]:.4f}")
        page.mouse.down()
        page.mouse.up()
        stage.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.mouse.move(0, 0)
        expect(readout).to_contain_text("Rows 404 to 407, columns 84 to 87")
        page.get_by_label("Means, signed").check()
        expect(page.locator(".sheet .legend")).to_contain_text("−")
        page.wait_for_timeout(400)  # the address follows
        assert count["sent"] == before
        assert query(page) == {"view": "weights", "tiles": "mean", "tile_row": "101", "tile_column": "21"}
        again = page.url
        stage.focus()
        page.keyboard.press("+")
        expect(page.locator(".sheet")).to_contain_text("Each tile is one weight.", timeout=60_000)
        expect(page.get_by_label("Rows", exact=True)).to_have_value("334-477")
        expect(page.get_by_label("Columns", exact=True)).to_have_value("14-157")
    page.goto("about:blank")
    page.goto(again)
    expect(readout).to_contain_text("Rows 404 to 407, columns 84 to 87", timeout=60_000)
    expect(page.get_by_label("Means, signed")).to_be_checked()


def test_a_region_is_drawn_by_hand_and_left_again(shown: Shown, page: Page) -> None:
    shown(f"&matrix={KEYS}")
    stage = page.locator(".sheet .stage")
    wider = page.locator(".orrery").get_by_role("button", name="Zoom out")
    stage.scroll_into_view_if_needed()
    box = stage.locator("canvas").bounding_box()
    assert box is not None
    wide, high = box["width"] / 144, box["height"] / 96
    page.mouse.move(box["x"] + 4.5 * wide, box["y"] + 2.5 * high)
    page.mouse.down()
    page.mouse.move(box["x"] + 9.5 * wide, box["y"] + 6.5 * high, steps=4)
    page.mouse.up()
    expect(page.get_by_label("Rows", exact=True)).to_have_value("4-13", timeout=60_000)
    expect(page.get_by_label("Columns", exact=True)).to_have_value("16-39")
    expect(page.locator(".sheet")).to_contain_text("Shown: rows 4 to 13, columns 16 to 39.")
    assert query(page)["rows"] == "4-13"
    wider.click()
    expect(page.locator(".sheet")).to_contain_text("Shown: rows 0 to 39, columns 0 to 95.", timeout=60_000)
    wider.click()
    expect(page.locator(".sheet")).to_contain_text("Shown: rows 0 to 159, columns 0 to 383.", timeout=60_000)
    wider.click()
    expect(page.locator(".sheet")).to_contain_text("Shown: all of it.", timeout=60_000)
    expect(page.get_by_label("Rows", exact=True)).to_have_value("")
    expect(wider).to_be_disabled()


def test_a_cell_of_the_table_shows_its_matrix(shown: Shown, page: Page) -> None:
    shown("")
    heading = page.locator("h2", has_text=re.compile(r"^model\."))
    expect(heading).to_have_text("model.layers.5.self_attn.q_proj")
    table = page.get_by_role("group", name="How large the weights are, layer by layer")
    table.focus()
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("model.layers.5.self_attn.k_proj", timeout=60_000)
    page.keyboard.press("ArrowLeft")  # the table has kept the keyboard
    expect(heading).to_have_text("model.layers.4.self_attn.k_proj", timeout=60_000)
    expect(page).to_have_url(re.compile("matrix=model.layers.4.self_attn.k_proj"))
    page.wait_for_timeout(400)
    assert "row" not in query(page)
    field = page.get_by_role("combobox", name="Matrix")
    field.click()
    page.keyboard.type("layers.5.self_attn.q")
    page.get_by_role("option", name="model.layers.5.self_attn.q_proj").click()
    expect(heading).to_have_text("model.layers.5.self_attn.q_proj", timeout=60_000)


def test_the_files(shown: Shown, page: Page) -> None:
    shown("&rows=64-127&columns=0-31&tiles=mean")
    given = load(download(page, "The weights"))["values"]
    assert given.shape == (64, 32)
    tiles = pd.read_csv(io.BytesIO(download(page, "Tiles, CSV")), comment="#", float_precision="round_trip")
    np.testing.assert_array_equal(tiles["mean"].to_numpy(np.float32).reshape(64, 32), given)
    singular = pd.read_csv(io.BytesIO(download(page, "Singular values, CSV")), comment="#")
    np.testing.assert_allclose(
        singular["singular value"], np.linalg.svd(given.astype(np.float64), compute_uv=False), rtol=1e-6
    )
    sizes = pd.read_csv(io.BytesIO(download(page, "Sizes by layer, CSV")), comment="#")
    assert len(sizes) == 211
    saved = page.get_by_role("button", name="Save picture as SVG").first
    with page.expect_download() as caught:
        saved.click()
    drawn = caught.value.path().read_text("utf-8")
    for words in ("model.layers.5.self_attn.q_proj", "rows 64 to 127", "data:image/png", "revision"):
        assert words in drawn


def test_a_strangers_words_are_only_words(page: Page, server: str) -> None:
    text = quote("<img src=x onerror=alert(1)> [a](https://example.org/) **x**")
    with harmless(page):
        page.goto(f"{server}{VIEW}&matrix={text}&rows={text}&tiles={text}")
        expect(page.get_by_text("is neither").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("one of the 211 in the list").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(shown: Shown, page: Page, axe: Callable[[Page], None], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown("&tiles=mean&tile_row=3&tile_column=5")
    axe(page)


def test_a_narrow_screen(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    shown("")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(".sheet canvas").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    assert box["width"] >= 144


def test_a_matrix_that_another_model_lacks_leaves_the_link(shown: Shown, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    shown(f"&matrix={KEYS}")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="minilm-l6-v2").click()
    page.wait_for_function("location.search.includes('minilm') && !location.search.includes('matrix')", timeout=90_000)
    page.get_by_text("Quantise", exact=True).first.click()
    expect(page.get_by_text("predicts no next token").first).to_be_visible(timeout=90_000)
    assert query(page) == {"view": "quantise", "loaded": "minilm-l6-v2"}
    assert errors == []  # no figure is drawn once more while it leaves the page
