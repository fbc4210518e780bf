"""Does the designed model follow the hand? Measured in Chromium: from a slider's input event to the painted frame."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from playwright.sync_api import Browser, sync_playwright

from benchmarks.row import Row
from benchmarks.sampling import dragged
from models import designs
from pages.parts.parameters import design
from tests.browser import alone
from tests.browser.chromium import launch
from viz.components import designer


def rows() -> Iterable[Row]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size, sizes, query in (
            ("layers", "Llama 3.2 1B", ""),
            ("width", "256 experts, 10 T beside each other", "experts=256&chosen=8&layers=400&target=1e13"),
        ):
            lasted = moved(browser, size, query)
            words = f"design, {sizes}: {size} moved, event to painted frame"
            yield Row(f"{words}, median", statistics.median(lasted), "ms", at_most=50)
            yield Row(f"{words}, longest of {len(lasted)}", max(lasted), "ms")
        browser.close()


def moved(browser: Browser, size: str, query: str) -> list[float]:
    """How long each step of a size's slider took, in milliseconds."""
    page = browser.new_page()
    alone.show(page, designer, design.packed(), designer.parameters(designs.LIMITS), query, defaults=design.USUAL)
    lasted = dragged(page, f"input[data-size={size}]")
    page.close()
    return lasted
