"""The view "generate" in a real browser: a text is walked through and parted, and all of it stands in the link."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from models import traces
from models.traces import GenerationTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))"
PATIENCE = 60_000  # milliseconds: something is written first
SHORT = {"text": "1, 2, 3, 4,", "do_sample": "false", "max_new_tokens": "6"}
FORKED = SHORT | {"fork": "0.1.33,1.3.28"}  # " 5" gives way to "A", and a token of that branch to a comma


def opened(visit: Visit, page: Page, **parameters: str) -> Page:
    page.set_default_timeout(120_000)  # the first of all loads the model
    visit("/next-token?view=generate" + "".join(f"&{name}={quote(text)}" for name, text in parameters.items()))
    page.wait_for_selector(READY)
    return page


def words(page: Page) -> list[str]:
    return page.locator(".orrery .text [role=option]").all_inner_texts()


def settled(page: Page) -> None:
    """The badge is the last thing to come."""
    expect(page.get_by_text("transformers' generate(do_sample=False)").first).to_be_visible(timeout=PATIENCE)


def test_a_text_is_walked_through_and_nothing_is_asked(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit, page, **FORKED)
        settled(page)
        page.wait_for_timeout(500)
        before = count["sent"]
        heading = page.locator(".column h3")
        expect(heading).to_contain_text("Token 1 of 6")
        page.locator(".orrery .text [role=option]").nth(2).click()
        expect(heading).to_contain_text("Token 3 of 6")
        page.keyboard.press("ArrowRight")
        expect(heading).to_contain_text("Token 4 of 6")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('branch=1')")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('branch=2')")
        expect(heading).to_contain_text("Token 4 of 6")
        expect(page.locator(".column .facts")).to_contain_text("Put here by hand")
        page.get_by_label("return_full_text").uncheck()
        page.wait_for_function("location.search.includes('return_full_text=0')")
        assert not page.locator(".orrery pre").inner_text().startswith("'1, 2, 3, 4,")
        page.get_by_role("button", name="Play").click()
        expect(heading).to_contain_text("Token 6 of 6", timeout=PATIENCE)
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("location.search.includes('step=1')")
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    assert query(again) == query(page)
    for part in (".orrery .text", ".column", ".grid", ".compared", ".orrery pre"):
        assert again.locator(part).inner_text() == page.locator(part).inner_text()


def test_a_branch_is_grown_chosen_and_removed(visit: Visit, page: Page) -> None:
    opened(visit, page, **SHORT)
    settled(page)
    trunk = words(page)
    page.locator(".orrery .text [role=option]").nth(2).click()
    page.get_by_role("button", name="Branch: go on with").first.click()
    expect(page.locator(".row-name")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".row-name.on")).to_contain_text("branch 1")
    fork = query(page)["fork"].split(".")
    assert (fork[0], fork[1], query(page)["branch"], query(page)["step"]) == ("0", "2", "1", "2")
    assert words(page)[:2] == trunk[:2]
    assert words(page)[2] != trunk[2]
    # The trunk's token now leads back to the trunk.
    page.get_by_role("button", name="Go to trunk").click()
    expect(page.locator(".orrery .text [role=option]")).to_have_text(trunk, use_inner_text=True)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Branch: go on with").first.click()
    expect(page.locator(".row-name")).to_have_count(3, timeout=PATIENCE)
    page.get_by_role("button", name="Remove branch 1").click()
    expect(page.locator(".row-name")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".row-name.on")).to_contain_text("branch 1")
    page.wait_for_function("location.search.includes('fork=0.3.')")
    page.get_by_role("button", name="Undo branch").click()
    expect(page.get_by_text("Nothing parts from this text yet")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("!location.search.includes('fork')")
    expect(page.locator(".orrery .text [role=option]")).to_have_text(trunk, use_inner_text=True)
    assert page.get_by_role("button", name="Undo branch").is_disabled()


def test_another_prompt_takes_the_branches_away(visit: Visit, page: Page) -> None:
    opened(visit, page, **FORKED)
    settled(page)
    box = page.get_by_label("Prompt", exact=True)
    box.fill("9, 8, 7,")
    box.press("Control+Enter")
    expect(page.locator(".orrery .prompt")).to_contain_text("9", timeout=PATIENCE)
    expect(page.get_by_text("Nothing parts from this text yet")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("!location.search.includes('fork')")


def test_it_is_written_before_ones_eyes_and_can_be_stopped(visit: Visit, page: Page) -> None:
    page.set_default_timeout(120_000)
    visit("/next-token?view=softmax")
    page.goto(
        page.url.replace("view=softmax", "view=generate&max_new_tokens=300&text=Count:%201,%202,&temperature=0.9")
    )
    stream = page.locator('[data-testid="stText"]')
    expect(stream).not_to_be_empty(timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped. Nothing was lost.")).to_be_visible(timeout=PATIENCE)
    expect(stream).to_have_count(0)
    expect(page.get_by_role("button", name="Run it again")).to_be_visible()
    expect(page.locator(".orrery .compared")).to_contain_text("because Stop was pressed", timeout=PATIENCE)
    assert 0 < len(words(page)) < 300


def test_files_and_pictures(visit: Visit, page: Page) -> None:
    opened(visit, page, **FORKED)
    settled(page)
    document = json.loads(download(page, "Tree, JSON"))
    assert "".join(words(page)).split() == document["texts"][0]["text"].split()
    lines = [line for line in download(page, "All steps, CSV").decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [int(row["id"]) for row in rows if row["branch"] == "0" and row["taken"] == "1"] == [
        step["id"] for step in document["texts"][0]["steps"]
    ]
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, GenerationTrace)
    assert trace.text == document["texts"][0]["text"]
    assert download(page, "Texts").decode().startswith("1, 2, 3, 4," + trace.text)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for said in ("branch 2", "entropy", "perplexity", "pipe(prompt"):
        assert said in drawing.lower()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}&stop={quote(HOSTILE)}&max_new_tokens=4",
        "fork=%3Cscript%3E&branch=-1&step=1e9&max_new_tokens=4",
        "fork=0.0.2147483647,1.1.1&max_new_tokens=3&model=../../etc/passwd",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/next-token?view=generate&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, page, **FORKED)
    settled(page)
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, page, **FORKED | {"chat": "true", "text": "Uncharacteristically 👩‍🚀 你好"})
    page.wait_for_timeout(500)
    assert page.locator('[data-testid="stMain"]').evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery").evaluate("element => element.scrollWidth <= element.clientWidth")
