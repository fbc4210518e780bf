"""What holds for the browser's half of every component: no HTML from strings, no network, one way in, small."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz import components
from viz.components import shared

FOLDER = Path(components.__file__).parent
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py") if path.parent.name != "shared")
SHARED = FOLDER / "shared"
IS_FIGURE = [
    name for name in NAMES if any("extends Figure" in p.read_text("utf-8") for p in (FOLDER / name).glob("*.js"))
]


def own(name: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((FOLDER / name).glob("*.js")))


@pytest.mark.parametrize("name", [*NAMES, "shared", "shared/figure"])
def test_nothing_becomes_html_or_leaves_the_machine(name: str) -> None:
    code = own(name)
    assert code
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in code, way
    for way in ("https:", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import("):
        assert way not in code, way
    assert "Math.random" not in code
    sheets = "\n".join(path.read_text("utf-8") for path in (FOLDER / name).glob("*.css"))
    assert "url(" not in sheets
    assert "@import" not in sheets


@pytest.mark.parametrize("name", NAMES)
def test_one_way_in(name: str) -> None:
    assert own(name).count("export default") == 1
    assert own("shared").count("export default") == own("shared/figure").count("export default") == 0


@pytest.mark.parametrize("name", IS_FIGURE)
def test_a_figures_script_is_small(name: str) -> None:
    packed = shared.packed_script(SHARED / "figure", FOLDER / name)
    assert len(packed) + len(shared.style(FOLDER / name)) < 60_000


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4))
def test_the_same_data_have_the_same_name_and_others_another(data: dict[str, Any]) -> None:
    def name(of: dict[str, Any]) -> str:
        return str(json.loads(b"{" + shared.pack(of) + b"}")["content"])

    assert json.loads(b"{" + shared.pack(data) + b"}")["data"] == data
    assert name(data) == name(dict(data))
    assert name(data) != name(data | {"another": "value"})


def test_large_data_are_deflated_once_and_sent_whole_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(shared, "renderer", lambda *folders: lambda data, key: sent.append(data))
    packed = shared.pack({"values": list(range(5000)), "word": "\u2421é"})
    for step in (3, 4, 3):
        shared.figure(FOLDER, packed, key="any", state={"step": step}, defaults={"step": 0})
    first, second, third = (json.loads(zlib.decompress(blob)) for blob in sent)
    assert first["data"] == second["data"] == {"values": list(range(5000)), "word": "\u2421é"}
    assert (first["state"], second["state"], first["defaults"]) == ({"step": 3}, {"step": 4}, {"step": 0})
    assert first == third
    assert sent[0] == sent[2]


def test_numbers_that_json_has_no_word_for_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        shared.pack({"value": float("nan")})
    assert zlib.decompress(zlib.compress(shared.pack({"value": 1.5}))).endswith(b'{"value":1.5}')
