"""How does a page offer links to other views of itself?

A list of plain anchors: they can be copied, opened in a new tab, and followed from the keyboard. Streamlit's own links
open a new tab (Markdown) or leave the address as it was (`st.page_link` to the same page).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "orrery_links",
    css=(_FOLDER / "links.css").read_text("utf-8"),
    js=(_FOLDER / "links.js").read_text("utf-8"),
)


def links(items: Sequence[tuple[str, str, str]], key: str, *, across: bool = False) -> None:
    """A list of (label, what it shows, address), one below the other or `across`."""
    _component(data={"items": [list(item) for item in items], "across": across}, key=key)
