"""The view "patch" in a real browser: the cells are the model's own, the hand needs no server."""

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

from models import catalog, defaults, traces
from models.traces import PatchingTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"
WHERE = ".orrery .which b"


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    """What transformers says of a patch of the stream behind layer 22 at the country, by the picture's formula."""
    lm = catalog.load(defaults.DECODER)
    ids, others = (
        lm.tokenizer(text, return_tensors="pt")["input_ids"] for text in (defaults.ANSWERED, defaults.COUNTERPART)
    )
    model: Any = lm.model
    with torch.inference_mode():
        states = model(input_ids=others, output_hidden_states=True)
        own = model(input_ids=ids).logits[0, -1]

        def put(_module: Any, _given: Any, output: torch.Tensor) -> torch.Tensor:
            changed = output.clone()
            changed[0, 3] = states.hidden_states[23][0, 3]
            return changed

        handle = model.model.layers[22].register_forward_hook(put)
        patched = model(input_ids=ids).logits[0, -1]
        handle.remove()
    answer, rival = int(own.argmax()), int(states.logits[0, -1].argmax())
    before, there, now = (float(z[answer] - z[rival]) for z in (own, states.logits[0, -1], patched))
    return {
        "before": before,
        "other": there,
        "now": now,
        "far": (now - before) / (there - before),
        "share": float(patched.softmax(-1)[rival]),
    }


def opened(visit: Visit, **parameters: str) -> Page:
    page = visit("/inside?view=patch" + "".join(f"&{name}={quote(value)}" for name, value in parameters.items()))
    page.wait_for_selector(READY)
    return page


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def test_a_cell_is_the_models_own_and_stands_in_the_link(visit: Visit, page: Page, expected: dict[str, float]) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    with wire(page) as count:
        opened(visit, layer="21", token="2")
        page.wait_for_timeout(500)
        before = count["sent"]
        page.locator(".orrery .stage").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        expect(page.locator(WHERE)).to_have_text("Layer 22, token 3 “France”")
        page.wait_for_function("location.search.includes('layer=22') && location.search.includes('token=3')")
        assert number(page.locator(".orrery .far b").inner_text()) == pytest.approx(expected["far"], abs=0.006)
        first = page.locator(".orrery .three tbody tr").nth(0).locator("td").all_inner_texts()
        assert [number(text) for text in first] == pytest.approx(
            [expected["before"], expected["now"], expected["other"]], abs=0.006
        )
        rival = page.locator(".orrery .three tbody tr").nth(2).locator("td").all_inner_texts()
        assert float(rival[1].rstrip("%")) / 100 == pytest.approx(expected["share"], abs=0.001)
        pairs = page.locator(".orrery .pair.differs")
        expect(pairs).to_have_count(1)
        expect(pairs).to_contain_text("Japan")
        page.locator(".orrery .pair").nth(4).hover()
        expect(page.locator(WHERE)).to_have_text("Layer 22, token 4 “is”")
        page.locator(".orrery .farthest button").first.click()
        page.wait_for_function("!location.search.includes('layer=22')")
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    page.mouse.move(0, 0)
    expect(again.locator(WHERE)).to_have_text(page.locator(WHERE).inner_text())
    page.keyboard.press("Home")
    assert query(page)["view"] == "patch"


def test_a_click_chooses_the_cell_under_it(visit: Visit, page: Page) -> None:
    opened(visit)
    box = page.locator(".orrery .stage canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 3.5 / 5, box["y"] + box["height"] * 7.5 / 30)
    expect(page.locator(WHERE)).to_have_text("Layer 7, token 3 “France”")
    walk = page.locator(".orrery .links a").first.get_attribute("href") or ""
    assert "view=walk" in walk
    assert walk.endswith("&layer=7&token=3")


def test_files_and_pictures(visit: Visit, page: Page) -> None:
    opened(visit)
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, PatchingTrace)
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    np.testing.assert_allclose(table["recovered"], trace.recovered.ravel())
    assert json.loads(download(page, "JSON"))["answer"]["text"] == " Paris"
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    assert "Japan" in drawing
    assert "<image" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_head_of_a_link_is_shown(visit: Visit, page: Page) -> None:
    page.set_default_timeout(90_000)
    opened(visit, what="heads", layer="23", head="4")
    expect(page.locator(WHERE)).to_have_text("Layer 23, head 4")
    assert number(page.locator(".orrery .far b").inner_text()) > 0.8
    page.locator(".orrery .stage").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.search.includes('head=3')")
    assert "layer=23&head=3" in (page.locator(".orrery .links a").first.get_attribute("href") or "")


def test_prompts_of_different_length_are_shown_where_they_part(visit: Visit, page: Page) -> None:
    opened(visit, other="The capital of Japan is not")
    expect(page.locator(".orrery .block.unequal")).to_contain_text("not as many")
    expect(page.get_by_text("The prompts have 5 and 6 tokens")).to_be_visible()


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&other={quote(HOSTILE)}",
        f"other={quote(HOSTILE)}&layer=-1&what=%3Cimg%20src=x%3E",
        "answer=%3Cimg%20src=x%3E&rival=%00%07&first=x&token=99",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/inside?view=patch&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit)
    expect(page.locator(WHERE)).to_be_visible()
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
