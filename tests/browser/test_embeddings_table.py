"""The view "table" in a real browser: neighbours, lengths and positions are the model's, and stand in the link."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, traces
from models.traces import NeighbourTrace, PositionTrace, TableTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
SMALL = "minilm-l6-v2"
TEXT = "A king, 1984"
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def model() -> Any:
    return catalog.load(SMALL)


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in ({"model": SMALL} | parameters).items())
    page = visit(f"/embeddings?view=table{link}")
    drawn = ".js-plotly-plot" if parameters.get("show") == "norms" else READY
    page.wait_for_selector(drawn)
    return page


def test_neighbours_are_torchs_and_the_chosen_one_stands_in_the_link(visit: Visit, page: Page, model: Any) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    with wire(page) as count:
        opened(visit, text=TEXT)
        page.wait_for_timeout(500)
        before = count["sent"]
        rows = model.model.get_input_embeddings().weight.detach()
        ids = model.tokenizer(TEXT)["input_ids"]
        table = page.locator(".orrery tbody tr")
        expect(table).to_have_count(len(ids))
        for number, token in enumerate(ids):
            near = torch.cosine_similarity(rows, rows[token][None])
            near[token] = -2
            best = near.topk(10)
            shown = table.nth(number).locator(".near small").all_inner_texts()
            assert [float(value) for value in shown] == pytest.approx(best.values.tolist(), abs=0.00501)
        readout = page.locator(".orrery .readout")
        table.nth(2).locator(".near").nth(1).hover()
        expect(readout).to_contain_text("neighbour 2 · piece queen")
        table.nth(2).locator(".near").first.click()
        page.keyboard.press("ArrowRight")
        expect(readout).to_contain_text("neighbour 2 · piece queen")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('token=3')")
        assert (query(page)["token"], query(page)["rank"]) == ("3", "1")
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    page.mouse.move(0, 0)
    assert again.locator(".orrery .readout").inner_text() == page.locator(".orrery .readout").inner_text()


def test_files_and_pictures_of_neighbours(visit: Visit, page: Page, model: Any) -> None:
    opened(visit, text=TEXT)
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    rows = model.model.get_input_embeddings().weight.detach()
    exact = torch.cosine_similarity(rows[table["id"].tolist()], rows[table["neighbour_id"].tolist()])
    assert table["cosine"].to_numpy() == pytest.approx(exact.numpy(), abs=1e-6)
    pieces = [json.loads(piece) for piece in table["neighbour_piece"]]
    assert pieces == model.tokenizer.convert_ids_to_tokens(table["neighbour_id"].tolist())
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, NeighbourTrace)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for word in ("king", "queen", "monarch"):
        assert f">{word}<" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


def test_lengths_of_all_tokens_leave_as_a_table(visit: Visit, page: Page, model: Any) -> None:
    opened(visit, show="norms")
    expect(page.get_by_text("This model has no output head")).to_be_visible()
    norms = model.model.get_input_embeddings().weight.detach().norm(dim=1).numpy()
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    assert table["length"].to_numpy() == pytest.approx(norms, rel=1e-5)
    assert table["head_cosine"].isna().all()
    drawn = page.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[0].y)")
    assert drawn == np.histogram(norms, len(drawn))[0].tolist()
    assert isinstance(traces.from_bytes(download(page, "Trace")), TableTrace)


def test_positions_are_read_by_hand_and_stand_in_the_link(visit: Visit, page: Page, model: Any) -> None:
    opened(visit, show="positions", places="30", row="3", column="20")
    rows = model.model.embeddings.position_embeddings.weight.detach()
    exact = float(torch.cosine_similarity(rows[3], rows[20], dim=0))
    readout = page.locator(".orrery .readout")
    expect(readout).to_contain_text("position 3 · position 20")
    expect(readout).to_contain_text(f"{exact:.3f}".replace("-", "−"))
    page.locator(".orrery .stage").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.search.includes('column=19')")
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    assert len(table) == 30 * 31 / 2
    pairs = table[["position", "other"]].to_numpy()
    exactly = torch.cosine_similarity(rows[pairs[:, 0]], rows[pairs[:, 1]])
    assert table["similarity"].to_numpy() == pytest.approx(exactly.numpy(), abs=1e-5)
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, PositionTrace)


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&model={SMALL}",
        "show=%3Cscript%3E&places=1e9",
        f"token=-1&rank=99999999999&text={'a' * 5000}&model={SMALL}",
        "model=../../etc/passwd&show=positions",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/embeddings?view=table&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)
    opened(visit, show="norms")
    axe(page)
    opened(visit, show="positions")
    page.wait_for_selector(".js-plotly-plot")
    axe(page)


@pytest.mark.parametrize("show", ["neighbours", "norms", "positions"])
def test_a_telephone_needs_no_sideways_scrolling(show: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, show=show, text="Uncharacteristically long words, 你好 👩‍🚀")
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
