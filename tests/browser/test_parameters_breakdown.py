"""The view "breakdown" in a browser: its figure, its links, the keyboard, and what a stranger's link can do."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from models import parameters, traces
from models.published import PUBLISHED
from models.traces import ParametersTrace
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
HOSTILE = '"><img src=x onerror=alert(1)>[a](https://example.org)'
PATIENCE = 60_000
TINY = {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 300}


def drawing(page: Page) -> Locator:
    return page.locator(".stPlotlyChart .js-plotly-plot").last  # while it is drawn anew, the old one may be there, too


def areas(page: Page) -> Locator:
    return drawing(page).locator("g.slice")


def shown(page: Page, title: str) -> Page:
    """The page, once its figure has this title and areas."""
    expect(drawing(page)).to_contain_text(title, timeout=PATIENCE)
    expect(areas(page).nth(1)).to_be_attached(timeout=PATIENCE)
    return page


def test_the_default_figure_shows_every_part(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        shown(visit("/parameters"), "GPT-2 small: 124,439,808 parameters")
        for part in ("Embedding  31.0%", "Attention  22.8%", "MLP  45.5%", "used twice"):
            expect(drawing(page)).to_contain_text(part)
        expect(page.get_by_text("By formula 124,439,808: equal to the tensors' sum").first).to_be_visible()
        expect(page.get_by_role("row", name="Attention 48 28,348,416 22.8%")).to_be_visible()
        page.wait_for_timeout(500)
        before = count["sent"]
        cell = areas(page).filter(has_text="transformer.wte")
        cell.hover()
        expect(drawing(page).locator(".hoverlayer")).to_contain_text("shape 50,257 x 768")
        expect(drawing(page).locator(".hoverlayer")).to_contain_text("also used as lm_head.weight")
        areas(page).filter(has_text="mlp.c_fc").first.click(position={"x": 8, "y": 8})
        expect(drawing(page)).not_to_contain_text("attn.c_proj")  # the MLP, or its matrix, is opened
        assert count["sent"] == before


def test_a_link_restores_its_view(visit: Visit, page: Page) -> None:
    path = "Experts / experts.gate_up_proj / block 7"
    link = f"/parameters?model=mixtral-8x7b&shape=icicle&group=part&open={quote(path)}"
    shown(visit(link), "Mixtral 8x7B: 46,702,792,704 parameters")
    for number in range(8):
        expect(drawing(page)).to_contain_text(f"expert {number}")
    expect(page.get_by_text("12,879,925,248 of the 46,702,792,704 work on one token")).to_be_visible()
    expect(page.get_by_role("combobox", name="Open")).to_have_value(path)
    assert query(page)["open"] == path


def test_the_tree_is_walked_by_keyboard(visit: Visit, page: Page) -> None:
    shown(visit("/parameters?group=block"), "GPT-2 small")
    box = page.get_by_role("combobox", name="Open")
    box.focus()
    page.keyboard.type("block 3 / MLP")
    page.keyboard.press("Enter")
    page.wait_for_function("new URLSearchParams(location.search).get('open') === 'block 3 / MLP'")
    expect(drawing(page)).to_contain_text("mlp.c_fc")
    expect(drawing(page)).not_to_contain_text("attn.c_attn")
    again = page.context.new_page()
    again.goto(page.url)
    shown(again, "GPT-2 small")
    expect(drawing(again)).to_contain_text("mlp.c_fc")
    expect(drawing(again)).not_to_contain_text("attn.c_attn")


def test_blocks_that_are_alike_are_one_area_until_opened(visit: Visit, page: Page) -> None:
    name = "blocks 0 to 125, 126 alike"
    shown(visit("/parameters?model=llama-3.1-405b&group=block"), "Llama 3.1 405B: 405,853,388,800 parameters")
    expect(drawing(page)).to_contain_text(f"{name}  99.0%")
    box = page.get_by_role("combobox", name="Open")
    box.fill(name)
    page.keyboard.press("Enter")
    expect(drawing(page)).to_contain_text("block 125", timeout=PATIENCE)


def test_files_are_what_the_model_is(visit: Visit, page: Page) -> None:
    shown(visit("/parameters?model=bert-base"), "BERT base")
    trace = parameters.breakdown(PUBLISHED["bert-base"].fields)
    table = pd.read_csv(io.BytesIO(download(page, "Tensors, CSV")), comment="#")
    assert dict(zip(table["tensor"].str.strip('"'), table["parameters"], strict=True)) == trace.leaves
    assert pd.read_csv(io.BytesIO(download(page, "Formula, CSV")), comment="#")["parameters"].sum() == trace.total
    assert json.loads(download(page, "Configuration, JSON")) == PUBLISHED["bert-base"].fields
    found = traces.from_bytes(download(page, "Trace"))
    assert isinstance(found, ParametersTrace)
    assert found.leaves == trace.leaves


def test_a_configuration_of_ones_own_and_one_that_is_wrong(page: Page, server: str) -> None:
    page.goto(f"{server}/parameters?model=own&config={quote(json.dumps(TINY | {'num_attention_heads': 0}))}")
    expect(page.get_by_text('"num_attention_heads" is 0; it must be at least 1.')).to_be_visible(timeout=PATIENCE)
    box = page.get_by_label("config.json", exact=True)
    box.fill(json.dumps(TINY))
    box.press("Control+Enter")
    shown(page, "A llama of your own")
    expect(page.get_by_text("equal to the tensors' sum").first).to_be_visible()
    page.wait_for_function("new URLSearchParams(location.search).get('config').includes('\"num_attention_heads\": 4')")
    page.locator("input[type=file]").set_input_files(
        {
            "name": "config.json",
            "mimeType": "application/json",
            "buffer": json.dumps(TINY | {"vocab_size": 400}).encode(),
        }
    )
    expect(box).to_have_value(json.dumps(TINY | {"vocab_size": 400}), timeout=PATIENCE)
    page.wait_for_function("new URLSearchParams(location.search).get('config').includes('\"vocab_size\": 400')")


def test_a_strangers_link_does_nothing(page: Page, server: str) -> None:
    config = json.dumps({"model_type": HOSTILE, HOSTILE: HOSTILE})
    with harmless(page):
        page.goto(f"{server}/parameters?model=own&config={quote(config)}&open={quote(HOSTILE)}&shape={quote(HOSTILE)}")
        expect(page.get_by_text("is not among those of the installed transformers")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(visit("/parameters?model=mixtral-8x7b&shape=sunburst"), "Mixtral 8x7B")
    axe(page)


def test_a_phones_width_is_enough(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown(visit("/parameters?model=deepseek-v3"), "DeepSeek-V3")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = drawing(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
