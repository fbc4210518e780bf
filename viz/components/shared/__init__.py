"""What do all browser components have in common? How their halves in Python and in the browser are put together.

A component is a folder with `.js` files, joined in the order of their names into one module after the files of this
folder (and of `figure`, for those that are one), and one `.css` file after `base.css`. What a figure draws travels as
JSON, deflated:

    {"data": what to draw, "state": what the link says, "defaults": what need not stand in the link, "theme": colours,
     "present": larger type, "view": the view of the page that it is in, "command": how often the page itself set the
     state, "content": a hash of the data: the same data are not built again}
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from viz import theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from streamlit.components.v2.bidi_component import ComponentResult
    from streamlit.components.v2.types import ComponentRenderer

    from models.traces import Tokens

_FOLDER: Final = Path(__file__).parent
SAMPLING: Final = _FOLDER / "sampling"
UNPACK: Final = """
const packed = Uint8Array.from(atob("PACKED"), (letter) => letter.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const source = new Blob([await new Response(stream).text()], { type: "text/javascript" });
const { default: component } = await import(URL.createObjectURL(source));
export default component;
"""


@cache
def script(*folders: Path) -> str:
    """A component's half in the browser as one ES module: the files of this folder, then those of each other one."""
    files = [path for folder in (_FOLDER, *folders) for path in sorted(folder.glob("*.js"))]
    return "\n".join(path.read_text("utf-8") for path in files)


@cache
def packed_script(*folders: Path) -> str:
    """The same module as a third of the bytes: a module that unpacks it. A page carries it again with every change."""
    packed = base64.b64encode(zlib.compress(script(*folders).encode(), 9)).decode()
    return UNPACK.replace("PACKED", packed)


@cache
def style(folder: Path) -> str:
    """Its style sheet."""
    return "\n".join(path.read_text("utf-8") for path in (_FOLDER / "base.css", *sorted(folder.glob("*.css"))))


@cache
def renderer(*folders: Path) -> ComponentRenderer:
    """Streamlit's function for a component; the last folder is its own, whose name is the component's."""
    import streamlit as st

    own = folders[-1]
    return st.components.v2.component(own.name, css=style(own), js=packed_script(*folders))


def pack(data: Mapping[str, Any]) -> bytes:
    """Data as they travel, less the state; worth keeping where they are large."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    content = hashlib.blake2b(written.encode(), digest_size=12).hexdigest()
    return f'"content":"{content}","data":{written}'.encode()


def two_bytes(steps: NDArray[np.uint16]) -> str:
    """Whole numbers for `stepsOf` in the browser: all low bytes, then all high ones, in base64."""
    flat = steps.ravel()
    return base64.b64encode((flat & 255).astype("u1").tobytes() + (flat >> 8).astype("u1").tobytes()).decode()


def floats(values: NDArray[np.floating[Any]]) -> str:
    """Numbers for `floatsOf` in the browser, as float32: row by row, in base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def figure(
    folder: Path,
    packed: bytes,
    *,
    key: str,
    state: Mapping[str, Any],
    defaults: Mapping[str, Any],
    command: int = 0,
    also: tuple[Path, ...] = (),
    **answers: Any,
) -> ComponentResult:
    """Show a component that is a Figure (figure/2_figure.js) in a Streamlit page.

    Args:
        folder: the component's.
        packed: its data as `pack` gives them.
        key: its place in the page.
        state: the parameters that the link sets, validated by `viz.state.read`.
        defaults: every parameter that the figure owns, with the value that need not stand in the link.
        command: how often the page itself has set the state (a click on a chart, say). While it stays the same, a
            visitor's own choices outlive a rerun.
        also: folders whose scripts it needs besides, such as SAMPLING.
        answers: `on_NAME_change` for each value that the browser may send (Figure.send).
    """
    from viz.page import presenting, showing

    rest: dict[str, Any] = {"state": state, "defaults": defaults, "theme": theme.for_browser()}
    rest |= {"present": presenting(), "view": showing(), "command": command}
    header = json.dumps(rest, ensure_ascii=False, allow_nan=False).encode()
    deflated, begun = _deflated(packed)
    end = begun.copy()
    blob = deflated + end.compress(b"," + header[1:]) + end.flush()
    return renderer(_FOLDER / "figure", *also, folder)(data=blob, key=key, **answers)


@lru_cache(maxsize=8)
def _deflated(packed: bytes) -> tuple[bytes, Any]:
    """The deflated beginning of what a figure gets, and what deflates the rest: large data are deflated once only."""
    begun = zlib.compressobj(6)
    return begun.compress(b"{" + packed), begun


def tokens(table: Tokens) -> list[dict[str, Any]]:
    """A table of tokens as `chip` and `about` in the browser read them."""
    return [
        {
            "text": table.texts[index],
            "piece": table.pieces[index],
            "id": int(table.ids[index]),
            "hex": table.raw[index].hex(" "),
            "kind": table.kinds[index],
            "segment": table.segments[index],
            "part": table.parts[index],
            "span": table.spans[index],
        }
        for index in range(len(table))
    ]
