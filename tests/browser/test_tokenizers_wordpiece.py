"""The view "wordpiece" in a real browser: look-ups and merges against the traces, links, keys, files."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tokenizers import Tokenizer

from models import catalog, wordpiece
from models.corpora import CORPORA
from models.traces import PairRanking, WordPieceWord
from tests.browser.test_attention_page import READY
from tests.browser.test_tokenizers_replay import drop, walk
from tests.browser.wire import download, query, wire
from viz.tokenizer_words import wordpiece as words

Visit = Callable[[str], Page]
TRAINING = "&part=train&corpus=low&size=40"


def opened(visit: Visit, text: str = words.TEXT, rest: str = "") -> Page:
    page = visit(f"/tokenizers?view=wordpiece&text={quote(text)}{rest}")
    page.wait_for_selector(READY)
    expect(page.locator(".orrery h2")).to_be_visible()
    return page


# (what was looked up, "found" or "missed" or "future") of each row of the staircase
ROWS = """[...root.querySelectorAll(".stairs .row")].map(row => [
    [...row.querySelectorAll(".prefix, .letter")].map(e => e.textContent).join(""), row.classList[1]])"""


def expected(word: WordPieceWord, step: int) -> list[list[str]]:
    found: list[list[str]] = []
    for match in range(len(word.starts)):
        tried = word.candidates(match, "##")
        matched = word.ends[match] > word.starts[match]
        found += [[text, "found" if matched and text == tried[-1] else "missed"] for text in tried]
    return [[text, state if number < step else "future"] for number, (text, state) in enumerate(found)]


def test_each_look_up_is_the_traces(visit: Visit, page: Page) -> None:
    text = "Unstoppable café snow☃man ☃ 東 a"
    tokenizer = catalog.tokenizer("minilm-l6-v2")
    opened(visit, text)
    seen = walk(
        page, f"""[{ROWS}, [...root.querySelectorAll(".pieces .tok:not(.lost) bdi")].map(e => e.textContent)]"""
    )
    for word, steps in zip(wordpiece.replay(tokenizer, text).words, seen, strict=True):
        assert [rows for rows, _ in steps] == [expected(word, step) for step in range(len(steps))]
        assert len(steps) == len(expected(word, 0)) + 1
    assert [piece for steps in seen for piece in steps[-1][1]] == tokenizer.tokenize(text)


def test_an_unknown_letter_is_explained(visit: Visit, page: Page) -> None:
    opened(visit, "snow☃man Café [SEP] " + "a" * 101, "&step=9")
    expect(page.locator(".why")).to_contain_text("The whole word becomes [UNK]")
    expect(page.locator(".why")).to_contain_text("what was found before is lost")
    expect(page.locator(".orrery .pieces .lost")).to_have_text("snow")
    page.locator("#word1").click()
    expect(page.locator(".seen")).to_contain_text("Written “Café”; the tokenizer's normalizer made it “cafe”.")
    page.locator("#word2").click()
    expect(page.locator(".why")).to_contain_text("cut out of the text before any search")
    page.locator("#word3").click()
    expect(page.locator(".why")).to_contain_text("101 characters, and this tokenizer looks at words of up to 100")


def test_stepping_needs_no_round_trip_and_stands_in_the_link(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(1000)
        before = count["sent"]
        page.locator("#word2").click()
        for key in ("End", "ArrowLeft", "Home", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        page.locator(".stairs .row").nth(4).click()
        page.wait_for_timeout(500)
        assert count["sent"] == before
    assert (query(page)["word"], query(page)["step"]) == ("2", "5")
    link, heading = page.url, page.locator(".orrery h2").inner_text()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(READY)
    expect(page.locator(".orrery h2")).to_have_text(heading)


def test_a_long_word_shows_the_rows_around_the_step(visit: Visit, page: Page) -> None:
    opened(visit, "ab" * 50, "&step=1500")
    assert 20 < page.locator(".stairs .row").count() < 40
    expect(page.locator(".stairs .row.now")).to_be_visible()
    expect(page.locator(".stairs .more").first).to_contain_text("more")


def merges(page: Page, column: int) -> list[str]:
    return page.locator(".orrery section").nth(column).locator("tbody tr td:nth-child(3)").all_inner_texts()


def made(ranking: PairRanking) -> list[str]:
    return [left + right.removeprefix("##") for left, right in ranking.pairs]


def test_two_trainings_side_by_side(visit: Visit, page: Page) -> None:
    training = wordpiece.train(CORPORA["low"].read(), vocabulary_size=40)
    with wire(page) as count:
        opened(visit, rest=TRAINING)
        page.wait_for_timeout(1000)
        before = count["sent"]
        # Ties fall as the library numbers its letters, in another process otherwise: what is certain is compared.
        assert sorted(merges(page, 0)) == sorted(made(training.by_count))
        page.locator(".player input").focus()
        page.get_by_role("button", name="Step forward").click()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".orrery h2")).to_have_text("After 2 of 12 merges")
        page.keyboard.press("End")
        expect(page.locator(".orrery h2")).to_have_text("After 12 of 12 merges")
        expect(page.get_by_text("No pair is left to merge").first).to_be_visible()
        page.locator(".orrery section").nth(1).locator("tbody tr").nth(2).click()
        expect(page.locator(".orrery h2")).to_have_text("After 2 of 12 merges")
        page.wait_for_timeout(400)
        assert count["sent"] == before
    link = page.url
    assert query(page)["step"] == "2"
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(READY)
    expect(page.locator(".orrery h2")).to_have_text("After 2 of 12 merges")


def test_from_training_to_cutting_and_back(visit: Visit, page: Page) -> None:
    opened(visit, "lowest newer", TRAINING)
    expect(page.get_by_text("library's vocabulary of").first).to_be_visible()
    page.get_by_text("Cut a text").click()
    expect(page.locator(".strip")).to_contain_text("lowest")
    expect(page.get_by_label("Text", exact=True)).to_have_value("lowest newer")
    page.get_by_role("combobox", name="Tokenizer").click()
    page.get_by_role("option", name="trained here").click()
    expect(page.get_by_text("Trained here on low").first).to_be_visible()
    expect(page.locator("#word0")).to_contain_text("2")
    page.get_by_text("Choose a vocabulary").click()
    expect(page.locator(".orrery section")).to_have_count(2)
    assert query(page)["corpus"] == "low"


def test_the_pictures_and_the_files(visit: Visit, page: Page) -> None:
    opened(visit, "unstoppable", "&step=12")
    drawn = download(page, "Save picture as SVG").decode()
    for part in ("##", "Longest match of unstoppable, look-up 12", "all-MiniLM-L6-v2"):
        assert part in drawn
    ids = catalog.tokenizer("minilm-l6-v2")("unstoppable", add_special_tokens=False)["input_ids"]
    assert json.loads(download(page, "Words, JSON"))["ids"] == ids
    assert b"##sto" in download(page, "All matches, CSV")

    opened(visit, rest=TRAINING)
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")
    assert b"rival" in download(page, "Merges by score, CSV")
    saved = Tokenizer.from_str(download(page, "The library's tokenizer.json").decode())
    assert saved.encode("low lowest").tokens == ["low", "low", "##est"]


def test_a_tokenizer_of_another_kind_is_refused_and_nothing_is_lost(visit: Visit, page: Page) -> None:
    from tokenizers import models

    opened(visit, "a word")
    drop(page, Tokenizer(models.BPE({"a": 0}, [])).to_str())
    page.get_by_role("combobox", name="Tokenizer").click()
    page.get_by_role("option", name="your tokenizer.json").click()
    expect(page.get_by_role("alert").first).to_contain_text("This needs a WordPiece tokenizer, and this one is BPE")
    expect(page.get_by_label("Text", exact=True)).to_have_value("a word")
    drop(page, Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "word": 2}, unk_token="[UNK]")).to_str())
    expect(page.locator("#word0")).to_contain_text("a␣word")  # no pre-tokenizer: all of it is one word


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("rest", ["&step=12", TRAINING])
def test_axe_finds_nothing_grave(rest: str, scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, rest=rest)
    axe(page)


@pytest.mark.parametrize("rest", ["&step=12", TRAINING])
def test_a_telephone_needs_no_sideways_scrolling(rest: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, "Unstoppable " + "ab" * 50, rest)
    page.wait_for_timeout(300)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
