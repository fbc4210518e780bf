"""The view "quantise" in a real browser: tokens are the changed model's, and stand in the link; files are exact."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, quantised, traces
from models.traces import QuantisedTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
MATRIX = "model.layers.29.mlp.down_proj"
TEXT = "The capital of Italy is"
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """What transformers makes of TEXT with and without the matrix at 2 bits."""
    lm = catalog.load("smollm2-135m")
    changed = copy.deepcopy(lm.model)
    with torch.inference_mode():
        weight = changed.get_submodule(MATRIX).weight
        weight.copy_(quantised.rounded(weight, 2, 32))
        ids = lm.encode(TEXT).ids[None]
        shares = [model(ids).logits[0, -1].double().softmax(0) for model in (lm.model, changed)]
    best = [each.topk(8) for each in shares]
    return {
        "shares": [each.numpy() for each in shares],
        "texts": [[lm.tokenizer.decode([token]) for token in top.indices] for top in best],
        "tops": [top.values.tolist() for top in best],
    }


def opened(visit: Visit, **parameters: str) -> Page:
    given = {"matrix": MATRIX, "text": TEXT} | parameters
    page = visit("/parameters?view=quantise" + "".join(f"&{name}={quote(value)}" for name, value in given.items()))
    page.set_default_timeout(120_000)  # the first of all loads the model
    page.wait_for_selector(READY)
    page.wait_for_selector(".js-plotly-plot")
    page.set_default_timeout(30_000)
    return page


def percent(text: str) -> float:
    return float(text.removesuffix("%")) / 100


def test_both_lists_are_the_models_and_the_hand_asks_nothing(
    visit: Visit, page: Page, expected: dict[str, Any]
) -> None:
    with wire(page) as count:
        opened(visit)
        lists = page.locator(".orrery ol")
        for side in (0, 1):
            words = lists.nth(side).locator(".tok bdi").all_inner_texts()
            assert words == [text.replace(" ", "␣").replace("\n", "⏎") for text in expected["texts"][side]]
            shown = [percent(text) for text in lists.nth(side).locator(".value").all_inner_texts()]
            assert shown == pytest.approx(expected["tops"][side], abs=0.00051)
        expect(page.locator(".orrery .lead")).to_contain_text("The most probable token has changed")
        page.wait_for_timeout(500)
        before = count["sent"]
        readout = page.locator(".orrery .readout")
        lists.nth(1).locator("li").nth(2).hover()
        expect(readout).to_contain_text(expected["texts"][1][2].strip())
        page.locator(".orrery .both").focus()
        page.mouse.move(0, 0)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('shifted=2')")
        expect(readout).to_contain_text(expected["texts"][0][2].strip())
        lists.nth(0).locator("li").nth(4).click()
        page.wait_for_function("location.search.includes('shifted=4')")
        assert count["sent"] == before
    page.mouse.move(0, 0)
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    expect(again.locator(".orrery .readout")).to_have_text(readout.inner_text().replace("\n", ""))
    expect(again.get_by_role("textbox", name="Prompt")).to_have_value(TEXT)


def test_files_and_the_picture(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit)
    table = pd.read_csv(io.BytesIO(download(page, "Tokens, CSV")), comment="#").sort_values("id")
    for name, shares in zip(("p_before", "p_after"), expected["shares"], strict=True):
        np.testing.assert_allclose(table[name], shares, atol=1e-4)
    bars = pd.read_csv(io.BytesIO(download(page, "Histogram, CSV")), comment="#")
    weight = catalog.load("smollm2-135m").model.get_submodule(MATRIX).weight.detach().numpy()
    edges = np.append(bars["from"], bars["to"].iloc[-1])
    assert bars["weights_before"].tolist() == np.histogram(weight, edges)[0].tolist()
    drawn = page.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[1].y)")
    assert drawn == bars["weights_after"].tolist()
    assert isinstance(traces.from_bytes(download(page, "Trace")), QuantisedTrace)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    assert f">{expected['texts'][0][0].replace(' ', '␣')}<" in drawing
    assert MATRIX in drawing


def test_every_control_is_in_the_link(visit: Visit, page: Page) -> None:
    opened(visit, bits="4", block="row", sweep="true", log="true", text="The capital of France is")
    for label, value in (("Matrix", MATRIX), ("Bits", "4"), ("Block", "row"), ("Change", "round")):
        expect(page.get_by_role("combobox", name=label)).to_have_value(value)
    expect(page.get_by_role("heading", name="All bits beside each other")).to_be_visible()
    page.set_default_timeout(120_000)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 3")
    table = pd.read_csv(io.BytesIO(download(page, "All at once, CSV")), comment="#")
    assert table["bits"].tolist() == [2, 3, 4, 5, 6, 8]
    assert page.evaluate("document.querySelector('.js-plotly-plot').layout.yaxis.type") == "log"
    box = page.get_by_role("combobox", name="Matrix")
    box.click()
    box.fill("5down")
    page.get_by_role("option", name="model.layers.5.mlp.down_proj", exact=True).click()
    expect(page.locator(".orrery .lead")).to_contain_text("The most probable token is still", timeout=120_000)
    page.wait_for_function("location.search.includes('layers.5.mlp')")
    assert query(page)["bits"] == "4"


def test_what_can_not_be_has_its_sentence(visit: Visit, page: Page) -> None:
    page.set_default_timeout(120_000)
    visit(f"/parameters?view=quantise&matrix={MATRIX}&bits=7&text=")
    expect(page.get_by_text("The prompt is empty; type a word or a sentence.")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("bits “7”, but it can be one of 2, 3, 4, 5, 6, 8")).to_be_visible()
    expect(page.get_by_role("combobox", name="Matrix")).to_have_value(MATRIX)
    visit("/parameters?view=quantise&loaded=minilm-l6-v2&block=64")
    expect(page.get_by_role("alert")).to_contain_text("next token", timeout=120_000)
    expect(page.get_by_role("combobox", name="Block")).to_have_value("64")


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&matrix={quote(HOSTILE)}",
        "loaded=%3Cimg%20src=x%3E&bits=1e9&share=nan&shifted=-1",
        "text=%00%07%1B%5B0m%0D%0A+%E2%80%AE+x&method=prune&share=1",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/parameters?view=quantise&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, text="The capital of France is", bits="4", block="row", sweep="true")
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 3", timeout=120_000)
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, text="Uncharacteristically long words, 你好 👩‍🚀", method="prune", share="0.9")
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
