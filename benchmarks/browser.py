"""How fast is what the visitor sees? Measured in Chromium, on the running app.

First paint, the picture after its data, hover and scrub, and what crosses the websocket, beside what bertviz's page
for the same weights weighs.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np
import torch
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from transformers import GPT2Config, GPT2LMHeadModel

from benchmarks.row import Row
from models import attention, catalog, defaults
from models.corpora import CORPORA
from models.traces import AttentionTrace
from tests.browser.chromium import launch
from tests.browser.server import serving
from tests.families import tiny_tokenizer

ROUNDS = 5
READY = "[data-ready='1']"
SENTENCE = "The quick brown fox jumps over a lazy dog while seven small birds sing quietly near an old stone bridge. "

# Moves the pointer to the next target in each frame and notes how long each frame lasted, and how long its work took.
FRAMES = """async ([selector, kind, count]) => {
  const find = (root) => {
    const found = [...root.querySelectorAll(selector)];
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) found.push(...find(element.shadowRoot));
    return found;
  };
  const targets = find(document), frames = [], work = [];
  let last = await new Promise(requestAnimationFrame);
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    if (kind === "scrub") {
      targets[0].value = i % (Number(targets[0].max) + 1);
      targets[0].dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    } else {
      const target = targets[i % targets.length], box = target.getBoundingClientRect();
      const at = { bubbles: true, composed: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
      for (const name of ["pointerover", "pointerenter", "mouseover", "mouseenter", "pointermove", "mousemove"])
        target.dispatchEvent(new PointerEvent(name, { ...at, bubbles: !name.endsWith("enter") }));
    }
    work.push(performance.now() - began);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return [frames, work];
}"""
# Scrolls a box by 60 pixels in each frame and notes how long each frame lasted.
SCROLL = """async (count) => {
  const inside = (element) => element.shadowRoot && find(element.shadowRoot);
  const find = (root) => [...root.querySelectorAll("*")].reduce(
    (found, element) => found ?? (element.matches(".box") ? element : inside(element)), null);
  const box = find(document), frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let i = 0; i < count; i++) {
    box.scrollTop += 60;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""
MARK = "name => Math.max(...performance.getEntriesByName(name).map(mark => mark.startTime))"


def save_model(folder: Path) -> None:
    """A random model of GPT-2's shape, 12 layers of 12 heads, whose attention is as uneven as a trained one's."""
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=300, n_embd=144, n_positions=256, bos_token_id=1, eos_token_id=2)
    config.initializer_range = 0.15
    GPT2LMHeadModel(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)


@contextmanager
def tab(browser: Browser, url: str) -> Iterator[tuple[Page, dict[str, int]]]:
    """A page with an empty cache, drawn, and the bytes that its websocket received."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    received = {"bytes": 0}

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: received.update(bytes=received["bytes"] + len(data)))

    page.on("websocket", watch)
    page.goto(url)
    page.wait_for_selector(READY, timeout=60_000)
    yield page, received
    context.close()


def rows() -> Iterable[Row]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shaped = Path(folder) / "gpt2-shaped"
        save_model(shaped)
        offered = f"{defaults.DECODER},{defaults.ENCODER},{shaped}"
        browser = launch(playwright)
        with serving(Path(folder) / "log", ORRERY_MODELS=offered) as url:
            yield from painting(browser, url)
            yield from frames(browser, url)
            yield from payload(browser, url, shaped)
            yield from tokens(browser, url)
        browser.close()


def painting(browser: Browser, url: str) -> Iterable[Row]:
    first, after = [], []
    for _ in range(ROUNDS):
        with tab(browser, f"{url}/attention") as (page, _):
            painted = page.evaluate(MARK, "explorer-painted")
            first.append(painted)
            after.append(painted - page.evaluate(MARK, "explorer-data"))
    yield Row("/attention, default text: page load to picture", statistics.median(first), "ms", at_most=1500)
    yield Row("/attention, default text: data to picture", statistics.median(after), "ms", at_most=300)
    text = quote(SENTENCE * 5)
    with tab(browser, f"{url}/attention?view=map&text={text}") as (page, _):
        data, painted = page.evaluate(MARK, "explorer-data"), page.evaluate(MARK, "explorer-painted")
        yield Row("SmolLM2, 101 tokens, map: data to picture", painted - data, "ms", at_most=300)


def frames(browser: Browser, url: str) -> Iterable[Row]:
    text = quote(SENTENCE * 6)
    for name, view, selector, kind in (
        ("heads: hover", "heads", ".column.query .row", "hover"),
        ("heads: scrub layers", "heads", "input[type=range]", "scrub"),
        ("matrix: scrub layers", "matrix", "input[type=range]", "scrub"),
        ("text: hover", "text", ".flow .word", "hover"),
    ):
        with tab(browser, f"{url}/attention?view={view}&text={text}") as (page, _):
            lasted, worked = page.evaluate(FRAMES, [selector, kind, 90])
        words = f"SmolLM2, 121 tokens, {name}"
        yield Row(f"{words}: script a frame, median", statistics.median(worked), "ms", at_most=17)
        yield Row(f"{words}: frame, median", statistics.median(lasted), "ms", at_most=17)


def payload(browser: Browser, url: str, shaped: Path) -> Iterable[Row]:
    """What the websocket received for one page, its scripts included, beside the size of bertviz's page."""
    megabyte = 1e6
    for name, key, text, most in (
        ("12 x 12 x 64", shaped.name, (SENTENCE * 2)[:64], 0.35),
        ("SmolLM2, 30 x 9 x 128", defaults.DECODER, (SENTENCE * 7)[: _characters(SENTENCE * 7, 128)], 2.5),
    ):
        lm = catalog.load(str(shaped) if key == shaped.name else key)
        trace = attention.trace(lm, text)
        with tab(browser, f"{url}/attention?model={key}&text={quote(text)}") as (page, received):
            page.wait_for_timeout(500)
        size = "x".join(str(number) for number in trace.weights.shape[:3])
        ours = received["bytes"] / megabyte
        yield Row(f"{name}: whole page over the websocket ({size})", ours, "MB", at_most=most)
        bertviz = sum(_bertviz_bytes(trace, layer) for layer in range(trace.layers)) / megabyte
        yield Row(f"{name}: beside bertviz", ours, "MB", bertviz, "bertviz's own page")


def tokens(browser: Browser, url: str) -> Iterable[Row]:
    for path in ("/tokenizers", "/embeddings", "/next-token"):
        first = []
        for _ in range(ROUNDS):
            with tab(browser, f"{url}{path}") as (page, _):
                first.append(page.evaluate(MARK, "figure-painted"))
        yield Row(f"{path}, default view: page load to picture", statistics.median(first), "ms", at_most=1500)
    text = CORPORA["english"].read()
    with tab(browser, f"{url}/tokenizers?text={quote(text[: _characters(text, 20_000)])}") as (page, _):
        lasted = page.evaluate(SCROLL, 240)
    words = "20,000 tokens of SmolLM2 beside 7 other tokenizers' own"
    yield Row(f"{words}, scrolled by 60 pixels a frame: frame, median", statistics.median(lasted), "ms", at_most=17)


def _bertviz_bytes(trace: AttentionTrace, layer: int) -> int:
    """What bertviz itself would send for one layer, from its own function."""
    from bertviz import head_view

    weights = torch.from_numpy(np.array(trace.weights[layer]))[None]
    page = head_view([weights], list(trace.tokens), html_action="return")
    return len(page.data.encode())


def _characters(text: str, tokens: int) -> int:
    """How many characters of a text are so many tokens."""
    offsets = catalog.tokenizer(defaults.DECODER)(text, return_offsets_mapping=True)["offset_mapping"]
    return int(offsets[tokens - 1][1])
