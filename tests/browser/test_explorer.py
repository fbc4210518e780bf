"""Does the explorer draw every view, by mouse and keyboard, with the trace's own numbers, whatever the text?

The single file that visitors can save is the harness: the same code as in the app, without a server.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from models import attention
from models.traces import AttentionTrace, TokenKind, Tokens
from tests.random_trace import random_trace
from viz.components.attention_explorer import VIEWS, Measure, Packed, Pane, encode, pack, standalone_html

WORDS = ["The", " capital", " of", " France", " is", " Paris", "."]
READY = '[data-ready="1"]'
FAMILY = "👨‍👩‍👧‍👦"
HOSTILE = [
    "<script>window.hacked=1</script>",
    "</script><img src=x onerror=window.hacked=1>",
    *[FAMILY] * 3,
    "مرحبا",
    "\u202egnp.exe",
    "\x00",
    "\x1b[31m",
    " " * 10_000,
    "\n",
    "&amp;",
    "x" * 500,
]


def tokens_of(texts: list[str], *, kinds: tuple[TokenKind, ...] | None = None) -> Tokens:
    ends = np.cumsum([len(text) for text in texts])
    return Tokens(
        ids=np.arange(len(texts)) + 7,
        pieces=tuple(texts),
        texts=tuple(texts),
        raw=tuple(text.encode() for text in texts),
        kinds=kinds or tuple("text" for _ in texts),
        segments=(0,) * len(texts),
        spans=tuple((int(end) - len(text), int(end)) for text, end in zip(texts, ends, strict=True)),
        parts=tuple(
            (texts[:i].count(text), texts.count(text)) if text == FAMILY else (0, 1) for i, text in enumerate(texts)
        ),
    )


def trace_of(texts: list[str], *, kinds: tuple[TokenKind, ...] | None = None, **more: Any) -> AttentionTrace:
    return dataclasses.replace(random_trace(texts, **more), token_table=tokens_of(texts, kinds=kinds))


def pane_of(trace: AttentionTrace, **more: Any) -> Packed:
    first = trace.weights[..., 0].mean(-1)
    entropy = np.log2(1 + trace.weights).sum(-1).mean(-1)
    measures = [
        Measure("first", "First token", "Mean weight on the first token.", first),
        Measure("entropy", "Entropy", "How widely a query looks.", entropy, "bits"),
    ]
    bare = attention.hide_special(trace)
    kept = None if bare is trace else bare.weights
    return pack(Pane(trace, measures, trace.weights[:, 0], trace.weights.mean(1), kept, **more))


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Callable[..., Page]:
    """Opens panes in a single file: `show([pane], "view=heads&layer=1")`."""

    def open_file(panes: list[Packed], fragment: str = "", **settings: Any) -> Page:
        path = tmp_path / "explorer.html"
        path.write_text(standalone_html(encode(panes, {}, **settings)), "utf-8")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{path.as_uri()}#{fragment}")
        page.wait_for_selector(READY)
        assert errors == []
        return page

    return open_file


def colours(page: Page, selector: str) -> int:
    """How many colours a canvas shows."""
    picture = Image.open(io.BytesIO(page.locator(selector).first.screenshot()))
    return len(picture.convert("RGB").getcolors(1 << 24) or [])


def text_of(page: Page, selector: str) -> str:
    return page.locator(selector).first.inner_text()


# ---- each view draws, with the trace's own numbers


def test_every_view_draws_and_every_tab_opens_one(show: Callable[..., Page]) -> None:
    page = show([pane_of(trace_of(WORDS, heads=3))])
    for view in VIEWS:
        page.get_by_role("tab", name=view, exact=False).click()
        expect(page.locator(f'.orrery[data-view="{view}"]')).to_be_visible()
        expect(page.get_by_role("tab", selected=True)).to_have_text(view.capitalize())
        if view != "text":
            assert colours(page, ".box canvas") > 3
        else:
            expect(page.locator(".flow .word")).to_have_count(2 * len(WORDS))
        assert "NaN" not in text_of(page, ".orrery")
        assert "undefined" not in text_of(page, ".orrery")


def test_a_hovered_token_shows_its_weights_to_three_decimals(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS, heads=3)
    page = show([pane_of(trace)], "view=heads&layer=1&head=2")
    page.locator(".column.query .row").nth(5).hover()
    row = trace.weights[1, 2, 5]
    wanted = ["<0.001" if w < 0.0005 else f"{w:.3f}" for w in row[:6]] + ["masked"]
    expect(page.locator(".column.key .value")).to_have_text(wanted)
    assert page.locator(".lines svg path:not([style*=none])").count() == (row >= 0.0005).sum()
    page.locator(".column.key .row").nth(0).hover()
    expect(page.locator(".column.query .value")).to_have_text(
        ["<0.001" if w < 0.0005 else f"{w:.3f}" for w in trace.weights[1, 2, :, 0]]
    )
    expect(page.locator(".readout")).to_contain_text("id 7")
    expect(page.locator(".readout")).to_contain_text("bytes 54 68 65")


def test_the_matrix_tells_every_cell_and_calls_the_mask_a_mask(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS, heads=3)
    page = show([pane_of(trace)], "view=matrix&layer=2&head=1")
    stage = page.locator(".stage")
    stage.focus()
    page.keyboard.press("ArrowUp")  # onto the last token's own cell
    for query, key in ((6, 6), (6, 5), (5, 5), (5, 6)):
        if (query, key) != (6, 6):
            page.keyboard.press({(6, 5): "ArrowLeft", (5, 5): "ArrowUp", (5, 6): "ArrowRight"}[query, key])
        wanted = "masked" if key > query else f"{trace.weights[2, 1, query, key]:.3f}"
        expect(page.locator(".readout .exact").first).to_have_text(wanted.replace("0.000", "<0.001"))
    expect(page.locator(".legend")).to_have_attribute("aria-label", re.compile("can't look ahead"))


def test_a_sliding_window_is_masked_too(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS)
    trace = dataclasses.replace(trace, windows=np.array([0, 3, 0]))
    page = show([pane_of(trace)], "view=heads&layer=1&head=0")
    page.locator(".column.query .row").nth(5).hover()
    shown = page.locator(".column.key .value").all_inner_texts()
    assert [i for i, value in enumerate(shown) if value == "masked"] == [0, 1, 2, 6]


def test_the_text_is_shaded_by_both_directions(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS)
    page = show([pane_of(trace)], "view=text&layer=0&head=1&token=4")
    titles = [word.get_attribute("title") for word in page.locator(".flow").nth(0).locator(".word").all()]
    wanted = [f"{w:.3f}".replace("0.000", "<0.001") for w in trace.weights[0, 1, 4, :5]] + ["masked"] * 2
    assert titles == wanted
    assert "".join(page.locator(".flow").nth(0).locator(".word").all_text_contents()) == "".join(WORDS)
    expect(page.locator(".flow").nth(1).locator(".word").nth(0)).to_have_attribute("title", "masked")


def test_the_map_opens_heads_sorts_and_filters(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS, layers=5, heads=4)
    trace = dataclasses.replace(trace, key_value_heads=np.array([0, 0, 1, 1]))
    page = show([pane_of(trace)])
    expect(page.locator(".note")).to_contain_text("4 query heads share 2 key/value heads, 2 each")
    page.locator(".stage").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("aside h3")).to_have_text("Layer 2, head 1")
    expect(page.locator("aside header p")).to_have_text("Reads key/value head 0, as do heads 0.")
    page.keyboard.press("Enter")
    expect(page.locator("h2")).to_have_text("Layer 2, head 1")
    page.get_by_role("tab", name="Map").click()
    page.get_by_label("Sort heads by").select_option("first")
    values = trace.weights[..., 0].mean(-1)
    best = np.unravel_index(values.argmax(), values.shape)
    first = re.compile(re.escape(f"layer {best[0]} head {best[1]} {values.max():.3f}"))
    expect(page.locator(".stage canvas")).to_have_attribute("aria-label", first)
    page.get_by_label("Show heads from this value").fill(str(float(np.sort(values.ravel())[-3]) - 1e-4))
    expect(page.locator(".stage canvas")).to_have_attribute("aria-label", re.compile("^3 heads ranked"))


def test_rollout_and_average_come_with_their_warning(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS)
    page = show([pane_of(trace)], "view=rollout&layer=2")
    expect(page.locator(".warning")).to_contain_text("Abnar and Zuidema (2020)")
    page.get_by_label("plain average").check()
    expect(page.locator("h2")).to_have_text("Average of layer 2")
    page.locator(".stage").focus()
    page.keyboard.press("ArrowUp")
    shown = f"{trace.weights[2].mean(0)[6, 6]:.3f}".replace("0.000", "<0.001")
    expect(page.locator(".readout .exact").first).to_have_text(shown)


def test_measures_are_named_and_explained(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS)
    page = show([pane_of(trace)], "view=heads&layer=1&head=1")
    side = page.locator("aside")
    expect(side).to_contain_text("Mean weight on the first token.")
    first = f"{trace.weights[1, 1, :, 0].mean():.3f}"
    expect(side.locator(".measure", has_text="First token")).to_contain_text(first)
    expect(side.locator(".measure", has_text="Entropy")).to_contain_text("bits")
    side.get_by_role("button", name="Entropy").click()
    expect(page.locator("h2")).to_have_text("Heads by entropy")


def test_hidden_special_tokens_are_renormalised_and_marked(show: Callable[..., Page]) -> None:
    texts = ["[CLS]", "a", " b", " c", "[SEP]"]
    trace = trace_of(texts, kinds=("special", "text", "text", "text", "special"), causal=False)
    page = show([pane_of(trace)], "view=heads&layer=0&head=1")
    expect(page.locator(".badge")).to_be_hidden()
    page.get_by_label("hide special tokens").check()
    expect(page.locator(".badge")).to_contain_text("renormalised without special tokens")
    expect(page.locator(".column.query .row")).to_have_count(3)
    page.locator(".column.query .row").nth(1).hover()
    shown = [float(value) for value in page.locator(".column.key .value").all_inner_texts()]
    inner = trace.weights[0, 1, 2, 1:4]
    assert shown == pytest.approx(inner / inner.sum(), abs=0.00051)
    assert sum(shown) == pytest.approx(1, abs=0.002)


def test_whitespace_is_shown_on_request(show: Callable[..., Page]) -> None:
    page = show([pane_of(trace_of(["a", " b", "\n", "\t"]))], "view=heads")
    assert page.locator(".column.query .tok").all_text_contents() == ["a", " b", "⏎", "⇥"]
    page.get_by_label("show spaces").check()
    expect(page.locator(".column.query .tok").nth(1)).to_have_text("␣b")
    assert page.locator(".column.query .tok").all_text_contents() == ["a", "␣b", "⏎", "⇥"]


# ---- side by side


def test_two_texts_share_one_cursor_by_position_and_one_text_by_its_characters(show: Callable[..., Page]) -> None:
    coarse, fine = (
        trace_of(["The capital", " of"], layers=2),
        trace_of(["The", " cap", "ital", " of"], layers=6, heads=5),
    )
    same = dataclasses.replace(fine, source=dataclasses.replace(fine.source, text=coarse.source.text))
    page = show([pane_of(coarse, title="Coarse"), pane_of(same, title="Fine")], "view=heads&layer=5&head=4")
    assert page.locator("h2").all_inner_texts() == ["A: Layer 1, head 1", "B: Layer 5, head 4"]
    left, right = page.locator(".pane").nth(0), page.locator(".pane").nth(1)
    left.locator(".column.query .row").nth(0).hover()
    expect(right.locator(".row.on .tok")).to_have_text(["The", " cap", "ital"])
    right.locator(".column.query .row").nth(3).hover()
    expect(left.locator(".row.on .tok")).to_have_text([" of"])


# ---- the state


def test_the_address_follows_the_hand_and_opens_the_same_view_again(show: Callable[..., Page]) -> None:
    page = show([pane_of(trace_of(WORDS, layers=4, heads=5))], "other=1&view=heads")
    page.locator(".column.query").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Head 3").click(modifiers=["Shift"])
    page.wait_for_url(re.compile(r"#other=1&view=heads&layer=2&head=1,3&token=1$"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(READY)
    expect(page.locator("h2")).to_have_text("Layer 2, heads 1 and 3")
    expect(page.locator(".column.query .row.on .tok")).to_have_text(" capital")
    page.locator(".column.query").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".row.on")).to_have_count(0)


@pytest.mark.parametrize(
    "fragment",
    [
        "view=nonsense&layer=-1&head=x&token=1e9",
        "layer=999999&head=77,88&token=500&view=heads",
        "filter=NaN&sort=<b>&view=map",
    ],
)
def test_an_impossible_address_falls_back(show: Callable[..., Page], fragment: str) -> None:
    page = show([pane_of(trace_of(WORDS))], fragment)
    expect(page.locator("h2")).to_have_text(re.compile(r"^(All heads|Layer 2, head 1)$"))


RERUN = """async (blobs) => {
  const module = document.querySelector('script[type="module"]').textContent.split("const packed = atob")[0];
  const { default: explorer } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  const host = document.createElement("div");
  document.body.append(host);
  const parentElement = host.attachShadow({ mode: "open" });
  window.asked = [];
  const setStateValue = (name, value) => window.asked.push([name, value]);
  const blob = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  window.rerun = (which) => explorer({ data: blob(blobs[which]), parentElement, setStateValue });
  window.host = host;
  window.closing = window.rerun(0);
}"""


def test_a_rerun_keeps_the_selection_and_a_preset_replaces_it(page: Page, tmp_path: Path) -> None:
    pane = pane_of(trace_of([" word"] * 40, layers=6, heads=4), layers=(0, 2))
    usual = {"view": "heads"}
    views: list[dict[str, Any]] = [usual, {"view": "matrix", "layer": 1}]
    blobs = [*(encode([pane], view) for view in views), encode([pane], usual, command=1)]
    # The single file's policy forbids modules from blobs, which is how Streamlit loads them.
    harness = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", standalone_html(blobs[0]), flags=re.DOTALL)
    (tmp_path / "harness.html").write_text(harness, "utf-8")
    page.goto((tmp_path / "harness.html").as_uri())
    page.evaluate("document.getElementById('explorer').remove()")
    page.evaluate(RERUN, [base64.b64encode(blob).decode() for blob in blobs])
    inside = page.locator(f"{READY} >> .orrery")
    expect(inside.locator("h2")).to_have_text("Layer 0, head 0")
    inside.get_by_role("button", name="Head 3").click()
    root = inside.element_handle()
    page.evaluate("window.earlier = window.closing; window.closing = window.rerun(0); 0")  # the same again
    page.wait_for_timeout(100)
    expect(inside.locator("h2")).to_have_text("Layer 0, head 3")
    page.evaluate("window.earlier()")  # the clean-up of a call that another has followed
    assert page.evaluate("(e) => e.isConnected", root)
    inside.get_by_label("Layer", exact=True).fill("4")
    expect(inside.locator(".wait")).to_have_text("Fetching layer 4…")
    page.wait_for_function("window.asked.length > 0")
    page.wait_for_timeout(300)
    assert page.evaluate("window.asked") == [["around", 4]]
    page.evaluate("window.closing = window.rerun(1); 0")  # a preset: the server's state is new
    expect(inside.locator("h2")).to_have_text("Layer 1, head 0")
    assert page.evaluate("(e) => e.isConnected", root)
    names = page.evaluate("performance.getEntriesByType('mark').map((m) => m.name)")
    assert {"explorer-data", "explorer-painted"} <= set(names)
    inside.get_by_role("tab", name="Heads").click()
    inside.get_by_label("Layer", exact=True).fill("0")
    page.evaluate("window.closing = window.rerun(0); 0")  # this state was on show just now: an echo
    page.wait_for_timeout(100)
    inside.get_by_role("tab", name="Text").click()
    page.evaluate("window.closing = window.rerun(2); 0")  # the same state again, but the page commands it
    expect(inside.get_by_role("tab", selected=True)).to_have_text("Heads")
    page.evaluate("window.closing()")
    expect(inside).to_have_count(0)


# ---- strangers' text


def test_hostile_text_is_only_text(show: Callable[..., Page]) -> None:
    trace = trace_of(HOSTILE, source="org/<script>window.hacked=1</script>")
    page = show([pane_of(trace, title="<img src=x onerror=window.hacked=1>")])
    for view in VIEWS:
        page.get_by_role("tab", name=view, exact=False).click()
        page.wait_for_timeout(60)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".orrery :is(script, img, iframe)").count() == 0
    assert page.evaluate("window.hacked") is None
    page.get_by_role("tab", name="Heads").click()
    expect(page.locator(".column.query .row")).to_have_count(len(HOSTILE))
    shown = page.locator(".column.query .tok bdi").all_text_contents()
    assert shown[0] == HOSTILE[0]
    assert shown[6] == "U+202Egnp.exe"
    assert shown[7] == "␀"
    assert shown[9] == "␣×10000"
    assert page.locator(".column.query .tok small").all_text_contents() == ["1/3", "2/3", "3/3"]
    assert "\ufffd" not in "".join(shown)


# ---- pictures to keep


def saved(page: Page, kind: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save picture as {kind}").click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_the_heads_picture_is_vector_text_that_says_where_it_comes_from(show: Callable[..., Page]) -> None:
    texts = [*WORDS, *HOSTILE]
    page = show([pane_of(trace_of(texts))], "view=heads&layer=1&head=0,1")
    name, content = saved(page, "SVG")
    assert name == "org-model-layer1-head0+1-heads.svg"
    root = ElementTree.fromstring(content)
    space = "{http://www.w3.org/2000/svg}"
    words = [element.text for element in root.iter(f"{space}text")]
    assert {" capital", " Paris"} <= set(words)
    assert len(list(root.iter(f"{space}path"))) > len(texts)
    assert not list(root.iter(f"{space}image"))
    assert not list(root.iter(f"{space}script"))
    description = root.findtext(f"{space}desc") or ""
    for fact in ("org/model", "abc123", "Layer 1, heads 0 and 1", "The capital of France"):
        assert fact in description
    assert "Layer 1, heads 0 and 1" in (root.findtext(f"{space}title") or "")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_saves_as_svg_and_png(show: Callable[..., Page], view: str) -> None:
    page = show([pane_of(trace_of(WORDS)), pane_of(trace_of(WORDS[:4]))], f"view={view}&token=2")
    name, content = saved(page, "SVG")
    assert name.endswith(".svg")
    root = ElementTree.fromstring(content)
    cells = len(list(root.iter("{http://www.w3.org/2000/svg}rect")))
    assert view != "matrix" or cells > 28 + 10
    name, content = saved(page, "PNG")
    picture = Image.open(io.BytesIO(content))
    assert min(picture.size) > 200
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 10


# ---- everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_grave(
    browser: Browser, axe: Callable[[Page], None], tmp_path: Path, scheme: Any, view: str
) -> None:
    kinds: tuple[TokenKind, ...] = ("special", "text", "text", "text", "text", "text", "text", "special")
    trace = trace_of(["[CLS]", *WORDS[:6], "[SEP]"], kinds=kinds, causal=False)
    trace = dataclasses.replace(trace, key_value_heads=np.array([0, 0]))
    path = tmp_path / "explorer.html"
    path.write_text(standalone_html(encode([pane_of(trace), pane_of(trace_of(WORDS))], {})), "utf-8")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{path.as_uri()}#view={view}&special=1&token=3&head=0,1")
    page.wait_for_selector(READY)
    assert page.locator(".orrery.dark").count() == (scheme == "dark")
    axe(page)
    context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_telephone_needs_no_sideways_scrolling(show: Callable[..., Page], view: str) -> None:
    page = show([pane_of(trace_of([f" word{n}" for n in range(60)], layers=12, heads=12)), pane_of(trace_of(WORDS))])
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("tab", name=view, exact=False).click()
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_words_for_those_who_cannot_see_the_picture(show: Callable[..., Page]) -> None:
    trace = trace_of(WORDS)
    page = show([pane_of(trace)], "view=heads&layer=1&head=1")
    strongest = int(trace.weights[1, 1, 5].argmax())
    fact = f"Paris to {WORDS[strongest].strip()} {trace.weights[1, 1, 5].max():.3f}"
    expect(page.locator(".lines")).to_have_attribute("aria-label", re.compile(re.escape(fact)))
    page.locator(".column.query").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    spoken = page.locator("[aria-live]").first
    expect(spoken).to_have_text(re.compile(rf"^Paris attends to: {re.escape(WORDS[strongest].strip())} 0\.\d{{3}}, "))


def test_five_hundred_tokens_draw_and_answer(show: Callable[..., Page]) -> None:
    texts = [f" w{n}" for n in range(512)]
    page = show([pane_of(trace_of(texts, layers=4, heads=3), layers=(1, 1))], "view=heads&layer=1")
    page.locator(".column.query .row").nth(500).scroll_into_view_if_needed()
    page.locator(".column.query .row").nth(500).hover()
    expect(page.locator(".readout")).to_contain_text("token 500")
    for view in ("matrix", "text", "rollout", "map"):
        page.get_by_role("tab", name=view, exact=False).click()
        expect(page.locator(f'.orrery[data-view="{view}"]')).to_be_visible()
    page.get_by_role("tab", name="Heads").click()
    page.keyboard.press("]")
    expect(page.locator(".wait")).to_contain_text("This file holds layer 1 of this long text")


def test_presenting_enlarges_the_type(show: Callable[..., Page]) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('.orrery')).fontSize)"
    usual = show([pane_of(trace_of(WORDS))]).evaluate(size)
    page = show([pane_of(trace_of(WORDS))], "view=heads", present=True)
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate(size) == pytest.approx(1.4 * usual, rel=0.01)
