"""The view "compare" in a real browser: twins, keys, links, files, long texts, axe, 390 px."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from models import comparison, defaults
from models.corpora import CORPORA
from models.traces import Comparison
from tests.browser.server import Way
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
READY = "[data-ready='1']"
MAIN = '[data-testid="stMain"]'


def stored() -> Comparison:
    found = comparison.stored(defaults.COMPARED, defaults.ROWS)
    assert found is not None
    return found


def drawn(page: Page) -> Page:
    page.wait_for_selector(READY)
    expect(page.locator(".tok").first).to_be_visible()
    return page


def line(page: Page, row: int) -> Locator:
    return page.locator(".line").nth(row).locator(".tok")


def lit(page: Page, rows: int) -> list[list[int]]:
    """[row] the tokens that are lit."""
    return [
        line(page, row).evaluate_all("chips => chips.flatMap((chip, i) => (chip.classList.contains('on') ? [i] : []))")
        for row in range(rows)
    ]


def twins(found: Comparison, row: int, token: int) -> list[list[int]]:
    return [
        [token] if other == row else list(range(*found.twins(row, other)[token].tolist()))
        for other in range(len(found.rows))
    ]


def test_the_chips_are_the_tokens(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers"))
    for row, shown in enumerate(stored().rows):
        marked = [
            f"{text}{part + 1}/{parts}" if parts > 1 else text
            for text, (part, parts) in zip(shown.token_table.texts, shown.token_table.parts, strict=True)
        ]
        assert line(page, row).all_text_contents() == marked
        expect(page.locator(".who small").nth(row)).to_have_text(f"{shown.tokens} tokens")


def test_twins_light_up_both_ways_without_a_round_trip(visit: Visit, page: Page) -> None:
    found = stored()
    with wire(page) as count:
        drawn(visit("/tokenizers"))
        page.wait_for_timeout(1000)
        before = count["sent"]
        for row, token in ((0, 0), (3, 20), (7, 60), (1, 23)):
            line(page, row).nth(token).hover()
            assert lit(page, len(found.rows)) == twins(found, row, token)
            table = found.rows[row].token_table
            expect(page.locator(".readout")).to_contain_text(f"token {token} · piece {table.pieces[token]}")
            expect(page.locator(".readout")).to_contain_text(f"id {table.ids[token]}")
        page.get_by_label("Show spaces").check()
        line(page, 4).nth(2).click()
        page.wait_for_timeout(400)
        assert count["sent"] == before
    page.get_by_label("Dollars per million tokens").fill("2.5")
    expect(page.locator("thead")).to_contain_text("$2.5 per million")
    page.wait_for_timeout(400)
    assert query(page) == {"token": "4,2", "spaces": "1", "price": "2.5"}


def test_the_arrow_keys_move_along_a_row_and_to_the_twin(visit: Visit, page: Page) -> None:
    found = stored()
    drawn(visit("/tokenizers"))
    assert lit(page, len(found.rows)) == twins(found, *map(int, defaults.LIT.split(",")))
    page.locator(".box").focus()
    height = page.locator(".readout").bounding_box()
    able = found.twins(3, 2)[2][1] - 1  # the last of three twins shares the most with "oppable"
    for key, place in (("ArrowRight", (3, 3)), ("ArrowLeft", (3, 2)), ("ArrowUp", (2, able)), ("ArrowDown", (3, 2))):
        page.keyboard.press(key)
        page.wait_for_timeout(50)
        assert lit(page, len(found.rows)) == twins(found, *place)
    assert page.locator(".readout").bounding_box() == height
    expect(page.locator("[aria-live]").last).to_contain_text("GPT-4")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert lit(page, len(found.rows)) == [[] for _ in found.rows]
    assert query(page) == {"token": ""}


def test_a_link_restores_the_view_in_a_fresh_tab(visit: Visit, page: Page) -> None:
    drawn(
        visit(
            "/tokenizers?rows=bytes&rows=o200k_base&text=a+%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80&token=1,2&spaces=1&price=0.5"
        )
    )
    expect(page.locator(".who bdi")).to_have_text(["UTF-8 bytes", "GPT-4o (o200k)"])
    found = comparison.compare("a 👩\u200d🚀", {"bytes": _load("bytes"), "o200k_base": _load("o200k_base")})
    assert lit(page, 2) == twins(found, 1, 2)
    expect(page.get_by_label("Show spaces")).to_be_checked()
    expect(page.locator("thead")).to_contain_text("$0.5 per million")
    expect(line(page, 0).nth(1)).to_have_text("␣")


def _load(key: str) -> object:
    from models import catalog

    return catalog.tokenizer(key)


def test_the_table_counts_what_the_library_counts(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers?price=10"))
    found = stored()
    rows = page.locator("tbody tr")
    for number, row in enumerate(found.rows):
        cells = rows.nth(number).locator("td").all_inner_texts()
        per_word = found.tokens_per_word(number)
        assert per_word is not None
        assert cells[0].strip() == str(row.tokens)
        assert cells[1] == f"{per_word:.2f}"
        assert cells[2] == f"{found.bytes_per_token(number):.2f}"
        assert cells[3] == f"{1000 * per_word:,.0f}"
        simple = row.key in {"words", "bytes"}
        assert cells[4] == "–" if simple else float(cells[4].removeprefix("$")) == pytest.approx(row.tokens * 1e-5)
    learnt = {row.key: row.tokens for row in found.rows if row.key not in {"words", "bytes"}}
    fewest = list(defaults.ROWS).index(min(learnt, key=lambda key: learnt[key]))
    expect(rows.nth(fewest).locator("th")).to_contain_text("fewest tokens")


def test_the_files(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers?price=3"))
    found = stored()
    table = pd.read_csv(io.BytesIO(download(page, "Counts, CSV")), comment="#", float_precision="round_trip")
    assert table["tokens"].tolist() == [row.tokens for row in found.rows]
    assert table["dollars"][2] == found.rows[2].tokens * 3.0 / 1e6
    document = json.loads(download(page, "Tokens, JSON"))
    assert document["tokenizers"]["qwen"]["ids"] == found.rows[5].token_table.ids.tolist()
    picture = download(page, "Save picture as SVG").decode()
    for words in ("Unstoppable", "GPT-4o (o200k)", "Tokens per word", "fewest tokens"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 20_000


def test_a_long_text_holds_few_chips_and_loses_none(visit: Visit, page: Page) -> None:
    text = CORPORA["english"].read()[:30_000]
    page.goto(f"{_origin(visit)}/tokenizers?rows=words&rows=cl100k_base&rows=bytes&text={quote(text)}")
    drawn(page)
    found = comparison.compare(
        text, {"words": _load("words"), "cl100k_base": _load("cl100k_base"), "bytes": _load("bytes")}
    )
    expect(page.locator("tbody tr").nth(1).locator("td").first).to_have_text(f"{found.rows[1].tokens:,}")
    assert page.locator(".tok").count() < 6_000
    box = page.locator(".box")
    last = found.rows[1].token_table
    box.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    end = page.locator(".passage").last.locator(".line").nth(1).locator(".tok").last
    expect(end).to_have_text(re.compile(re.escape(last.texts[-1].strip()) or "."))
    assert page.locator(".tok").count() < 6_000
    seen = []
    for passage in range(page.locator(".passage").count()):
        part = page.locator(".passage").nth(passage)
        part.evaluate("part => part.parentElement.scrollTop = part.offsetTop - part.parentElement.offsetTop")
        expect(part.locator(".line").nth(1)).to_be_visible()
        seen += part.locator(".line").nth(0).locator("bdi").all_text_contents()[1:]
        if passage == 5:
            break
    assert seen == [cut(text) for text in found.rows[0].token_table.texts[: len(seen)]]


def cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _origin(visit: Visit) -> str:
    parts = urlsplit(visit("/").url)
    return f"{parts.scheme}://{parts.netloc}"


def test_a_kept_token_of_a_long_text_is_brought_into_sight(visit: Visit, page: Page) -> None:
    text = "word " * 5_000
    drawn(visit(f"/tokenizers?rows=words&rows=bytes&token=0,3000&text={quote(text)}"))
    expect(page.locator(".tok.on").first).to_be_in_viewport()
    expect(page.locator(".readout")).to_contain_text("token 3000")


@pytest.mark.parametrize("text", ["lorem ipsum " * 1_667, "人人生而自由，" * 2_858], ids=["English", "Chinese"])
def test_a_text_of_20_000_characters_survives_its_link_cold(
    text: str, page: Page, cold_server: Callable[[Way], str]
) -> None:
    page.goto(f"{cold_server('serve.py')}/tokenizers?rows=words&rows=bytes&text={quote(text)}")
    drawn(page)
    expect(page.get_by_label("Text", exact=True)).to_have_value(text)
    expect(page.locator("tbody tr").nth(1).locator("td").first).to_have_text(f"{len(text.encode()):,}")


@pytest.mark.parametrize(
    "link",
    [
        "?text=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        "?rows=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&rows=bytes",
        "?rows=![x](http://example.org/x.png)&rows=bytes",
        "?token=%3Cscript%3E&price=1e999&spaces=x&view=%3Cb%3E",
        "?text=%ED%A0%80%00%E2%80%AE&rows=bytes",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/tokenizers{link}")
        drawn(page)


def test_a_file_of_ones_own_is_a_row_and_a_bad_one_a_sentence(visit: Visit, page: Page, tmp_path: Path) -> None:
    from tests.unit.test_tokens import byte_level

    good, bad = tmp_path / "mine.json", tmp_path / "bad.json"
    good.write_text(byte_level(0).backend_tokenizer.to_str(), "utf-8")
    bad.write_text('{"not": "a tokenizer"}', "utf-8")
    drawn(visit("/tokenizers?rows=bytes&text=a+%F0%9F%98%80"))
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files(good)
    expect(page.locator(".who bdi")).to_have_text(["UTF-8 bytes", "mine.json"], timeout=30_000)
    assert line(page, 1).count() == line(page, 0).count()
    chooser.set_input_files(bad)
    expect(page.get_by_role("alert").first).to_contain_text("not a tokenizer.json", timeout=30_000)
    expect(page.locator(".who bdi")).to_have_text(["UTF-8 bytes"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tokenizers", "/tokenizers?claim=true&spaces=1&text=%D9%8A%D9%88%D9%84%D8%AF"])
def test_axe_finds_nothing_grave(path: str, scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    drawn(visit(path))
    axe(page)


@pytest.mark.parametrize("text", ["", "&text=" + "x" * 300 + "&spaces=1"])
def test_a_telephone_needs_no_sideways_scrolling(text: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit(f"/tokenizers?view=compare{text}"))
    page.wait_for_timeout(300)
    assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery").evaluate("element => element.scrollWidth <= element.clientWidth")
