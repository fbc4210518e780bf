"""Make the README's pictures from the running app: `make pictures`, or `python -m tests.browser.pictures`."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import DRAWN, SETTLED, launch
from tests.browser.server import ROOT, serving

FOLDER: Final = ROOT / "pictures"
LIMIT: Final = 300_000  # bytes; a repository keeps every version of every picture
HARRY: Final = "Mr Harry Potter met Ron. The next day Mr Harry Potter met Hermione."


@dataclass(frozen=True)
class Picture:
    """One picture of the app."""

    name: str
    path: str
    query: dict[str, str]
    theme: Literal["light", "dark"] = "light"
    height: int = 920


PICTURES: Final = (
    Picture("home", "/", {}, height=820),
    Picture("compare", "/tokenizers", {}, height=1000),
    Picture("lattice", "/tokenizers", {"view": "unigram"}, theme="dark", height=1000),
    Picture("words", "/embeddings", {}, height=1000),
    Picture("context", "/embeddings", {"view": "context", "layer": "5"}, theme="dark", height=1000),
    Picture("distribution", "/next-token", {}, height=1100),
    Picture("xray", "/next-token", {"view": "xray"}, theme="dark", height=1000),
    Picture("parameters", "/parameters", {"model": "llama-3-8b"}, theme="dark", height=1000),
    Picture("walk", "/inside", {"stage": "attention.weights", "layer": "23", "head": "4"}, height=1100),
    Picture("patch", "/inside", {"view": "patch"}, theme="dark", height=1100),
    Picture("heads", "/attention", {}),
    Picture("map", "/attention", {"view": "map", "sort": "induction"}),
    Picture(
        "matrix",
        "/attention",
        {"text": HARRY, "view": "matrix", "layer": "17", "head": "4", "token": "10"},
        theme="dark",
        height=1060,
    ),
)


def take(page: Page, url: str, picture: Picture) -> bytes:
    """The picture as a small PNG."""
    page.set_viewport_size({"width": 1280, "height": picture.height})
    page.emulate_media(color_scheme=picture.theme, reduced_motion="reduce")
    page.goto(f"{url}{picture.path}?{urlencode(picture.query)}")
    page.wait_for_selector("h1")
    if picture.path != "/":
        page.locator(DRAWN).first.wait_for(state="attached", timeout=120_000)  # a first run may load a model
    page.wait_for_selector(SETTLED)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # fonts and the last frame
    # 256 colours are enough for a page of few, and a third of the size.
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small = io.BytesIO()
    drawn.save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "log.txt") as url,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for picture in PICTURES:
            page = browser.new_context(device_scale_factor=1.5).new_page()
            blob = take(page, url, picture)
            page.context.close()
            if len(blob) > LIMIT:
                raise ValueError(f"{picture.name}.png has {len(blob):,} bytes; at most {LIMIT:,} are wanted")
            (FOLDER / f"{picture.name}.png").write_bytes(blob)
            print(f"{picture.name}.png {len(blob) // 1000} KB")
        browser.close()


if __name__ == "__main__":
    main()
