"""What does opening a pass up cost, and how fast does one turn its pages?

The walk: from the text to the trace of one position (tokens described, pass, every stage computed again and held
against the model's own tensors). The reference: the same tokenizer and model on the same text, called by themselves.
The two alternate; medians are compared. The figure: from a key to the next picture, in Chromium, on the running app.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser import tab
from benchmarks.embeddings import alternate
from benchmarks.engine import text
from benchmarks.row import Row
from benchmarks.surprise import bare
from models import catalog, defaults, forward
from models.language_model import LanguageModel
from tests.browser.chromium import launch
from tests.browser.server import serving

LENGTHS = (33, 64)
# Presses a key in each turn, and notes how long it takes until the picture is there.
STEPS = """async ([key, count]) => {
  const find = (root) => [...root.querySelectorAll("*")].reduce((found, element) => found ??
    (element.matches(".orrery .control button") ? element : element.shadowRoot && find(element.shadowRoot)), null);
  const button = find(document), lasted = [];
  for (let i = 0; i < count; i++) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    button.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    lasted.push(performance.now() - began);
  }
  return lasted;
}"""


def rows() -> Iterable[Row]:
    yield from passes(catalog.load(defaults.DECODER))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        with serving(Path(folder) / "log") as url:
            for key, what in (("ArrowRight", "the next stage"), ("]", "the next layer"), ("h", "the next head")):
                with tab(browser, f"{url}/inside?stage=attention.weights") as (page, _):
                    lasted = page.evaluate(STEPS, [key, 25])
                yield Row(f"Walk: {what}, key to picture, median", statistics.median(lasted), "ms", at_most=50)
        browser.close()


def passes(language_model: LanguageModel) -> Iterable[Row]:
    for length in LENGTHS:
        asked = text(length, 0)
        count = len(language_model.encode(asked).ids)
        ours, alone = alternate(
            partial(forward.walk, language_model, asked, position=-1), partial(bare, language_model, asked)
        )
        yield Row(f"Walk of one of {count} tokens: text to trace", ours, "ms", alone, "bare pass", 1.3)
