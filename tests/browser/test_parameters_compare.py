"""The view "compare" in a real browser: bars of the right lengths, models from the link, files, strangers' names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect
from transformers import AutoConfig, AutoModelForCausalLM

from tests.browser.wire import download, harmless, wire

Visit = Callable[[str], Page]
DRAWN = ".js-plotly-plot .bars path"


def opened(visit: Visit, *models: str, more: str = "", drawn: str = DRAWN) -> Page:
    page = visit("/parameters?view=compare" + "".join(f"&compare={quote(name, safe='')}" for name in models) + more)
    page.wait_for_selector(drawn)
    return page


def test_bars_are_shares_of_transformers_counts(visit: Visit, page: Page) -> None:
    page.set_default_timeout(120_000)  # the first of all imports what builds models
    opened(visit, "gpt2", "gpt2-medium")
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model("gpt2"))
    exact = sum(tensor.numel() for name, tensor in model.named_parameters() if ".mlp." in name) / model.num_parameters()
    drawn = page.evaluate("""() => {
      const plot = document.querySelector('.js-plotly-plot'), at = plot._fullData.findIndex((each) => each.name === 'MLP');
      const bar = (series) => document.querySelectorAll('.js-plotly-plot .bars')[series].querySelector('path').getBoundingClientRect().width;
      const all = plot._fullData.map((_, series) => bar(series)).reduce((sum, width) => sum + width, 0);
      return bar(at) / all;
    }""")  # noqa: E501
    assert drawn == pytest.approx(exact, abs=0.01)
    page.locator(DRAWN).first.hover(force=True)  # Plotly catches the mouse above its bars
    expect(page.locator(".hoverlayer")).to_contain_text("38,597,376")
    badge = page.get_by_text("GPT-2 small: by formula 124,439,808, equal to the tensors' sum")
    expect(badge.first).to_be_visible()


def test_hovering_asks_nothing_of_the_server(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_selector('[data-testid="stDownloadButton"]')
        page.wait_for_timeout(500)
        before = count["sent"]
        page.locator(DRAWN).first.hover(force=True)  # Plotly catches the mouse above its bars
        expect(page.locator(".hoverlayer")).to_contain_text("Embedding")
        assert count["sent"] == before


def test_models_are_added_from_the_keyboard_and_stand_in_the_link(visit: Visit, page: Page) -> None:
    opened(visit, "gpt2")
    box = page.get_by_role("combobox", name="Models")
    box.click()
    box.fill("bert-base")
    box.press("Enter")
    page.wait_for_function("location.search.includes('bert-base')")
    expect(page.locator(".js-plotly-plot .annotation-text", has_text="BERT base")).to_be_visible(timeout=60_000)
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(DRAWN, timeout=90_000)
    expect(again.locator(".js-plotly-plot .annotation-text")).to_have_count(2)
    assert again.url == page.url


def test_files_hold_every_part_and_the_configurations(visit: Visit, page: Page) -> None:
    opened(visit)
    table = pd.read_csv(io.BytesIO(download(page, "Parts, CSV")), comment="#")
    table["model"] = table["model"].map(json.loads)
    sums = table.groupby("model")[["parameters", "share", "active_on_a_token"]].sum()
    assert sums.loc["gpt2", "parameters"] == 124_439_808
    assert sums.loc["mixtral-8x7b", "active_on_a_token"] == 12_879_925_248
    assert sums["share"].tolist() == pytest.approx([1] * 4)
    fields = json.loads(download(page, "Configurations, JSON"))
    assert fields["llama-3-8b"]["num_key_value_heads"] == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)
    opened(visit, more="&drawing=numbers", drawn=".js-plotly-plot .points path")
    axe(page)


@pytest.mark.parametrize("drawing", ["shares", "numbers"])
def test_a_telephone_needs_no_sideways_scrolling(drawing: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, more=f"&drawing={drawing}", drawn=".js-plotly-plot .legendtext")
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize(
    "link",
    [
        "compare=%3Cimg%20src=x%20onerror=alert(1)%3E&compare=gpt2",
        "compare=..%2F..%2Fetc%2Fpasswd&drawing=%3Cscript%3E",
        "compare=![x](http://example.org/x.png)&compare=own&config=%7B%22model_type%22:%22%3Cimg%20src=x%3E%22%7D",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/parameters?view=compare&{link}")
