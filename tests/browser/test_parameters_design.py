"""The view "design" in a real browser: its arithmetic against transformers, the hand, links, files, axe, 390 px."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from transformers import AutoConfig, AutoModelForCausalLM

from models import designs
from tests.browser.wire import download, harmless, query, wire
from viz.components import designer, shared

VIEW = "/parameters?view=design"
MAIN = '[data-testid="stMain"]'
DESIGNS = 200
LARGE = 6  # of them of any size; a model of many layers takes long to build
COUNT = """(designs) => designs.map((d) => {
  const { total, active, cache, arithmetic } = counted(d);
  return { total, active, cache, arithmetic };
})"""


def drawn(random: np.random.Generator, *, large: bool) -> dict[str, int]:
    """Sizes of a model that can be."""

    def between(least: int, most: int) -> int:
        """Small numbers as often as large ones."""
        return int(np.exp(random.uniform(np.log(least), np.log(most + 1))))

    heads = between(1, 256 if large else 24)
    width = 2 * heads * between(-(-32 // heads), 64)  # heads of an even size
    kv = int(random.choice([number for number in range(1, heads + 1) if heads % number == 0]))
    experts = between(1, 256) if random.random() < 0.5 else 1
    return {
        "layers": between(1, 400 if large else 4),
        "width": width,
        "heads": heads,
        "kv": kv,
        "head": 2 * between(1, 256) if random.random() < 0.4 else 0,
        "mlp": between(64, 131_072),
        "vocabulary": between(256, 1_048_576),
        "tied": int(random.integers(2)),
        "experts": experts,
        "chosen": int(random.integers(1, experts + 1)),
        "context": between(1, 1_048_576),
    }


@pytest.fixture
def sums(page: Page) -> Page:
    """A tab that has the figure's arithmetic."""
    page.goto("about:blank")
    for file in (Path(shared.__file__).parent / "1_words.js", *sorted(designer.FOLDER.glob("[12]_*.js"))):
        page.add_script_tag(content=file.read_text("utf-8"))
    return page


@pytest.fixture
def shown(page: Page, server: str) -> Callable[[str], Page]:
    """Opens the view by the rest of its link, and waits until its figure stands there."""

    def go(link: str = "") -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        return page

    return go


def badge(page: Page, part: str) -> Locator:
    """Streamlit writes a badge twice and shows one of them."""
    return page.locator(MAIN).get_by_text(part).filter(visible=True).first


def dial(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    return page.get_by_label(f"{name}, as a number", exact=True)


def total(page: Page) -> Locator:
    return page.locator(".total strong")


def test_the_figures_sums_are_transformers(sums: Page) -> None:
    random = np.random.default_rng(0)
    every = [drawn(random, large=number < LARGE) for number in range(DESIGNS)]
    every += [design | {"context": 8192} for design in designs.published().values()]
    most = {name: most for name, (_, most) in designs.LIMITS.items()} | {"layers": 2}
    every.append(most)
    for design, found in zip(every, sums.evaluate(COUNT, every), strict=True):
        assert designs.Counts(**found) == designs.count(design), design


def test_the_largest_design_is_counted_exactly(sums: Page) -> None:
    """Beyond 2^53 a double would round; here layer by layer in whole numbers."""
    most = {name: most for name, (_, most) in designs.LIMITS.items()} | {"tied": 0}
    ((found),) = sums.evaluate(COUNT, [most])
    L, d, h, g, k, m, V, E = (
        most[name] for name in ("layers", "width", "heads", "kv", "head", "mlp", "vocabulary", "experts")
    )
    layer = 2 * d * h * k + 2 * d * g * k + E * 3 * d * m + d * E + 2 * d
    assert found["total"] == L * layer + d + 2 * V * d
    assert found["arithmetic"] < 2**53


def test_what_cannot_be_becomes_what_can(sums: Page) -> None:
    random = np.random.default_rng(1)
    wanted = [
        {name: int(random.integers(least, min(most, 5000) + 1)) for name, (least, most) in designs.LIMITS.items()}
        | ({"head": 0} if number % 2 else {})
        for number in range(400)
    ]
    limits = {name: list(pair) for name, pair in designs.LIMITS.items()}
    found = sums.evaluate("([wanted, limits]) => wanted.map((d) => possible(d, limits))", [wanted, limits])
    for before, (after, changed) in zip(wanted, found, strict=True):
        head = after["head"] or after["width"] / after["heads"]
        assert head % 2 == 0
        assert after["width"] % after["heads"] == after["heads"] % after["kv"] == 0
        assert after["chosen"] <= after["experts"]
        assert all(least <= after[name] <= most for name, (least, most) in designs.LIMITS.items())
        assert {name for name, *_ in changed} == {name for name in before if before[name] != after[name]}
        heads = [
            n for n in range(1, 257) if after["width"] % n == 0 and (after["head"] or after["width"] // n % 2 == 0)
        ]
        ratio = abs(np.log(after["heads"] / before["heads"]))
        assert ratio == pytest.approx(min(abs(np.log(n / before["heads"])) for n in heads))
    again = sums.evaluate(
        "([d, limits]) => d.map((each) => possible(each, limits)[1])", [[after for after, _ in found], limits]
    )
    assert again == [[]] * len(again)


def test_shapes_have_the_size_that_is_asked_for(sums: Page) -> None:
    limits = {name: list(pair) for name, pair in designs.LIMITS.items()}
    usual = designs.published()[designs.USUAL] | {"context": 8192}
    for base in (usual, usual | {"experts": 8, "chosen": 2, "vocabulary": 32_000}):
        for target in (1e8, 1e9, 1e10, 1e11):
            found = sums.evaluate(
                "([d, target, limits]) => shapes(d, target, limits)",
                [base, target, limits],
            )
            ratios = [shape["width"] / shape["layers"] for shape in found]
            assert ratios[0] > ratios[1] > ratios[2]
            kept = ("vocabulary", "experts", "chosen", "tied", "context")
            for shape, counts in zip(found, sums.evaluate(COUNT, found), strict=True):
                assert counts["total"] == pytest.approx(target, rel=0.1), shape
                assert [shape[name] for name in kept] == [base[name] for name in kept]
                assert shape["width"] % shape["heads"] == shape["heads"] % shape["kv"] == 0


@pytest.mark.parametrize(
    ("text", "size"),
    [("1.3 B", 1_300_000_000), ("350m", 350_000_000), ("7e9", 7_000_000_000), ("2,000,000", 2_000_000), ("1", None),
     ("<b>", None), ("1.2.3b", None), ("99T", None), ("", None)],
)  # fmt: skip
def test_sizes_as_people_write_them(text: str, size: int | None, sums: Page) -> None:
    assert sums.evaluate("([text, ends]) => sizeIn(text, ends)", [text, [designer.LEAST, designer.MOST]]) == size


def test_everything_follows_the_hand_without_a_round_trip(shown: Callable[[str], Page], page: Page) -> None:
    with wire(page) as count:
        shown("")
        expect(total(page)).to_have_text("1,235,814,400 parameters")
        page.wait_for_timeout(500)
        before = count["sent"]
        dial(page, "Layers").focus()
        page.keyboard.press("ArrowRight")
        expect(total(page)).to_have_text("1,296,635,904 parameters")
        page.get_by_label("Output head is the embedding (tied)").uncheck()
        field(page, "Experts").fill("8")
        field(page, "Experts").press("Enter")
        field(page, "Chosen of them").fill("2")
        field(page, "Chosen of them").press("Enter")
        dial(page, "Context, tokens").focus()
        page.keyboard.press("End")
        page.wait_for_function("location.search.includes('context=1048576') && location.search.includes('chosen=2')")
        assert count["sent"] == before
    link, asked = page.url, query(page)
    assert {name: asked[name] for name in ("layers", "tied", "experts", "chosen")} == {
        "layers": "17", "tied": "0", "experts": "8", "chosen": "2",
    }  # fmt: skip
    sizes = designs.published()[designs.USUAL] | {name: int(asked[name]) for name in asked if name != "view"}
    theirs = designs.count(sizes)
    expect(total(page)).to_have_text(f"{theirs.total:,} parameters")
    page.get_by_role("button", name="Count it with transformers").click()
    expect(badge(page, f"transformers counts {theirs.total:,} parameters, {theirs.active:,}")).to_be_visible(
        timeout=60_000
    )
    cells = page.locator(".orrery tr:not([hidden]) td").all_inner_texts()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("[data-ready='1']", timeout=90_000)
    expect(total(page)).to_have_text(f"{theirs.total:,} parameters")
    assert page.locator(".orrery tr:not([hidden]) td").all_inner_texts() == cells


def test_one_step_back_and_all_the_way(shown: Callable[[str], Page], page: Page) -> None:
    shown("&layers=8")
    first = total(page).inner_text()
    dial(page, "Width").focus()
    page.keyboard.press("ArrowRight")
    expect(total(page)).not_to_have_text(first)
    second = total(page).inner_text()
    page.get_by_label("Begin with a published model").select_option(label="Llama 3 8B")
    expect(total(page)).to_have_text("8,030,261,248 parameters")
    page.get_by_role("button", name="Undo").click()
    expect(total(page)).to_have_text(second)
    page.get_by_role("button", name="Undo").click()
    expect(total(page)).to_have_text(first)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.get_by_role("button", name="As at first").click()
    expect(total(page)).to_have_text("1,235,814,400 parameters")
    page.wait_for_function("!location.search.includes('layers=')")


def test_while_dragging_only_what_can_be(shown: Callable[[str], Page], page: Page) -> None:
    """Heads give way to the width, visibly, and come back when the width comes back."""
    shown("&width=3072&heads=24")
    expect(total(page)).to_contain_text("parameters")
    slide = """(range, steps) => { for (const step of steps) {
      range.value = Number(range.value) + step;
      range.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    } }"""
    dial(page, "Width").evaluate(slide, [1])
    expect(field(page, "Width")).to_have_value("3,136")
    expect(field(page, "Heads")).to_have_value("28")
    expect(page.locator(".note")).to_have_text(
        "Heads: 24 became 28, to divide the width. Key/value heads: 8 became 7, to divide the heads."
    )
    dial(page, "Width").evaluate(slide, [-1])
    expect(field(page, "Heads")).to_have_value("24")
    expect(page.locator(".note")).to_have_text("")


def test_what_is_typed_is_taken_or_refused_in_words(shown: Callable[[str], Page], page: Page) -> None:
    """The field says what became of it, though the cursor stays in it."""
    shown("&layers=9")
    for written in ("abc", "1e9", "-1", "", "0", "3.5", "401", "99999999999", "<img src=x onerror=alert(1)>"):
        field(page, "Layers").fill(written)
        field(page, "Layers").press("Enter")
        expect(page.locator(".note")).to_have_text(
            f"Layers: “{written if len(written) <= 20 else written[:19] + '…'}” is no whole number from 1 to 400."
        )
        expect(field(page, "Layers")).to_have_value("9")
    field(page, "Heads").fill("7")
    field(page, "Heads").press("Enter")
    expect(field(page, "Heads")).to_have_value("8")
    expect(page.locator(".note")).to_contain_text("Heads: 7 became 8, to divide the width.")
    field(page, "MLP width").fill("12,000")
    field(page, "MLP width").press("Enter")
    expect(field(page, "MLP width")).to_have_value("12,000")
    expect(page.locator(".words")).to_contain_text("MLP 12,000")
    expect(page.locator(".words")).to_contain_text("9 layers")


def test_a_shape_is_taken(shown: Callable[[str], Page], page: Page) -> None:
    shown("&target=100000000")
    expect(page.get_by_role("heading", name="What would 100 M look like")).to_be_visible()
    page.get_by_role("button", name="10 B", exact=True).click()
    page.wait_for_function("location.search.includes('target=10000000000')")
    said = page.locator(".stack").nth(3).locator("p").first.inner_text()
    page.get_by_role("button", name="Take this shape: deep").click()
    expect(page.locator(".stack").first.locator("p").first).to_have_text(said)
    page.wait_for_function("location.search.includes('layers=')")
    box = page.get_by_label("Parameters of the shapes")
    box.fill("nothing")
    box.press("Enter")
    expect(page.locator(".note")).to_contain_text("“nothing” is no size from 1 M to 10 T")
    expect(box).to_have_value("10 B")


def test_the_files(shown: Callable[[str], Page], page: Page, tmp_path: Path) -> None:
    sizes = {"layers": 4, "width": 192, "heads": 6, "kv": 3, "head": 48, "mlp": 500, "vocabulary": 1000, "tied": 0,
             "experts": 3, "chosen": 2, "context": 100}  # fmt: skip
    shown("".join(f"&{name}={value}" for name, value in sizes.items()))
    written = download(page, "Save config.json")
    assert json.loads(written) == designs.fields(sizes)
    (tmp_path / "config.json").write_bytes(written)
    config = AutoConfig.from_pretrained(tmp_path)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    expect(total(page)).to_have_text(f"{model.num_parameters():,} parameters")
    table = pd.read_csv(io.BytesIO(download(page, "Save numbers as CSV")), comment="#", index_col="quantity")
    parts = table[table.index.str.startswith("parameters: ")]
    assert parts["value"].sum() == table.loc["parameters in all", "value"] == model.num_parameters()
    counts = designs.count(sizes)
    assert table.loc["parameters in all", "on a token"] == counts.active
    assert table.loc["bytes of keys and values in 16 bits", "value"] == 2 * counts.cache
    assert table.loc["operations to write one token", "value"] == counts.arithmetic
    assert table.loc["bytes of the weights in Q4_0", "value"] == counts.total * 18 / 32
    assert table.loc["operations to train it as Chinchilla", "value"] == pytest.approx(6 * 20 * counts.active**2)
    drawing = download(page, "Save picture as SVG").decode()
    assert f"A design of {counts.total:,} parameters" in drawing
    assert "3 experts, 2 chosen" in drawing
    assert 'fill="rgb(213, 94, 0)"' in drawing  # the mark of the output head: opaque, though it ends with a zero
    assert download(page, "Save picture as PNG")[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("link", "says", "name", "value"),
    [
        ("&heads=7", "Heads: 7 became 8, to divide the width.", "Heads", "8"),
        ("&kv=5", "Key/value heads: 5 became 4, to divide the heads.", "Key/value heads", "4"),
        ("&experts=4&chosen=9", "Chosen of them: 9 became 4, as there are no more.", "Chosen of them", "4"),
        ("&width=2047", "Width: 2,047 became 2,048, to be even.", "Width", "2,048"),
        ("&head=33", "Size of a head: 33 became 34, to be even.", "Size of a head", "34"),
    ],
)
def test_what_cannot_be_together_is_said(
    link: str, says: str, name: str, value: str, shown: Callable[[str], Page], page: Page
) -> None:
    shown(link)
    expect(page.locator(".note")).to_have_text(says)
    expect(field(page, name)).to_have_value(value)


def test_training_costs_what_the_formula_says(shown: Callable[[str], Page], page: Page) -> None:
    shown("&layers=32&width=4096&mlp=14336&tied=0")
    n = 8_030_261_248
    expect(total(page)).to_have_text(f"{n:,} parameters")
    rows = page.get_by_role("table", name="Cost of training").locator("tbody tr")
    for row, rate in zip(rows.all(), (20, 15e12 / n), strict=True):
        tokens, operations, *_ = row.locator("td").all_inner_texts()
        digits, power = f"{6 * n * n * rate:.2e}".split("e+")
        assert operations == f"{digits} × 10{power.translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
        assert tokens == ("161 B" if rate == 20 else "15.0 T")


@pytest.mark.parametrize(
    "link",
    [
        "&layers=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&width=%00&heads=1e400",
        "&target=![x](http://example.org/x.png)&tied=%3Cb%3E&head=-0",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}{VIEW}{link}")
    expect(total(page)).to_have_text("1,235,814,400 parameters")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(
    scheme: str, shown: Callable[[str], Page], page: Page, axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown("&experts=8&chosen=2&heads=30")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(shown: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    most: dict[str, Any] = {name: most for name, (_, most) in designs.LIMITS.items()}
    shown("".join(f"&{name}={value}" for name, value in most.items()))
    expect(total(page)).to_contain_text("parameters")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")
    dial(page, "Context, tokens").scroll_into_view_if_needed()
    dial(page, "Context, tokens").focus()
    page.mouse.move(195, 600)
    page.mouse.wheel(0, 250)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 100")
    expect(total(page)).to_be_in_viewport()  # the count stays in sight while the sliders are
