"""The view "history" in a real browser: points under the hand, names that can be read, links and files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models.history import SIZES
from tests.browser.wire import download, harmless, query, wire
from viz.history_charts import LABELS

Visit = Callable[[str], Page]
# Do two names in the picture lie on each other, by more than a pixel?
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.js-plotly-plot .textpoint text')]
    .filter((text) => text.textContent.trim()).map((text) => [text.textContent, text.getBoundingClientRect()]);
  const found = [];
  for (const [i, [name, a]] of boxes.entries()) for (const [other, b] of boxes.slice(i + 1))
    if (a.left + 1 < b.right && b.left + 1 < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom) found.push([name, other]);
  return [boxes.length, found];
}"""  # noqa: E501


def opened(visit: Visit, link: str = "") -> Page:
    page = visit(f"/parameters?view=history{link}")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .points path")
    return page


def test_a_point_tells_its_source_without_asking_the_server(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_selector('[data-testid="stDownloadButton"]')
        page.wait_for_timeout(500)
        before = count["sent"]
        point = page.evaluate("""() => {
          const plot = document.querySelector('.js-plotly-plot'), rumours = plot._fullData.find((each) => each.name === 'rumour');
          const box = plot.getBoundingClientRect(), {xaxis, yaxis, _size} = plot._fullLayout;
          return [box.left + _size.l + xaxis.d2p(rumours.x[0]), box.top + _size.t + yaxis.d2p(rumours.y[0])];
        }""")  # noqa: E501
        page.mouse.move(*point)
        hover = page.locator(".hoverlayer")
        expect(hover).to_contain_text("GPT-4, March 2023")
        expect(hover).to_contain_text("A RUMOUR")
        expect(hover).to_contain_text("SemiAnalysis")
        assert count["sent"] == before


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("link", ["", "&sizes=total&axis=linear"])
def test_no_name_lies_on_another(width: int, link: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(visit, link)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .textpoint text').length > 2")
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
    names, found = page.evaluate(OVERLAPS)
    assert found == []
    assert names == (len(LABELS) if not link else names)
    assert names >= 3


def test_choices_stand_in_the_link_and_a_fresh_tab(visit: Visit, page: Page) -> None:
    opened(visit)
    page.get_by_role("combobox", name="Rumours").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('rumours=left')")
    expect(page.locator(".js-plotly-plot .legendtext", has_text="rumour")).to_have_count(0)
    assert query(page) == {"view": "history", "rumours": "left out"}
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(".js-plotly-plot .scatterlayer .points path")
    expect(again.locator(".js-plotly-plot .legendtext", has_text="rumour")).to_have_count(0)


def test_the_file_holds_every_point(visit: Visit, page: Page) -> None:
    opened(visit)
    table = pd.read_csv(io.BytesIO(download(page, "Table, CSV")), comment="#")
    assert [json.loads(name) for name in table["model"]] == [size.name for size in SIZES]
    assert table["parameters"].tolist() == [int(size.parameters) for size in SIZES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)


def test_hostile_links_do_nothing(page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/parameters?view=history&sizes=%3Cimg%20src=x%20onerror=alert(1)%3E&rumours=%00&axis=1e400")
