"""What does a test see of a tab besides its picture? What crosses the websocket, the address, files, harm done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Dialog, Page, WebSocket, expect


@contextmanager
def wire(page: Page) -> Iterator[dict[str, int]]:
    """Counts what crosses the websocket, for pages opened inside the block: {"sent": frames, "received": bytes}."""
    count = {"sent": 0, "received": 0}

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: count.update(sent=count["sent"] + 1))
        socket.on("framereceived", lambda payload: count.update(received=count["received"] + len(payload)))

    page.on("websocket", watch)
    yield count


def query(page: Page) -> dict[str, str]:
    """The parameters in the address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def download(page: Page, name: str) -> bytes:
    """The file that a button makes."""
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return Path(caught.value.path()).read_bytes()


@contextmanager
def harmless(page: Page) -> Iterator[None]:
    """A stranger's link is opened inside the block: nothing of it may run, be fetched, or break the page."""
    alerts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    yield
    expect(page.get_by_role("heading", name="What to notice")).to_be_visible()
    page.wait_for_timeout(1000)  # what does harm would do it by now
    assert alerts == []
    assert page.locator("img[src='x'], img[src*='example.org']").count() == 0
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
