"""The home page's picture in a browser: real links, real numbers or none, at every width, for everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from models.traces import AttentionTrace
from tests.random_trace import random_trace
from viz import theme
from viz.components import machine as component

SLUGS = ("tokenizers", "embeddings", "attention", "inside", "parameters", "next-token")
DOORS = {slug: slug for slug in SLUGS} | {"next-token": "next-token?top_k=5"}
WORDS = ("The", " animal", " didn", "'t", " cross", " the", " street", " because", " it", " was", " tired")
WIDTHS = (390, 800, 1000, 1400, 1900)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def data(
    monkeypatch: pytest.MonkeyPatch, trace: AttentionTrace | None, layer: int = 0, head: int = 0
) -> dict[str, Any]:
    """What the Python face hands to the browser."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_component", lambda data, key: sent.append(data))
    component.machine(DOORS, trace=trace, layer=layer, head=head)
    return sent[0]


def draw(page: Page, values: dict[str, Any], width: int = 1400, scheme: str = "light") -> None:
    """Mounts the component as Streamlit does: its script as a module, its root a shadow root."""
    folder = Path(component.__file__).parent
    paper, ink = theme.PAPER[scheme]["paper"], theme.PAPER[scheme]["ink"]
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(
        f'<!doctype html><html lang="en"><title>Home</title><style>html {{ color-scheme: {scheme}; '
        f"background: {paper}; color: {ink} }} body {{ margin: 0 }}</style>"
        "<main><h1>Home</h1><div id=host></div></main>"
    )
    page.evaluate(
        """async ([script, style, data]) => {
            const root = document.getElementById("host").attachShadow({ mode: "open" });
            root.appendChild(document.createElement("style")).textContent = style;
            const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
            window.close_ = module.default({ data, parentElement: root });
        }""",
        [
            (folder / "machine.js").read_text("utf-8"),
            (folder / "machine.css").read_text("utf-8"),
            json.loads(json.dumps(values)),
        ],
    )
    page.locator("svg").wait_for()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_a_link(page: Page, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    draw(page, data(monkeypatch, None), width)
    links = page.locator("svg a").all()
    assert sorted(str(link.get_attribute("href")) for link in links) == sorted(DOORS.values())
    titles = {link.get_attribute("href"): str(link.get_attribute("aria-label")).split(":")[0] for link in links}
    assert titles["attention"] == "Attention"
    assert titles["next-token?top_k=5"] == "Next token"
    seen = []
    for _ in links:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.getElementById('host').shadowRoot.activeElement.getAttribute('href')"))
    assert seen == [link.get_attribute("href") for link in links]


@pytest.mark.parametrize("width", WIDTHS)
def test_without_a_trace_there_is_no_number(page: Page, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    draw(page, data(monkeypatch, None), width)
    words = " ".join(page.locator("svg text, svg title, svg desc, svg .text").all_text_contents())
    assert "softmax" in words
    assert not re.search(r"\d", words)
    assert page.locator(".weight").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_drawn_of_a_trace_is_the_traces_own(page: Page, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    trace = random_trace(WORDS, layers=4, heads=3)
    draw(page, data(monkeypatch, trace, layer=2, head=1), width)
    shown = component.LANES if width > 600 else 5
    assert page.locator("text.token > title").all_text_contents() == list(WORDS[:shown])
    assert page.locator("text.id").all_text_contents() == [str(token) for token in trace.token_table.ids[:shown]]
    drawn = [float(str(line.get_attribute("stroke-width"))) for line in page.locator(".weight").all()]
    exact = trace.weights[2, 1, shown - 1, :shown]
    assert [width / sum(drawn) for width in drawn] == pytest.approx(exact.tolist(), rel=1e-5)
    words = " ".join(page.locator("svg a[href=attention] text.words").all_text_contents())
    assert f"where “{WORDS[shown - 1].strip()}” looks in layer 2, head 1 of org/model" in words
    assert page.get_by_text("× 4 layers").count() == 1
    assert page.locator(".text").text_content() == "".join(WORDS[:shown]) + " …"


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out(page: Page, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    draw(page, data(monkeypatch, random_trace(("W" * 40,) * 12)), width)
    outside = page.locator("svg *:not(defs *, title, desc)").evaluate_all(
        """(all) => all.map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.left < -9 || box.right > innerWidth + 9)).map(([text]) => text)"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_new_width_is_a_new_drawing(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(page, data(monkeypatch, None), 1400)
    flat = page.locator("svg").bounding_box()
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function(
        "document.getElementById('host').shadowRoot.querySelector('svg').viewBox.baseVal.width === 390"
    )
    tall = page.locator("svg").bounding_box()
    assert flat is not None
    assert tall is not None
    assert flat["width"] > flat["height"]
    assert tall["height"] > tall["width"]
    assert page.locator("svg").count() == 1


def test_it_leaves_nothing_behind(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(page, data(monkeypatch, None))
    page.evaluate("window.close_()")
    assert page.locator(".machine").count() == 0


def test_strangers_tokens_do_nothing(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = (
        "<img src=x onerror='window.owned = 1'>",
        "</text><script>window.owned = 1</script>",
        "javascript:alert(1)",
    )
    draw(page, data(monkeypatch, random_trace(hostile)))
    assert page.locator("text.token > title").all_text_contents() == list(hostile)
    assert page.locator("img, #host script").count() == 0
    assert page.evaluate("window.owned") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing(page: Page, monkeypatch: pytest.MonkeyPatch, scheme: str, width: int) -> None:
    draw(page, data(monkeypatch, random_trace(WORDS)), width, scheme)
    found = Axe().run(page).response["violations"]
    assert [(finding["id"], finding["nodes"][0]["html"]) for finding in found] == []


def test_an_encoder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="draws a decoder"):
        data(monkeypatch, random_trace(WORDS, causal=False))
