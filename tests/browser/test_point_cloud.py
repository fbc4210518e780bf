"""The cloud of points in a browser: the hand, the keys, the search, the link, and strangers' labels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser import alone
from tests.browser.alone import HOST, view
from viz import theme
from viz.components import point_cloud as component
from viz.components.point_cloud import Groups, Magnitude, Rank

# A cross: the middle, and one point on each side of it.
CROSS = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], dtype=np.float32)
NAMES = ["middle", "right", "left", "top", "bottom"]
Open = Callable[..., Page]


def cloud(points: NDArray[np.float32] = CROSS, labels: list[str] | None = None, **more: Any) -> bytes:
    return component.pack(points, labels or NAMES, **{"title": "A cloud", "facts": ["one line"], **more})


def many(count: int, seed: int = 0) -> tuple[NDArray[np.float32], list[str]]:
    """Points in clumps, as words lie on a map."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(40, 2)) * 3
    points = centres[random.integers(0, 40, count)] + random.normal(size=(count, 2))
    return points.astype(np.float32), [f"word{i}" for i in range(count)]


@pytest.fixture
def show(page: Page) -> Open:
    """Opens a cloud at a link."""

    def go(packed: bytes, query: str = "", width: int = 1280, scheme: str = "light") -> Page:
        count = json.loads(b"{" + packed + b"}")["data"]["count"]
        return alone.show(page, component, packed, component.parameters(count), query, width=width, scheme=scheme)

    return go


def place(page: Page, point: int) -> tuple[float, float]:
    """Where a point is in the window."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    view(page)
    x, y = page.evaluate("(i) => [window.figure.points.x[i], window.figure.points.y[i]]", point)
    return box["x"] + 1 + x, box["y"] + 1 + y


def labels(page: Page) -> list[str]:
    view(page)
    return list(page.evaluate("window.figure.placed.map((label) => label.text)"))


def query(page: Page, holding: str) -> str:
    page.wait_for_function("(text) => location.search.includes(text)", arg=holding)
    return urlsplit(page.url).query


@pytest.mark.parametrize("dimensions", [2, 3])
def test_points_stand_where_they_are(show: Open, dimensions: int) -> None:
    random = np.random.default_rng(1)
    points = (random.normal(size=(300, dimensions)) * [3, 1, 0.1][:dimensions]).astype(np.float32)
    page = show(cloud(points, [f"p{i}" for i in range(300)]))
    low, high = points.min(axis=0), points.max(axis=0)
    drawn = np.array(page.evaluate("window.figure.points.axes.map((axis) => [...axis])")).T
    exact = (points - (low + high) / 2) / (high - low).max()
    assert np.abs(drawn - exact).max() <= 1 / 65535
    if dimensions == 2:
        screen = np.array(page.evaluate("[[...window.figure.points.x], [...window.figure.points.y]]")).T
        across = screen - screen[0]
        assert across / across[1, 0] * (exact[1, 0] - exact[0, 0]) == pytest.approx(
            (exact - exact[0]) * [1, -1], abs=1e-3
        )


def test_three_dimensions_are_seen_without_distortion(show: Open) -> None:
    points = np.random.default_rng(2).normal(size=(50, 3)).astype(np.float32)
    page = show(cloud(points, [f"p{i}" for i in range(50)]), "turn=-77.5&tilt=41")
    rows = np.array(page.evaluate("window.figure.points.directions(window.figure.state)"))
    assert rows @ rows.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(rows) == pytest.approx(1)
    depth = np.array(page.evaluate("[...window.figure.points.order].map((i) => window.figure.points.depth[i])"))
    assert (np.diff(depth) > -0.002).all()


def test_the_hand_pans_zooms_and_resets(show: Open) -> None:
    page = show(cloud())
    x, y = place(page, 3)
    page.mouse.move(x + 60, y + 60)
    page.mouse.down()
    page.mouse.move(x + 160, y + 90, steps=4)
    page.mouse.up()
    moved = place(page, 3)
    assert moved == pytest.approx((x + 100, y + 30), abs=1)
    page.mouse.move(*moved)
    page.mouse.wheel(0, -600)
    assert view(page)["zoom"] > 2
    assert place(page, 3) == pytest.approx(moved, abs=3)  # a wheel's place is told in whole pixels
    assert view(page)["point"] is None
    page.mouse.move(moved[0], moved[1] + 80)
    page.locator(".stage").dblclick(position={"x": 300, "y": 5})
    assert page.evaluate("window.asked") is None  # all of it without the server
    assert {name: view(page)[name] for name in ("x", "y", "zoom")} == {"x": 0, "y": 0, "zoom": 1}


def test_two_fingers_zoom(show: Open) -> None:
    page = show(cloud())
    page.evaluate(
        """() => {
            const stage = window.figure.stage, box = stage.getBoundingClientRect();
            const send = (type, pointerId, x) => stage.dispatchEvent(new PointerEvent(type,
                { pointerId, pointerType: "touch", clientX: box.left + x, clientY: box.top + 200, bubbles: true }));
            stage.setPointerCapture = () => {};
            send("pointerdown", 1, 500); send("pointerdown", 2, 600);
            send("pointermove", 2, 700);
            send("pointerup", 1, 500); send("pointerup", 2, 700);
        }"""
    )
    assert view(page)["zoom"] == pytest.approx(2)
    assert view(page)["point"] is None


def test_a_drag_turns_three_dimensions_and_shift_pans(show: Open) -> None:
    points = np.random.default_rng(3).normal(size=(60, 3)).astype(np.float32)
    page = show(cloud(points, [f"p{i}" for i in range(60)]))
    before = view(page)
    page.mouse.move(400, 400)
    page.mouse.down()
    page.mouse.move(500, 450, steps=3)
    page.mouse.up()
    after = view(page)
    assert (after["turn"], after["tilt"]) != (before["turn"], before["tilt"])
    assert (after["x"], after["y"]) == (0, 0)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(400, 400, steps=3)
    page.mouse.up()
    assert view(page)["turn"] == after["turn"]
    assert view(page)["x"] > 0


def test_a_click_keeps_a_point_and_its_neighbours_are_told(show: Open) -> None:
    points = np.array([[0, 0], [10, 0], [0, 1], [3, 0], [0, 2]], dtype=np.float32)
    page = show(cloud(points, ["a", "b", "c", "d", "e"], colour=Groups([0, 1, 0, 1, 0], ["odd", "even"])))
    page.mouse.move(*place(page, 3))
    view(page)
    readout = page.locator(".readout")
    assert readout.inner_text().split("\n")[0] == "d · even"
    page.mouse.click(*place(page, 0))
    view(page)
    assert "a · odd" in readout.inner_text()
    assert "Nearest to a in the picture: c, e, d and b." in readout.inner_text()
    assert "Chosen: a · odd. Nearest to a in the picture: c, e, d and b." in str(
        page.locator("#summary").text_content()
    )
    assert query(page, "point=0") == "point=0"
    page.locator(".stage").click(position={"x": 5, "y": 5})
    assert view(page)["point"] is None


def test_arrows_go_from_point_to_point(show: Open) -> None:
    page = show(cloud(), "point=0")
    page.locator(".stage").focus()
    for key, expected in [("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowUp", 3), ("ArrowDown", 0), ("ArrowDown", 4)]:
        page.keyboard.press(key)
        assert view(page)["point"] == expected, key
    page.keyboard.press("ArrowDown")
    assert view(page)["point"] == 4
    page.keyboard.press("Escape")
    assert view(page)["point"] is None
    page.keyboard.press("ArrowRight")
    assert view(page)["x"] > 0
    page.keyboard.press("+")
    assert view(page)["zoom"] == 1.5
    page.keyboard.press("-")
    assert view(page)["zoom"] == pytest.approx(1)
    page.keyboard.press("Home")
    assert view(page)["x"] == 0


def test_a_point_that_the_arrows_reach_comes_into_sight(show: Open) -> None:
    page = show(cloud(), "point=0&zoom=20")
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    box = page.locator(".stage").bounding_box()
    x, y = place(page, 1)
    assert box is not None
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]


def test_the_search_lights_what_begins_so_first(show: Open) -> None:
    page = show(cloud(CROSS, ["bottom", "Tom", "tomato", "custom", "left"]))
    page.get_by_role("searchbox").fill("tom")
    view(page)
    assert page.evaluate("window.figure.hits") == [1, 2, 0, 3]
    assert page.locator(".found").inner_text() == "2 begin with it, 2 more contain it"
    assert set(labels(page)) == {"bottom", "Tom", "tomato", "custom"}
    page.keyboard.press("Enter")
    assert view(page)["point"] == 1
    page.keyboard.press("Enter")
    assert view(page)["point"] == 2
    assert query(page, "point=2") == "point=2&find=tom"
    page.get_by_role("searchbox").fill("nothing so")
    view(page)
    assert page.locator(".found").inner_text() == "no such label"


@pytest.mark.parametrize(
    ("dimensions", "link"),
    [(2, "x=0.12&y=-0.3&zoom=7.5&point=17&find=word1"), (3, "x=0.1&y=0.2&zoom=2&turn=-100&tilt=-45&point=3")],
)
def test_a_link_shows_the_same_again(show: Open, dimensions: int, link: str) -> None:
    random = np.random.default_rng(4)
    packed = cloud(random.normal(size=(100, dimensions)).astype(np.float32), [f"word{i}" for i in range(100)])
    page = show(packed, link)
    expected = {
        name: kind.parse(dict(parse_qsl(link))[name])
        for name, kind in component.parameters(100).items()
        if f"{name}=" in link
    }
    assert view(page) == component.DEFAULTS | expected
    assert page.get_by_role("searchbox").input_value() == component.DEFAULTS["find"] or "find=word1" in link
    first = page.locator(".stage").screenshot()
    page.evaluate("window.figure.set({ zoom: window.figure.state.zoom * 1.5 })")
    changed = query(page, "zoom=3" if dimensions == 3 else "zoom=11.25")
    assert page.locator(".stage").screenshot() != first
    assert show(packed, link).locator(".stage").screenshot() == first
    assert view(show(packed, changed))["zoom"] == (3 if dimensions == 3 else 11.25)


def test_labels_never_cover_each_other_and_more_come_with_zoom(show: Open) -> None:
    points, words = many(3000)
    page = show(cloud(points, words))
    assert labels(page)[0] == "word0"
    boxes = np.array(
        page.evaluate(
            """window.figure.placed.map(({ x, y, i }) => [x, y, x + window.figure.widths.get(i),
                y + window.figure.em * 1.05])"""
        )
    )
    left, top, right, bottom = boxes.T
    apart = (left[:, None] >= right) | (left >= right[:, None]) | (top[:, None] >= bottom) | (top >= bottom[:, None])
    assert (apart | np.eye(len(boxes), dtype=bool)).all()
    assert len(boxes) > 20
    shown = set(labels(page))
    page.evaluate("window.figure.zoom(8, 600, 270)")
    assert set(labels(page)) - shown


def test_colours_and_shapes_are_explained(show: Open) -> None:
    names = [f"group {i}" for i in range(42)]
    points = np.random.default_rng(5).normal(size=(84, 2)).astype(np.float32)
    words = [f"w{i}" for i in range(84)]
    page = show(cloud(points, words, colour=Groups(np.arange(84) % 42, names)))
    assert page.locator(".legend .group").all_text_contents() == names[:40]
    assert "and 2 groups more" in page.locator(".legend").inner_text()
    signs = page.locator(".legend .swatch").evaluate_all("(all) => all.map((one) => one.innerHTML)")
    assert len(set(signs)) == 40
    values = np.linspace(-1.5, 20, 84).astype(np.float32)
    page = show(cloud(points, words, colour=Magnitude(values, "length")), "point=83")
    assert re.sub(r"\s+", " ", page.locator(".legend").inner_text()) == "length -1.5 20"
    assert "w83 · length 20" in page.locator(".readout").inner_text()
    assert page.evaluate("window.figure.group(30)") == f"length {values[30]:.4g}"


def test_the_first_have_the_strongest_colour(show: Open) -> None:
    words = [f"w{i}" for i in range(1200)]
    page = show(cloud(many(1200)[0], words, colour=Rank("rank by frequency")), "point=1199")
    assert re.sub(r"\s+", " ", page.locator(".legend").inner_text()) == "rank by frequency 1,200 1"
    assert "w1199 · rank by frequency 1,200" in page.locator(".readout").inner_text()
    kinds = np.array(page.evaluate("[...window.figure.kinds]"))
    assert (kinds[0], kinds[-1]) == (255, 0)
    assert (np.diff(kinds) <= 0).all()
    ink = page.evaluate("window.figure.palette.map((colour) => colour.reduce((sum, part) => sum + part))")
    assert (np.diff(ink) <= 0).all()  # on light paper the stronger are darker
    assert ink[0] < sum(int(theme.PAPER["light"]["paper"][k : k + 2], 16) for k in (1, 3, 5)) - 60


def test_a_page_that_asks_is_told_what_is_chosen(show: Open) -> None:
    page = show(cloud(asks=True), "point=0")
    assert page.evaluate("window.asked") is None  # the page knows it from the link
    told = "([name, value]) => window.asked?.[0] === name && window.asked[1] === value"
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(told, arg=["chosen", 1])
    page.get_by_role("searchbox").fill("bottom")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_function(told, arg=["chosen", 4])
    page.locator(".stage").focus()
    page.keyboard.press("Escape")
    page.wait_for_function(told, arg=["chosen", -1])
    page.mouse.click(*place(page, 2))
    page.wait_for_function(told, arg=["chosen", 2])


def test_pixels_have_the_colours_of_their_groups(show: Open) -> None:
    groups = [0, 1, 2, 3, 7]  # all but the ring, whose middle is empty
    page = show(cloud(colour=Groups(groups, [f"g{i}" for i in range(8)]), sizes=[3, 3, 3, 3, 3]))
    view(page)
    for i, group in enumerate(groups):
        drawn = page.evaluate(
            """(i) => { const { painter, points } = window.figure;
                return [...painter.context.getImageData(Math.round(points.x[i] * painter.ratio),
                    Math.round(points.y[i] * painter.ratio), 1, 1).data].slice(0, 3); }""",
            i,
        )
        pure = [int(theme.HEADS[group][k : k + 2], 16) for k in (1, 3, 5)]
        paper = [int(theme.PAPER["light"]["paper"][k : k + 2], 16) for k in (1, 3, 5)]
        assert drawn == pytest.approx([0.9 * a + 0.1 * b for a, b in zip(pure, paper, strict=True)], abs=3)


def test_a_search_dims_the_rest_of_a_large_cloud(show: Open) -> None:
    points, words = many(25_000)
    page = show(cloud(points, words))
    paper = np.array([int(theme.PAPER["light"]["paper"][k : k + 2], 16) for k in (1, 3, 5)])

    def ink() -> float:
        """How far the points' middles are from the paper, on the average."""
        view(page)
        drawn = page.evaluate(
            """() => { const { painter, points } = window.figure, { width, height } = painter.canvas;
                const { data } = painter.context.getImageData(0, 0, width, height);
                return Array.from(points.x.subarray(0, 500), (x, i) => {
                    const at = 4 * (Math.round(points.y[i]) * width + Math.round(x));
                    return [...data.subarray(at, at + 3)]; }); }"""
        )
        return float(np.abs(np.array(drawn) - paper).mean(axis=1).min())

    usual = ink()
    assert usual > 30
    page.get_by_role("searchbox").fill("word77")
    assert 0 < ink() < usual
    assert all(label.startswith("word77") for label in labels(page))


def test_links_and_arrows_are_in_the_saved_picture(show: Open, tmp_path: Path) -> None:
    page = show(
        cloud(links=[(0, 1), (2, 3)], arrows=True, colour=Groups([0, 1, 2, 8, 16], [f"g{i}" for i in range(17)]))
    )
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture as SVG").click()
    saved.value.save_as(tmp_path / "cloud.svg")
    text = (tmp_path / "cloud.svg").read_text("utf-8")
    assert text.count("<line ") >= 6
    assert "<image" not in text
    for word in [*NAMES, "one line", "5 points in 2 dimensions", "A cloud", "g16"]:
        assert f">{word}<" in text
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture as PNG").click()
    saved.value.save_as(tmp_path / "cloud.png")
    assert (tmp_path / "cloud.png").read_bytes().startswith(b"\x89PNG")
    assert page.locator(".vectors").is_hidden()
    assert page.locator(".stage canvas").first.is_visible()


def test_strangers_labels_do_nothing(show: Open) -> None:
    hostile = [
        "<img src=x onerror='window.owned = 1'>",
        "</script><script>window.owned = 1</script>",
        "\u202eabc\n\x00",
        "",
        "e" * 5000,
    ]
    page = show(
        cloud(labels=hostile, title=hostile[0], facts=hostile, colour=Groups([0, 1, 2, 3, 4], hostile)), "point=0"
    )
    assert hostile[0] in page.locator(".readout").inner_text()
    page.get_by_role("searchbox").fill(hostile[0])
    view(page)
    assert page.locator(".found").inner_text() == "1 begin with it, 0 more contain it"
    assert page.locator("img, #host script").count() == 0
    assert page.evaluate("window.owned") is None
    assert labels(page)[0].startswith("<img src=x")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "points", [np.zeros((1, 2)), np.ones((40, 3)), np.array([[0, 0], [0, 5]]), np.array([[1e38, 0], [-1e38, 1]])]
)
def test_odd_clouds_are_drawn(show: Open, points: NDArray[np.float64]) -> None:
    page = show(cloud(points.astype(np.float32), ["one"] * len(points)))
    drawn = np.array(page.evaluate("[[...window.figure.points.x], [...window.figure.points.y]]"))
    assert np.isfinite(drawn).all()
    assert labels(page)[0] == "one"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    show: Open, axe: Callable[[Page], None], scheme: str, width: int
) -> None:
    points, words = many(800)
    names = [f"north, south and east {i}" for i in range(40)]
    page = show(cloud(points, words, colour=Groups(np.arange(800) % 40, names)), "point=5&find=word7", width, scheme)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.mouse.move(*place(page, 0))
    view(page)
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_it_leaves_nothing_behind(show: Open) -> None:
    page = show(cloud())
    page.evaluate("window.close_()")
    assert page.evaluate(f"{HOST}.querySelectorAll('.orrery').length") == 0
