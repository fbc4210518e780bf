"""The view "design" as a script: what it shows, and that nothing a visitor can give it breaks it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models import designs
from pages.parts.parameters import design, design_check
from tests.pages import visiting
from tests.pages.visiting import badges, sentences
from viz.parameter_words import design as words

GOOD: dict[str, Any] = {
    "design": {name: value for name, value in design.USUAL.items() if name != "target"},
    "counts": {"total": 1_235_814_400, "active": 1_235_814_400, "cache": 134_217_728, "arithmetic": 3_545_366_528},
}


def opened(**query: str) -> AppTest:
    app = visiting.opened("parameters", {"view": "design"} | query)
    assert not app.exception, app.exception
    return app


def complaints(app: AppTest) -> str:
    return " ".join(box.value.replace("\\", "") for box in app.warning)


def checked(sent: Any) -> AppTest:
    """The badge of what a browser sends."""

    def script(sent: object) -> None:
        from pages.parts.parameters import design_check
        from viz import page

        with page.guarded():
            design_check.badge(sent)

    return AppTest.from_function(script, args=(sent,), default_timeout=visiting.SECONDS).run()


def test_the_default_view_stands() -> None:
    app = opened()
    assert sentences(app) == []
    assert not app.warning
    assert badges(app) == []  # counted only when it is asked for
    assert any("arXiv:2203.15556" in text.value for text in app.caption)


@pytest.mark.parametrize(
    ("name", "value"),
    [("layers", "0"), ("layers", "401"), ("width", "x"), ("heads", "-1"), ("kv", "1.5"), ("mlp", ""),
     ("vocabulary", "9" * 30), ("tied", "2"), ("experts", "0"), ("chosen", "<b>"), ("context", "0"),
     ("target", "nan"), ("target", "1"), ("head", "1000")],
)  # fmt: skip
def test_a_size_that_cannot_be_gets_a_sentence(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert sentences(app) == []
    assert f"The link asks for {name} " in complaints(app)


def test_equal_counts_are_said() -> None:
    app = checked(GOOD)
    assert not app.exception, app.exception
    assert any(words.EQUAL.format(total=1_235_814_400, active=1_235_814_400) in said for said in badges(app))
    assert any("green-badge" in text.value for text in app.markdown)


@pytest.mark.parametrize("name", list(words.COUNTS))
def test_a_difference_is_said_with_both_numbers(name: str) -> None:
    theirs = GOOD["counts"][name]
    app = checked(GOOD | {"counts": GOOD["counts"] | {name: theirs + 1}})
    said = words.UNEQUAL.format(name=words.COUNTS[name], ours=theirs + 1, theirs=theirs)
    assert any(said in each and "red-badge" in each for each in badges(app))


def test_a_design_that_cannot_be_gets_its_sentence() -> None:
    app = checked(GOOD | {"design": GOOD["design"] | {"heads": 7}})
    assert not app.exception, app.exception
    assert len(sentences(app)) == 1
    assert badges(app) == []


@pytest.mark.parametrize(
    "sent",
    [
        None, 0, "x", [], {}, {"design": {}}, {"design": GOOD["design"]}, {"counts": GOOD["counts"]},
        GOOD | {"counts": None}, GOOD | {"design": GOOD["design"] | {"layers": 10**9}},
        GOOD | {"design": GOOD["design"] | {"layers": float("inf")}},
        GOOD | {"design": GOOD["design"] | {"width": "<b>"}}, GOOD | {"counts": GOOD["counts"] | {"total": "x"}},
    ],
)  # fmt: skip
def test_what_no_figure_sends_is_left_alone(sent: Any) -> None:
    assert design_check.taken(sent) is None
    app = checked(sent)
    assert not app.exception, app.exception
    assert badges(app) == []


def test_every_preset_is_a_link_without_complaints() -> None:
    for _, _, query in words.WORDS.presets:
        app = opened(**query)
        assert sentences(app) == []
        assert not app.warning


def test_the_code_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(words.WORDS.code, "code", "exec"), {})
    assert capsys.readouterr().out.split() == [str(designs.count(GOOD["design"]).total), "1.83e+20"]


def test_the_view_opens_without_torch() -> None:
    check = "import sys, pages.parts.parameters.design; sys.exit(not {'torch', 'transformers'}.isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
