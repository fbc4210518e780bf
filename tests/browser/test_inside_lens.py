"""The view "lens" in a real browser: every cell is the model's own, and only a new token to follow asks the server."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, traces
from models.traces import LensTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
TEXT = "The author of Romeo and Juliet is William"
LONG = "My parrot reads old maps aloud, and then it sings of them to me. " * 5
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"
GRID = ".orrery [role=grid]"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """What transformers' own norm, head and hidden states say of TEXT."""
    lm = catalog.load("smollm2-135m")
    ids = lm.tokenizer(TEXT, return_tensors="pt")["input_ids"]
    model: Any = lm.model
    with torch.inference_mode():
        out = model(ids, output_hidden_states=True)
        logits = [model.lm_head(model.model.norm(states))[0] for states in out.hidden_states[:-1]]
        shares = torch.stack([*logits, out.logits[0]]).double().softmax(-1)  # [layer + 1, token, vocabulary]
    himself = lm.tokenizer(" himself", add_special_tokens=False)["input_ids"][0]
    return {
        "shares": shares,
        "tops": [[lm.tokenizer.decode([id_]) for id_ in row] for row in shares.argmax(-1).tolist()],
        "answers": shares[-1].argmax(-1),
        "himself": himself,
        "decode": lambda ids: [lm.tokenizer.decode([id_]) for id_ in ids],
    }


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in ({"text": TEXT} | parameters).items())
    page = visit(f"/inside?view=lens{link}")
    page.wait_for_selector(READY)
    return page


def cell(page: Page, row: int, column: int) -> Any:
    return page.locator(f".orrery #cell{row}-{column}")


def test_every_cell_is_the_models_own_and_stands_in_the_link(
    visit: Visit, page: Page, expected: dict[str, Any]
) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    shares, answers = expected["shares"], expected["answers"]
    rows, columns, _ = shares.shape
    with wire(page) as count:
        opened(visit, spaces="1")
        expect(page.locator(f"{GRID} tbody td")).to_have_count(rows * columns)
        page.wait_for_timeout(500)
        before = count["sent"]
        shown = page.locator(f"{GRID} tbody tr").evaluate_all(
            "lines => lines.map(line => [...line.querySelectorAll('td bdi')].map(cell => cell.textContent))"
        )[::-1]
        assert [[text.replace("␣", " ").replace("⏎", "\n") for text in line] for line in shown] == expected["tops"]
        # The layer from which the answer stays.
        right = (shares.argmax(-1) == answers).numpy()
        stays = [rows - int(np.argmin(np.r_[right[::-1, column], False])) for column in range(columns)]
        names = [str(row - 1) if row else "input" for row in stays]
        assert page.locator(f"{GRID} tfoot td").all_inner_texts() == names
        for column, row in enumerate(stays):
            expect(cell(page, row, column)).to_have_class(re.compile("stays"))
        # The chosen cell: the ten likeliest; the arrows go from cell to cell.
        grid = page.locator(GRID)
        grid.focus()
        for _ in range(5):
            page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('layer=24')")
        expect(page.locator(".orrery .cell h3")).to_contain_text("behind layer 24")
        best = shares[25, -1].topk(10)
        likely = [
            text.replace("␣", " ").replace("⏎", "\n")
            for text in page.locator(".orrery .likeliest .tok").all_inner_texts()
        ]
        assert likely == expected["decode"](best.indices.tolist())
        assert likely[0] == " himself"
        values = page.locator(".orrery .likeliest .value").all_inner_texts()
        assert float(values[0].rstrip("%")) == pytest.approx(100 * float(best.values[0]), rel=6e-3)
        expect(page.locator(".orrery .story")).to_contain_text("from layer 26 on, and nowhere before")
        expect(page.locator(".orrery .whole tbody tr")).to_have_count(rows)
        line = page.locator(".orrery .whole tbody tr.on td bdi").all_inner_texts()
        assert [text.replace("␣", " ").replace("⏎", "\n") for text in line] == likely
        ranks = 1 + (shares[:, -1] > shares[:, -1, answers[-1], None]).sum(-1)
        curve = page.locator(".orrery .curves svg").get_attribute("aria-label") or ""
        assert f"the input rank {ranks[0]:,}," in curve
        assert f"layer 29 rank {ranks[-1]:,}," in curve
        # A column's head, another colour.
        page.locator(f"{GRID} thead th").nth(2).click()
        page.wait_for_function("location.search.includes('token=1')")
        cell(page, 20, 3).hover()
        expect(page.locator(".orrery .readout")).to_contain_text("Behind layer 19, at token 3")
        page.get_by_label("Colour by").select_option("rank")
        page.wait_for_function("location.search.includes('colour=rank')")
        grid.focus()
        page.keyboard.press("Home")
        page.wait_for_function("location.search.includes('token=0')")
        expect(page.locator(".orrery .story")).to_contain_text("behind The is")
        page.mouse.move(0, 0)
        expect(page.locator(".orrery .readout")).to_contain_text("at token 0")
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    for part in (".story", ".cell", ".readout", ".legend"):
        expect(again.locator(f".orrery {part}")).to_have_text(
            page.locator(f".orrery {part}").inner_text(), use_inner_text=True
        )
    backgrounds = "cells => cells.map(cell => cell.style.background)"
    mine = page.locator(f"{GRID} tbody td").evaluate_all(backgrounds)
    assert len(set(mine)) > 20
    assert again.locator(f"{GRID} tbody td").evaluate_all(backgrounds) == mine


def test_a_click_follows_a_token_and_its_numbers_are_the_models(
    visit: Visit, page: Page, expected: dict[str, Any]
) -> None:
    opened(visit, layer="24")
    page.get_by_role("button", name="Follow himself", exact=True).click()
    expect(page.get_by_role("textbox", name="Token to follow")).to_have_value(" himself")
    expect(page.locator(".orrery .curves h3")).to_contain_text("himself")
    shares, himself = expected["shares"], expected["himself"]
    for row, column in ((25, -1), (30, -1), (28, 2)):
        own = shares[row, column]
        place = column % shares.shape[1]
        cell(page, row, place).click()
        page.wait_for_function(f"location.search.includes('layer={row - 1}') || {row} === 30")
        rank = 1 + int((own > own[himself]).sum())
        expect(page.locator(".orrery .readout")).to_contain_text(f"himself has rank {rank:,},")
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    expect(again.locator(".orrery .curves h3")).to_contain_text("himself")
    page.get_by_role("button", name="Follow the final answers").click()
    expect(page.get_by_role("textbox", name="Token to follow")).to_have_value("")
    expect(page.get_by_role("button", name="Follow the final answers")).to_have_count(0)
    # What can't be followed is told, and nothing is lost.
    page.get_by_role("textbox", name="Token to follow").fill("two words")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is no single token")).to_be_visible()
    page.get_by_role("textbox", name="Token to follow").fill("Shakespeare")
    page.keyboard.press("Enter")
    expect(page.locator(".orrery .curves h3")).to_contain_text("Shakespeare")


def test_files_pictures_and_links(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit, layer="24", token="7")
    shares = expected["shares"]
    table = pd.read_csv(io.BytesIO(download(page, "All cells, CSV")), comment="#")
    assert len(table) == shares.shape[0] * shares.shape[1]
    np.testing.assert_allclose(table["top_1_probability"], shares.max(-1).values.flatten(), rtol=1e-3)
    assert json.loads(table["top_1"].iloc[-1]) == " Shakespeare"
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, LensTrace)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for word in ("Romeo", "himself", "Shakespeare", "stays from"):
        assert f"{word}</text>" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")
    for name, path, said in (
        ("Walk through layer 24 at this token", "/inside", {"view": ["walk"], "layer": ["24"], "token": ["7"]}),
        ("Attention of layer 24", "/attention", {"layer": ["24"], "token": ["7"]}),
    ):
        link = urlsplit(page.get_by_role("link", name=name).get_attribute("href") or "")
        assert link.path == path
        assert parse_qs(link.query) == said | {"model": ["smollm2-135m"], "text": [TEXT]}


def test_a_long_text_scrolls_in_its_frame_and_is_saved_whole(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, text=LONG)
    expect(page.get_by_text("are shown, and the model reads all of them")).to_be_visible()
    columns = page.locator(f"{GRID} thead th").count() - 1
    assert columns == 64
    page.locator(GRID).focus()
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    page.wait_for_function("location.search.includes('layer=input')")
    frame, first = page.locator(".orrery .lens").first.bounding_box(), cell(page, 0, 0).bounding_box()
    name = page.locator(f"{GRID} tbody th").last.bounding_box()
    assert frame
    assert first
    assert name
    assert first["x"] >= name["x"] + name["width"] - 2
    assert first["y"] + first["height"] <= frame["y"] + frame["height"]
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    assert drawing.count("aloud</text>") >= 4  # the heads of columns far apart
    assert query(page)["layer"] == "input"


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&follow={quote('<img src=x onerror=alert(1)>')}",
        "token=-1&layer=%3Cimg%20src=x%3E&text=%00%07%1B%5B0m%0D%0A+%E2%80%AE+x",
        "model=../../etc/passwd&first=%3Cscript%3E",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/inside?view=lens&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)
    page.get_by_label("Colour by").select_option("rank")
    page.wait_for_function("location.search.includes('colour=rank')")
    axe(page)
