"""The view "positions" in a real browser: sliders, keys, links, files, a stranger's words, axe, 390 px."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from models import defaults, engine, position_ways, traces
from models.engine import Request
from models.traces import RotatedTrace, ShuffledTrace, WayTrace
from tests.browser.wire import download, harmless, query, wire

VIEW = "/inside?view=positions"
MAIN = '[data-testid="stMain"]'


@pytest.fixture
def shown(page: Page, server: str) -> Callable[[str], Page]:
    """Opens the view by the rest of its link, and waits until its figure and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        expect(page.locator(MAIN).get_by_text("within").filter(visible=True).first).to_be_visible(timeout=90_000)
        return page

    return go


def curve(page: Page) -> pd.DataFrame:
    """What the figure's own file says."""
    file = download(page, "Save the curve as CSV")
    return pd.read_csv(io.BytesIO(file), comment="#", float_precision="round_trip")


def test_every_way_follows_the_hand_and_is_what_transformers_computes(shown: Callable[[str], Page], page: Page) -> None:
    with wire(page) as count:
        shown("")
        trace = traces.from_bytes(download(page, "Queries and keys, trace"))
        assert isinstance(trace, RotatedTrace)
        page.wait_for_timeout(500)
        before = count["sent"]

        def slide(name: str, key: str, times: int = 1) -> None:
            page.get_by_role("slider", name=name, exact=True).focus()
            for _ in range(times):
                page.keyboard.press(key)

        # RoPE: the model's own query and key, of another layer and head, all distances.
        slide("Layer", "ArrowLeft", 3)
        slide("Head", "ArrowRight", 4)
        page.wait_for_function("location.search.includes('layer=13') && location.search.includes('head=4')")
        expect(page.locator(".sentence")).to_contain_text("layer 13, head 4")
        np.testing.assert_allclose(curve(page)["value"], trace.by_distance(128)[13, 4], atol=1e-9)
        slide("Base θ", "Home")
        page.wait_for_function("location.search.includes('theta=10')")
        config = LlamaConfig(head_dim=64, rope_parameters={"rope_type": "default", "rope_theta": 10.0})
        cosine, sine = LlamaRotaryEmbedding(config)(torch.zeros(1), torch.arange(128)[None])
        many = (1, 1, 128, 64)
        query_, key = (torch.tensor(each).expand(many) for each in (trace.queries[13, 4], trace.keys[13, 1]))
        turned = apply_rotary_pos_emb(query_, key, cosine, sine)
        theirs = (turned[1][0, 0] @ turned[0][0, 0, -1]).flip(0) / 8
        np.testing.assert_allclose(curve(page)["value"], theirs.numpy(), atol=1e-3)
        page.get_by_role("button", name="The model’s own base").click()
        page.wait_for_function("!location.search.includes('theta')")

        page.get_by_role("button", name="Sinusoidal").click()
        slide("Dimension d", "Home")
        slide("Base", "End")
        page.wait_for_function("location.search.includes('dimension=8') && location.search.includes('base=10000000')")
        table = position_ways.sinusoidal(128, 8, 1e7)
        np.testing.assert_allclose(curve(page)["value"], table @ table[0] / 4, atol=1e-9)
        expect(page.locator(".written")).to_contain_text("is PE(64) with every pair turned by 10 × ω")

        page.get_by_role("button", name="ALiBi").click()
        slide("Heads", "ArrowRight", 4)
        slide("Head", "ArrowRight", 9)
        page.wait_for_function("location.search.includes('heads=12') && location.search.includes('slope=9')")
        theirs = build_alibi_tensor(torch.ones(1, 128), 12, torch.float32)[9, 0]
        np.testing.assert_allclose(curve(page)["value"], -theirs.numpy(), rtol=1e-6, atol=1e-12)

        page.get_by_role("button", name="None", exact=True).click()
        page.wait_for_function("location.search.includes('way=none')")
        assert (curve(page)["value"] == 0).all()
        assert count["sent"] == before


def test_a_table_is_the_models_and_moving_changes_it(shown: Callable[[str], Page], page: Page) -> None:
    shown("&way=learned&position=100&distance=10")
    trace = engine.run(Request("ways", defaults.ENCODER))
    assert isinstance(trace, WayTrace)
    rows = torch.tensor(trace.table).double()
    drawing = download(page, "Save picture as SVG").decode()
    assert drawing.count("<image") == 2
    assert "Positions: Learned" in drawing
    assert "10 apart: 0.4932" in drawing
    file = curve(page)
    theirs = torch.cosine_similarity(rows[100][None], rows[:101]).flip(0)
    np.testing.assert_allclose(file["back"][:101], theirs.numpy(), atol=1e-3)
    assert file["on"][28:].isna().all()
    expect(page.locator(".written")).to_contain_text(f"changed by {float('0.05757')}")
    np.testing.assert_allclose(
        float(torch.cosine_similarity(rows[110], rows[100], dim=0)) - float(theirs[10]), 0.05757, atol=1e-3
    )


def test_a_link_brings_it_all_back_and_arrows_step(shown: Callable[[str], Page], page: Page) -> None:
    shown("&way=sinusoidal&dimension=32&base=500&reach=256&position=200&distance=30&shift=700&pair=5&layer=3&head=2")
    said = page.locator(".written p")
    expect(said.first).to_contain_text("ω5 = 500^(−10/32)")
    expect(said.last).to_contain_text("200 and 170 become 900 and 870")
    written = said.all_inner_texts()
    page.locator(".body").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "]", "]"):
        page.keyboard.press(key)
    page.wait_for_function("location.search.includes('distance=32') && location.search.includes('position=199')")
    assert "way" not in query(page)  # RoPE is this model's usual one
    expect(page.locator(".sentence")).to_contain_text("layer 3, head 2")
    link = page.url
    words = page.locator(".written").inner_text()
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".written")).to_have_text(words, use_inner_text=True)
    shown("&way=sinusoidal&dimension=32&base=500&reach=256&position=200&distance=30&shift=700&pair=5&layer=3&head=2")
    expect(said).to_have_text(written, use_inner_text=True)
    stage = page.locator(".stage").last
    box = stage.bounding_box()
    assert box is not None
    stage.click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.7})
    page.wait_for_function("!location.search.includes('distance=30')")
    now = query(page)
    assert int(now["position"]) > int(now["distance"]) > 30


def test_words_are_shuffled_marked_and_undone(shown: Callable[[str], Page], page: Page) -> None:
    with wire(page) as count:
        shown("&lab=words&seed=3&by=40")
        trace = traces.from_bytes(download(page, "Trace"))
        assert isinstance(trace, ShuffledTrace)
        assert (trace.seed, trace.by) == (3, 40)
        expect(page.locator(".orrery section .lost").first).to_have_text(f"{trace.lost(1):.3f} bits")
        expect(page.locator(".orrery section").nth(2).locator(".place").first).to_have_text("40")
        page.wait_for_timeout(500)
        before = count["sent"]
        page.locator(".runs").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("location.search.includes('word=1')")
        expect(page.locator(".cell.on")).to_have_count(5)
        expect(page.locator(".readout")).to_contain_text("␣capital · shuffled: ")
        assert count["sent"] == before
    order = page.locator(".orrery section").nth(1).locator(".places").inner_text()
    page.get_by_role("button", name="Shuffle again").click()
    expect(page.locator(".orrery section").nth(1).locator(".places")).not_to_have_text(order, use_inner_text=True)
    page.wait_for_function("location.search.includes('seed=4')")
    link = page.url
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".orrery section").nth(1).locator(".places")).to_have_text(order, use_inner_text=True)
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".cell.on")).to_have_count(5, timeout=60_000)
    expect(page.get_by_role("spinbutton", name="Seed of the order")).to_have_value("4")
    table = pd.read_csv(io.BytesIO(download(page, "Words, CSV")), comment="#")
    assert len(table) == 25
    drawing = download(page, "Save picture as SVG").decode()
    assert "Shuffled, without positions" in drawing
    assert "Paris" in drawing


@pytest.mark.parametrize(
    "link",
    [
        "&lab=words&text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%20![x](http://example.org/x.png)%20end&word=%3Cb%3E",
        "&text=%3Cscript%3Ealert(1)%3C/script%3E%20a&way=%3Cb%3E&base=1e400&token=1e400",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}{VIEW}{link}")


@pytest.mark.parametrize(
    ("scheme", "link"),
    [("light", "&lab=words&word=1"), ("dark", "&lab=words&word=1"), ("light", ""), ("dark", "")],
)
def test_axe_finds_nothing_grave(
    scheme: str, link: str, shown: Callable[[str], Page], page: Page, axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(link)
    axe(page)


@pytest.mark.parametrize(
    "link",
    [
        "&way=learned",
        "&lab=words&text=Unbelievably%20longwordswithoutanyspaceatall%20%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80%20x",
    ],
)
def test_a_telephone_needs_no_sideways_scrolling(link: str, shown: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown(link)
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")
