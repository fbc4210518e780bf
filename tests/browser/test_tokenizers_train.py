"""The view "train" in a real browser: links, playing without a round trip, far jumps, files, bad input, axe, 390 px."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from tokenizers import Tokenizer

from models import bpe, bpe_places
from models.corpora import CORPORA
from tests.browser.wire import query, wire

Visit = Callable[[str], Page]
LOW = "/tokenizers?view=train&corpus=low&unit=characters&pretokenizer=whitespace"
ENGLISH = "/tokenizers?view=train&merges=1500"


def drawn(page: Page) -> Page:
    """The page once its figure is painted."""
    page.wait_for_selector("[data-ready='1']")
    expect(page.locator(".orrery h2")).to_be_visible()
    return page


def headline(page: Page) -> Locator:
    return page.locator(".orrery h2")


def rivals(page: Page) -> list[list[str]]:
    """The bars: [left, right, count]."""
    return page.locator(".rivals li").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('.tok bdi, .count')].map(part => part.textContent))"
    )


def words(page: Page) -> list[list[str]]:
    """The shown text: the chips of each word."""
    return page.locator(".flow .word").evaluate_all(
        "words => words.map(word => [...word.querySelectorAll('.tok bdi')].map(chip => chip.textContent))"
    )


def test_sennrichs_example_step_by_step_without_a_round_trip(visit: Visit, page: Page) -> None:
    training = bpe.train(CORPORA["low"].read(), 200, unit="characters", pretokenizer="whitespace")
    with wire(page) as count:
        drawn(visit(LOW))
        expect(headline(page)).to_contain_text("Before the first merge")
        page.wait_for_timeout(800)
        before = count["sent"]
        page.locator(".body").focus()
        for step in range(1, len(training.merges) + 1):
            page.keyboard.press("ArrowRight")
            left, right = (part.decode() for part in training.merges[step - 1])
            counted = int(training.winner_counts[step - 1])
            often = "once" if counted == 1 else f"{counted} times"
            expect(headline(page)).to_have_text(
                f"Merge {step}: {left} + {right} → {left}{right}, {often} in the corpus"
            )
            state = training.state(step)
            pairs = [
                [*(part.decode() for part in pair), str(n)] for pair, n in zip(state.pairs, state.counts, strict=True)
            ]
            assert rivals(page) == pairs
            table = state.segmentation.token_table
            shown = [text for text, number in zip(table.texts, table.ids.tolist(), strict=True) if number >= 0]
            assert [chip for word in words(page) for chip in word] == shown
            lit = page.locator(".flow .lit bdi").all_text_contents()
            assert lit == [left + right] * counted
        page.keyboard.press("Home")
        expect(headline(page)).to_contain_text("Before the first merge")
        page.locator(".flow .tok").first.hover()
        expect(page.locator(".readout")).to_contain_text("there from the beginning")
        page.wait_for_timeout(300)
        assert count["sent"] == before
    expect(page.get_by_text("12 merges of the 200 asked for")).to_be_visible()


def test_keys_numbers_curves_and_the_list_lead_to_the_same_step(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers?view=train"))
    page.locator(".body").focus()
    for key, step in [("PageDown", 10), ("Shift+PageDown", 110), ("PageUp", 100), ("ArrowLeft", 99), ("End", 200)]:
        page.keyboard.press(key)
        expect(headline(page)).to_contain_text(f"Merge {step}:")
    page.get_by_label("Go to merge").fill("57")
    page.keyboard.press("Enter")
    expect(headline(page)).to_contain_text("Merge 57:")
    curve = page.locator(".curve").first
    box = curve.bounding_box()
    assert box is not None
    curve.click(position={"x": box["width"] / 2, "y": 20})
    expect(headline(page)).to_contain_text("Merge 100:")
    page.locator(".merges button", has_text="101").click()
    expect(headline(page)).to_contain_text("Merge 101:")
    expect(page.locator(".merges [aria-current=step]")).to_contain_text("101")
    expect(page.get_by_label("Go to merge")).to_have_value("101")


def test_playing_needs_no_round_trip_and_stops_at_the_end(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit("/tokenizers?view=train&merges=120&step=90"))
        page.wait_for_timeout(800)
        before = count["sent"]
        page.get_by_label("Speed").select_option("30")
        page.locator(".body").focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(headline(page)).to_contain_text("Merge 120:")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        page.wait_for_timeout(400)
        assert count["sent"] == before
    assert query(page)["step"] == "120"


def test_playing_goes_on_beyond_the_tables_that_are_there_and_far_jumps_fetch_theirs(visit: Visit, page: Page) -> None:
    training = bpe.train(CORPORA["english"].read(), 1500)
    drawn(visit(f"{ENGLISH}&step=330"))  # with the pair tables of the steps 200 to 500
    page.get_by_label("Speed").select_option("100")
    page.get_by_role("button", name="Play").click()
    expect(headline(page)).to_contain_text(re.compile("Merge 5[1-9].:"), timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Go to merge").fill("1400")
    page.keyboard.press("Enter")
    expect(headline(page)).to_contain_text("Merge 1,400:")
    expect(page.locator(".rivals li")).to_have_count(12)
    expect(page.locator(".ties")).to_contain_text("different pairs")
    assert [int(row[2]) for row in rivals(page)] == training.state(1400).counts.tolist()
    page.get_by_role("button", name="Find the new token").click()
    made = b"".join(training.merges[1399]).decode()
    expect(page.locator(".flow .lit").first).to_be_in_viewport()
    assert set(page.locator(".flow .lit bdi").all_text_contents()) == {made}
    expect(page.get_by_role("button", name="Find the new token")).to_be_disabled()
    page.wait_for_timeout(300)
    assert int(query(page)["from"]) == bpe_places.first(training, 1399)


def test_every_part_of_the_state_stands_in_the_link(visit: Visit, page: Page) -> None:
    link = f"{ENGLISH}&unit=characters&pretokenizer=none&end=true&step=1234&from=50000&spaces=1"
    drawn(visit(link))
    training = bpe.train(CORPORA["english"].read(), 1500, unit="characters", pretokenizer="none", end_of_word=True)
    part = training.segment(1234, 50_000, 52_000)
    table = part.token_table
    shown = [re.sub(" {4,}", lambda run: f"␣×{len(run[0])}", text.replace("\n", "⏎")) for text in table.texts]
    assert page.locator(".flow .tok bdi").all_text_contents() == [text.replace(" ", "␣") for text in shown]
    marked = [number for number in table.ids.tolist() if training.pieces[number].endswith(b"</w>")]
    assert page.locator(".flow .tok small").all_text_contents() == ["</w>"] * len(marked)
    where = f"Characters {part.start + 1:,} to {part.end:,} of 200,000"
    expect(page.locator(".text .sub")).to_contain_text(where)
    page.get_by_role("button", name="Later").click()
    expect(page.locator(".text .sub")).not_to_contain_text(where)
    expect(page.locator(".text .sub")).not_to_contain_text("fetching")
    page.wait_for_timeout(400)
    told = page.locator(".text .sub").inner_text()
    asked = query(page)
    assert (asked["step"], asked["unit"], asked["end"]) == ("1234", "characters", "true")
    again = page.url
    page.goto("about:blank")
    page.goto(again)
    drawn(page)
    expect(page.locator(".text .sub")).to_have_text(told)
    expect(headline(page)).to_contain_text("Merge 1,234:")


def test_another_view_and_another_training_in_the_same_tab(visit: Visit, page: Page) -> None:
    drawn(visit(f"{ENGLISH}&step=1400&from=100000"))
    page.get_by_label("Go to merge").fill("700")
    page.keyboard.press("Enter")
    expect(page.locator(".rivals li")).to_have_count(12)
    page.get_by_role("radio", name="Chat").click()
    expect(page.locator(".flow")).to_have_count(0, timeout=30_000)
    page.get_by_role("radio", name="Train BPE").click()
    expect(page.locator(".rivals li")).to_have_count(12)
    page.get_by_role("combobox", name="Corpus").click()
    page.get_by_role("option", name="low").click()
    expect(page.locator(".orrery .now .sub")).to_contain_text("low, lower, newest, widest")
    expect(page.locator(".flow .word").first).to_be_visible()
    page.locator(".body").focus()
    page.keyboard.press("End")
    expect(page.locator(".ties")).to_contain_text("No two tokens stand side by side")


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return Path(caught.value.path()).read_bytes()


def test_files_carry_what_the_library_has(visit: Visit, page: Page) -> None:
    text = CORPORA["low"].read()
    training = bpe.train(text, 200, unit="characters", pretokenizer="whitespace")
    drawn(visit(f"{LOW}&step=3"))
    table = pd.read_csv(io.BytesIO(download(page, "Merges as CSV")), comment="#")
    spelled = [
        (json.loads(left).encode(), json.loads(right).encode())
        for left, right in zip(table["left"], table["right"], strict=True)
    ]
    assert spelled == training.merges
    assert table["count_before"].tolist() == training.winner_counts.tolist()
    assert table["corpus_tokens"].tolist() == training.corpus_tokens[1:].tolist()
    assert table["vocabulary"].tolist() == training.vocabulary_sizes[1:].tolist()

    tokenizer = Tokenizer.from_str(download(page, "tokenizer.json").decode())
    ids = training.segment(len(training.merges), 0, len(text)).token_table.ids
    assert tokenizer.encode(text).ids == ids[ids >= 0].tolist()

    state = json.loads(download(page, "Save this step as JSON"))
    expected = training.state(3)
    assert state["step"] == 3
    assert state["merge"]["made"]["bytes"] == expected.new_token.hex(" ")
    assert state["merge"]["count"] == int(training.winner_counts[2])
    assert [pair["count"] for pair in state["pairs"]] == expected.counts.tolist()
    assert [[pair["left"]["id"], pair["right"]["id"]] for pair in state["pairs"]] == expected.pair_ids.tolist()
    assert (state["ties"], state["distinct pairs"]) == (expected.ties, expected.distinct_pairs)
    shown = expected.segmentation.token_table
    kept = [(int(number), list(span)) for number, span in zip(shown.ids, shown.spans, strict=True) if number >= 0]
    assert [(token["id"], token["characters"]) for token in state["text"]["tokens"]] == kept

    picture = download(page, "Save picture as SVG").decode()
    assert "Merge 3:" in picture
    assert picture.count(">low<") + picture.count(">lo<") >= 7  # those in the text, at least
    assert len(re.findall(r">\d+×<", picture)) <= 7  # of the list what was in sight, not all twelve
    assert len(download(page, "Save picture as PNG")) > 10_000


def test_bytes_that_are_no_letter_are_shown_as_bytes(visit: Visit, page: Page) -> None:
    text = "猫が好き。e\u0301 👩\u200d👩\u200d👧 猫も"
    training = bpe.train(text, 200)
    drawn(visit(f"/tokenizers?view=train&corpus=pasted&pasted={quote(text)}"))
    page.locator(".body").focus()
    for step in (0, 2, 5, len(training.merges)):
        page.get_by_label("Go to merge").fill(str(step))
        page.keyboard.press("Enter")
        expect(page.locator(".merges [aria-current=step]")).to_have_count(1 if step else 0)
        table = training.state(step).segmentation.token_table
        marks = [f"{part[0] + 1}/{part[1]}" for part in table.parts if part[1] > 1]
        expect(page.locator(".flow .tok small")).to_have_text(marks)
        assert page.locator(".flow .tok bdi").all_text_contents() == list(table.texts)
        assert "\ufffd" not in page.locator(".orrery").inner_text()
    assert r"\xe3\x80" in " ".join(page.locator(".merges button").all_text_contents())


def test_files_too_large_or_no_text(visit: Visit, page: Page, tmp_path: Path) -> None:
    visit("/tokenizers?view=train&corpus=file&merges=30&unit=characters")
    chooser = page.locator('input[type="file"]')
    large = tmp_path / "large.txt"
    large.write_bytes(b"word " * (11 * 2**18))
    chooser.set_input_files(large)
    expect(page.get_by_text("File must be 10.0MB or smaller.")).to_be_visible()
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe\x00word" * 10)
    chooser.set_input_files(binary)
    expect(page.get_by_text("This file is not text in UTF-8")).to_be_visible()
    good = tmp_path / "good.txt"
    good.write_text(("low" * 20 + "\n") * 100_000, "utf-8")  # 6 MB
    chooser.set_input_files(good)
    drawn(page)
    expect(page.locator(".orrery .now .sub")).to_contain_text("good.txt")
    expect(page.get_by_label("Merges", exact=True)).to_have_value("30")


def test_hostile_text_stays_text(visit: Visit, page: Page) -> None:
    text = "<img src=x onerror=alert(1)> </script><b>b</b> \u202eabc \x00 {{x}}"
    alerts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    drawn(visit(f"/tokenizers?view=train&corpus=pasted&pasted={quote(text)}&step=5&from=%3Cimg%20src=x%3E"))
    expect(page.get_by_role("alert").first).to_contain_text("The link asks for from")
    expect(page.locator(".flow")).to_contain_text("U+202E")
    assert page.locator("img[src='x']").count() == 0
    assert alerts == []


def test_one_letter_and_one_long_word(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers?view=train&corpus=pasted&pasted=a"))
    expect(page.get_by_text("The text holds no merge")).to_be_visible()
    expect(page.locator(".ties")).to_contain_text("No two tokens stand side by side")
    word = "".join(chr(97 + i * i % 26) for i in range(6000))
    drawn(visit(f"/tokenizers?view=train&corpus=pasted&pretokenizer=none&merges=20&step=20&from=3000&pasted={word}"))
    expect(page.locator(".text .sub")).to_contain_text("Characters 3,001 to 5,000 of 6,000")
    shown = "".join(page.locator(".flow .tok bdi").all_text_contents())
    assert word[3000:5000] in shown
    assert shown in word


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tokenizers?view=train&step=57", f"{LOW}&step=2&end=true"])
def test_axe_finds_nothing_grave(path: str, scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    drawn(visit(path))
    axe(page)


@pytest.mark.parametrize("path", ["/tokenizers?view=train&merges=2000&step=2000", f"{LOW}&step=2"])
def test_a_telephone_needs_no_sideways_scrolling(path: str, visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit(path))
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(".orrery").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_layout_stands_still_while_it_plays(visit: Visit, page: Page) -> None:
    drawn(visit("/tokenizers?view=train&step=1"))
    places = """() => [...document.querySelectorAll("*")].flatMap((host) => [...(host.shadowRoot?.querySelectorAll(
        ".orrery section, .orrery h2, .flow, .rivals") ?? [])].map((part) => {
            const box = part.getBoundingClientRect();
            return [box.top, box.height];
        }))"""
    page.locator(".body").focus()
    before = page.evaluate(places)
    assert before
    for key in ["ArrowRight", "PageDown", "Shift+PageDown", "End"]:
        page.keyboard.press(key)
        page.wait_for_timeout(120)
        assert page.evaluate(places) == before
