"""The view "word2vec" in a real browser: numbers against gensim and the traces, links, keys, files, a real stop."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from playwright.sync_api import Page, expect

from models import grammar_text, word2vec
from models.traces import Word2VecTraining
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire

Visit = Callable[[str], Page]
SETTINGS: dict[str, Any] = {"dimensions": 8, "epochs": 4}
QUICK = "&dimensions=8&epochs=4"
SENTENCE = "the king wears his crown"
MAP, STEP = ".st-key-word2vec-map", ".st-key-word2vec-step"


def opened(visit: Visit, rest: str = QUICK) -> Page:
    page = visit(f"/embeddings?view=word2vec{rest}")
    expect(page.locator(READY)).to_have_count(2, timeout=30_000)
    expect(page.get_by_role("button", name="Pairs, CSV")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def training() -> Word2VecTraining:
    return word2vec.train(grammar_text.text(), window=3, sample=0, **SETTINGS)


def test_neighbours_at_each_epoch_are_gensims(visit: Visit, page: Page, training: Word2VecTraining) -> None:
    opened(visit)
    chosen = training.words.index("cat")
    figure = page.locator(MAP)
    forward = figure.get_by_role("button", name="Step forward")
    for _ in range(chosen + 1):
        forward.press("ArrowDown")
    expect(figure.locator(".near h3")).to_have_text("Nearest to cat by cosine")
    expect(figure.locator(".readout")).to_contain_text("cat · kind: animals")
    expect(figure.locator(".legend bdi")).to_have_text([*dict.fromkeys(grammar_text.nouns().values()), "other words"])
    for epoch in (4, 3, 0):
        figure.get_by_role("slider").fill(str(epoch))
        name = f"Epoch {epoch}" if epoch else "Before the first epoch"
        expect(figure.locator("h2")).to_have_text(name)
        table = KeyedVectors(8)
        table.add_vectors(list(training.words), training.vectors[epoch])
        expected = table.most_similar("cat", topn=8)
        expect(figure.locator(".nearest bdi")).to_have_text([word for word, _ in expected])
        values = [float(value) for value in figure.locator(".nearest .value").all_inner_texts()]
        assert values == pytest.approx([cosine for _, cosine in expected], abs=0.001)


ROWS = """root => [...root.querySelectorAll("tbody tr")].map(row => [row.querySelector("bdi").textContent,
    ...["product", "sigmoid", "loss", "step"].map(name => row.querySelector(`td.${name} > span`)?.title ?? "")])"""


def test_every_number_of_every_pair_is_the_traces(visit: Visit, page: Page, training: Word2VecTraining) -> None:
    opened(visit, f"{QUICK}&sentence={quote(SENTENCE)}&after=2&pair=0&step=0")
    apart = word2vec.take_apart(training, 2, SENTENCE)
    figure = page.locator(f"{STEP} .orrery")
    figure.get_by_role("button", name="Step forward").focus()
    for number, step in enumerate(apart.steps):
        expect(figure.get_by_label("Pair", exact=True)).to_have_value(str(number))
        page.keyboard.press("End")
        expect(figure.locator(".result")).to_have_class("given result now")
        rows = figure.evaluate(ROWS)
        assert [row[0] for row in rows] == [training.words[word] for word in step.samples]
        shown = np.array([[value.replace("−", "-").replace("left alone", "nan") for value in row[1:]] for row in rows])
        for column, name in enumerate(("products", "sigmoids", "losses", "steps")):
            values = getattr(step, name)
            np.testing.assert_array_equal(shown[:, column].astype(values.dtype), values)
        page.keyboard.press("]")


def test_a_step_is_one_sample(visit: Visit, page: Page) -> None:
    opened(visit, f"{QUICK}&sentence={quote(SENTENCE)}&pair=3&step=0")
    figure = page.locator(STEP)
    done = figure.locator("tbody td.product > span")
    figure.get_by_role("button", name="Step forward").focus()
    samples = figure.locator("tbody tr").count()
    for step in range(samples + 1):
        expect(done).to_have_count(step)
        if step:
            expect(figure.locator("tbody tr.now")).to_have_count(1)
            expect(figure.locator(".why")).to_contain_text("o · h =")
        page.keyboard.press("ArrowRight")
    expect(figure.locator(".result svg")).to_be_visible()
    expect(figure.locator(".why")).to_contain_text("Last, the vector of")
    figure.locator("tbody tr").nth(1).click()
    expect(figure.locator(".why")).to_contain_text("should be 0")
    figure.locator(".given .hit").nth(2).hover()
    expect(figure.locator(".readout")).to_contain_text("h, number 3: ")


def test_scrubbing_and_stepping_need_no_round_trip_and_stand_in_the_link(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(1500)
        before = count["sent"]
        page.locator(MAP).get_by_role("button", name="Step forward").focus()
        for key in ("Home", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
        page.locator(f"{MAP} .point").nth(20).hover(force=True)
        page.locator(STEP).get_by_role("button", name="Step forward").focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "End", "ArrowLeft", "["):
            page.keyboard.press(key)
        page.locator(f"{STEP} button.word").nth(2).click()
        page.locator(STEP).get_by_role("button", name="Step forward").press("ArrowRight")
        page.get_by_role("button", name="Play").first.click()
        expect(page.locator(f"{MAP} h2")).to_have_text("Epoch 4")
        page.locator(MAP).get_by_role("button", name="Step back").press("ArrowLeft")
        page.wait_for_timeout(500)
        assert count["sent"] == before
    assert {name: query(page)[name] for name in ("epoch", "point", "step")} == {"epoch": "3", "point": "1", "step": "2"}
    link = page.url
    headings = page.locator(".orrery h2").all_inner_texts()
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(READY)).to_have_count(2, timeout=30_000)
    expect(page.locator(".orrery h2")).to_have_text(headings)
    expect(page.locator(f"{STEP} .player output")).to_contain_text("2 of")


def test_the_pictures_and_the_files(visit: Visit, page: Page, training: Word2VecTraining, tmp_path: Path) -> None:
    opened(visit, f"{QUICK}&point=2&sentence={quote(SENTENCE)}")
    file = tmp_path / "vectors.txt"
    file.write_bytes(download(page, "Vectors for gensim"))
    table = KeyedVectors.load_word2vec_format(str(file))
    assert tuple(table.index_to_key) == training.words
    np.testing.assert_array_equal(table.vectors, training.final)
    losses = pd.read_csv(io.BytesIO(download(page, "Losses, CSV")), comment="#")
    np.testing.assert_array_equal(losses["loss"], training.losses)
    assert json.loads(pd.read_csv(io.BytesIO(download(page, "Vectors, CSV")), comment="#")["word"][0]) == "the"
    pairs = pd.read_csv(io.BytesIO(download(page, "Pairs, CSV")), comment="#")
    assert pairs["pair"].nunique() == len(word2vec.take_apart(training, 1, SENTENCE).steps)
    for number, parts in enumerate((("Words while word2vec is trained", "Loss for each word"), ("crown", "sigmoid"))):
        with page.expect_download() as started:
            page.get_by_role("button", name="Save picture as SVG").nth(number).click()
        drawn = started.value.path().read_text("utf-8")
        assert all(part in drawn for part in (*parts, "trained on A small grammar's sentences"))
        with page.expect_download() as started:
            page.get_by_role("button", name="Save picture as PNG").nth(number).click()
        assert started.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_training_is_seen_on_its_way_and_can_be_stopped(server: str, page: Page) -> None:
    long = "corpus=english&epochs=100&dimensions=200&window=20&negative=20&seed=1"
    page.goto(f"{server}/embeddings?view=word2vec&{long}")  # `visit` would wait for the end of it
    caption = page.get_by_text(re.compile(r"After epoch \d+ of 100"))
    expect(caption).to_be_visible(timeout=30_000)
    source = page.locator('[data-testid="stImage"] img').get_attribute("src") or ""
    assert source.startswith("data:image/svg+xml")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. Nothing was lost.")).to_be_visible()
    expect(caption).to_have_count(0)
    expect(page.get_by_role("spinbutton", name="Dimensions")).to_have_value("200")
    expect(page.get_by_role("button", name="Run it again")).to_be_visible()


def test_a_stranger_s_words_stay_words(visit: Visit, page: Page) -> None:
    text = "<img src=x onerror=alert(1)> [a](http://example.org) **b** " * 3
    with harmless(page):
        visit(
            f"/embeddings?view=word2vec&corpus=pasted&pasted={quote(text)}&epochs=2&point=1&sentence={quote(text[:30])}"
        )
        expect(page.locator(READY)).to_have_count(2, timeout=30_000)
        expect(page.locator(f"{MAP} .labels")).to_contain_text("onerror")
        expect(page.locator(f"{MAP} .legend")).to_be_hidden()  # only the grammar knows kinds


def test_a_wrong_sentence_leaves_the_map_and_the_text(visit: Visit, page: Page) -> None:
    visit(f"/embeddings?view=word2vec{QUICK}&sentence=the+zebra&after=77")
    expect(page.get_by_role("alert")).to_contain_text("There is no epoch 77")
    box = page.get_by_role("spinbutton", name="After epoch")
    box.fill("2")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text('"zebra" is not among the 67')
    expect(page.locator(READY)).to_have_count(1)
    sentence = page.get_by_role("textbox", name="Sentence to take apart")
    expect(sentence).to_have_value("the zebra")
    sentence.fill("the horse")
    sentence.press("Control+Enter")
    expect(page.locator(f"{STEP} h2")).to_contain_text("horse")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, f"{QUICK}&point=3&step=4&mode=cbow")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    words = "a verylongwordthatnobodywouldeverthinkofwritingdown" * 2
    opened(visit, f"&corpus=pasted&pasted={quote(f'{words} b. ' * 5)}&epochs=2&step=9&point=1")
    page.wait_for_timeout(300)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
