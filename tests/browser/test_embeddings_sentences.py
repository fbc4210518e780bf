"""The view "sentences" in a real browser: links, labels typed into the table, files, Stop, axe, 390 px."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from safetensors.numpy import load
from sklearn.metrics.pairwise import cosine_similarity

from models import sentence_sets, traces
from models.traces import SentenceTrace
from tests.browser.wire import harmless, query, wire

Shown = Callable[[str], Page]
VIEW = "/embeddings?view=sentences"
EXAMPLE = sentence_sets.EXAMPLE.split("\n")
GOOD = "Run alone, texts have the same vectors"
MAIN = '[data-testid="stMain"]'
ROW = 35  # pixels of a row of Streamlit's table


@pytest.fixture
def shown(page: Page, server: str) -> Callable[[str], Page]:
    """Opens the view by the rest of its link, and waits until its picture and its check stand there."""

    def go(link: str) -> Page:
        page.goto(f"{server}{VIEW}{link}")
        return drawn(page)

    return go


def drawn(page: Page) -> Page:
    """The page, once its picture and its check stand there; the first of all waits for the model, too."""
    page.wait_for_selector("[data-ready='1']", timeout=90_000)
    # Streamlit writes a badge twice and shows one of them.
    expect(page.locator(MAIN).get_by_text(GOOD).filter(visible=True).first).to_be_visible(timeout=90_000)
    return page


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return Path(caught.value.path()).read_bytes()


def test_a_search_is_restored_by_its_link(shown: Shown, page: Page) -> None:
    lines = "Rain fell.\nThe cat sat on the mat.\nمرحبا بالعالم\n😀 so happy"
    shown(f"&show=search&query=a+pet&pooling=max&text={quote(lines)}")
    expect(page.locator(".orrery h2")).to_have_text("Search: a pet")
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("tbody tr").first).to_contain_text("2The cat sat on the mat.")
    expect(page.get_by_label("Search for", exact=True)).to_have_value("a pet")
    expect(page.get_by_label("Texts, one a line", exact=True)).to_have_value(lines)
    widths = page.locator(".bar").evaluate_all("bars => bars.map((bar) => bar.getBoundingClientRect().width)")
    assert widths == sorted(widths, reverse=True)


def test_another_query_needs_no_other_control(shown: Shown, page: Page) -> None:
    shown("&show=search")
    expect(page.locator("tbody tr").first).to_contain_text("the first showers came")
    page.get_by_label("Search for", exact=True).fill("My screen is frozen.")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("The website is down")
    assert query(page)["query"] == "My screen is frozen."


def test_the_files_of_a_search(shown: Shown, page: Page) -> None:
    lines = ["=1+1", "A cat, asleep", "Rain"]
    shown(f"&show=search&query=kitten&text={quote(chr(10).join(lines))}")
    table = pd.read_csv(io.BytesIO(download(page, "Texts as CSV")), comment="#", float_precision="round_trip")
    assert [json.loads(cell) for cell in table["text"]] == lines
    assert all(cell.startswith('"') for cell in table["text"])  # so no spreadsheet takes one for a formula
    blob = download(page, "Vectors, trace")
    trace = traces.from_bytes(blob)
    assert isinstance(trace, SentenceTrace)
    assert trace.texts == tuple(lines)
    assert load(blob)["vectors"].shape == (3, 384)
    assert table.sort_values("cosine", ascending=False)["rank"].tolist() == [1, 2, 3]
    assert json.loads(table["text"][table["rank"].idxmin()]) == "A cat, asleep"
    picture = download(page, "Save picture as SVG").decode()
    for words in ("Search: kitten", "A cat, asleep", "pooling mean"):
        assert words in picture
    assert len(download(page, "Save picture as PNG")) > 5_000


def test_the_matrix_and_the_pairs(shown: Shown, page: Page) -> None:
    with wire(page) as count:
        shown("&show=similarity&row=2&column=7")
        stage = page.locator(".stage").first
        expect(page.locator(".readout").first).to_contain_text("The storm brought heavy rain")
        page.wait_for_timeout(500)
        before = count["sent"]
        stage.hover(position={"x": 500, "y": 400})
        stage.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        assert count["sent"] == before
    assert query(page)["column"] == "8"
    table = pd.read_csv(io.BytesIO(download(page, "Pairs as CSV")), comment="#", float_precision="round_trip")
    vectors = traces.from_bytes(download(page, "Vectors, trace"))
    assert isinstance(vectors, SentenceTrace)
    cosines = cosine_similarity(vectors.vectors)
    for row, other, value in zip(table["row"], table["other row"], table["cosine"], strict=True):
        assert value == pytest.approx(cosines[row - 1, other - 1], abs=1e-5)
    first = page.locator("tbody tr").first
    expect(first.locator("p")).to_have_count(2)
    expect(first).to_contain_text(f"{table['cosine'][0]:.3f}")


def test_a_label_typed_into_the_table_teaches_and_stays_in_the_link(shown: Shown, page: Page) -> None:
    shown("&show=classify&labels=0:wet,2:wet,10:dish,12:dish")
    expect(page.locator(".orrery h2")).to_have_text("36 texts, classified after 4 labels")
    grid = page.locator('[data-testid="stDataFrame"]')
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 150, box["y"] + 5.5 * ROW)  # the label of the fifth text
    page.keyboard.press("Enter")
    page.locator("#portal textarea").fill("=wet, too")
    page.keyboard.press("Enter")  # and the next label is chosen
    expect(page.get_by_text("stands beside one text only")).to_be_visible(timeout=15_000)
    expect(page.locator(".orrery h2")).to_have_text("36 texts, classified after 4 labels")
    page.keyboard.press("Enter")
    page.locator("#portal textarea").fill("=wet, too")
    page.keyboard.press("Enter")
    expect(page.locator(".orrery h2")).to_have_text("34 texts, classified after 6 labels", timeout=15_000)
    expect(page.locator("section h3").first).to_contain_text("=wet, too")
    link = page.url
    assert query(page)["labels"] == "0:wet,2:wet,4:=wet%2C too,5:=wet%2C too,10:dish,12:dish"
    page.goto("about:blank")
    page.goto(link)
    drawn(page)
    expect(page.locator(".orrery h2")).to_have_text("34 texts, classified after 6 labels")
    table = pd.read_csv(io.BytesIO(download(page, "Texts as CSV")), comment="#")
    assert json.loads(table["label"][4]) == "=wet, too"
    assert table["probability"].between(0, 1).all()


def test_the_map_is_coloured_and_its_file_holds_the_groups(shown: Shown, page: Page) -> None:
    shown("&colour=clusters&k=3&point=6")
    expect(page.locator(".legend")).to_contain_text("1: ")
    expect(page.locator(".readout")).to_contain_text("Snow fell on the mountains")
    table = pd.read_csv(io.BytesIO(download(page, "Coordinates as CSV")), comment="#")
    assert [json.loads(cell) for cell in table["text"]] == EXAMPLE
    assert table["group"].nunique() == 3
    expect(page.get_by_text("Trustworthiness")).to_be_visible()


def test_a_file_with_progress_and_a_real_stop(page: Page, server: str, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    words = " ".join(EXAMPLE)
    long.write_text("number,text\n" + "".join(f'{n},"{n} {words[n % 400 : n % 400 + 350]}"\n' for n in range(10_000)))
    page.goto(f"{server}{VIEW}&show=search&texts=a+CSV+column&query=rain")
    expect(page.get_by_text("a link can't carry it")).to_be_visible()
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files(long)
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Reading 10,000 texts")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped. Nothing was lost.")).to_be_visible(timeout=30_000)
    short = tmp_path / "short.csv"
    short.write_text("name,text\na,The rain fell\nb,=cmd|' /C calc'!A0\n")
    chooser.set_input_files(short)  # the lane is free again: the next pass runs at once
    drawn(page)
    expect(page.locator("tbody tr").first).to_contain_text("The rain fell")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"PK\x03\x04rest")
    chooser.set_input_files(bad)
    expect(page.get_by_text("not CSV; save it as CSV in UTF-8")).to_be_visible(timeout=30_000)
    assert query(page)["query"] == "rain"


@pytest.mark.parametrize(
    "link",
    [
        "&show=search&query=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&text=%3Cscript%3Ealert(1)%3C/script%3E",
        "&show=classify&labels=0:%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E,1:![x](http://example.org/x.png)",
        "&show=clusters&text=![x](http://example.org/x.png)%0A%ED%A0%80%00%E2%80%AE",
        "&show=%3Cb%3E&k=1e9&pooling=x&colour=%00&texts=q&model=![x](http://example.org/x.png)",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}{VIEW}{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, shown: Shown, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for show in ("classify", "pooling", "clusters"):
        shown(f"&show={show}")
        axe(page)


def test_a_telephone_needs_no_sideways_scrolling(shown: Shown, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    text = quote("\n".join(["Pneumonoultramicroscopicsilicovolcanoconiosis" * 3, *EXAMPLE[:12]]))
    for show in ("map", "similarity", "search", "clusters", "classify", "pooling"):
        shown(f"&show={show}&text={text}&labels=1:a,2:a,10:b,11:b")
        assert page.locator(MAIN).evaluate("element => element.scrollWidth <= element.clientWidth"), show
        for figure in page.locator(".orrery").all():
            assert figure.evaluate("element => element.scrollWidth <= element.clientWidth"), show
