"""Does the map of words follow the hand? Measured in Chromium, on the running app, by dragging it in each frame."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import MARK, ROUNDS, tab
from benchmarks.row import Row
from models import stored_map
from tests.browser.chromium import launch
from tests.browser.server import serving

FRAMES = 150
# Drags the picture round in a circle, a step in each frame, and notes how long each frame lasted.
DRAG = """async (count) => {
  const inside = (element) => element.shadowRoot && find(element.shadowRoot);
  const find = (root) => [...root.querySelectorAll("*")].reduce(
    (found, element) => found ?? (element.matches(".stage") ? element : inside(element)), null);
  const stage = find(document), box = stage.getBoundingClientRect(), frames = [];
  stage.setPointerCapture = () => {};
  const send = (type, step) => stage.dispatchEvent(new PointerEvent(type, { pointerId: 1, bubbles: true, composed: true,
    clientX: box.x + box.width / 2 + 100 * Math.sin(step / 15),
    clientY: box.y + box.height / 2 + 100 * Math.cos(step / 15) }));
  send("pointerdown", 0);
  let last = await new Promise(requestAnimationFrame);
  for (let step = 1; step <= count; step++) {
    send("pointermove", step);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  send("pointerup", count);
  return frames;
}"""


def rows() -> Iterable[Row]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        with serving(Path(folder) / "log") as url:
            yield from painting(browser, f"{url}/embeddings?view=map")
            # A screen's frame lasts 16.7 ms, or two of them 33.3.
            yield dragging(browser, f"{url}/embeddings?view=map", stored_map.WORDS, 17)
            yield dragging(browser, f"{url}/embeddings?view=map&size={stored_map.ALL}", stored_map.ALL, 34)
        browser.close()


def painting(browser: Browser, url: str) -> Iterable[Row]:
    painted, received = [], 0
    for _ in range(ROUNDS):
        with tab(browser, url) as (page, bytes_):
            painted.append(page.evaluate(MARK, "figure-painted"))
            received = bytes_["bytes"]
    words = f"map of {stored_map.WORDS:,} words"
    yield Row(f"{words}: page load to picture", statistics.median(painted), "ms", at_most=1500)
    yield Row(f"{words}: whole page over the websocket", received / 1e6, "MB", at_most=0.6)


def dragging(browser: Browser, url: str, count: int, at_most: float) -> Row:
    with tab(browser, url) as (page, _):
        lasted = page.evaluate(DRAG, FRAMES)
    return Row(f"map of {count:,} words, dragged: frame, median", statistics.median(lasted), "ms", at_most=at_most)
