"""A link restores its view even when it is the very first request to a new process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import SETTLED
from tests.browser.server import Way

TEXT = "A link holds its text."


@pytest.mark.parametrize("way", ["serve.py", "streamlit run"])
def test_a_cold_link_restores_its_state(way: Way, page: Page, cold_server: Callable[[Way], str]) -> None:
    page.goto(f"{cold_server(way)}/attention?model=minilm-l6-v2&text={TEXT.replace(' ', '+')}&layer=2&view=matrix")
    page.wait_for_selector(SETTLED)
    expect(page).to_have_title("Attention · Orrery")
    expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert "layer=2" in page.url
    assert "view=matrix" in page.url
