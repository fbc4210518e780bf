"""The app works without a network: nothing that a page loads comes from beyond this machine."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage, Page

PAGES = (
    "/",
    "/attention",
    "/tokenizers",
    "/tokenizers?view=vocabulary",
    "/tokenizers?view=trained",
    "/embeddings",
    "/embeddings?view=map",
    "/embeddings?view=table",
    "/next-token",
    "/next-token?view=generate",
    "/next-token?view=xray",
    "/parameters",
    "/parameters?view=weights",
    "/parameters?view=memory",
    "/inside",
    "/inside?view=lens",
    "/inside?view=positions",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_nothing_outside(path: str, page: Page, outside: list[str], server: str) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))

    def heard(message: ConsoleMessage) -> None:
        # Streamlit looks for itself under the page's own path first, and the browser reports the two misses.
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            complaints.append(message.text)

    page.on("console", heard)
    page.goto(f"{server}{path}")
    page.wait_for_selector("h1")
    page.wait_for_timeout(4000)  # what a page loads late counts too: the tab's icon comes last
    assert outside == []
    assert complaints == []


def test_the_gate_sees_what_leaves(page: Page, outside: list[str], server: str) -> None:
    """A check of the check: a tab that does ask is caught."""
    page.goto(f"{server}/_stcore/health")
    page.evaluate("fetch('https://example.invalid/x').catch(() => 0)")
    assert outside == ["https://example.invalid/x"]
    outside.clear()
