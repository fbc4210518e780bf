"""The view "context" in a real browser: play, keys, one layer for two figures, links, files, axe, 390 px."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from models import catalog, context_motion, contextual, defaults, traces
from models.context_motion import Motion
from models.traces import ContextTrace
from pages.parts.embeddings import context_figures
from tests.browser.wire import download, harmless, query, wire
from viz.embedding_words import context as words

Visit = Callable[[str], Page]
LAST = 6


@cache
def bank() -> tuple[ContextTrace, Motion]:
    sentences, _ = context_figures.parted(defaults.USES)
    trace = contextual.contextual(catalog.load(defaults.ENCODER), sentences, "bank")
    return trace, context_motion.motion(trace)


@pytest.fixture(scope="module", autouse=True)
def warm(server: str, browser: Browser) -> None:
    """The server has loaded the encoder, which takes long where much else runs."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}{link()}")
    page.wait_for_selector(".plane", timeout=120_000)
    context.close()


def link(**more: str) -> str:
    return f"/embeddings?{urlencode({'view': 'context'} | more)}"


def drawn(page: Page) -> Page:
    """Both figures are there."""
    page.wait_for_selector(".plane .point")
    expect(page.get_by_role("heading", name=words.MATRIX)).to_be_visible()
    return page


def figure(page: Page) -> Locator:
    return page.locator(".orrery", has=page.locator(".plane"))


def matrix(page: Page) -> Locator:
    return page.locator(".orrery", has=page.locator("select[aria-label='Picture']"))


def heading(page: Page) -> Locator:
    return figure(page).locator("h2")


def places(page: Page) -> np.ndarray:
    """[point, 2] pixels."""
    found = page.locator(".plane .point").evaluate_all(
        "marks => marks.sort((a, b) => a.dataset.point - b.dataset.point).map((mark) => mark.getAttribute('transform'))"
    )
    return np.array([[float(number) for number in re.findall(r"-?[\d.]+", place)] for place in found])


def settle(page: Page, layer: int) -> None:
    """The points have arrived at a layer: their picture is the projection, scaled alike on both axes and moved."""
    expect(heading(page)).to_contain_text(f"Layer {layer} of {LAST}")
    wanted = bank()[1].joint.points[layer].astype(float)
    for _ in range(100):
        seen = places(page)
        scale = np.linalg.norm(np.ptp(seen, axis=0)) / np.linalg.norm(np.ptp(wanted, axis=0))
        moved = seen * [1, -1] - scale * wanted
        if np.abs(moved - moved.mean(axis=0)).max() < 0.5:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the points never stood where layer {layer} has them")


def test_playing_and_stepping_move_the_points_without_a_round_trip(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit(link()))
        settle(page, LAST)
        page.wait_for_timeout(1000)
        before = count["sent"]
        for key, layer in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", LAST)):
            page.locator(".stage").first.focus()
            page.keyboard.press(key)
            settle(page, layer)
        page.keyboard.press("Space")  # from the end it begins anew
        expect(figure(page).get_by_role("button", name="Pause")).to_be_visible()
        settle(page, 1)
        page.keyboard.press("Space")
        page.keyboard.press("Home")
        page.locator(".row").nth(3).hover()
        expect(figure(page).locator(".readout")).to_contain_text("4 in the bank")
        page.wait_for_timeout(400)
        assert count["sent"] == before
    assert query(page) == {"view": "context", "layer": "0"}


def test_the_matrix_and_the_points_stand_at_one_layer(visit: Visit, page: Page) -> None:
    drawn(visit(link(layer="2")))
    choice = matrix(page).locator("select")
    settle(page, 2)
    expect(choice).to_have_value("Layer 2")
    page.locator(".stage").first.focus()
    page.keyboard.press("ArrowRight")
    expect(choice).to_have_value("Layer 3")
    choice.select_option("Layer 5")
    settle(page, 5)
    figure(page).locator(".chart").click(position={"x": 50, "y": 60})  # near its left end
    settle(page, 0)
    expect(choice).to_have_value("Layer 0")
    page.wait_for_timeout(400)
    assert query(page) == {"view": "context", "layer": "0"}


def test_a_chosen_point_shows_its_way_and_its_cosines(visit: Visit, page: Page) -> None:
    drawn(visit(link(layer="4")))
    settle(page, 4)
    page.locator(".row").nth(2).click()
    page.mouse.move(0, 0)
    row = bank()[0].cosines[4, 2]
    ranked = np.argsort(-row)[1:]
    named = context_figures.labels(bank()[0])
    readout = figure(page).locator(".readout")
    expect(readout).to_contain_text(f"highest {row[ranked[0]]:.3f} with {named[ranked[0]]}")
    expect(readout).to_contain_text(f"lowest {row[ranked[-1]]:.3f} with {named[ranked[-1]]}")
    names = figure(page).locator(".chart .name").all_text_contents()
    assert {float(name.split(" ")[0]) for name in names} == {round(float(row[k]), 3) for k in ranked}
    expect(page.locator(".trail.whole")).to_have_count(1)
    expect(page.locator(".stop")).to_have_count(LAST + 1)
    page.locator(".stage").first.focus()
    page.keyboard.press("ArrowDown")
    expect(readout).to_contain_text(named[3])
    expect(page.locator(".row[aria-selected='true']")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(readout).to_contain_text("Point at a point")
    page.wait_for_timeout(400)
    assert query(page) == {"view": "context", "layer": "4"}


def test_a_link_restores_the_view_in_a_fresh_tab(visit: Visit, page: Page) -> None:
    text = "a light bag\nshe travels light\n\nthe light is on"
    drawn(
        visit(
            link(word="light", text=text, model="smollm2-135m", pooling="last", motion="shown", layer="12", point="1")
        )
    )
    expect(heading(page)).to_have_text("Layer 12 of 30")
    expect(page.get_by_label("Word", exact=True)).to_have_value("light")
    expect(page.get_by_role("textbox", name="Sentences")).to_have_value(text)
    expect(figure(page).locator(".readout")).to_contain_text("2 travels light")
    expect(figure(page).locator(".legend")).to_contain_text("B")
    expect(page.locator(".row mark")).to_have_text(["light"] * 3)
    expect(matrix(page).locator("select")).to_have_value("Layer 12")


def test_files_hold_what_is_shown(visit: Visit, page: Page) -> None:
    drawn(visit(link(layer="3")))
    trace, motion = bank()
    cosines = pd.read_csv(io.BytesIO(download(page, "Cosines, CSV")), comment="#")
    rows, columns = np.triu_indices(6, 1)
    np.testing.assert_allclose(cosines[cosines["layer"] == 3]["cosine"], trace.cosines[3, rows, columns], atol=1e-6)
    points = pd.read_csv(io.BytesIO(download(page, "Coordinates, CSV")), comment="#")
    np.testing.assert_allclose(points[points["layer"] == 3][["x", "y"]], motion.joint.points[3], atol=1e-5)
    kept = traces.from_bytes(download(page, "Vectors, trace"))
    assert isinstance(kept, ContextTrace)
    np.testing.assert_allclose(kept.vectors, trace.vectors, atol=1e-5)
    with page.expect_download() as saved:
        figure(page).get_by_role("button", name="Save picture as SVG").click()
    svg = saved.value.path().read_text("utf-8")
    assert "Layer 3 of 6" in svg
    assert "muddy bank" in svg
    assert "axis 1: 35% of the variance" in svg
    assert "Play" not in svg


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, page: Page, axe: Callable[[Page], None], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    drawn(visit(link(point="1", layer="2")))
    axe(page)


def test_a_narrow_page_does_not_scroll_sideways(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit(link(point="1")))
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    inside = "e => e.getBoundingClientRect().right <= innerWidth + 1"
    for part in (".plane", ".chart", ".rows", ".readout"):
        assert page.locator(part).first.evaluate(inside), part


def test_points_jump_where_motion_is_not_wanted(visit: Visit, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    drawn(visit(link(layer="2")))
    settle(page, 2)
    page.evaluate(
        """() => { window.frames_ = 0; const old = requestAnimationFrame;
            window.requestAnimationFrame = (act) => old((now) => { window.frames_++; act(now); }); }"""
    )
    page.locator(".stage").first.focus()
    page.keyboard.press("ArrowRight")
    settle(page, 3)
    page.wait_for_timeout(500)
    assert page.evaluate("window.frames_") <= 4  # one for each figure's own drawing


def test_strangers_words_do_nothing(visit: Visit, page: Page) -> None:
    evil = "<img src=x onerror=alert(1)>"
    with harmless(page):
        drawn(
            visit(
                link(word=evil, text=f"a {evil} b\n</script><script>alert(1)</script> {evil} [x](http://example.org)")
            )
        )
        expect(page.locator(".row mark").first).to_have_text(evil)
