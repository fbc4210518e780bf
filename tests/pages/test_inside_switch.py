"""The view "switch" as a script, and that what is switched off is off on every page, until it is cleared."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import catalog, defaults, interventions, switched_off, trials
from models.traces import Source
from pages.parts.inside import switch_files
from tests.families import shaken
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import switch_board

SAME = "Switching off nothing changes nothing"
ROOT = Path(__file__).resolve().parents[2]


def opened(page: str = "inside", **query: str) -> AppTest:
    app = visiting.opened(page, ({"view": "switch"} if page == "inside" else {}) | query)
    assert not app.exception, app.exception
    return app


def said(app: AppTest) -> str:
    """What the banner says."""
    return " ".join(text.value.replace("\\", "") for text in app.markdown if ":material/" in text.value)


def test_a_part_is_off() -> None:
    app = opened(off="23.4,m5x0.5")
    assert sentences(app) == []
    assert is_whole(app)
    assert SAME in badges(app)[0]
    assert "the MLP of layer 5 × 0.5; head 23.4 off" in said(app)
    assert any("with m5x0.5,23.4 switched off" in text.value.replace("\\", "") for text in app.caption)


def test_nothing_is_off_at_first() -> None:
    app = opened()
    assert sentences(app) == []
    assert SAME in badges(app)[0]
    assert "Not the model as it is" not in said(app)


@pytest.mark.parametrize(
    ("off", "sentence"),
    [
        ("m30", "30 layers of 9 heads, counted from 0, and so no layer 30"),
        ("3.9", "and so no head 3.9"),
        ("1.2:9>1", "no token 9 whose edge could be cut"),
        ("1.2:1>3", "Token 1 can't look at token 3 in any case"),
        ("1.2:0>0", "may look at nothing any more"),
    ],
)
def test_what_the_model_lacks_is_one_sentence_and_the_board_stays(off: str, sentence: str) -> None:
    app = opened(off=off)
    assert len(sentences(app)) == 1
    assert sentence in sentences(app)[0]
    assert is_whole(app)
    assert SAME in badges(app)[0]  # the board is drawn all the same


def test_what_names_no_part_is_said_and_left_out() -> None:
    app = opened(off="zz,23.4,<b>x</b>")
    assert sentences(app) == []
    assert "“zz, <b>x</b>”, which names no part" in said(app)
    assert "head 23.4 off" in said(app)


def test_nothing_between_two_commas_is_no_part() -> None:
    assert switched_off.read(",23.4, ,") == (switched_off.parts_of("23.4"), [])


def test_files_and_pictures_say_what_is_off() -> None:
    plain = Source("smollm2-135m", "r1", "The cat sat")
    assert plain.made_by == "smollm2-135m"
    assert replace(plain, off="23.4").made_by == "smollm2-135m with 23.4 switched off, scaled or cut"
    parts = ROOT / "pages" / "parts"
    for path in [*parts.glob("next_token/*.py"), *parts.glob("inside/*.py"), *parts.glob("embeddings/sentences*.py")]:
        found = re.findall(r"source\.model\}(?:, | · )revision", path.read_text("utf-8"))
        assert not found or "switch" in path.name, f"{path} names the model of a file, and not what was off in it"


def test_every_head_can_be_cut() -> None:
    app = opened(off=",".join(f"{layer}.{head}" for layer in range(30) for head in range(9)))
    assert sentences(app) == []
    assert "and 264 more" in said(app)


def test_a_text_that_can_not_be_used() -> None:
    assert "The text is empty" in sentences(opened(text="", off="m3"))[0]


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("attention", {"text": "The cat sat"}),
        ("next_token", {"view": "distribution", "text": "The cat sat"}),
        ("next_token", {"view": "generate", "text": "The cat", "tokens": "3"}),
        ("next_token", {"view": "vary", "text": "The cat", "times": "2", "max_new_tokens": "2"}),
        ("inside", {"view": "walk", "text": "The cat sat"}),
        ("inside", {"view": "lens", "text": "The cat sat"}),
        ("embeddings", {"view": "context", "model": "minilm-l6-v2"}),
    ],
)
def test_a_part_is_off_on_every_page_that_runs_a_model(page: str, query: dict[str, str]) -> None:
    app = opened(page, off="3.4,m2x0.5", **query)
    assert sentences(app) == []
    assert "the MLP of layer 2 × 0.5; head 3.4 off" in said(app)
    assert not [badge for badge in badges(app) if ":red-badge[" in badge]
    app.button(key="clear what is off").click().run()
    assert not app.exception
    assert "Not the model as it is" not in said(app)
    assert "off" not in app.query_params


def test_a_page_that_runs_no_model_says_nothing() -> None:
    app = visiting.opened("tokenizers", {"off": "3.4"})
    assert "Not the model as it is" not in said(app)


def test_the_other_pages_say_what_a_model_lacks() -> None:
    app = opened("attention", model="minilm-l6-v2", off="13.8")
    assert "minilm-l6-v2 has 6 layers of 12 heads, counted from 0, and so no head 13.8" in sentences(app)[0]
    assert "head 13.8 off" in said(app)


def test_what_travels_and_what_is_saved() -> None:
    lm = shaken("llama")
    parts = switched_off.parts_of("1.2,m2x0.5")
    before, after = (trials.trial(lm, "Hello, world", each) for each in ((), parts))
    each = trials.each_off(lm, "Hello, world")
    inputs = lm.encode("Hello, world").inputs
    with torch.inference_mode():
        own = lm.model(**inputs).logits[0, -1].softmax(-1)
    with interventions.changed(lm, parts):
        changed = lm.logits(inputs)[-1].softmax(-1)
    found = switch_board.likeliest(after)
    assert {token for token, _, _ in found} >= set(own.topk(10).indices.tolist()) | set(
        changed.topk(10).indices.tolist()
    )
    for token, first, second in found:
        assert (first, second) == pytest.approx((float(own[token]), float(changed[token])), rel=1e-4)
    packed = switch_board.pack(before, after, each, off="1.2,m2x0.5", asked="", around=0, facts=[]).decode()
    assert '"both":true' in packed
    names = dict(zip(after.entries.tolist(), after.texts, strict=True))
    table = pd.read_csv(io.BytesIO(switch_files.next_token(after, names)), comment="#")
    np.testing.assert_allclose(table["probability after"], changed[table["id"]], rtol=1e-4)
    assert table["probability before"].is_monotonic_decreasing
    lens = pd.read_csv(io.BytesIO(switch_files.lens(after, names)), comment="#")
    assert len(lens) == 2 * 4 * trials.TOP
    alone = pd.read_csv(io.BytesIO(switch_files.each_off(each)), comment="#")
    assert len(alone) == 3 * 7
    assert alone["bits"].tolist() == each.divergences.ravel().tolist()


def test_no_page_asks_the_engine_behind_the_back_of_what_is_off() -> None:
    """A cache whose key forgot it would show the numbers of another model."""
    without = ("parameters", "tokenizers")
    for path in (ROOT / "pages").rglob("*.py"):
        if path.name in ("home.py", "running.py", "several.py") or path.parent.name in without:
            continue
        found = re.findall(r"\bengine\.(?:key|peek|submit|run)\(", path.read_text("utf-8"))
        assert not found, f"{path} calls {found}; pages/parts/running.py has the same for what the link says"


def test_the_first_paint_is_stored() -> None:
    assert defaults.switched(defaults.DECODER, defaults.ANSWERED) in defaults.VIEWS
    assert catalog.resolve(defaults.DECODER).kind == "decoder"
