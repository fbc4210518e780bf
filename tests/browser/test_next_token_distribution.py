"""The view "distribution" in a real browser: the whole vocabulary follows the hand, and the link keeps it."""

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
from playwright.sync_api import Locator, Page, expect

from models import catalog, next_token, sampling, traces, two_bytes
from models.traces import NextTokenTrace, SamplerName
from tests.browser import alone
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire
from viz.components import sampler_chain as component

Visit = Callable[[str], Page]
Open = Callable[..., Page]
ORDER = (*sampling.TRANSFORMERS, *sorted(set(sampling.NAMES) - set(sampling.TRANSFORMERS)))
USUAL = sampling.OFF | {"temperature": 0.8, "top_k": 50, "top_p": 0.95}
KINDS = component.parameters(sampling.LIMITS, ORDER, 5_000)
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"
CONTEXT = [17, 17, 4]


@pytest.fixture(scope="module")
def trace() -> NextTokenTrace:
    return next_token.predict(catalog.load("smollm2-135m"), "My favourite animal is the")


def made_up(vocabulary: int = 5_000) -> np.ndarray:
    logits = (np.random.default_rng(5).normal(size=vocabulary) * 3).astype(np.float32)
    logits[9] = -np.inf
    return logits


@pytest.fixture
def show(page: Page) -> Open:
    """Opens the figure alone, on made-up logits, at a link."""

    def go(query: str = "", texts: list[str] | None = None, width: int = 1280, scheme: str = "light") -> Page:
        coded = two_bytes.encode(made_up())
        packed = component.pack(
            coded.codes, coded.low, coded.step, texts=texts or [f" t{number}" for number in range(5_000)],
            context=CONTEXT, off=sampling.OFF, limits=sampling.LIMITS, about="made up", title="A chain",
            orders={"transformers": sampling.TRANSFORMERS, "llama.cpp": sampling.LLAMA_CPP}, facts=["a fact"],
        )  # fmt: skip
        usual = component.defaults({name: value for name, value in USUAL.items() if name != "logit_bias"}, ORDER)
        return alone.show(page, component, packed, KINDS, query, width=width, scheme=scheme, defaults=usual)

    return go


def column(page: Page, name: str) -> Locator:
    return page.locator(f"[data-sampler={name}]")


def columns(page: Page) -> list[str]:
    return [str(one.get_attribute("data-sampler")) for one in page.locator(".column").all()]


def measure(page: Page, name: str, which: str) -> str:
    return column(page, name).locator(f"[data-measure={which}]").inner_text()


def settled(page: Page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def ours(chain: list[tuple[SamplerName, Any]]) -> Any:
    return sampling.run(two_bytes.encode(made_up()).logits, chain, CONTEXT)


def slide(page: Page, name: str, at: int) -> None:
    """Puts a slider where a hand would leave it, with the events of one."""
    column(page, name).locator("input[type=range]").evaluate(
        "(e, at) => { e.value = at; e.dispatchEvent(new Event('input', { bubbles: true, composed: true })); }", at
    )
    settled(page)


def same_as_python(page: Page, chain: list[tuple[SamplerName, Any]]) -> None:
    """Every column on show, and the orders below, are those of models/sampling.py."""
    found = ours(chain)
    assert columns(page) == ["logits", *(name for name, _ in chain)]
    for stage in found.stages:
        assert measure(page, stage.name, "kept") == f"{stage.kept:,}"
        assert measure(page, stage.name, "cut") == f"{stage.cut:,}"
        assert measure(page, stage.name, "entropy") == f"{stage.entropy:.2f} bits"
        chances = page.evaluate(
            "(i) => { const s = [window.figure.first, ...window.figure.known.map((k) => k.stage)][i];"
            " return [...s.order].map((id, at) => [id, s.p[at]]); }",
            found.stages.index(stage),
        )
        full = np.zeros(5_000)
        full[[int(token) for token, _ in chances]] = [share for _, share in chances]
        np.testing.assert_allclose(full, stage.probabilities, rtol=1e-9, atol=1e-15)


def test_the_page_shows_the_models_own(visit: Visit, page: Page, trace: NextTokenTrace) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    visit("/next-token").wait_for_selector(READY)
    found = sampling.run(trace.logits, [("temperature", 0.8), ("top_k", 50), ("top_p", 0.95)])
    assert columns(page) == ["logits", "temperature", "top_k", "top_p"]
    for stage in found.stages:
        assert measure(page, stage.name, "kept") == f"{stage.kept:,}"
        assert measure(page, stage.name, "entropy") == f"{stage.entropy:.2f} bits"
        best = int(stage.probabilities.argmax())
        row = column(page, stage.name).locator(".row").first
        expect(row).to_contain_text("◆")
        shown = float(row.locator(".p").inner_text().rstrip("%"))
        assert shown == pytest.approx(100 * stage.probabilities[best], abs=0.051)
    rows = column(page, "top_p").locator(".row .p").all_inner_texts()
    rest = float(column(page, "top_p").locator(".rest").inner_text().split(": ")[1].rstrip("%"))
    assert sum(float(row.rstrip("%")) for row in rows) + rest == pytest.approx(100, abs=0.2)
    expect(page.get_by_text("49,152 probabilities equal those of transformers' own samplers").first).to_be_visible(
        timeout=60_000
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_hand_sends_nothing_and_the_link_keeps_it(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        visit("/next-token").wait_for_selector(READY)
        expect(page.get_by_text("probabilities equal those").first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(500)
        before = count["sent"]
        slider = column(page, "temperature").locator("input[type=range]")
        box = slider.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=8)
        page.mouse.up()
        page.get_by_role("button", name="+ Min-p").click()
        page.get_by_role("button", name="Switch off Top-k").click()
        column(page, "top_p").locator(".row").nth(3).click()
        grip = page.get_by_role("button", name="Move Top-p")
        grip.focus()
        page.keyboard.press("ArrowLeft")
        expect(grip).to_be_focused()
        page.wait_for_function(
            "['temperature', 'min_p', 'top_k', 'order', 'token'].every(x => location.search.includes(x + '='))"
        )
        page.wait_for_timeout(300)
        assert count["sent"] == before
    asked = query(page)
    assert float(asked["temperature"]) == pytest.approx(1.2, abs=0.1)
    assert asked["top_k"] == "0"
    assert columns(page) == ["logits", "top_p", "temperature", "min_p"]
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    assert columns(again) == columns(page)
    assert again.locator(".columns").inner_text() == page.locator(".columns").inner_text()


def test_check_compares_what_the_browser_worked_out(visit: Visit, page: Page, trace: NextTokenTrace) -> None:
    left = sampling.run(trace.logits, [("temperature", 0.8), ("top_k", 20), ("top_n_sigma", 3.0)]).stages[-1].kept
    visit("/next-token?top_p=1&top_n_sigma=3").wait_for_selector(READY)
    column(page, "top_k").get_by_role("textbox").fill("20")
    page.keyboard.press("Enter")
    expect(column(page, "top_k").locator("[data-measure=kept]")).to_have_text("20")
    page.get_by_role("button", name="Check this chain").click()
    expect(page.get_by_text(f"{left} probabilities equal those of").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("compared: what your browser worked out")).to_be_visible()
    expect(page.get_by_text("by its definition: Top-nσ")).to_be_visible()
    expect(page.get_by_text("checked: see below")).to_be_visible()
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    assert (table["after_top_k"] > 0).sum() == 20
    assert table["after_top_k"].sum() == pytest.approx(1)
    assert isinstance(traces.from_bytes(download(page, "Trace")), NextTokenTrace)
    slide(page, "top_k", 500)
    expect(page.get_by_text("changed since the check")).to_be_visible()


def test_other_views_lose_nothing(visit: Visit, page: Page) -> None:
    visit("/next-token?temperature=0.5&min_p=0.1&token=582").wait_for_selector(READY)
    for other in ("Softmax by hand", "Generate", "X-ray a text"):
        page.get_by_role("button", name=other).or_(page.get_by_role("radio", name=other)).click()
        page.wait_for_function("!['min_p', 'temperature=0.5'].some((x) => location.search.includes(x))")
        page.get_by_role("button", name="Distribution").or_(page.get_by_role("radio", name="Distribution")).click()
        expect(column(page, "min_p").locator("h3")).to_have_text("Min-p 0.1")
        expect(column(page, "temperature").locator("h3")).to_have_text("Temperature 0.5")
        page.wait_for_function("location.search.includes('min_p=0.1') && location.search.includes('temperature=0.5')")
        assert query(page)["token"] == "582"
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)


def test_a_figure_comes_back_as_the_hand_left_it(visit: Visit, page: Page) -> None:
    def switch(view: str) -> None:
        page.get_by_role("button", name=view).or_(page.get_by_role("radio", name=view)).click()

    heading = column(page, "temperature").locator("h3")
    visit("/next-token").wait_for_selector(READY)
    for value in ("0.3", "0.4", "0.8"):  # the last one is usual, and in no link
        box = column(page, "temperature").locator("input:not([type=range])")
        box.fill(value)
        box.press("Enter")
        expect(heading).to_have_text(f"Temperature {value}")
        switch("Softmax by hand")
        page.wait_for_function("!location.search.includes('temperature')")
        switch("Distribution")
        expect(heading).to_have_text(f"Temperature {value}")
        page.wait_for_function(f"location.search.includes('temperature={value}') === {str(value != '0.8').lower()}")


@pytest.mark.parametrize(
    ("link", "chain"),
    [
        ("", [("temperature", 0.8), ("top_k", 50), ("top_p", 0.95)]),
        ("temperature=0&top_k=0&top_p=1", [("temperature", 0.0)]),
        ("temperature=1e-9&top_k=0&top_p=1", [("temperature", 1e-9)]),
        ("temperature=1e9&top_k=1000000000&top_p=0", [("temperature", 1e9), ("top_k", 10**9), ("top_p", 0.0)]),
        (
            "temperature=1&top_k=0&top_p=1&min_p=1&epsilon_cutoff=1&eta_cutoff=1&top_n_sigma=0&typical_p=0",
            [("min_p", 1.0), ("typical_p", 0.0), ("epsilon_cutoff", 1.0), ("eta_cutoff", 1.0), ("top_n_sigma", 0.0)],
        ),
        (
            "logit_bias=3:8,9:5&repetition_penalty=1.5&presence_penalty=-1&frequency_penalty=2&order=top_p,top_k,temperature",
            [
                ("top_p", 0.95), ("top_k", 50), ("temperature", 0.8), ("logit_bias", {3: 8.0, 9: 5.0}),
                ("repetition_penalty", 1.5), ("frequency_penalty", 2.0), ("presence_penalty", -1.0),
            ],
        ),
    ],
)  # fmt: skip
def test_every_chain_is_the_servers(link: str, chain: list[tuple[SamplerName, Any]], show: Open) -> None:
    page = show(link)
    same_as_python(page, chain)


def test_the_slider_recomputes_what_follows_it(show: Open) -> None:
    page = show("min_p=0.01")
    slide(page, "top_k", 400)
    count = int(page.evaluate("window.figure.state.top_k"))
    assert count == round(5_000**0.4)
    same_as_python(page, [("temperature", 0.8), ("top_k", count), ("top_p", 0.95), ("min_p", 0.01)])
    slide(page, "temperature", 0)
    same_as_python(page, [("temperature", 0.0), ("top_k", count), ("top_p", 0.95), ("min_p", 0.01)])
    slide(page, "temperature", 1000)
    same_as_python(page, [("temperature", 2.0), ("top_k", count), ("top_p", 0.95), ("min_p", 0.01)])


def test_a_column_is_dragged(show: Open) -> None:
    page = show()
    grip = page.get_by_role("button", name="Move Top-p")
    start, end = grip.bounding_box(), column(page, "temperature").bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, start["y"] + 5, steps=12)
    page.mouse.up()
    same_as_python(page, [("top_p", 0.95), ("temperature", 0.8), ("top_k", 50)])
    assert page.evaluate("window.figure.state.order").startswith(
        "logit_bias,repetition_penalty,top_p,temperature,top_k"
    )
    page.get_by_role("button", name="llama.cpp’s").click()
    settled(page)
    same_as_python(page, [("top_k", 50), ("top_p", 0.95), ("temperature", 0.8)])
    expect(page.get_by_role("button", name="llama.cpp’s")).to_have_attribute("aria-pressed", "true")


def test_the_two_orders_are_compared(show: Open) -> None:
    page = show("epsilon_cutoff=0.01")
    expect(page.locator(".apart")).to_contain_text("Total variation distance")
    own = ours([("temperature", 0.8), ("top_k", 50), ("top_p", 0.95), ("epsilon_cutoff", 0.01)])
    other = ours([("top_k", 50), ("top_p", 0.95), ("temperature", 0.8)])
    apart = np.abs(own.probabilities - other.probabilities).sum() / 2
    assert float(page.locator(".apart b").inner_text().rstrip("%")) == pytest.approx(100 * apart, abs=0.06)
    left, right = page.locator(".both > div").all()
    expect(left).to_contain_text(f"keeps {own.stages[-1].kept} tokens")
    expect(right).to_contain_text(f"keeps {other.stages[-1].kept} tokens")
    expect(right).to_contain_text("it has no Epsilon cut-off")
    more = np.flatnonzero((other.probabilities > 0) & (own.probabilities == 0))
    best = more[np.argsort(-other.probabilities[more])][:6]
    assert right.locator(".only .tok").all_inner_texts() == [f"␣t{token}" for token in best]


def test_a_token_is_followed_by_the_keys(show: Open) -> None:
    page = show()
    column(page, "top_k").locator(".rows").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    settled(page)
    order = np.argsort(-made_up(), kind="stable")
    assert page.evaluate("window.figure.state.token") == order[4]
    found = ours([("temperature", 0.8)])
    expect(column(page, "temperature").locator(".followed")).to_contain_text(
        f"rank 5 · {100 * found.probabilities[order[4]]:.2f}%"
    )
    page = show("top_k=3&token=77")
    expect(column(page, "top_k").locator(".followed")).to_have_text("cut here")
    expect(column(page, "top_p").locator(".followed")).to_have_text("cut before")
    rows = column(page, "top_k").locator(".row")
    expect(rows).to_have_count(16)
    assert rows.locator(".p").all_inner_texts().count("cut") == 13
    names = [column(page, name).locator(".row .tok").all_inner_texts() for name in columns(page)]
    assert names.count(names[0]) == 4  # the same token on the same row


def test_biases_are_found_by_text_and_by_id(show: Open) -> None:
    page = show()
    page.get_by_role("button", name="+ Logit bias").click()
    find = page.get_by_label("Find a token by its text or id")
    expect(find).to_be_focused()
    find.press_sequentially("t41")
    page.get_by_role("button", name="Bias on token 41", exact=True).click()
    expect(page.get_by_role("textbox", name="Bias on token 41", exact=True)).to_have_value("5")
    find.fill("4000")
    find.press("Enter")
    box = page.get_by_role("textbox", name="Bias on token 4000", exact=True)
    box.fill("-2.5")
    box.press("Enter")
    settled(page)
    assert page.evaluate("window.figure.state.logit_bias") == "41:5,4000:-2.5"
    usual: list[tuple[SamplerName, Any]] = [("temperature", 0.8), ("top_k", 50), ("top_p", 0.95)]
    same_as_python(page, [("logit_bias", {41: 5.0, 4000: -2.5}), *usual])
    find.fill("nowhere")
    find.press("Enter")
    expect(page.locator(".said").first).to_contain_text(
        "No token begins with “nowhere”; type another text, or an id from 0 to 4,999."
    )
    box.fill("much")
    box.press("Enter")
    expect(page.locator(".said").first).to_contain_text("A bias must be a number")
    assert page.evaluate("window.figure.state.logit_bias") == "41:5,4000:-2.5"
    page.get_by_role("button", name="Switch off Logit bias").click()
    settled(page)
    same_as_python(page, usual)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("temperature", "-1", "Temperature must be 0, or a number from 0.000000001 to 1,000,000,000; it stays at 0.8."),
        ("temperature", "1e-10", "it stays at 0.8"),
        ("top_k", "2.5", "Top-k must be a whole number from 0 to 1,000,000,000; it stays at 50."),
        ("top_p", "much", "Top-p must be a number from 0 to 1; it stays at 0.95."),
        ("top_p", "", "it stays at 0.95"),
    ],
)
def test_what_cannot_be_typed_is_told(name: str, typed: str, said: str, show: Open) -> None:
    page = show()
    box = column(page, name).get_by_role("textbox")
    before = box.input_value()
    box.fill(typed)
    box.press("Enter")
    expect(page.locator(".said").first).to_contain_text(said)
    expect(box).to_have_value(before)
    assert page.evaluate("location.search") == ""


def test_a_sampler_keeps_its_column_while_it_is_held(show: Open) -> None:
    page = show()
    slider = column(page, "top_p").locator("input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    settled(page)
    assert columns(page)[-1] == "top_p"
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    settled(page)
    same_as_python(page, [("temperature", 0.8), ("top_k", 50), ("top_p", 0.0)])
    page.keyboard.press("End")
    page.get_by_role("button", name="Copy link").focus()
    settled(page)
    assert columns(page) == ["logits", "temperature", "top_k"]


def test_pictures_hold_what_is_shown(show: Open) -> None:
    page = show()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    best = int(np.argmax(made_up()))
    for word in (f"␣t{best}", "Top-p ", "0.95", "Chain: Temperature 0.8 → Top-k 50 → Top-p 0.95", "a fact"):
        assert word in drawing
    assert drawing.count("<path") >= 8
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


def test_strangers_tokens_are_words(show: Open) -> None:
    texts = [HOSTILE, "\u202eright", "\n\n", "", *(f"<b>{number}</b>" for number in range(4_996))]
    logits = made_up()
    page = show(f"token={int(np.argmax(logits))}&top_p=1&logit_bias=0:60,1:60,2:60,3:60", texts)
    settled(page)
    page.get_by_label("Find a token by its text or id").fill("<b>1")
    words = json.dumps(page.locator(".column").last.locator(".tok").all_inner_texts(), ensure_ascii=False)
    assert "U+202Eright" in words
    assert "⏎⏎" in words
    assert page.evaluate("window.figure.root.querySelectorAll('script, img, b b').length") == 0


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&order={quote(HOSTILE)}&logit_bias={quote(HOSTILE)}",
        "temperature=1e999&top_k=-1&token=1e9&seed=-1&draws=9999999&model=%3Cscript%3E",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/next-token?{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, show: Open, axe: Callable[[Page], None]) -> None:
    page = show("logit_bias=3:8&top_k=5&typical_p=0.5&token=77", scheme=scheme)
    expect(page.locator(".apart")).to_contain_text("Total variation distance")
    axe(page)


def test_a_phones_width_is_enough(show: Open) -> None:
    page = show("logit_bias=3:8&typical_p=0.5", width=390)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.figure.place.scrollWidth > window.figure.place.clientWidth")
    column(page, "top_p").scroll_into_view_if_needed()
    expect(column(page, "top_p").locator("input[type=range]")).to_be_in_viewport()
