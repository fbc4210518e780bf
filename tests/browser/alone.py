"""How does a test open one component in a tab, without the app?"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import parse_qsl

from playwright.sync_api import Page

from viz import page as frame
from viz import state, theme
from viz.components import shared

ADDRESS: Final = "http://localhost/alone"
HOST: Final = "document.getElementById('host').shadowRoot"
HTML: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>A component</title>
<style>html {{ color-scheme: {scheme}; background: {paper}; color: {ink} }} body {{ margin: 0 }}</style>
<main><h1>A component</h1><div id="host"></div></main>
<script type="text/plain" id="script">{script}</script><script type="text/plain" id="style">{style}</script>
<script type="module">
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (id) => new TextDecoder().decode(bytes(document.getElementById(id).textContent));
const root = document.getElementById("host").attachShadow({{ mode: "open" }});
root.appendChild(document.createElement("style")).textContent = text("style");
const source = text("script").replace("figure = new Kind(", "figure = window.figure = new Kind(");
const module = await import(URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }})));
const setStateValue = (name, value) => {{ window.asked = [name, value]; }};
window.close_ = module.default({{ data: bytes("{blob}"), parentElement: root, setStateValue }});
</script></html>"""


def show(
    page: Page,
    component: ModuleType,
    packed: bytes,
    kinds: Mapping[str, state.Kind],
    query: str = "",
    *,
    width: int = 1280,
    scheme: str = "light",
    **more: Any,
) -> Page:
    """A figure at a link, as a page of the app would open it: what the link says is read in Python.

    `more` is for the component's function. The tab has `figure` (the figure itself), `close_()`, and `asked`: what the
    server was told last, [name, value].
    """
    values, _ = state.read(kinds, dict(parse_qsl(query)))
    sent: list[bytes] = []
    scripts: list[Path] = []

    def renderer(*folders: Path) -> Any:
        scripts.extend(folders)
        return lambda data, **rest: sent.append(data)

    face = getattr(component, component.__name__.rpartition(".")[2])  # point_cloud.point_cloud
    outside = patch.multiple(frame, presenting=lambda: False, showing=lambda: None)  # no page is around it
    with patch.object(shared, "renderer", renderer), outside:
        face(packed, key="alone", state=values, **more)
    body = HTML.format(
        scheme=scheme,
        paper=theme.PAPER[scheme]["paper"],
        ink=theme.PAPER[scheme]["ink"],
        script=coded(shared.script(*scripts).encode()),
        style=coded(shared.style(component.FOLDER).encode()),
        blob=coded(sent[0]),
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.unroute_all()
    page.route(f"{ADDRESS}**", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{ADDRESS}?{query}")
    page.wait_for_selector("#host[data-ready]")
    return page


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def view(page: Page) -> dict[str, Any]:
    """What the figure's state is now, once it is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return dict(page.evaluate("window.figure.state"))
