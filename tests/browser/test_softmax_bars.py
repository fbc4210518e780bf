"""The bars of softmax in a browser: formats that round as NumPy's, the hand, the keys, files, strangers."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import softmax_by_hand, tables
from models.softmax_by_hand import FORMATS, Format
from tests.browser import alone
from tests.browser.alone import view
from viz.components import softmax_bars as component

Open = Callable[..., Page]
HAND = "([z, t, plus, format]) => byHand(z, t === 'inf' ? Infinity : Number(t), plus, format)"


def packed(names: tuple[str, ...] = tuple("abcdefgh"), shares: list[float] | None = None) -> bytes:
    origin, _, *cells = tables.csv({"text": "a text"}, ("name",), [(name,) for name in names]).decode().splitlines()
    return component.pack(
        names,
        component.OWN,
        about="these",
        title="Softmax by hand",
        facts=["one line"],
        origin=[origin],
        cells=cells,
        shares=shares,
        vocabulary=None if shares is None else 49_152,
    )


@pytest.fixture
def show(page: Page) -> Open:
    """Opens the bars at a link."""

    def go(query: str = "", width: int = 1280, scheme: str = "light", data: bytes = packed()) -> Page:
        return alone.show(page, component, data, component.parameters(), query, width=width, scheme=scheme)

    return go


@pytest.fixture
def arithmetic(page: Page) -> Page:
    """A tab that has the formats."""
    page.goto("about:blank")
    page.add_script_tag(content=(component.FOLDER / "1_formats.js").read_text("utf-8"))
    return page


def cell(page: Page, row: int, name: str) -> str:
    view(page)
    return page.locator("tbody tr").nth(row).locator(f"td.{name} span").inner_text()


def test_float16_is_numpys(arithmetic: Page) -> None:
    random = np.random.default_rng(0)
    every = np.arange(0, 2**16, dtype=np.uint16).view(np.float16).astype(np.float64)
    every = every[np.isfinite(every)]
    middles = (every[:-1] + every[1:]) / 2  # halfway to the next: to the even one
    near = np.concatenate([np.nextafter(middles[::7], np.inf), np.nextafter(middles[::7], -np.inf)])
    drawn = random.normal(size=3_000) * 10.0 ** random.integers(-9, 6, 3_000)
    ends = [65504.0, 65519.9, 65520.0, 1e9, -1e9, 2.0**-24, 2.0**-25, 3e-8, 0.0]
    values = np.concatenate([every[::5], middles[::3], near, drawn, ends])
    found = arithmetic.evaluate("(values) => Array.from(new Float64Array(values), half).map(String)", values.tolist())
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal([float(text.replace("Infinity", "inf")) for text in found], values.astype("f2"))


@pytest.mark.parametrize("held", FORMATS)
def test_every_number_on_the_way_is_numpys(held: Format, arithmetic: Page) -> None:
    random = np.random.default_rng(1)
    ulp = float(np.finfo(held).eps)
    for temperature in ("0", "0.05", "0.8", "1", "7", "inf"):
        for plus in (0.0, 8.0, -30.0, 95.0, 800.0, -800.0):
            z = np.round(random.normal(size=int(random.integers(2, 9))) * 4, 3).tolist()
            found = arithmetic.evaluate(
                f"(asked) => JSON.stringify(({HAND})(asked), (_, v) => typeof v === 'number' ? String(v) : v)",
                [z, temperature, plus, held],
            )
            found = json.loads(found)
            ours = softmax_by_hand.steps(z, float(temperature), plus, held)
            for theirs, name in (("x", "scaled"), ("shifted", "shifted")):
                np.testing.assert_array_equal(numbers(found[theirs]), getattr(ours, name).astype(float))
            names = (("powers", "powers"), ("naive", "naive"), ("small", "small"), ("p", "probabilities"))
            for theirs, name in names:  # powers are rounded the last bit either way
                expected = getattr(ours, name).astype(float)
                np.testing.assert_allclose(
                    numbers(found[theirs]), expected, rtol=12 * ulp, atol=2.0**-23 * (held == "float16")
                )


def numbers(texts: list[str]) -> list[float]:
    return [float(text.replace("Infinity", "inf")) for text in texts]


def test_a_bar_is_dragged_and_the_calculation_follows(show: Open) -> None:
    page = show("z=2,0")
    height = page.evaluate("document.documentElement.scrollHeight")
    before = [float(cell(page, i, "p")) for i in range(2)]
    assert before == pytest.approx([1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))], abs=1e-4)
    box = page.get_by_role("slider", name="Logit of b", exact=True).bounding_box()
    assert box is not None
    low, high = page.evaluate("window.figure.handles[1].scale")
    page.mouse.move(box["x"] + 6 + (box["width"] - 12) * -low / (high - low), box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 6, box["y"] + 40, steps=4)
    page.mouse.up()
    dragged = float(str(view(page)["z"]).split(",")[1])
    assert dragged == pytest.approx(high, abs=0.05)
    assert float(cell(page, 1, "p")) == pytest.approx(1 / (1 + math.exp(2 - dragged)), rel=1e-3)
    assert view(page)["bar"] == 1
    assert page.evaluate("window.asked") is None
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.wait_for_function("location.search.includes('bar=1')")
    assert f"z=2,{dragged:g}" in urlsplit(page.url).query


def test_keys_and_fields_set_a_bar(show: Open) -> None:
    page = show()
    page.get_by_role("slider", name="Logit of a", exact=True).focus()
    for key in ("ArrowUp", "ArrowRight", "PageUp", "ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert view(page)["z"] == "2.1,1,0.1"
    field = page.get_by_label("Logit of c, as a number")
    field.fill("−3.5")
    field.press("Enter")
    assert view(page)["z"] == "2.1,1,-3.5"
    for wrong in ("", "x", "10001", "1e400"):
        field.fill(wrong)
        field.press("Enter")
        field.blur()
        expect(field).to_have_value("-3.5")
    page.get_by_role("button", name="One bar more").click()
    assert view(page)["z"] == "2.1,1,-3.5,0"
    page.keyboard.press("]")
    assert view(page)["bar"] == 3
    for _ in range(2):
        page.get_by_role("button", name="One bar fewer").click()
    assert view(page) | {"plus": 0} == {"z": "2.1,1", "t": "1", "plus": 0, "format": "float64", "bar": 1}
    expect(page.get_by_role("button", name="One bar fewer")).to_be_disabled()
    page.get_by_role("button", name="As at first").click()
    assert view(page)["z"] == "2,1,0.1"


def test_temperature_has_its_ends(show: Open) -> None:
    page = show("z=3,3,1")
    slider = page.get_by_role("slider", name="Temperature T", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    assert view(page)["t"] == "0"
    assert [cell(page, i, "p") for i in range(3)] == ["0.5", "0.5", "0"]
    assert cell(page, 0, "naive") == "NaN"
    expect(page.locator(".notes")).to_contain_text("shared by the 2 that are equal. Samplers take the first of them, a")
    page.keyboard.press("End")
    assert view(page)["t"] == "inf"
    assert [cell(page, i, "p") for i in range(3)] == ["0.3333"] * 3
    field = page.get_by_label("Temperature T, as a number")
    for typed, said in (("0.5", "0.5"), ("∞", "inf"), ("0", "0"), ("nonsense", "0"), ("-2", "0"), ("0.001", "0")):
        field.fill(typed)
        field.press("Enter")
        assert view(page)["t"] == said
    values = page.evaluate("Array.from({ length: 201 }, (_, at) => figure.temperature.of(at))")
    assert (values[0], values[100], values[200]) == (0, 1, math.inf)
    assert values == sorted(values)
    assert page.evaluate(
        "Array.from({ length: 201 }, (_, at) => figure.temperature.to(figure.temperature.of(at)))"
    ) == list(range(201))


def test_as_written_it_overflows_in_front_of_ones_eyes(show: Open) -> None:
    page = show()
    p = [cell(page, i, "p") for i in range(3)]
    page.get_by_label("Format of the numbers").select_option("float32")
    field = page.get_by_label("Add c to all, as a number")
    field.fill("800")
    field.press("Enter")
    assert [cell(page, i, "power") for i in range(3)] == ["∞"] * 3
    assert [cell(page, i, "naive") for i in range(3)] == ["NaN"] * 3
    found = [float(cell(page, i, "p")) for i in range(3)]
    ours = softmax_by_hand.steps([2, 1, 0.1], 1, 800, "float32").probabilities
    assert found == pytest.approx(ours.tolist(), rel=1e-3)
    assert found == pytest.approx([float(text) for text in p], abs=1e-4)
    expect(page.locator(".written .bad")).to_contain_text("∞ / ∞ = NaN")
    expect(page.locator(".notes")).to_contain_text("the numbers of float32 are 6.10 × 10⁻⁵ apart")
    page.get_by_label("Format of the numbers").select_option("float64")
    field.fill("5")
    field.press("Enter")
    view(page)
    expect(page.locator(".notes")).to_contain_text("the largest change in any p is")
    change = np.abs(
        softmax_by_hand.steps([2, 1, 0.1], 1, 5, "float64").probabilities
        - softmax_by_hand.steps([2, 1, 0.1], 1, 0, "float64").probabilities
    ).max()
    assert change < 1e-15


def test_two_bars_are_a_sigmoid(show: Open) -> None:
    page = show("z=1.5,-0.5&t=2")
    expect(page.locator(".curve h3")).to_have_text("Two bars: softmax is the sigmoid")
    expect(page.locator(".curve")).to_contain_text("1 / (1 + e^(−1)) = 0.7311")
    point = page.locator(".curve .point")
    half = page.locator(".curve line").nth(1)
    assert float(point.get_attribute("cy") or 0) < float(half.get_attribute("y1") or 0)
    page.get_by_role("button", name="One bar more").click()
    expect(page.locator(".curve h3")).to_have_text("One bar against all others")
    p = page.evaluate("figure.now.p[0]")
    said = page.locator(".curve p").last.inner_text().rpartition("= ")[2]
    assert float(said) == pytest.approx(p, abs=1e-4)


def test_the_server_is_asked_only_on_request(show: Open) -> None:
    page = show("z=1,2&t=0.5&format=float16&plus=3")
    assert page.evaluate("window.asked") is None
    page.get_by_role("button", name="Check with torch").click()
    assert page.evaluate("window.asked") == [
        "asked",
        {"z": "1,2", "t": "0.5", "plus": "3", "format": "float16", "bar": "0", "about": "these"},
    ]


def test_files_hold_what_is_shown(show: Open) -> None:
    names = ("=1+1", "a,b", "é", "d", "e", "f", "g", "h")
    page = show("z=1,2,3&t=0.5&format=float32&plus=60", data=packed(names))
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save numbers as CSV").click()
    blob = Path(saved.value.path()).read_bytes()
    table = pd.read_csv(io.BytesIO(blob), comment="#", float_precision="round_trip")
    assert [json.loads(name) for name in table["name"]] == list(names[:3])
    assert b"# format: float32" in blob
    ours = softmax_by_hand.steps([1, 2, 3], 0.5, 60, "float32")
    np.testing.assert_array_equal(table["x"], ours.scaled)
    np.testing.assert_allclose(table["p"], ours.probabilities, rtol=1e-6)
    assert table["naive"].isna().tolist() == np.isnan(ours.naive).tolist()
    assert table["naive"].isna().any()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture as SVG").click()
    text = Path(saved.value.path()).read_text("utf-8")
    for words in ("Softmax by hand, T = 0.5", "as written", "NaN", "one line"):
        assert words in text


def test_strangers_tokens_do_nothing(show: Open) -> None:
    tags = ("<img src=x onerror='window.owned = 1'>", "</script><script>window.owned = 1</script>")
    hostile = (*tags, "\u202eab\x00", "", " ", "\n", "e", "f")
    page = show("z=1,2,3,4,5,6", data=packed(hostile, [0.1] * 8))
    expect(page.locator("tbody tr").first).to_contain_text("<img")
    assert page.locator("img, #host script").count() == 0
    assert page.evaluate("window.owned") is None
    expect(page.locator(".notes")).to_contain_text("the model gave 2, 1, 0.1, 0, −1 and −2")
    page.get_by_role("button", name="As at first").click()
    expect(page.locator(".notes")).to_contain_text("The model has 49,152 tokens. At T = 1 these 3 have 30% of all")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (820, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_nothing_sticks_out(
    show: Open, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    link = "z=-9999.125,2,3,4.123456,5,6,7,10000&t=0.013&plus=-800.5&format=float16"
    page = show(link, width, scheme, packed(("a" * 90, *"bcdefgh"), [0.1] * 8))
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".body").evaluate("body => body.scrollWidth <= body.clientWidth")
    page.evaluate("window.close_()")
