"""Do the samplers follow the hand? Measured in Chromium: from a slider's input event to the frame that shows it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.row import Row
from models import sampling, two_bytes
from tests.browser import alone
from tests.browser.chromium import launch
from viz.components import sampler_chain as component

FRAMES = 60
ORDER = (*sampling.TRANSFORMERS, *sorted(set(sampling.NAMES) - set(sampling.TRANSFORMERS)))
USUAL = sampling.OFF | {"temperature": 0.8, "top_k": 50, "top_p": 0.95}
# Every sampler that has a slider, none of which cuts much, so that each of them has the whole vocabulary to go through.
ALL = (
    "temperature=0.9&top_k=200000&top_p=0.999&min_p=0.00000001&typical_p=0.999&epsilon_cutoff=0.000000001"
    "&eta_cutoff=0.000000001&top_n_sigma=50&repetition_penalty=1.2&presence_penalty=0.1&frequency_penalty=0.1"
)
# Notes for each event of a slider how long it took until the frame that it changed had been painted.
WATCH = """(selector) => {
  const root = document.getElementById("host").shadowRoot;
  window.lasted = [];
  root.querySelector(selector).addEventListener("input", (event) => {
    const channel = new MessageChannel(), began = event.timeStamp;
    // A message that is sent in a frame arrives after it has been painted.
    channel.port1.onmessage = () => window.lasted.push(performance.now() - began);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  });
}"""


def packed(vocabulary: int) -> bytes:
    """Logits as a model gives them, of made-up tokens."""
    random = np.random.default_rng(0)
    logits = random.normal(size=vocabulary).astype(np.float32) * 3
    coded = two_bytes.encode(logits)
    return component.pack(
        coded.codes,
        coded.low,
        coded.step,
        texts=[f" token{number}" for number in range(vocabulary)],
        context=random.integers(0, vocabulary, 30).tolist(),
        off=sampling.OFF,
        limits=sampling.LIMITS,
        orders={"transformers": sampling.TRANSFORMERS, "llama.cpp": sampling.LLAMA_CPP},
        about="made up",
        title="A chain",
        facts=[],
    )


def rows() -> Iterable[Row]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for vocabulary, at_most in ((49_152, 33), (152_000, 60)):
            data = packed(vocabulary)
            yield moved(browser, data, vocabulary, "temperature", "", "usual chain", at_most)
            yield moved(browser, data, vocabulary, "top_p", "", "usual chain", at_most)
            yield moved(browser, data, vocabulary, "temperature", ALL, "11 samplers", None)
        browser.close()


def moved(
    browser: Browser, data: bytes, vocabulary: int, sampler: str, query: str, chain: str, at_most: float | None
) -> Row:
    page = browser.new_page()
    kinds = component.parameters(sampling.LIMITS, ORDER, vocabulary)
    usual = component.defaults({name: value for name, value in USUAL.items() if name != "logit_bias"}, ORDER)
    alone.show(page, component, data, kinds, query, defaults=usual)
    lasted = dragged(page, f"[data-sampler={sampler}] input[type=range]")
    page.close()
    words = f"{vocabulary:,} tokens, {chain}: {sampler} moved, event to painted frame, median"
    return Row(words, statistics.median(lasted), "ms", at_most=at_most)


def dragged(page: Page, selector: str) -> list[float]:
    """How long each step of a slider took that a mouse drags to and fro, until it was painted, in milliseconds."""
    page.evaluate(WATCH, selector)
    slider = page.locator(selector)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    for step in range(FRAMES):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.5 * (step * 7 % FRAMES) / FRAMES), middle)
        page.wait_for_timeout(50)
    page.mouse.up()
    lasted: list[float] = page.evaluate("window.lasted")
    return lasted
