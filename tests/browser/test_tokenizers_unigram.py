"""The unigram view in a real browser: its parts and their links, keys, no round trips, files, hostile text, axe."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Dialog, Page, expect
from sentencepiece import SentencePieceProcessor

from models import unigram
from models.corpora import CORPORA
from tests.browser.wire import query, wire

Visit = Callable[[str], Page]
READY = "[data-ready='1']"
VIEW = "/tokenizers?view=unigram&corpus=low&size=17"
TEXT = "low lowest"


def drawn(page: Page, part: str = "lattice") -> Page:
    """The page once its figure shows a part."""
    page.wait_for_selector(READY)
    expect(page.locator(f'.orrery[data-part="{part}"]')).to_be_visible()
    return page


def again(page: Page, part: str) -> Page:
    """The same link in a fresh tab."""
    page.wait_for_timeout(400)
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    return drawn(page, part)


def chips(page: Page, row: int) -> list[str]:
    return page.locator("td.pieces").nth(row).locator(".tok").all_inner_texts()


def test_the_lattice_is_the_models_and_needs_no_round_trip(visit: Visit, page: Page) -> None:
    training = unigram.train(CORPORA["low"].read(), vocabulary_size=17)
    lattice = unigram.lattice(training, TEXT)
    with wire(page) as count:
        drawn(visit(f"{VIEW}&text={quote(TEXT)}"))
        expect(page.locator(".edge")).to_have_count(len(lattice.starts))
        assert page.locator(".edge.path bdi").all_inner_texts() == [lattice.edge_pieces[edge] for edge in lattice.best]
        page.wait_for_timeout(1000)
        before = count["sent"]
        other = next(edge for edge in range(len(lattice.starts)) if edge not in lattice.best)
        page.locator(f'.edge[data-edge="{other}"]').hover()
        readout = page.locator(".readout")
        expect(readout).to_contain_text(f"log p {lattice.scores[other]:.3f}".replace("-", "−"))
        expect(readout).to_contain_text("less probable")
        page.locator(f'.edge[data-edge="{lattice.best[0]}"]').click()
        expect(readout).to_contain_text("This is the best path.")
        page.keyboard.press("ArrowRight")
        expect(page.locator('.edge[aria-pressed="true"]')).to_have_attribute("data-edge", str(lattice.best[1]))
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        chosen = int(page.locator('.edge[aria-pressed="true"]').get_attribute("data-edge") or -1)
        assert chosen not in lattice.best
        assert lattice.starts[chosen] == lattice.starts[lattice.best[0]]
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Next word").click()
        page.get_by_role("button", name="Next word").click()
        expect(page.locator("h2").filter(has_text="Word 2 of 2")).to_be_visible()
        page.wait_for_timeout(500)
        assert count["sent"] == before
    assert query(page)["word"] == "1"
    again(page, "lattice")
    expect(page.locator("h2").filter(has_text="Word 2 of 2")).to_be_visible()
    page.locator(".edge").first.focus()
    page.keyboard.press("ArrowRight")
    edge = page.locator('.edge[aria-pressed="true"]').get_attribute("data-edge")
    again(page, "lattice")
    assert page.locator('.edge[aria-pressed="true"]').get_attribute("data-edge") == edge
    page.locator('.edge[aria-pressed="true"]').focus()
    page.keyboard.press("Escape")
    expect(page.locator('.edge[aria-pressed="true"]')).to_have_count(0)


def test_the_best_ways_and_their_link(visit: Visit, page: Page) -> None:
    training = unigram.train(CORPORA["low"].read(), vocabulary_size=17)
    nearest = unigram.n_best(unigram.lattice(training, TEXT), 20)
    drawn(visit(f"{VIEW}&text={quote(TEXT)}"))
    page.get_by_role("tab", name="Best ways").click()
    slider = page.get_by_label("How many of the best")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("tbody tr")).to_have_count(7)
    again(page, "best")
    assert (query(page)["part"], query(page)["n"]) == ("best", "7")
    for row, path in enumerate(nearest[:7]):
        assert chips(page, row) == list(path.pieces)
    numbers = page.locator("tbody tr").first.locator("td.number").all_inner_texts()
    assert numbers[1] == f"{nearest[0].log_probability:.3f}".replace("-", "−")
    assert numbers[2] == f"{100 * nearest[0].share:.1f}%"


def test_samples_are_drawn_by_the_server_and_the_link_draws_the_same(visit: Visit, page: Page) -> None:
    training = unigram.train(CORPORA["low"].read(), vocabulary_size=17)
    lattice = unigram.lattice(training, TEXT)
    drawn(visit(f"{VIEW}&text={quote(TEXT)}&seed=4"))
    page.get_by_role("tab", name="Samples").click()
    page.get_by_label("Alpha").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("alpha 0, seed 4")).to_be_visible()
    page.get_by_role("button", name="Draw again").click()
    expect(page.get_by_text("alpha 0, seed 5")).to_be_visible()
    expect(page.locator("tbody tr").first.locator("td.number").nth(2)).to_have_text(
        f"{100 / unigram.ways(lattice):.1f}%"  # at alpha 0 all ways are alike
    )
    first = page.locator("table").inner_text()
    again(page, "samples")
    assert (query(page)["alpha"], query(page)["seed"]) == ("0", "5")
    assert page.locator("table").inner_text() == first
    found = unigram.sample(lattice, alpha=0.0, count=100, seed=5)
    expect(page.get_by_text(f"100 samples, {len({path.pieces for path in found})} different")).to_be_visible()


def test_rounds_step_with_the_arrows(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        drawn(visit("/tokenizers?view=unigram&corpus=code&size=600&text=self&part=rounds"), "rounds")
        page.wait_for_timeout(1000)
        before = count["sent"]
        page.get_by_role("tab", name="Training rounds").focus()
        page.get_by_role("button", name="Next round").click()
        expect(page.locator("h2").filter(has_text="Round 2 of")).to_be_visible()
        page.keyboard.press("ArrowRight")
        expect(page.locator("h2").filter(has_text="Round 3 of")).to_be_visible()
        expect(page.locator("h3").filter(has_text="Pruned").first).to_be_visible()
        page.wait_for_timeout(500)
        assert count["sent"] == before
    again(page, "rounds")
    expect(page.locator("h2").filter(has_text="Round 3 of")).to_be_visible()


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return Path(caught.value.path()).read_bytes()


def test_the_files_carry_the_models_own_numbers(visit: Visit, page: Page) -> None:
    training = unigram.train(CORPORA["low"].read(), vocabulary_size=17)
    lattice = unigram.lattice(training, TEXT)
    nearest = unigram.n_best(lattice, 20)
    drawn(visit(f"{VIEW}&text={quote(TEXT)}"))

    def table(name: str) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(download(page, name)), comment="#", float_precision="round_trip")

    edges = table("Lattice, CSV")
    assert edges["log_probability"].tolist() == lattice.scores.tolist()
    assert edges["share"].tolist() == lattice.shares.tolist()
    assert [json.loads(piece) for piece in edges["piece"]] == list(lattice.edge_pieces)
    assert set(edges.index[edges["best"] == 1]) == set(lattice.best.tolist())
    ways = table("Best ways, CSV")
    assert ways["log_probability"].tolist() == [path.log_probability for path in nearest]
    assert [json.loads(json.loads(ids)) for ids in ways["ids"]] == [path.ids.tolist() for path in nearest]
    assert table("Samples, CSV")["times"].sum() == 100
    rounds = table("Training rounds, CSV")
    assert rounds.groupby("round").size().tolist() == training.sizes.tolist()
    vocabulary = table("Vocabulary, CSV")
    assert len(vocabulary) == len(training.pieces) - 3
    model = SentencePieceProcessor(model_proto=download(page, "SentencePiece model"))
    assert model.encode(TEXT) == nearest[0].ids.tolist()
    record = json.loads(download(page, "All of it, JSON"))
    assert record["edges"]["share"] == lattice.shares.tolist()
    assert record["nearest"][0]["pieces"] == list(nearest[0].pieces)
    assert record["training"]["final"] == list(training.final)

    drawing = download(page, "Save picture as SVG").decode()
    assert all(f">{piece}<" in drawing for piece in nearest[0].pieces)
    assert download(page, "Save picture as PNG").startswith(b"\x89PNG")


def test_another_text_keeps_the_part_and_lets_go_of_the_piece(visit: Visit, page: Page) -> None:
    drawn(visit(f"{VIEW}&text={quote(TEXT)}&edge=8"))
    page.get_by_role("tab", name="Best ways").click()
    page.get_by_label("Text", exact=True).fill("low")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The 2 best ways to cut it")).to_be_visible()
    drawn(page, "best")
    page.get_by_role("tab", name="Lattice").click()
    expect(page.locator('.edge[aria-pressed="true"]')).to_have_count(0)
    page.wait_for_timeout(400)
    assert "edge" not in query(page)


def test_a_long_text_shows_some_words_at_a_time(visit: Visit, page: Page) -> None:
    drawn(visit(f"{VIEW}&text={quote('lowest ' * 250)}"))
    expect(page.get_by_text("words 1 to 100 of 250")).to_be_visible()
    expect(page.locator(".word")).to_have_count(100)
    page.get_by_role("button", name="Later words").click()
    expect(page.get_by_text("words 101 to 200 of 250")).to_be_visible()
    again(page, "lattice")
    expect(page.get_by_text("words 101 to 200 of 250")).to_be_visible()
    page.get_by_role("tab", name="Best ways").click()
    assert page.locator("td.pieces").nth(1).locator(".tok").count() < 20  # what is cut as in the best is only counted


HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> \u202e ![x](http://example.org/x.png) 👩‍👩‍👧"


def test_hostile_text_is_only_text(visit: Visit, page: Page) -> None:
    alerts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    drawn(visit(f"{VIEW}&text={quote(HOSTILE)}&edge=3"))
    for part in ("Best ways", "Samples", "Lattice"):
        page.get_by_role("tab", name=part).click()
        page.wait_for_timeout(200)
        assert alerts == []
        assert page.locator("img[src='x'], img[src*='example.org']").count() == 0
        assert "\ufffd" not in page.locator(".orrery").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    drawn(visit(f"{VIEW}&text=lowest+☃&edge=1&round=9"))
    axe(page)
    for part in ("Best ways", "Samples", "Training rounds"):
        page.get_by_role("tab", name=part).click()
        page.wait_for_timeout(200)
        axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(visit(f"{VIEW}&text={quote('lowest ' + 'Pneumonoultramicroscopicsilicovolcanoconiosis ' * 2)}"))
    for part in ("Best ways", "Samples", "Training rounds", "Lattice"):
        page.get_by_role("tab", name=part).click()
        page.wait_for_timeout(200)
        main = '[data-testid="stMain"]'
        assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth"), part
        assert page.locator(".orrery").evaluate("element => element.scrollWidth <= element.clientWidth"), part
