"""Tables of similarities in a browser: the hand, the keys, the link, colours that mean what they say, and strangers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser import alone
from tests.browser.alone import HOST, view
from viz import theme
from viz.components import similarity as component

NAMES = ["The dog bit the man.", "The man bit the dog.", "A physician checked the sick woman.", "x"]
Open = Callable[..., Page]


def cosines(size: int, pictures: int = 1, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(pictures, size, 6))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.clip(vectors @ vectors.transpose(0, 2, 1), -1, 1).astype(np.float32)


def table(values: NDArray[np.float32], rows: list[str] | None = None, **more: Any) -> bytes:
    usual: dict[str, Any] = {"titles": [f"Picture {k}" for k in range(len(values))], "title": "A table"}
    usual |= {"facts": ["one line"], "low": -1, "high": 1}
    return component.pack(values, rows or [f"row {i}" for i in range(values.shape[1])], **usual | more)


@pytest.fixture
def show(page: Page) -> Open:
    """Opens a table at a link."""

    def go(packed: bytes, query: str = "", width: int = 1280, scheme: str = "light") -> Page:
        data = json.loads(b"{" + packed + b"}")["data"]
        kinds = component.parameters(len(data["titles"]), len(data["rows"]), len(data["columns"] or data["rows"]))
        return alone.show(page, component, packed, kinds, query, width=width, scheme=scheme)

    return go


def place(page: Page, row: float, column: float, picture: int = 0) -> tuple[float, float]:
    """Where the middle of a cell is in the window; -1 is in the labels."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    left, top, wide, high = page.evaluate(
        "(k) => { const { grid } = window.figure; return [grid.left(k), grid.top, grid.wide, grid.high]; }", picture
    )
    return box["x"] + left + (column + 0.5) * wide, box["y"] + top + (row + 0.5) * high


def readout(page: Page) -> list[str]:
    view(page)
    return page.locator(".readout p").all_text_contents()


def signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def query(page: Page, holding: str) -> str:
    page.wait_for_function("(text) => location.search.includes(text)", arg=holding)
    return urlsplit(page.url).query


def test_the_hand_reads_every_picture_at_once_without_the_server(show: Open) -> None:
    values = cosines(4, 3)
    page = show(table(values, NAMES, titles=["Counts", "TF-IDF", "Vectors"]))
    assert readout(page) == ["Point at a cell to read it; click to keep it."]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.mouse.move(*place(page, 2, 0, picture=1))
    expected = "".join(
        f"{name} {signed(value)}" for name, value in zip(["Counts", "TF-IDF", "Vectors"], values[:, 2, 0], strict=True)
    )
    assert readout(page) == [f"{NAMES[2]} · {NAMES[0]}", expected]
    page.mouse.move(*place(page, 3, 1, picture=2))
    assert readout(page)[0] == f"{NAMES[3]} · {NAMES[1]}"
    x, y = place(page, 1, 0)
    page.mouse.move(x - page.evaluate("window.figure.grid.wide"), y)  # the label beside the row
    assert readout(page) == [NAMES[1]]
    page.mouse.move(5, 5)
    assert readout(page) == ["Point at a cell to read it; click to keep it."]
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.mouse.click(*place(page, 1, 2))
    page.mouse.move(5, 5)
    assert readout(page)[0] == f"{NAMES[1]} · {NAMES[2]}"
    assert query(page, "column=2") == "row=1&column=2"
    assert page.evaluate("window.asked") is None


def test_arrows_go_from_cell_to_cell(show: Open) -> None:
    values = cosines(4, 2)
    page = show(table(values, NAMES))
    page.locator(".stage").focus()
    cells = [
        ("ArrowDown", (0, 0)),
        ("ArrowRight", (0, 1)),
        ("ArrowDown", (1, 1)),
        ("ArrowUp", (0, 1)),
        ("ArrowUp", (0, 1)),
    ]
    for key, (row, column) in cells:
        page.keyboard.press(key)
        now = view(page)
        assert (now["row"], now["column"]) == (row, column), key
    said = f"{NAMES[0]}, {NAMES[1]}: Picture 0 {signed(values[0, 0, 1])}, Picture 1 {signed(values[1, 0, 1])}"
    assert page.evaluate(f"{HOST}.querySelector('[aria-live]').textContent") == said
    page.keyboard.press("Escape")
    assert view(page)["row"] is None


def test_the_page_is_told_of_a_choice_if_it_wants_to_be(show: Open) -> None:
    page = show(table(cosines(4), NAMES, asks=True), "row=2&column=2")
    page.mouse.move(*place(page, 0, 3))
    page.locator(".stage").focus()
    page.keyboard.press("]")
    page.wait_for_timeout(400)
    assert page.evaluate("window.asked") is None  # not for pointing, nor for another picture
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("window.asked")
    assert page.evaluate("window.asked") == ["chosen", [3, 3]]
    page.keyboard.press("Escape")
    page.wait_for_function("window.asked[1][0] < 0")


def test_one_picture_at_a_time_where_there_is_no_room(show: Open) -> None:
    values = cosines(5, 7)
    page = show(table(values, titles=[f"Layer {k}" for k in range(7)]), "picture=3&row=1&column=2")
    chosen = page.get_by_role("combobox", name="Picture")
    assert chosen.input_value() == "Layer 3"
    for act, layer in (
        (lambda: page.get_by_role("button", name="Next picture").click(), 4),
        (lambda: page.keyboard.press("]"), 5),
        (lambda: page.keyboard.press("]"), 6),
        (lambda: page.keyboard.press("]"), 0),
        (lambda: page.keyboard.press("["), 6),
        (lambda: chosen.select_option("Layer 2"), 2),
    ):
        act()
        assert view(page)["picture"] == layer
        assert readout(page)[1] == f"Layer {layer} {signed(values[layer, 1, 2])}"
    assert f"Layer 2. Highest: {best(values[2])}" in str(page.locator("#summary").text_content())
    few = table(cosines(5, 3))
    assert show(few, width=1280).locator("select").is_hidden()
    assert show(few, width=390).locator("select").is_visible()


def best(values: NDArray[np.float32]) -> str:
    """The most alike two of a square table, as the text alternative names them."""
    rows, columns = np.triu_indices(len(values), 1)
    at = int(values[rows, columns].argmax())
    return f"row {rows[at]}, row {columns[at]}: {signed(values[rows[at], columns[at]])}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_the_themes(show: Open, scheme: str) -> None:
    def drawn(page: Page) -> list[list[int]]:
        view(page)
        return list(
            page.evaluate(
                """() => [0, 1, 2].map((column) => { const canvas = window.figure.stage.querySelector("canvas");
                    const wide = canvas.width / 3, at = [(column + 0.5) * wide, canvas.height / 2].map(Math.floor);
                    return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3); })"""
            )
        )

    def colour(text: str) -> list[int]:
        return [int(text[k : k + 2], 16) for k in (1, 3, 5)]

    signed = np.array([[[-1, 0, 1]]], dtype=np.float32)
    page = show(table(signed, columns=["a", "b", "c"]), scheme=scheme)
    diverging = theme.DIVERGING[scheme]
    assert drawn(page) == [colour(diverging[0]), colour(theme.PAPER[scheme]["paper"]), colour(diverging[-1])]
    half = show(table(signed / np.float32(2) + np.float32(0.25), columns=["a", "b", "c"], low=-0.5), scheme=scheme)
    least, zero, most = drawn(half)  # -0.25, 0.25, 0.75: as far from 0, as far from the paper
    assert np.argmax(least) != np.argmax(most)
    assert abs(np.subtract(zero, colour(theme.PAPER[scheme]["paper"]))).max() > 20
    sequential = theme.SEQUENTIAL[scheme]
    page = show(
        table(abs(signed[..., ::-1]) * np.array([[[1, 1, 0.5]]], dtype=np.float32), columns=["a", "b", "c"], low=0),
        scheme=scheme,
    )
    assert drawn(page)[:2] == [colour(sequential[-1]), colour(sequential[0])]
    assert abs(np.subtract(drawn(page)[2], colour(sequential[3]))).max() <= 2


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_have_room_and_are_whole_when_pointed_at(show: Open, width: int) -> None:
    long = [f"{i} is the number of this sentence, which is far too long for the margin of a picture" for i in range(60)]
    page = show(table(cosines(60), long, titles=[""]), width=width)
    boxes = np.array(
        page.locator("svg text[data-row]").evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect()).map(({ left, top, bottom }) => [left, top, bottom])"
        )
    )
    assert len(boxes) > 10
    assert boxes[:, 0].min() >= -1
    assert (boxes[1:, 1] >= boxes[:-1, 2] - 4).all()  # lines of letters, with their own space above and below
    page.mouse.move(*place(page, 7, 9))
    assert readout(page)[0] == f"{long[7]} · {long[9]}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "size"), [(1280, 76), (1280, 81), (390, 53)])
def test_upright_labels_stay_inside(show: Open, width: int, size: int) -> None:
    page = show(table(cosines(size, 3), [f"{i} is a sentence" for i in range(size)]), width=width)
    edge = page.locator(".stage").bounding_box()
    assert edge is not None
    ends = page.locator("svg text[transform]").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert page.evaluate("window.figure.upright")
    assert max(ends) <= edge["x"] + edge["width"] + 1


def test_a_link_shows_the_same_again(show: Open) -> None:
    packed = table(cosines(30, 3))
    link = "picture=2&row=11&column=29"
    page = show(packed, link, width=700)
    assert view(page) == {"picture": 2, "row": 11, "column": 29}
    first = page.locator(".stage").screenshot()
    page.locator(".stage").focus()
    page.keyboard.press("ArrowDown")
    changed = query(page, "row=12")
    assert page.locator(".stage").screenshot() != first
    assert show(packed, link, width=700).locator(".stage").screenshot() == first
    assert view(show(packed, changed))["row"] == 12


def test_saved_pictures_hold_cells_words_and_legend(show: Open, tmp_path: Path) -> None:
    page = show(table(cosines(4, 2), NAMES), "row=0&column=1")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture as SVG").click()
    saved.value.save_as(tmp_path / "table.svg")
    text = (tmp_path / "table.svg").read_text("utf-8")
    assert text.count("<image ") == 2
    for word in ["A table", "one line", "Picture 1", NAMES[0], "1.00"]:
        assert f">{word}<" in text
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture as PNG").click()
    saved.value.save_as(tmp_path / "table.png")
    assert (tmp_path / "table.png").read_bytes().startswith(b"\x89PNG")


def test_strangers_labels_do_nothing(show: Open) -> None:
    hostile = [
        "<img src=x onerror='window.owned = 1'>",
        "</script><script>window.owned = 1</script>",
        "\u202eab\x00",
        "",
    ]
    page = show(table(cosines(4), hostile, title=hostile[0], facts=hostile, titles=hostile[:1]), "row=0&column=1")
    assert readout(page)[0] == f"{hostile[0]} · {hostile[1]}"
    assert page.locator("img, #host script").count() == 0
    assert page.evaluate("window.owned") is None


@pytest.mark.parametrize("size", [(1, 1, 1), (1, 1, 40), (2, 40, 1), (4, 500, 500)])
def test_odd_sizes_are_drawn(show: Open, size: tuple[int, int, int]) -> None:
    values = np.full(size, 0.5, dtype=np.float32)
    page = show(table(values, columns=[f"column {i}" for i in range(size[2])]))
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.mouse.move(*place(page, size[1] - 1, size[2] - 1))
    assert readout(page)[0] == f"row {size[1] - 1} · column {size[2] - 1}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    show: Open, axe: Callable[[Page], None], scheme: str, width: int
) -> None:
    page = show(table(cosines(4, 3), NAMES), "row=0&column=1", width, scheme)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("window.close_()")
    assert page.evaluate(f"{HOST}.querySelectorAll('.orrery').length") == 0
