"""The view "stream" in a real browser: norms, cosines and shares are the model's, the hand needs no server."""

from __future__ import annotations

import io
import json
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
from models.traces import AttributionTrace, StreamTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
TEXT = "The capital of France is"
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"
WRITTEN = ".orrery [data-about='written']"
SHARES = ".orrery [data-about='shares']"
STREAM = ".orrery [data-about='stream']"
HEADS = ".orrery .stage[aria-label^='What each head writes']"
CELLS = ".orrery .stage[aria-label^='Norm of the stream']"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """What transformers and torch say of TEXT: the streams, what is written at the last token, and its shares."""
    lm = catalog.load("smollm2-135m")
    model, seen = lm.model, {}
    handles = []
    for number, layer in enumerate(model.model.layers):
        handles.append(
            layer.self_attn.o_proj.register_forward_pre_hook(lambda _m, x, n=number: seen.update({n: x[0][0]}))
        )
        handles.append(layer.mlp.register_forward_hook(lambda _m, _x, out, n=number: seen.update({f"mlp {n}": out[0]})))
        handles.append(layer.register_forward_hook(lambda _m, _x, out, n=number: seen.update({f"left {n}": out[0]})))
    ids = lm.tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        found = model(input_ids=ids, output_hidden_states=True)
        for handle in handles:
            handle.remove()
        states = [found.hidden_states[0][0], *(seen[f"left {number}"] for number in range(30))]
        paris, rome = (lm.tokenizer(word)["input_ids"][0] for word in (" Paris", " Rome"))
        left, norm = states[-1][-1].double(), model.model.norm
        scale = torch.rsqrt(left.pow(2).mean() + norm.variance_epsilon)
        u = scale * norm.weight.double() * (model.lm_head.weight[paris] - model.lm_head.weight[rome]).double()
        heads = torch.zeros(30, 9, 576, dtype=torch.float64)
        for number, layer in enumerate(model.model.layers):
            for head in range(9):
                part = slice(64 * head, 64 * head + 64)
                heads[number, head] = layer.self_attn.o_proj.weight[:, part].double() @ seen[number][-1, part].double()
        mlps = torch.stack([seen[f"mlp {number}"][-1].double() for number in range(30)])
        return {
            "norms": torch.stack([state.norm(dim=-1) for state in states]).numpy(),
            "heads": heads.norm(dim=-1).numpy(),
            "cosines": torch.cosine_similarity(heads, torch.stack(states[:-1])[:, -1, None].double(), dim=-1).numpy(),
            "mlps": mlps.norm(dim=-1).numpy(),
            "head shares": (heads @ u).numpy(),
            "mlp shares": (mlps @ u).numpy(),
            "total": float(found.logits[0, -1, paris] - found.logits[0, -1, rome]),
            "first": float((found.logits[0, 1].topk(2).values * torch.tensor([1.0, -1.0])).sum()),
        }


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    page = visit(f"/inside?view=stream{link}")
    page.wait_for_selector(READY)
    return page


def values(page: Page, readout: str) -> dict[str, list[float]]:
    """The numbers behind each name of a readout."""
    found = {}
    for part in page.locator(f"{readout} .value").all():
        name, numbers = part.locator("span").inner_text(), part.locator("b").inner_text()
        plain = numbers.replace("cosine", "").replace("−", "-").replace("so ×", "")
        found[name.strip()] = [float(each.replace(",", "")) for each in plain.split(", ")]
    return found


def total(page: Page) -> list[float]:
    said = page.locator(".orrery .total b").all_inner_texts()
    return [float(words.replace("−", "-")) for words in said]


def test_every_number_is_the_models_and_the_hand_needs_no_server(
    visit: Visit, page: Page, expected: dict[str, Any]
) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    with wire(page) as count:
        opened(visit, rival="Rome", layer="3", head="2")
        page.wait_for_timeout(500)
        before = count["sent"]
        assert total(page) == pytest.approx([expected["total"]] * 2, abs=1e-3)

        def matches(layer: int, head: int) -> None:
            expect(page.locator(SHARES)).to_contain_text(f"Layer {layer} ")
            expect(page.locator(WRITTEN)).to_contain_text(f"head {head} ")
            written, shares = values(page, WRITTEN), values(page, SHARES)
            assert written[f"head {head}"][0] == pytest.approx(expected["heads"][layer, head], rel=6e-3, abs=1e-3)
            assert written[f"head {head}"][1] == pytest.approx(expected["cosines"][layer, head], abs=0.006)
            assert written["MLP"][0] == pytest.approx(expected["mlps"][layer], rel=6e-3)
            assert shares[f"head {head}"][0] == pytest.approx(expected["head shares"][layer, head], abs=1e-3)
            assert shares["MLP"][0] == pytest.approx(expected["mlp shares"][layer], abs=1e-3)
            assert values(page, STREAM)["norm"][0] == pytest.approx(expected["norms"][layer + 1, 4], rel=6e-3)

        matches(3, 2)
        page.locator(HEADS).focus()
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('layer=11') && location.search.includes('head=6')")
        matches(11, 6)
        page.get_by_label("Heads are coloured by").select_option("cosine")
        page.wait_for_function("location.search.includes('written=cosine')")

        # The loudest on either side, in their order; one of them is a way to its place.
        named = [(f"head {layer}.{head}", share) for (layer, head), share in np.ndenumerate(expected["head shares"])]
        named += [(f"MLP {layer}", share) for (layer,), share in np.ndenumerate(expected["mlp shares"])]
        named.sort(key=lambda part: -part[1])
        sides = page.locator(".orrery .side")
        assert sides.nth(0).locator(".who").all_inner_texts() == [name for name, _ in named[:10]]
        assert sides.nth(1).locator(".who").all_inner_texts() == [name for name, _ in named[:-11:-1]]
        sides.nth(0).get_by_role("button").first.click()
        page.wait_for_function("location.search.includes('layer=23') || !location.search.includes('layer=')")
        matches(23, 4)

        # Pointed at: the first token's vector behind layer 11.
        place = page.locator(f"{CELLS} > canvas").bounding_box()
        assert place
        wide, high = place["width"] / 31, place["height"] / 5
        cells = page.locator(CELLS)
        origin = cells.bounding_box()
        assert origin
        at = {"x": place["x"] - origin["x"] + wide * 12.5, "y": high * 0.5}
        cells.hover(position=at)  # type: ignore[arg-type]
        expect(page.locator(STREAM)).to_contain_text("behind layer 11")
        assert values(page, STREAM)["norm"][0] == pytest.approx(expected["norms"][12, 0], rel=1e-3)
        cells.click(position=at | {"y": high * 1.5})  # type: ignore[arg-type]
        page.wait_for_function("location.search.includes('token=1') && location.search.includes('layer=11')")
        expect(page.locator(".orrery h2").nth(1)).to_contain_text("capital")
        page.keyboard.press("[")
        page.wait_for_function("location.search.includes('token=0')")
        page.keyboard.press("]")
        page.wait_for_function("location.search.includes('token=1')")
        page.mouse.move(0, 0)
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    for part in (STREAM, WRITTEN, SHARES, ".orrery .total", ".orrery .sides"):
        assert again.locator(part).inner_text() == page.locator(part).inner_text()
    assert again.get_by_label("Heads are coloured by").input_value() == "cosine"


def test_the_pair_is_chosen_among_the_likeliest_or_typed(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit)
    choice = page.get_by_label("Its rival")
    expect(choice).to_have_value("")
    first = total(page)[1]
    choice.select_option(label="␣London 1.2%")
    expect(page.locator(".orrery h2").nth(2)).to_contain_text("London")
    page.wait_for_function("location.search.includes('rival=London')")
    expect(page.get_by_role("textbox", name="Rival")).to_have_value("London")
    assert total(page)[1] > first
    assert total(page)[0] == pytest.approx(total(page)[1], abs=1e-3)
    field = page.get_by_role("textbox", name="Rival")
    field.fill("Rome")
    field.press("Enter")
    expect(page.locator(".orrery h2").nth(2)).to_contain_text("Rome")
    assert total(page) == pytest.approx([expected["total"]] * 2, abs=1e-3)
    page.get_by_label("Its rival").select_option("")
    expect(page.get_by_role("textbox", name="Rival")).to_have_value("")
    expect(page.locator(".orrery h2").nth(2)).to_contain_text("the")
    page.get_by_label("Token of the text").select_option(index=1)
    expect(page.locator(".orrery h2").nth(2)).to_contain_text("capital")
    assert total(page)[1] == pytest.approx(expected["first"], abs=1e-3)
    field.fill("no such token at all")
    field.press("Enter")
    expect(page.get_by_text("is no single token")).to_be_visible()
    expect(page.locator(CELLS)).to_be_visible()


def test_what_was_waited_for_leaves_no_gap(visit: Visit, page: Page) -> None:
    opened(visit, text="Nobody has asked for this before")
    sentence, figure = page.get_by_text("A token's vector goes through"), page.locator(".orrery").first
    expect(page.locator(CELLS)).to_be_visible()
    above, below = sentence.bounding_box(), figure.bounding_box()
    assert above
    assert below
    assert below["y"] - above["y"] - above["height"] < 24


def test_doors_lead_to_the_same_head_elsewhere(visit: Visit, page: Page) -> None:
    opened(visit, layer="23", head="4", token="3")
    doors = {door.inner_text(): door.get_attribute("href") or "" for door in page.locator(".orrery .door").all()}
    links = {words: (urlsplit(link).path, parse_qs(urlsplit(link).query)) for words, link in doors.items()}
    place = {"layer": ["23"], "head": ["4"], "token": ["3"], "model": ["smollm2-135m"], "text": [TEXT]}
    assert links == {
        "Head 23.4 on Attention": ("attention", {"view": ["heads"]} | place),
        "Layer 23 step by step": ("inside", {"view": ["walk"]} | place),
    }
    page.locator(".orrery .door").first.click()
    page.wait_for_url("**/attention?**")
    page.wait_for_selector(READY)
    assert query(page)["layer"] == "23"


def test_files_and_pictures(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit, rival="Rome")
    table = pd.read_csv(io.BytesIO(download(page, "Shares, CSV")), comment="#")
    assert table.groupby("position")["share"].sum()[4] == pytest.approx(expected["total"], abs=1e-4)
    table = pd.read_csv(io.BytesIO(download(page, "Stream, CSV")), comment="#")
    ours = table[table["part"].isin(['"input"', '"stream"']) & (table["position"] == 0)]
    np.testing.assert_allclose(ours["norm"], expected["norms"][:, 0], rtol=1e-4)
    document = json.loads(download(page, "Shares, JSON"))
    assert document["positions"][4]["rival"]["text"] == " Rome"
    assert isinstance(traces.from_bytes(download(page, "Stream, trace")), StreamTrace)
    assert isinstance(traces.from_bytes(download(page, "Shares, trace")), AttributionTrace)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for word in ("capital", "Paris", "head 23.4", "head 8"):
        assert f"{word}</text>" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&answer={quote(HOSTILE)}",
        f"rival={quote(HOSTILE)}&token=-1&layer=1e9&head=%3Cimg%20src=x%3E&written=%00",
        "model=../../etc/passwd&rival=%3Cscript%3E&first=%E2%80%AE",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/inside?view=stream&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, text="Uncharacteristically long words, 你好 👩‍🚀 " + "m" * 90)
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
