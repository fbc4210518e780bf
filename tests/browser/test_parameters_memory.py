"""The view "memory" in a real browser: drawn from numbers that are right, kept by the link, and safe to open."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import configurations, costs
from models.devices import DEVICES
from models.published import PUBLISHED
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
MODEL = "qwen2-0.5b"
LINK = f"model={MODEL}&context=2000&batch=4&dtype=float32&rank=4&targets=k_proj"
HOSTILE = '{"model_type": "<img src=x onerror=alert(1)>", "[x](https://example.org)": 1}'
LAST = "The rooflines"  # the title of the last of the pictures
CHARTS = 7
LONG = 60_000  # milliseconds: CI's two cores are busy


def opened(visit: Visit, page: Page, link: str = LINK) -> Page:
    page.set_default_timeout(120_000)  # the first of all imports what builds models
    visit(f"/parameters?view=memory&{link}")
    page.wait_for_function(f"document.querySelectorAll('.js-plotly-plot .main-svg').length >= {CHARTS}")
    expect(page.get_by_text(LAST)).to_be_visible(timeout=LONG)
    return page


def table(page: Page, name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(download(page, name)), comment="#")


def test_a_link_restores_everything_in_a_fresh_tab(visit: Visit, page: Page) -> None:
    opened(visit, page)
    kept = 4 * 4 * 24 * 2 * 2 * 64 * 2000  # bytes x texts x layers x two of 2 heads of 64 x tokens
    expect(page.get_by_text(f"{kept / 1e6:.0f} MB at the dotted lines, in 32 bits")).to_be_visible(timeout=LONG)
    adapters = 4 * 24 * (896 + 128)
    expect(page.get_by_text(f"LoRA of rank 4 beside k_proj: {adapters:,} parameters")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("equal to torch's counter").first).to_be_visible(timeout=LONG)
    expect(page.get_by_text("equal to transformers' cache").first).to_be_visible(timeout=LONG)
    context = page.get_by_label("Context", exact=True)
    expect(context).to_have_value("2000")
    context.fill("3000")
    context.press("Enter")
    expect(page.get_by_text(f"{1.5 * kept / 1e6:.0f} MB at the dotted lines")).to_be_visible(timeout=LONG)
    page.wait_for_function("location.search.includes('context=3000')")
    assert query(page).items() >= {"model": MODEL, "batch": "4", "dtype": "float32", "rank": "4"}.items()
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_text(f"{1.5 * kept / 1e6:.0f} MB at the dotted lines")).to_be_visible(timeout=LONG)
    expect(again.get_by_text(f"LoRA of rank 4 beside k_proj: {adapters:,} parameters")).to_be_visible(timeout=LONG)
    expect(again.get_by_label("Batch", exact=True)).to_have_value("4", timeout=LONG)


def test_pictures_and_files_hold_the_same_numbers(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit, page)
        config = configurations.build(PUBLISHED[MODEL].fields)
        weights = table(page, "Weights, CSV")
        assert weights["bytes"].tolist() == [494_032_768 * each for each in costs.FORMATS.values()]
        cache = table(page, "Cache, CSV")
        assert cache["numbers"].tolist() == [kind.numbers(2000, 4) for kind in costs.cache_kinds(config)]
        training = table(page, "Training, CSV")
        assert training["total"][0] == 16 * 494_032_768 + costs.activations(config, 2000, 4, size=4).total
        operations = table(page, "Operations, CSV").set_index("part")
        operations.index = operations.index.map(json.loads)
        assert operations.loc["Output head", "writing one behind 2000"] == 2 * 151_936 * 896
        devices = table(page, "Devices, CSV")
        assert devices["bandwidth_bytes_a_second"].tolist() == [device.bandwidth for device in DEVICES]
        drawn = page.evaluate(
            "[...document.querySelectorAll('.js-plotly-plot')].filter(p => p._fullLayout.xaxis.title.text =="
            " 'tokens a second at best')[0]._fullData.flatMap(d => Array.from(d.y, (y, i) => [y, d.x[i]]))"
        )
        written = zip(map(json.loads, devices["device"]), devices["tokens_a_second_at_best"], strict=True)
        assert dict(drawn) == pytest.approx(dict(written))
        page.wait_for_timeout(500)
        before = count["sent"]
        chart = page.locator(".js-plotly-plot").first
        chart.hover(position={"x": 200, "y": 80})
        expect(chart.locator(".hoverlayer .hovertext").first).to_be_attached(timeout=LONG)
        assert count["sent"] == before


@pytest.mark.parametrize(
    "link",
    [
        f"model=own&config={quote(HOSTILE)}&targets={quote(HOSTILE)}",
        f"model=gpt2&context=1e400&batch=-1&dtype={quote('<script>alert(1)</script>')}&targets={quote(HOSTILE)}",
        "model=../../etc/passwd&rank=%00",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    page.set_default_timeout(120_000)
    with harmless(page):
        page.goto(f"{server}/parameters?view=memory&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    axe(opened(visit, page))


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, page, "model=deepseek-v3&context=100000&batch=64")
    main = '[data-testid="stMain"]'
    page.wait_for_function(
        f"(() => {{ const main = document.querySelector('{main}'); return main.scrollWidth <= main.clientWidth }})()"
    )
