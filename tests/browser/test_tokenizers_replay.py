"""The view "replay" in a real browser: every step against the trace, links, keys, no round trips, own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from models import bpe, catalog
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire
from viz.tokenizer_words import replay as words

Visit = Callable[[str], Page]
TREE = ".orrery .tree svg"
UGLY = "unstoppable aaaa 👨‍👩‍👧‍👦e\u0301 \x07<img src=x> 你好<|im_start|>"


def opened(visit: Visit, text: str = words.TEXT, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    page = visit(f"/tokenizers?view=replay&text={quote(text)}{link}")
    page.wait_for_selector(READY)
    expect(page.locator(TREE)).to_be_visible()
    return page


# Every step of every word, by the figure's own keys; `read` says what is seen at each.
WALK = """async (root, read) => {
  const strip = root.querySelector(".strip"), seen = [], look = new Function("root", `return ${read}`);
  const press = (key) => {
    strip.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  };
  for (const word of root.querySelectorAll(".strip [role=option]")) {
    const steps = [look(root)], last = Number(root.querySelector(".player input").max);
    for (let step = 0; step < last; step++) { await press("ArrowRight"); steps.push(look(root)); }
    seen.push(steps);
    await press("]");
  }
  return seen;
}"""


def walk(page: Page, read: str) -> list[list[Any]]:
    """[word][step] what the JavaScript expression `read` says of the figure."""
    found: list[list[Any]] = page.locator(".orrery").evaluate(WALK, read)
    return found


@pytest.mark.parametrize("tokenizer", ["smollm2-135m", "cl100k_base"])
def test_each_step_of_each_word_is_the_traces(tokenizer: str, visit: Visit, page: Page) -> None:
    found = bpe.replay(tokenizer, UGLY)
    opened(visit, UGLY, tokenizer=tokenizer)
    seen = walk(
        page,
        """[root.querySelectorAll(".pieces .tok").length,
        [...root.querySelectorAll(".rivals tbody .number")].map(e => Number(e.textContent.replaceAll(",", ""))),
        root.querySelector(".why").textContent.includes("the leftmost goes first")]""",
    )
    for word, steps in zip(found.words, seen, strict=True):
        moments = [word.at(k) for k in range(len(word.merges) + 1)]
        assert [pieces for pieces, _, _ in steps] == [len(moment.nodes) for moment in moments]
        for (_, ranks, leftmost), moment in zip(steps, moments, strict=True):
            assert leftmost == (moment.reason == "leftmost")
            if moment.rivals:
                assert ranks == [rank for rank, _ in moment.rivals][:6]
    tokens = sum(steps[-1][0] for steps in seen)
    assert tokens == len(catalog.tokenizer(tokenizer)(UGLY, add_special_tokens=False)["input_ids"])


def test_what_is_drawn_of_a_word(visit: Visit, page: Page) -> None:
    opened(visit, "unstoppable")
    text = page.locator(f"{TREE} .node text")
    expect(text.first).to_have_text("u")
    assert "".join(text.all_text_contents()[:11]) == "unstoppable"
    ranks = [int(rank.replace(",", "")) for rank in page.locator(f"{TREE} .join text").all_text_contents()]
    assert sorted(ranks) == sorted(bpe.replay("smollm2-135m", "unstoppable").words[0].merges[:, 2].tolist())
    expect(page.locator(f"{TREE} .node.future")).to_have_count(6)
    expect(page.locator(f"{TREE} .node.next")).to_have_count(1)
    page.locator(f"{TREE} .node.next").hover()
    expect(page.locator(".readout")).to_contain_text("merge 1 of 7, rank 38")
    page.locator(f"{TREE} .node").last.click()
    expect(page.locator(".why")).to_contain_text("Nothing is left that can be merged: 4 tokens.")
    expect(page.locator(f"{TREE} .node.future")).to_have_count(0)


def test_bytes_are_shown_as_bytes_and_what_they_make_up(visit: Visit, page: Page) -> None:
    opened(visit, "👩‍🚀")
    letters = page.locator(f"{TREE} .node text").all_text_contents()[:11]
    assert "".join(letters) == "👩‍🚀".encode().hex().upper()
    feet = page.locator(f"{TREE} .foot text").all_text_contents()
    assert feet == ["👩", "U+200D", "🚀", "👩‍🚀"]
    assert "\ufffd" not in page.locator(".orrery").inner_text()


def test_stepping_needs_no_round_trip_and_stands_in_the_link(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(1000)
        before = count["sent"]
        page.locator("#word1").click()
        for key in ("ArrowRight", "ArrowRight", "End", "Home", "ArrowRight", "ArrowDown", "ArrowUp", "]", "[", "End"):
            page.keyboard.press(key)
        page.keyboard.press("ArrowLeft")
        page.locator(f"{TREE} .node").first.hover()
        page.wait_for_timeout(500)
        assert count["sent"] == before
    asked = query(page)
    assert (asked["word"], asked["step"]) == ("1", "8")
    link, heading = page.url, page.locator(".orrery h2").inner_text()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(READY)
    expect(page.locator(".orrery h2")).to_have_text(heading)


def test_it_plays_to_the_end_and_stops(visit: Visit, page: Page) -> None:
    opened(visit, "the cat")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".why")).to_contain_text("1 token")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_timeout(300)
    assert query(page)["step"] == "2"


def test_another_text_begins_at_its_first_word_where_it_must(visit: Visit, page: Page) -> None:
    opened(visit, word="7", step="0")
    page.get_by_label("Text", exact=True).fill("cats sleep")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".orrery h2")).to_contain_text("cats")
    expect(page.locator(".strip [role=option]")).to_have_count(2)
    page.wait_for_timeout(400)
    assert "word" not in query(page)


def test_a_thousand_letters_and_a_thousand_words(visit: Visit, page: Page) -> None:
    opened(visit, "unstoppable" * 90)
    assert page.locator(f"{TREE} > g").count() < 300  # only what can be seen
    page.locator(".strip").focus()
    page.keyboard.press("End")
    expect(page.locator(".orrery h2")).to_contain_text("after 630 of 630 merges")
    page.locator(".tree").evaluate("e => { e.scrollLeft = 1e6; }")
    expect(page.locator(f'{TREE} .node[data-node="989"]')).to_be_in_viewport()  # its last letter

    opened(visit, "the cat " * 500, word="900")
    expect(page.locator("#word900")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#word900")).to_be_in_viewport()
    page.get_by_role("button", name="Earlier words").click()
    expect(page.get_by_text("words 601 to 900 of 1,001")).to_be_visible()


def drop(page: Page, document: str, name: str = "tokenizer.json") -> None:
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": document.encode()}
    )


def test_a_tokenizer_of_the_visitors_own(visit: Visit, page: Page) -> None:
    own = Tokenizer(models.BPE(unk_token="?", continuing_subword_prefix="##"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    own.train_from_iterator(["low lower lowest"], trainers.BpeTrainer(vocab_size=40, special_tokens=["?"]))
    opened(visit, "lowest slower x", step="1")
    drop(page, own.to_str())
    page.get_by_role("combobox", name="Tokenizer").click()
    page.get_by_role("option", name="your tokenizer.json").click()
    expect(page.locator("#word0")).to_contain_text("lowest")
    tokens = len(own.encode("lowest slower x").ids)
    expect(page.get_by_text(f"library's own {tokens} tokens").first).to_be_visible()


def test_words_that_are_not_merged_say_why(visit: Visit, page: Page) -> None:
    opened(visit, "a<|im_start|>low", word="1")
    expect(page.locator(".why")).to_contain_text("cut out of the text before any merge")
    page.locator("#word0").click()
    expect(page.locator(".why")).to_have_text("There is only one piece, and nothing to merge: 1 token.")
    own = Tokenizer(models.BPE({"l": 0, "o": 1, "w": 2, "low": 3}, [], ignore_merges=True))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    drop(page, own.to_str())
    page.get_by_role("combobox", name="Tokenizer").click()
    page.get_by_role("option", name="your tokenizer.json").click()
    page.get_by_label("Text", exact=True).fill("low wo")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".why")).to_contain_text("The whole word is in the vocabulary")
    page.locator("#word1").click()
    expect(page.locator(".why")).to_have_text("No two neighbours can be merged: 2 tokens.")


def test_what_a_stranger_drops_is_refused_in_one_sentence_and_nothing_is_lost(visit: Visit, page: Page) -> None:
    matching = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    endless = Tokenizer(models.BPE({"a": 0}, []))
    endless.pre_tokenizer = pre_tokenizers.Split(Regex("(a|aa|aaa)+$"), "isolated")
    opened(visit, "a word")
    chosen = page.get_by_role("combobox", name="Tokenizer")
    for document, sentence in (
        ("this is no JSON", "This file is not JSON"),
        (json.dumps({"model": 1}), "not a tokenizer.json"),
        (matching.to_str(), "This needs a BPE tokenizer, and this one is WordPiece"),
        (endless.to_str(), "expression"),
    ):
        drop(page, document)
        if chosen.input_value() != "your tokenizer.json":
            chosen.click()
            page.get_by_role("option", name="your tokenizer.json").click()
        expect(page.get_by_role("alert").first).to_contain_text(sentence)
        expect(page.get_by_label("Text", exact=True)).to_have_value("a word")


@pytest.mark.parametrize(
    "link",
    [
        "?view=replay&text=%3C/script%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&word=%3Cscript%3E&step=../..",
        "?view=replay&text=%ED%A0%80&step=99999999999999999999",
        "?view=replay&tokenizer=![x](http://example.org/x.png)",
        "?view=replay&tokenizer=../../etc/passwd&text=%E2%80%AEabc%00",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/tokenizers{link}")


def test_the_picture_and_the_files(visit: Visit, page: Page) -> None:
    opened(visit, "unstoppable", step="3")
    drawn = download(page, "Save picture as SVG").decode()
    assert drawn.startswith("<svg")
    for part in ("stop", "9,544", "Merges of unstoppable, step 3", "Tokenizer: SmolLM2"):
        assert part in drawn
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")
    assert b"unstoppable" in download(page, "All merges, CSV")
    ids = catalog.tokenizer("smollm2-135m")("unstoppable")["input_ids"]
    assert json.loads(download(page, "All merges, JSON"))["ids"] == ids


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, UGLY, step="3")
    axe(page)


@pytest.mark.parametrize("text", [UGLY, "unstoppable" * 90])
def test_a_telephone_needs_no_sideways_scrolling(text: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, text)
    page.wait_for_timeout(300)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
