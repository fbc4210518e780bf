"""The view "small" in a real browser: every line named, sizes by hand, a patient's way, the Transformer's blocks."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from models import small_networks, small_trained
from tests.browser.wire import download, harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/parameters?view=small"
MAIN = '[data-testid="stMain"]'


@pytest.fixture
def shown(page: Page, server: str) -> Shown:
    """Opens the view by the rest of its link, and waits until its picture stands there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        page.wait_for_selector("[data-ready='1']", timeout=90_000)
        return page

    return go


def counted(page: Page, words: str) -> None:
    """Waits for a check below the figure."""
    expect(page.get_by_text(words).filter(visible=True).first).to_be_visible(timeout=90_000)


def test_sizes_change_and_parts_light_up_without_the_server(shown: Shown, page: Page) -> None:
    heading, readout = page.locator(".orrery h2"), page.locator(".readout")
    with wire(page) as count:
        shown("")
        counted(page, "our count is 97")
        expect(heading).to_have_text("10-8-1: 97 parameters")
        before = count["sent"]
        page.get_by_role("button", name="10 × 8 + 8").hover()
        expect(readout).to_contain_text("10 × 8 = 80 weights + 8 biases = 88")
        page.get_by_role("button", name="8 × 1 + 1").focus()
        expect(readout).to_contain_text("8 × 1 = 8 weights + 1 bias = 9")
        page.locator(".network circle.unit").nth(14).hover()
        expect(readout).to_contain_text("Hidden unit 5: 10 weights + 1 bias = 11.")
        expect(page.locator(".network .ring")).to_have_count(1)
        page.locator(".stage").focus()
        page.mouse.move(5, 5)
        for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "]", "]", "]"):
            page.keyboard.press(key)
        expect(readout).to_contain_text("w 3→5 of layer 1, from BMI to hidden unit 5: one weight.")
        weight = small_trained.stored().weights[0][2, 4]
        expect(readout).to_contain_text(
            f"It is {abs(weight):.4g}".replace("It is ", "It is −" if weight < 0 else "It is ")
        )
        page.get_by_role("button", name="One more: hidden layer").click()
        expect(heading).to_have_text("10-9-1: 109 parameters")
        expect(page.locator(".note")).to_contain_text("no value yet")
        page.get_by_role("button", name="Add a layer").click()
        expect(heading).to_have_text("10-9-9-1: 199 parameters")
        field = page.get_by_label("Units: hidden layer 2", exact=True)
        field.fill("400")
        field.press("Enter")
        expect(heading).to_have_text("10-9-64-1: 804 parameters")
        page.wait_for_function("location.search.includes('units=10-9-64-1')")
        assert count["sent"] == before
    assert query(page) == {"view": "small", "units": "10-9-64-1", "at": "1.3.5"}


def test_a_link_restores_the_view_in_a_fresh_tab(shown: Shown, page: Page) -> None:
    shown("&units=10-5-3-1&at=2.4&patient=44&lines=flow&penalty=1&seed=3")
    counted(page, "10-5-3-1: scikit-learn's arrays hold 77 numbers, our count is 77")
    expect(page.locator(".orrery h2")).to_have_text("10-5-3-1: 77 parameters")
    expect(page.locator(".readout")).to_contain_text("Unit 4 of hidden layer 1: 10 weights + 1 bias = 11.")
    expect(page.get_by_label("Patient", exact=True)).to_have_value("44")
    expect(page.get_by_label("Lines show")).to_have_value("flow")
    trained = small_trained.train((10, 5, 3, 1), 1.0, 3)
    expect(page.locator(".note")).to_contain_text(f"the network says {trained.predictions[43]:.0f}")


def test_the_browser_computes_what_scikit_learn_predicts(shown: Shown, page: Page) -> None:
    stored = small_trained.stored()
    shown("&patient=50&at=2.3")
    expect(page.locator(".readout")).to_contain_text("On for 0 of 442 patients.")
    for patient in (50, 51, 52):
        said = page.locator(".note")
        expect(said).to_contain_text(f"Patient {patient}, {'held out' if stored.held_out[patient - 1] else 'one of'}")
        expect(said).to_contain_text(f"the network says {stored.predictions[patient - 1]:.0f}")
        expect(said).to_contain_text(f"linear regression {stored.linear[patient - 1]:.0f}")
        page.get_by_role("button", name="Next patient").click()
    hidden = (stored.inputs[52] - stored.mean) / stored.scale @ stored.weights[0] + stored.biases[0]
    expect(page.locator(".network .unit.active")).to_have_count(
        10 + int((hidden > 0).sum()) + int(stored.predictions[52] > stored.target_mean)
    )


def test_another_size_is_trained_by_a_click(shown: Shown, page: Page) -> None:
    shown("")
    page.get_by_role("button", name="One fewer: hidden layer").click()
    page.get_by_role("button", name="Train it").click()
    expect(page.locator(".note")).to_contain_text("measured 151", timeout=90_000)
    expect(page.locator(".orrery h2")).to_have_text("10-7-1: 85 parameters")
    expect(page.locator(".network path.weight").first).to_be_attached()
    counted(page, "10-7-1: scikit-learn's arrays hold 85 numbers")


def test_all_numbers_can_be_taken_away(shown: Shown, page: Page) -> None:
    stored = small_trained.stored()
    shown("&at=1")
    table = pd.read_csv(io.BytesIO(download(page, "All numbers, CSV")), comment="#")
    assert len(table) == 97
    for layer in (0, 1):
        own = table[table["layer"] == layer + 1]
        ours = own[own["kind"] == "weight"].pivot_table(index="from", columns="to", values="value").to_numpy()
        np.testing.assert_array_equal(ours, stored.weights[layer])
        np.testing.assert_array_equal(own[own["kind"] == "bias"]["value"], stored.biases[layer])
    patients = pd.read_csv(io.BytesIO(download(page, "Patients, CSV")), comment="#")
    np.testing.assert_array_equal(patients["network"], stored.predictions)
    picture = download(page, "Save picture as SVG").decode()
    for words in ("10-8-1: 97 parameters", "80 weights + 8 biases = 88", "BMI 32.1", "predicted"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 10_000
    page.get_by_role("button", name="One more: outputs").click()
    expect(page.locator(".orrery h2")).to_have_text("10-8-2: 106 parameters")
    empty = pd.read_csv(io.BytesIO(download(page, "All numbers, CSV")), comment="#")
    assert len(empty) == 106
    assert empty["value"].isna().all()


def test_twenty_thousand_lines(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 1400})
    shown("&units=64-64-64-64-64-64")
    expect(page.locator(".orrery h2")).to_have_text("64-64-64-64-64-64: 20,800 parameters")
    page.get_by_role("button", name="64 × 64 + 64").nth(2).click()
    expect(page.locator(".readout")).to_contain_text("4,096 weights + 64 biases = 4,160")
    page.get_by_role("button", name="One fewer: hidden layer 4").click()
    expect(page.locator(".orrery h2")).to_have_text("64-64-64-64-63-64: 20,671 parameters")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_transformer_is_taken_apart_without_the_server(shown: Shown, page: Page) -> None:
    panel, readout = page.locator(".panel"), page.locator(".readout")
    with wire(page) as count:
        shown("&network=transformer")
        counted(page, "By formula 59,510,544: equal to torch's tensors")
        expect(page.locator(".orrery h2")).to_have_text("59,510,544 parameters")
        expect(page.locator(".orrery .body")).to_contain_text("44,140,544 of them in torch.nn.Transformer")
        expect(panel).to_contain_text("3 · 512 · 512 + 3 · 512")
        before = count["sent"]
        page.get_by_role("group", name="encoder").get_by_role("button", name="Feed-forward").click()
        expect(panel).to_contain_text("2,099,712 in each layer, 2,099,712 × 6 layers = 12,598,272")
        expect(panel).to_contain_text("linear1.weight, linear1.bias")
        page.keyboard.press("ArrowRight")
        expect(panel.locator("h3")).to_have_text("Feed-forward, decoder")
        page.keyboard.press("ArrowDown")
        expect(panel.locator("h3")).to_have_text("Cross-attention, decoder")
        page.keyboard.press("ArrowDown")
        expect(readout).to_contain_text("Self-attention: 3 · d · d + 3 · d + d · d + d = 1,050,624")
        page.keyboard.press("]")
        expect(page.locator(".orrery output")).to_have_text("layer 2 of 6")
        page.get_by_role("button", name="Open layer 5 of the encoder").click()
        expect(panel.locator("h3")).to_have_text("One encoder layer")
        expect(panel).to_contain_text("3,152,384 in each layer")
        page.keyboard.press("Home")
        expect(panel.locator("h3")).to_have_text("Final norm, encoder")
        page.wait_for_function("location.search.includes('sublayer=encoder-final')")
        assert count["sent"] == before
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(panel.locator("h3")).to_have_text("Final norm, encoder", timeout=90_000)
    expect(page.locator(".orrery output")).to_have_text("layer 5 of 6")
    picture = download(page, "Save picture as SVG").decode()
    for words in ("59,510,544 parameters", "Final norm", "Output head", "3,152,384"):
        assert words in picture
    terms = pd.read_csv(io.BytesIO(download(page, "Terms, CSV")), comment="#")
    assert terms["parameters"].tolist() == terms["in torch's tensors"].tolist()


def test_other_sizes_of_the_transformer(shown: Shown, page: Page) -> None:
    total = small_networks.formula(96, 6, 30, 100, 7).total
    shown("&network=transformer&d=96&heads=6&layers=30&mlp=100&vocabulary=7&opened=48&sublayer=decoder")
    counted(page, f"By formula {total:,}: equal to torch's tensors")
    expect(page.locator(".orrery output")).to_have_text("layer 30 of 30")
    heads = page.get_by_role("spinbutton", name="Heads h")
    heads.fill("7")
    heads.press("Enter")
    expect(page.get_by_text("A width of 96 can't be shared evenly by 7 heads: 6 would do")).to_be_visible(
        timeout=60_000
    )
    heads.fill("8")
    heads.press("Enter")
    expect(page.locator(".orrery h2")).to_have_text(f"{total:,} parameters", timeout=60_000)


@pytest.mark.parametrize("network", ["dense", "transformer"])
def test_a_strangers_words_are_only_words(network: str, shown: Shown, page: Page) -> None:
    bad = quote("<img src=x onerror=alert(1)>[a](https://example.org/)")
    with harmless(page):
        shown(f"&network={network}&units={bad}&at={bad}&sublayer={bad}&d={bad}&penalty={bad}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("rest", ["&at=2.5&lines=flow", "&network=transformer&layers=2"])
def test_axe(rest: str, scheme: str, shown: Shown, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(rest)
    counted(page, "By formula" if "transformer" in rest else "our count is 97")
    axe(page)


@pytest.mark.parametrize("rest", ["&at=1.3.5&patient=2", "&network=transformer&d=4096&mlp=65536&vocabulary=1000000"])
def test_a_narrow_screen(rest: str, shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown(rest)
    counted(page, "By formula" if "transformer" in rest else "our count is 97")
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery .body").evaluate("element => element.scrollWidth <= element.clientWidth")
