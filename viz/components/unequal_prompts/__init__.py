"""How do two prompts of different length reach the browser, so that one sees where they part?

data = {"title", "facts": [line below a saved picture], "names": [of each prompt], "tokens": [prompt][token],
        "blocks": [[whether both have the same tokens there, [[first, end] of each prompt]]]}
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Final

from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import Tokens

FOLDER: Final = Path(__file__).parent


def pack(tables: tuple[Tokens, Tokens], *, title: str, facts: Sequence[str], names: tuple[str, str]) -> bytes:
    """Both prompts as they travel.

    Args:
        tables: their tokens.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
        names: what each prompt is.
    """
    first, second = (table.ids.tolist() for table in tables)
    matched = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    blocks = [[tag == "equal", [[a, b], [c, d]]] for tag, a, b, c, d in matched]
    tokens = [shared.tokens(table) for table in tables]
    return shared.pack({"title": title, "facts": list(facts), "names": list(names), "tokens": tokens, "blocks": blocks})


def unequal_prompts(packed: bytes, *, key: str) -> ComponentResult:
    """Show what `pack` made in a Streamlit page; `key` is its place in it."""
    return shared.figure(FOLDER, packed, key=key, state={}, defaults={})
