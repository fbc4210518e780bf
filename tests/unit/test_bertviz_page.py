"""bertviz's views, unplugged: bertviz's own data, once, inert, and no larger than was said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
import torch
from bertviz import head_view as bertviz_head_view
from bertviz import model_view as bertviz_model_view

from models import bertviz_page
from models.traces import AttentionTrace, InputError
from tests.random_trace import random_trace

HOSTILE = (
    "</script>", "<script>alert(1)</script>", "<!--", "-->", "]]>", "<img src=x onerror=alert(1)>", "&lt;",
    "\u2028", "PYTHON_PARAMS", "; // HACK: ", 'const params = {"a":1}', "\ud800", "\\", "${alert(1)}",
)  # fmt: skip
VIEWS = {"head": bertviz_page.head_view, "model": bertviz_page.model_view}
THEIRS: dict[str, Callable[..., Any]] = {"head": bertviz_head_view, "model": bertviz_model_view}


def make(
    texts: tuple[str, ...], *, layers: int = 3, heads: int = 2, causal: bool = True, pair: bool = False
) -> AttentionTrace:
    return random_trace(
        texts,
        layers=layers,
        heads=heads,
        causal=causal,
        pair="<b>&" if pair else None,
        source="</title><script>alert(1)</script>",
    )


def words(count: int) -> tuple[str, ...]:
    return tuple(f"word{number}" for number in range(count))


def data(document: str) -> dict[str, Any]:
    view = document.rindex("<script")  # the last script; in bertviz's own document the only one with data
    start = document.index("const params = ", view) + len("const params = ")
    found: dict[str, Any] = json.JSONDecoder().raw_decode(document, start)[0]
    return found


class Elements(HTMLParser):
    """The elements of a document, and whatever they would fetch."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.fetched: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.fetched += [str(value) for name, value in attributes if name in ("src", "href")]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("pair", [False, True])
def test_the_data_is_bertvizs_own(view: str, pair: bool) -> None:
    trace = make(words(8), causal=not pair, pair=pair)
    ours = data(VIEWS[view](trace, [2, 0]))
    theirs = data(
        THEIRS[view](
            [torch.tensor(layer)[None] for layer in trace.weights],
            list(trace.tokens),
            4 if pair else None,
            include_layers=[2, 0],
            html_action="return",
        ).data
    )
    assert ours["include_layers"] == theirs["include_layers"] == [2, 0]
    assert len(ours["attention"]) == len(theirs["attention"]) == (5 if pair else 1)
    for part, same in zip(ours["attention"], theirs["attention"], strict=True):
        assert (part["name"], part["left_text"], part["right_text"]) == (
            same["name"], same["left_text"], same["right_text"],
        )  # fmt: skip
        np.testing.assert_allclose(part["attn"], same["attn"], rtol=0, atol=0.50001e-4)


@pytest.mark.parametrize("view", VIEWS)
def test_strangers_tokens_are_inert_and_sent_once(view: str) -> None:
    trace = make((*HOSTILE, "sentinel"), pair=True, causal=False)
    document = VIEWS[view](trace, [0])
    elements = Elements(document)
    assert elements.names.count("script") == 4  # jQuery, d3, what stands in for require.js, and the view
    assert "img" not in elements.names
    assert elements.fetched == []
    assert "cdnjs" not in document
    assert data(document)["attention"][0]["left_text"] == list(trace.tokens)
    sides = 6  # left and right: of all, and of four parts of which half have the token
    assert document.count('"sentinel"') == sides
    assert document.encode()  # no half surrogate is left


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("causal", "pair"), [(True, False), (False, False), (False, True)])
def test_the_size_is_known_before(view: bertviz_page.View, causal: bool, pair: bool) -> None:
    trace = make(words(60), causal=causal, pair=pair)
    for layers in ([0], [0, 1, 2]):
        built = len(VIEWS[view](trace, layers).encode())
        assert bertviz_page.size(trace, view, layers) == pytest.approx(built, rel=0.01)


def test_twelve_layers_of_twelve_heads_at_64_tokens_fit() -> None:
    trace = make(words(64), layers=12, heads=12, causal=False)
    for view, draw in VIEWS.items():
        assert len(draw(trace, range(12)).encode()) < bertviz_page.LIMIT_BYTES, view


def test_too_large_says_what_it_would_have_sent_and_what_fits() -> None:
    trace = make(words(128), layers=30, heads=9)
    everything = range(30)
    with pytest.raises(InputError) as model:
        bertviz_page.model_view(trace, everything)
    megabytes = bertviz_page.size(trace, "model", everything) / 1e6
    assert f"of 30 layers at 128 tokens would send {megabytes:.1f} MB and draw 4,423,680 lines" in str(model.value)
    assert "Choose 4 of them at most." in str(model.value)
    assert bertviz_page.fitting(trace, "model", everything) == 4
    bertviz_page.model_view(trace, range(4))

    with pytest.raises(InputError, match="head view of 30 layers") as head:
        bertviz_page.head_view(trace, everything)
    most = bertviz_page.fitting(trace, "head", everything)
    assert f"Choose {most} of them at most." in str(head.value)
    assert bertviz_page.size(trace, "head", range(most)) <= bertviz_page.LIMIT_BYTES
    assert bertviz_page.size(trace, "head", range(most + 1)) > bertviz_page.LIMIT_BYTES


def test_a_text_of_which_not_even_one_layer_fits() -> None:
    trace = make(words(400), layers=1, heads=9)
    with pytest.raises(InputError, match="Shorten the text to about") as caught:
        bertviz_page.head_view(trace, [0])
    advised = int(str(caught.value).split("about ")[1].split(" ")[0])
    bertviz_page.head_view(make(words(advised), layers=1, heads=9), [0])


@pytest.mark.parametrize("layers", [[3], [-1], [0, 99]])
def test_a_layer_that_is_not_there(layers: list[int]) -> None:
    for draw in VIEWS.values():
        with pytest.raises(InputError, match="this model's layers are 0 to 2"):
            draw(make(words(4)), layers)


def test_no_layer_at_all() -> None:
    with pytest.raises(InputError, match="at least one layer"):
        bertviz_page.head_view(make(words(4)), [])


def test_dark_is_bertvizs_dark() -> None:
    trace = make(words(4))
    assert data(bertviz_page.model_view(trace, [0]))["display_mode"] == "light"
    assert data(bertviz_page.model_view(trace, [0], dark=True))["display_mode"] == "dark"


def test_tokens_of_one_grapheme_are_told_apart() -> None:
    trace = make(("a", "🦜", "🦜"))
    object.__setattr__(trace.token_table, "parts", ((0, 1), (0, 2), (1, 2)))
    assert data(bertviz_page.head_view(trace, [0]))["attention"][0]["left_text"] == ["a", "🦜 1/2", "🦜 2/2"]


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bertviz_page, "_LIBRARIES", (("no-such-package", "a.js"),))
    bertviz_page._libraries.cache_clear()
    with pytest.raises(InputError, match="needs the packages no-such-package"):
        bertviz_page.head_view(make(words(4)), [0])
    monkeypatch.undo()
    assert len(bertviz_page._libraries()) == 2


def test_importing_it_imports_neither_bertviz_nor_torch() -> None:
    check = "import sys, models.bertviz_page; sys.exit(not {'bertviz', 'torch'}.isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
