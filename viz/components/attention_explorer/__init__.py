"""How do the attention weights of a trace reach the browser, and what draws them there?

One blob carries all that the views need, so that turning a layer or a head asks the server nothing:

    b"ORR1" | uint32 little-endian: header length | header, JSON in UTF-8 | arrays

A weight is shown to three decimals, so three decimals travel: `rint(1000 w)`, exact. The encoding "milli" writes
these integers key by key (of a causal trace only the queries that may see the key), all low bytes before all high
bytes, then zlib. Neighbouring queries look at a key alike, which is why keys come first: 0.43 bytes a weight for
SmolLM2 at 128 tokens. Layers beyond `BUDGET` values stay on the server; the map then shows them as thumbnails.

The browser's half is the `.js` files of this folder, after those of `viz/components/shared`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.traces import AttentionTrace
from viz import theme
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
MAGIC: Final = b"ORR1"
BUDGET: Final = 2_400_000  # weights that one blob may hold: about 1 MB of a trained model's, 2 MB of noise
THUMBNAIL: Final = 32  # a thumbnail's side in pixels, at most
VIEWS: Final = ("map", "heads", "matrix", "text", "rollout")

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {
    "view": "map",
    "layer": 0,
    "head": "0",  # one head, or several: "0,2,5"
    "token": None,  # the chosen token's index
    "sort": "layer",  # or a measure's key
    "filter": None,  # heads below this value of the sorting measure step back
    "spaces": 0,  # 1: show whitespace
    "special": 0,  # 1: hide special tokens and renormalise the rows
    "average": "rollout",  # or "mean"
}


@dataclass(frozen=True)
class Measure:
    """One number for each head, and what it means."""

    key: str  # its name in a URL: "previous_token"
    name: str  # "Previous token"
    explanation: str  # one line
    values: NDArray[np.float32]  # [layer, head]
    unit: str = ""  # "", "bits", "tokens"


@dataclass(frozen=True)
class Pane:
    """One trace to show, and the layers of it that travel in full."""

    trace: AttentionTrace
    measures: Sequence[Measure]
    rollout: NDArray[np.float32]  # [layer, query, key]
    mean: NDArray[np.float32]  # [layer, query, key] over heads
    kept: NDArray[np.float32] | None = None  # [layer, head, query, key] without special tokens, if there are any
    layers: tuple[int, int] | None = None  # (first, count) as `window` gives it; None: all
    title: str | None = None  # the model's name as people read it; None: the trace's


@dataclass(frozen=True)
class Packed:
    """One pane as it travels; it doesn't depend on the view, so that it can be kept."""

    record: Mapping[str, Any]  # its part of the header; offsets count from the start of `body`
    body: bytes


def window(layers: int, heads: int, tokens: int, causal: bool, around: int, *, panes: int = 1) -> tuple[int, int]:
    """Which layers travel in full: (first, count), as many as `BUDGET` allows and `around` in their middle.

    Args:
        panes: how many traces share the budget.
    """
    each = heads * (tokens * (tokens + 1) // 2 if causal else tokens * tokens)
    count = min(layers, max(1, BUDGET // panes // max(1, each)))
    first = min(max(0, around - count // 2), layers - count)
    return first, count


def _thousandths(weights: NDArray[np.float32]) -> NDArray[np.int64]:
    """Weights as a person reads them, to three decimals."""
    # 1000 times a float32 is exact in float64, so a value rounds the same way here as in a printed number.
    return np.rint(weights.astype(np.float64) * 1000).astype(np.int64)


def _milli(values: NDArray[np.int64], causal: bool) -> bytes:
    """Whole numbers [..., query, key] as the encoding "milli"."""
    by_key = np.swapaxes(values, -1, -2)
    if causal:
        key, query = np.triu_indices(values.shape[-1])
        by_key = by_key[..., key, query]
    small = by_key.astype(np.uint16).ravel()
    planes = (small & 255).astype(np.uint8).tobytes() + (small >> 8).astype(np.uint8).tobytes()
    # Runs and Huffman codes alone: 20 times faster than a search for matches, and smaller on weights.
    packer = zlib.compressobj(level=6, strategy=zlib.Z_RLE)
    return packer.compress(planes) + packer.flush()


def _corrections(weights: NDArray[np.int64], kept: NDArray[np.int64], shown: NDArray[np.int64]) -> NDArray[np.int64]:
    """What to add to a guess at `kept`, which the browser makes from `weights` in the same arithmetic.

    Rows without special tokens can nearly be told from the thousandths of all tokens, so that only the small
    difference to the exact ones travels, as 0, -1, 1, -2, 2, ... -> 0, 1, 2, 3, 4, ...
    """
    rows = weights[..., shown[:, None], shown[None, :]]
    total = rows.sum(axis=-1, keepdims=True)
    guess = np.where(total > 0, np.floor(1000 * rows / np.maximum(total, 1) + 0.5), 0).astype(np.int64)
    difference = kept - guess
    return np.where(difference < 0, -2 * difference - 1, 2 * difference)


def _thumbnails(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """[layer, head, side, side] the largest weight in each block, on a square-root scale from 0 to 255."""
    tokens = weights.shape[-1]
    starts = np.arange(min(tokens, THUMBNAIL)) * tokens // min(tokens, THUMBNAIL)
    blocks = np.maximum.reduceat(np.maximum.reduceat(weights, starts, axis=-1), starts, axis=-2)
    return np.rint(255 * np.sqrt(np.clip(blocks, 0, 1))).astype(np.uint8)


def pack(pane: Pane) -> Packed:
    """A pane as it travels: for the longest text the work of a second, so worth keeping."""
    trace, source = pane.trace, pane.trace.source
    first, count = pane.layers or (0, trace.layers)
    shown = slice(first, first + count)
    arrays: dict[str, dict[str, Any]] = {}
    body = bytearray()

    def add(name: str, shape: Sequence[int], encoding: str, data: bytes) -> None:
        arrays[name] = {"offset": len(body), "length": len(data), "shape": list(shape), "encoding": encoding}
        body.extend(data)

    weights = _thousandths(trace.weights[shown])
    add("weights", weights.shape, "milli", _milli(weights, trace.causal))
    if pane.kept is not None:
        index = np.flatnonzero([kind != "special" for kind in trace.kinds])
        corrections = _corrections(weights, _thousandths(pane.kept[shown]), index)
        add("kept", corrections.shape, "milli", _milli(corrections, trace.causal))
    for name, means in (("rollout", pane.rollout[shown]), ("mean", pane.mean[shown])):
        add(name, means.shape, "milli", _milli(_thousandths(means), trace.causal))
    measures = list(pane.measures)
    table = np.stack([m.values for m in measures]) if measures else np.zeros((0, trace.layers, trace.heads))
    add("measures", table.shape, "float32", zlib.compress(table.astype("<f4").tobytes(), 1))
    if count < trace.layers:
        pictures = _thumbnails(trace.weights)
        add("thumbnails", pictures.shape, "uint8", zlib.compress(pictures.tobytes(), 1))

    record = {
        "model": source.model,
        "made_by": source.made_by,
        "title": pane.title or source.model,
        "revision": source.revision,
        "dtype": source.dtype,
        "device": source.device,
        "text": source.text,
        "pair": source.pair,
        "versions": source.versions,
        "layers": trace.layers,
        "heads": trace.heads,
        "causal": trace.causal,
        "windows": trace.windows.tolist(),
        "key_value_heads": trace.key_value_heads.tolist(),
        "tokens": shared.tokens(trace.token_table),
        "first": first,
        "count": count,
        "measures": [
            {
                "key": m.key,
                "name": m.name,
                "explanation": m.explanation,
                "unit": m.unit,
            }
            for m in measures
        ],
        "arrays": arrays,
    }
    return Packed(record, bytes(body))


def encode(
    panes: Sequence[Packed],
    state: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any] | None = None,
    present: bool = False,
    command: int = 0,
) -> bytes:
    """All that the browser needs to show one trace, or two side by side.

    Args:
        panes: one or two.
        state: the view to open, validated; keys as in `DEFAULTS`, missing ones take their default.
        defaults: values that need not stand in the URL, where they differ from `DEFAULTS`.
        present: enlarge the type for a projector.
        command: how often the page itself has set the view (a button, say). While it stays the same, a visitor's own
            choices outlive a rerun that echoes an earlier one of them; a new number puts `state` in their place.
    """
    if not 1 <= len(panes) <= 2:
        raise ValueError(f"one or two panes, not {len(panes)}")
    defaults = DEFAULTS | dict(defaults or {})
    state = defaults | dict(state)
    body = bytearray()
    records = []
    for pane in panes:
        moved = {name: array | {"offset": array["offset"] + len(body)} for name, array in pane.record["arrays"].items()}
        records.append({**pane.record, "arrays": moved})
        body.extend(pane.body)
    header: dict[str, Any] = {
        "state": state,
        "defaults": defaults,
        "present": present,
        "command": command,
        "theme": theme.for_browser(),
        "panes": records,
    }
    # The browser keeps what it has decoded as long as this stays the same.
    content = json.dumps(records).encode() + bytes(body)
    header["content"] = hashlib.blake2b(content, digest_size=12).hexdigest()
    packed = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return MAGIC + struct.pack("<I", len(packed)) + packed + bytes(body)


def explorer(blob: bytes, key: str) -> ComponentResult:
    """Show what `encode` made, in a Streamlit page.

    The result's `around` is the layer that the visitor opened and that the blob holds no weights of, or None: encode
    again with `window(..., around)`.
    """
    return shared.renderer(FOLDER)(data=blob, key=key, on_around_change=lambda: None)


PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; padding: 1rem; background: {light}; color: {light_ink} }}
main {{ max-width: 90rem; margin: 0 auto }}
h1 {{ font: 600 1.1rem/1.4 system-ui, sans-serif; margin: 0 0 .75rem }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark}; color: {dark_ink} }} }}
{style}
</style>
</head>
<body>
<main><h1>{title}</h1><div id="explorer"></div></main>
<script type="text/plain" id="blob">{blob}</script>
<script type="module">
{script}
const packed = atob(document.getElementById("blob").textContent);
explorer({{
  data: Uint8Array.from(packed, (letter) => letter.charCodeAt(0)),
  parentElement: document.getElementById("explorer"),
}});
</script>
</body>
</html>
"""


def standalone_html(blob: bytes) -> str:
    """The same picture as one HTML file that needs no server and no network.

    The text and the model's name enter it as base64 or escaped, so nothing in them can end a tag.
    """
    (size,) = struct.unpack_from("<I", blob, 4)
    panes = json.loads(blob[8 : 8 + size])["panes"]
    titles = " and ".join(dict.fromkeys(pane["title"] for pane in panes))
    return PAGE.format(
        title=html.escape(f"Attention in {titles}"),
        light=theme.PAPER["light"]["paper"],
        light_ink=theme.PAPER["light"]["ink"],
        dark=theme.PAPER["dark"]["paper"],
        dark_ink=theme.PAPER["dark"]["ink"],
        style=shared.style(FOLDER),
        script=shared.script(FOLDER),
        blob=base64.b64encode(blob).decode(),
    )
