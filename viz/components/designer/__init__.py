"""What does a model of given sizes come to? Sliders for the sizes, and all that follows from them, in the browser.

    data = {"limits": {size: [least, most]}, "target": [least, most],
            "presets": [{"name", "title", "source", "design": {size: number}}], "names": {part: what people read},
            "colours": {part: colour}, "formats": {number format: bytes}, "rules": [{"name", "rate", "source"}],
            "trained": [{"name", "parameters", "tokens", "source"}], "device": {"name", "arithmetic", "source"},
            "utilisation": share of what the device can do}

Every size is a parameter of the figure, and so are the context and the `target`, the number of parameters of the three
shapes that are drawn beside each other. `1_count.js` holds the arithmetic, and names its papers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
LEAST: Final = 1e6  # parameters of the shapes beside each other
MOST: Final = 1e13


def parameters(limits: Mapping[str, tuple[int, int]]) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`: each size by itself. What can't be together, the figure says."""
    kinds: dict[str, state.Kind] = {name: state.Whole(most + 1, least) for name, (least, most) in limits.items()}
    return kinds | {"target": state.Number(LEAST, MOST)}


def pack(
    *,
    limits: Mapping[str, tuple[int, int]],
    presets: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    colours: Mapping[str, str],
    formats: Mapping[str, float],
    rules: Sequence[Mapping[str, Any]],
    trained: Sequence[Mapping[str, Any]],
    device: Mapping[str, Any],
    utilisation: float,
) -> bytes:
    """What the figure needs, as it travels; see the head of this module."""
    return shared.pack(
        {
            "limits": dict(limits),
            "target": [LEAST, MOST],
            "presets": list(presets),
            "names": dict(names),
            "colours": dict(colours),
            "formats": dict(formats),
            "rules": list(rules),
            "trained": list(trained),
            "device": dict(device),
            "utilisation": utilisation,
        }
    )


def designer(packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any]) -> ComponentResult:
    """Show the sliders in a Streamlit page. `.asked` is what a visitor wants to have counted: {"design", "counts"}.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: every size, the context and the target, as they need not stand in the link.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, on_asked_change=lambda: None)
