"""Every page stands when other models are offered than the usual ones."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.server import serving


def test_the_app_without_its_usual_model(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path / "log.txt", ORRERY_MODELS="minilm-l6-v2") as url:
        page.goto(url)
        expect(page.get_by_role("heading", name="Orrery")).to_be_visible()
        expect(page.get_by_role("link", name="Attention").first).to_be_visible()
        page.goto(f"{url}/attention")
        page.wait_for_selector("[data-ready='1']")
        expect(page.get_by_text("16 of 512 tokens")).to_be_visible()
        expect(page.locator('[data-testid="stException"]')).to_have_count(0)


def test_two_questions_of_one_kind_are_asked_side_by_side(page: Page, server: str) -> None:
    page.goto(f"{server}/attention?model=aa/bb&model2=cc/dd&compare=another+model")
    expect(page.get_by_role("button", name="Look it up and download")).to_have_count(2)
    page.goto(f"{server}/attention?model=aa/bb&compare=another+text")
    expect(page.get_by_role("button", name="Look it up and download")).to_have_count(1)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
