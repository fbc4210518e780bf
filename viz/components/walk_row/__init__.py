"""How do the weights behind one number reach a walk that is already in the browser?

By themselves: the walk's own data stay as they are, and Streamlit doesn't send again what it has sent. This component
draws nothing; it tells the figure (viz/components/walk) by an event of the window.

    data = {"about": content id of the walk, "stage", "layer", "row", "weights": [input], "bias": number | null,
            "epsilon", "centred", "sum": of the products, in float64, "own": the model's own number}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component("orrery_walk_row", js=(_FOLDER / "walk_row.js").read_text("utf-8"))


def walk_row(data: Mapping[str, Any] | None, *, key: str) -> None:
    """Hands a row of weights over, or nothing."""
    _component(data=dict(data) if data else None, key=key)
