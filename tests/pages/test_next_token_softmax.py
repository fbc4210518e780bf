"""The view "softmax" as a script: the model's own logits, torch beside them, a sentence for what can't be."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models import defaults, engine
from models.engine import Request
from models.traces import NextTokenTrace, VocabularyTrace
from pages.parts.next_token import softmax as view
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.components import softmax_bars
from viz.next_token_words import softmax as words


def opened(**query: str) -> AppTest:
    """The view as it stands when a link has been opened."""
    return visiting.opened("next_token", {"view": "softmax", **query})


def told(app: AppTest) -> str:
    """What stands in quiet lines and warnings, without Markdown's escapes."""
    return " ".join(box.value for box in [*app.caption, *app.warning]).replace("\\", "")


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was last handed to the bars."""
    latest: dict[str, Any] = {}
    right = softmax_bars.pack

    def pack(names: Any, logits: Any, **rest: Any) -> bytes:
        latest.update(rest, names=names, logits=logits)
        return right(names, logits, **rest)

    monkeypatch.setattr(softmax_bars, "pack", pack)
    return latest


def test_the_bars_begin_with_the_models_own_logits(packed: dict[str, Any]) -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    trace = engine.run(Request("next", defaults.DECODER, defaults.PROMPT))
    spelled = engine.run(Request("vocabulary", defaults.DECODER))
    assert isinstance(trace, NextTokenTrace)
    assert isinstance(spelled, VocabularyTrace)
    top = torch.topk(torch.tensor(trace.logits), 8)
    np.testing.assert_array_equal(np.array(packed["logits"], np.float32), top.values.numpy())
    assert packed["names"] == tuple(spelled.texts[token] for token in top.indices.tolist())
    shares = torch.softmax(torch.tensor(trace.logits).double(), 0)[top.indices]
    np.testing.assert_allclose(packed["shares"], shares.numpy(), rtol=1e-12)
    assert packed["vocabulary"] == 49_152
    shown = ", ".join(f"{logit:.4g}" for logit in packed["logits"][:5])
    assert f"torch.softmax agrees: z = {shown}; T = 1, c = 0, float64" in badges(app)[0]


@pytest.mark.parametrize("held", softmax_bars.FORMATS)
@pytest.mark.parametrize("rest", [{}, {"t": "0"}, {"t": "inf"}, {"t": "0.03"}, {"plus": "800"}, {"z": "10000,-10000"}])
def test_torch_agrees_on_numbers_of_ones_own(held: str, rest: dict[str, str]) -> None:
    app = opened(logits="own", format=held, **rest)
    assert sentences(app) == []
    (badge,) = badges(app)
    assert badge.startswith(":green")
    assert held in badge


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"z": "1"}, "z “1”, but it can be 2 to 8 numbers from -10,000 to 10,000"),
        ({"z": "1,inf"}, "z “1,inf”"),
        ({"z": "<b>"}, "z “<b>”"),
        ({"t": "1000"}, "t “1000”, but it can be 0, inf, or a number from 0.01 to 100"),
        ({"plus": "nan"}, "plus “nan”"),
        ({"format": "int8"}, "format “int8”"),
        ({"bar": "9"}, "bar “9”"),
        ({"logits": "mine"}, "logits “mine”"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(query: dict[str, str], part: str) -> None:
    app = opened(**{"logits": "own", **query})
    assert sentences(app) == []
    assert part in told(app)
    assert badges(app)


def test_minus_zero_is_zero() -> None:
    (badge,) = badges(opened(logits="own", z="2,-0", t="-0"))
    assert "z = 2, 0; T = 0, c = 0" in badge


def test_an_empty_prompt_and_an_encoder_are_one_sentence_each() -> None:
    (said,) = sentences(opened(text=""))
    assert said
    assert "\n" not in said
    (said,) = sentences(opened(model=defaults.ENCODER))
    assert "next token" in said
    assert opened(model=defaults.ENCODER).header


def test_every_preset_is_a_link_that_can_be() -> None:
    for _, _, query in words.WORDS.presets:
        kinds = softmax_bars.parameters()
        for name, value in query.items():
            if name in kinds:
                kinds[name].parse(value)
        assert query.get("logits", "prompt") in view.KINDS


def test_the_code_runs() -> None:
    subprocess.run([sys.executable, "-c", words.WORDS.code + "\nassert naive.isnan().all()"], check=True)


def test_opening_imports_nothing_heavy() -> None:
    check = (
        "import sys\nimport pages.parts.next_token.softmax\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'umap'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
