"""The view "vocabulary" in a real browser: every row the library's, searched and sorted without a round trip."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect
from tokenizers import Tokenizer, models

from models import catalog, vocabulary
from models.traces import Vocabulary
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
ROWS = ".orrery .space .entry"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return catalog.tokenizer("smollm2-135m")


@pytest.fixture(scope="module")
def found(tokenizer: Any) -> Vocabulary:
    return vocabulary.describe(tokenizer)


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    page = visit(f"/tokenizers?view=vocabulary{link}")
    page.wait_for_selector(READY)
    return page


def ids(page: Page) -> list[int]:
    return [int(words) for words in page.locator(f"{ROWS} > :first-child").all_inner_texts()]


def counted(page: Page) -> Locator:
    return page.locator(".orrery .sub")


def test_rows_and_readout_are_the_librarys(visit: Visit, page: Page, tokenizer: Any, found: Vocabulary) -> None:
    opened(visit, entry="30000")
    row = page.locator(f"{ROWS}.on")
    expect(row).to_be_in_viewport()
    shown = ids(page)
    assert 30000 in shown
    for number, cells in zip(shown, page.locator(ROWS).all(), strict=True):
        written = cells.locator(":scope > *").all_inner_texts()
        decoded = tokenizer.decode([number])
        assert written[1] == decoded.replace(" ", "␣")
        assert written[2] == decoded.encode().hex(" ")
        assert written[3] == str(len(decoded))
        assert written[4] == found.scripts[number]
    expect(page.locator(".orrery .readout")).to_contain_text(
        f"piece {tokenizer.convert_ids_to_tokens(30000)} · {len(found.raw[30000])} bytes {found.raw[30000].hex(' ')}"
    )
    expect(page.get_by_text(f"All {len(tokenizer):,} entries are the library's").first).to_be_visible()


def test_bytes_of_no_character_are_shown_as_bytes(visit: Visit, page: Page, found: Vocabulary) -> None:
    place = next(place for place, raw in enumerate(found.raw) if raw == b"\xf0\x9f")
    opened(visit, search="0xF09F", entry=str(found.ids[place]))
    assert ids(page) == [number for number, raw in enumerate(found.raw) if b"\xf0\x9f" in raw]
    expect(page.locator(".orrery .readout")).to_contain_text("f0 9f · 1 character")
    assert "\ufffd" not in page.locator(".orrery").inner_text()


def test_looking_through_it_needs_no_round_trip_and_stands_in_the_link(
    visit: Visit, page: Page, found: Vocabulary
) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(1500)
        before = count["sent"]
        search = page.get_by_role("searchbox", name="Search")
        search.fill("THE")
        expect(counted(page)).to_have_text(f"{len(found.search('the'))} of 49,152 entries: with “THE” · by id")
        search.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        page.keyboard.press("PageUp")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowDown")
        second = int(found.search("the")[1])
        expect(page.locator(f"{ROWS}.on > :first-child")).to_have_text(str(second))
        page.get_by_label("Show").select_option("text")
        page.get_by_label("Script").select_option("Latin")
        page.get_by_role("button", name="Characters").click()
        page.locator(ROWS).nth(3).hover()
        page.wait_for_timeout(400)
        assert count["sent"] == before
    hits = set(found.search("the").tolist())
    longest = [
        place
        for place in found.longest(len(found)).tolist()
        if place in hits and found.scripts[place] == "Latin" and found.kinds[place] == "text"
    ]
    asked = query(page)
    assert (asked["search"], asked["kind"], asked["script"], asked["sort"]) == ("THE", "text", "Latin", "length")
    assert asked["entry"] == str(second)
    page.locator(".orrery .list").evaluate("list => { list.scrollTop = 0; }")
    expect(page.locator(f"{ROWS} > :first-child").first).to_have_text(str(found.ids[longest[0]]))
    assert ids(page)[:10] == found.ids[longest[:10]].tolist()

    link, said = page.url, counted(page).inner_text()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(READY)
    expect(counted(page)).to_have_text(said)
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("THE")
    expect(page.locator(f"{ROWS}.on > :first-child")).to_have_text(str(second))


def test_an_id_comes_first_and_the_alphabet_sorts(visit: Visit, page: Page, found: Vocabulary) -> None:
    opened(visit, search="300")
    assert ids(page)[0] == 300
    page.get_by_role("searchbox").fill("Ġstopp")
    expect(counted(page)).to_contain_text("“Ġstopp”")
    places = [place for place, text in enumerate(found.texts) if " stopp" in text.lower()]
    assert places
    page.get_by_role("button", name="Token", exact=True).click()
    expect(counted(page)).to_contain_text("by alphabet")
    assert ids(page) == [int(found.ids[place]) for place in sorted(places, key=lambda p: found.texts[p].lower())]


def test_special_tokens_single_bytes_and_what_is_not_there(visit: Visit, page: Page, found: Vocabulary) -> None:
    opened(visit, kind="special")
    expect(counted(page)).to_have_text("17 of 49,152 entries: special · by id")
    page.get_by_label("Show").select_option("byte")
    expect(counted(page)).to_have_text(f"{found.kinds.count('byte')} of 49,152 entries: single bytes · by id")
    page.get_by_label("Show").select_option("unreachable")
    expect(page.get_by_text("None: every entry is reached")).to_be_visible()
    page.get_by_role("searchbox").fill("zzzzzzzz")
    expect(page.get_by_text("No such entry; choose other filters")).to_be_visible()
    page.get_by_label("Show").select_option("all")
    expect(page.get_by_text("No such entry. A text that isn't in the vocabulary")).to_be_visible()


def test_a_click_on_a_bar_lists_its_script(visit: Visit, page: Page, found: Vocabulary) -> None:
    opened(visit, sort="length")
    bars = page.locator(".js-plotly-plot").nth(1)
    expect(bars).to_be_visible()
    names = list(found.by_script())
    place = names.index("Cyrillic")
    for _ in range(2):  # chosen, and chosen once more after another
        for number, said in ((place, "78 of 49,152 entries: Cyrillic"), (0, "47,224 of 49,152 entries: Latin")):
            page.wait_for_timeout(400)  # Plotly takes two clicks within 300 ms for one that clears the choice
            bars.locator(".barlayer .point path").nth(number).click(force=True)
            expect(counted(page)).to_have_text(f"{said} · the longest first")
    page.get_by_label("Script").select_option("Greek")
    page.wait_for_timeout(400)
    assert query(page)["script"] == "Greek"


HOSTILE = '<img src="x" onerror="alert(1)">'


def test_a_tokenizer_of_the_visitors_own(visit: Visit, page: Page) -> None:
    # "bc" is merged before "ab", so that "ab c" never meets.
    vocab = {"a": 0, "b": 1, "c": 2, "bc": 3, "ab": 4, "abc": 5, HOSTILE: 6, "\u202e\u0000x": 7}
    own = Tokenizer(models.BPE(vocab, [("b", "c"), ("a", "b"), ("ab", "c")], unk_token="a"))
    opened(visit, kind="unreachable", tokenizer="smollm2-135m")
    page.locator('input[type="file"]').set_input_files(
        {"name": "own.json", "mimeType": "application/json", "buffer": own.to_str().encode()}
    )
    page.get_by_role("combobox", name="Tokenizer").click()
    page.get_by_role("option", name="your tokenizer.json").click()
    expect(page.get_by_role("heading", name="Vocabulary of own.json")).to_be_visible()
    assert ids(page) == [5, 6, 7]
    page.locator(ROWS).first.click()
    expect(page.locator(".orrery .readout")).to_contain_text("No merge reaches it")
    expect(page.locator(".orrery .readout")).to_contain_text("id 5")
    page.get_by_label("Show").select_option("all")
    expect(page.locator(ROWS)).to_have_count(8)
    expect(page.locator(ROWS).nth(6)).to_contain_text("<img")
    assert page.locator("img[src='x']").count() == 0
    expect(page.get_by_text("All 8 entries are the library's").first).to_be_visible()


@pytest.mark.parametrize(
    "link",
    [
        "kind=%3Cscript%3Ealert(1)%3C/script%3E&script=x&sort=../../etc&entry=-1",
        f"search={quote(HOSTILE)}&entry=99999999999999",
        "search=%ED%A0%80&script=![x](http://example.org/x.png)",
        f"search={'a' * 5000}",
        "tokenizer=../../etc/passwd&search=0x&kind=split",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/tokenizers?view=vocabulary&{link}")


def test_the_files_and_the_picture(visit: Visit, page: Page, found: Vocabulary) -> None:
    opened(visit, search=" trans", entry="1033")
    table = pd.read_csv(io.BytesIO(download(page, "CSV, every entry")), comment="#")
    assert len(table) == len(found)
    assert [bytes.fromhex(json.loads(cell)) for cell in table["bytes"]] == list(found.raw)
    assert json.loads(download(page, "JSON, every entry"))["entries"][1033][1] == found.pieces[1033]
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    assert "Vocabulary of SmolLM2" in drawing
    written = re.findall(r">(\d+)</text>", drawing)
    assert set(map(str, ids(page)[1:10])) <= set(written)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, entry="5", search="e")
    expect(page.locator(".js-plotly-plot").nth(1)).to_be_visible()
    axe(page)
    page.get_by_label("Show").select_option("unreachable")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, sort="length")
    expect(page.locator(".js-plotly-plot").nth(1)).to_be_visible()
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
