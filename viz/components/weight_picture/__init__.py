"""How does the picture of a matrix reach the browser, where a hand reads it tile by tile and zooms into it?

    data = {"title": its path, "facts": [line below a saved picture], "axes": [what rows are, what columns are],
            "shape": [rows, columns] of the whole matrix, "region": [[first row, behind the last], the same of columns],
            "tile": [rows, columns of weights in one], "tiles": [rows, columns of tiles],
            "many": so many have some beyond the colours,
            "mean", "largest": {"digits": that travel, "least": the least value as a whole number of them, "end": of
                                the colours, "values": what each value is above the least}}

Reading and switching from means to magnitudes ask nothing of the server. A region to zoom into is asked for:
[how often, first row, behind the last, first column, behind the last].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.traces import MatrixTrace

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
# A few weights are far larger than all others: of many tiles, this share lies within the colours.
SHOWN: Final = 0.995
MANY: Final = 400

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"tiles": "largest", "tile_row": None, "tile_column": None}


def parameters(trace: MatrixTrace) -> dict[str, state.Kind]:
    """What a link may say: which number of each tile, and the tile that is read."""
    rows, columns = trace.picture.shape
    return {
        "tiles": state.Choice(("largest", "mean")),
        "tile_row": state.Whole(rows),
        "tile_column": state.Whole(columns),
    }


def pack(trace: MatrixTrace, facts: Sequence[str]) -> bytes:
    """The picture as it travels: at least four digits of the largest number."""
    return shared.pack(
        {
            "title": trace.matrix,
            "facts": list(facts),
            "axes": trace.axes.split(", "),
            "shape": trace.shape,
            "region": trace.region,
            "tile": trace.tile,
            "tiles": trace.picture.shape,
            "many": MANY,
            "mean": _packed(trace.picture),
            "largest": _packed(trace.largest),
        }
    )


def _packed(values: NDArray[np.float32]) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high)) or 1.0
    digits = math.floor(math.log10((STEPS - 1) / (2 * size)))
    wholes = np.rint(values.astype(np.float64) * 10.0**digits).astype(np.int64)
    least = int(wholes.min())
    end = float(np.quantile(np.abs(values), SHOWN)) if values.size >= MANY else size
    return {
        "digits": digits,
        "least": least,
        "end": end or size,
        "values": shared.two_bytes((wholes - least).astype(np.uint16)),
    }


def weight_picture(packed: bytes, *, key: str, state: Mapping[str, Any], asked: Callable[[], None]) -> None:
    """Show the picture in a Streamlit page; `asked` is called before the next run when a region is asked for.

    The region that was asked for last is then `st.session_state[key]["region"]`.
    """
    shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS, on_region_change=asked)
