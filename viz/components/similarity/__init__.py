"""How do tables of similarities reach the browser, where a hand reads them cell by cell?

    data = {"title": name, "facts": [line below a saved picture], "parameter": name of the picture in the link,
            "titles": [picture], "rows": [label],
            "columns": [label] | null where they are the rows again, "low", "high": of the colours,
            "digits": that travel, "least": the least value as a whole number of them,
            "values": what each value is above it, [picture, row, column], "asks": whether the page is told of a choice}

A value travels as a whole number of thousandths, or finer where all values lie close together, or coarser where they
spread beyond 65. Reading, choosing and turning from one picture to the next ask nothing of the server, unless the page
wants to know what is chosen.
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
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
STEPS: Final = 2**16 - 1
CELLS: Final = 1_000_000  # of all pictures together: four of 500 by 500, 2 MB

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"picture": 0, "row": None, "column": None}


def parameters(pictures: int, rows: int, columns: int, parameter: str = "picture") -> dict[str, state.Kind]:
    """What a link may say of so many pictures of this size, for `viz.state.read`; `parameter` as in `pack`."""
    return {parameter: state.Whole(pictures), "row": state.Whole(rows), "column": state.Whole(columns)}


def pack(
    values: NDArray[np.float32],
    rows: Sequence[str],
    columns: Sequence[str] | None = None,
    *,
    titles: Sequence[str],
    title: str,
    facts: Sequence[str],
    low: float,
    high: float,
    parameter: str = "picture",
    asks: bool = False,
) -> bytes:
    """The pictures as they travel.

    Args:
        values: finite, [picture, row, column].
        rows: [row]
        columns: [column]; None: the rows again, so that a cell and its mirror image say the same.
        titles: [picture]
        title: the name of all of it, for people.
        facts: the lines below a saved picture.
        low: the value at the lower end of the colours. Below 0, they diverge from the paper's colour at 0.
        high: the value at their upper end.
        parameter: the picture's name in the link. A figure of the same page that has a parameter of this name, such as
            the layer, and this one stand at the same place.
        asks: whether the page is told which cell is chosen: `similarity(...).chosen`, [row, column], -1 for none; None
            until somebody chooses another than the link's.

    Raises:
        ValueError: the parts don't fit together, or a value lies beyond the colours.
    """
    size = (len(titles), len(rows), len(rows if columns is None else columns))
    if values.shape != size or not 0 < values.size <= CELLS:
        raise ValueError(f"values of shape {values.shape} for {size} pictures, rows and columns, of {CELLS:,} at most")
    if not np.isfinite(values).all():
        raise ValueError("some values are not finite numbers")
    if not low < high:
        raise ValueError(f"colours from {low} to {high}")
    digits = _digits(high - low)
    wholes = np.rint(values.astype(np.float64) * 10.0**digits)
    least, most = (round(end * 10.0**digits) for end in (low, high))
    if not least <= wholes.min() <= wholes.max() <= most:
        raise ValueError(f"values from {values.min()} to {values.max()}, colours from {low} to {high}")
    return shared.pack(
        {
            "title": title,
            "facts": list(facts),
            "parameter": parameter,
            "titles": list(titles),
            "rows": list(rows),
            "columns": None if columns is None else list(columns),
            "low": low,
            "high": high,
            "digits": digits,
            "least": least,
            "values": shared.two_bytes((wholes - least).astype(np.uint16)),
            "asks": asks,
        }
    )


def _digits(extent: float) -> int:
    """Behind the point: three of a range of 1 to 65, more of a smaller one, fewer where two bytes don't hold them."""
    wanted = max(3, 3 - math.floor(math.log10(extent)))
    return min(wanted, math.floor(math.log10((STEPS - 1) / extent)))


def similarity(
    packed: bytes,
    *,
    key: str,
    state: Mapping[str, Any],
    defaults: Mapping[str, Any] = DEFAULTS,
    command: int = 0,
    asked: Callable[[], None] = lambda: None,
) -> ComponentResult:
    """Show the pictures in a Streamlit page, side by side where there is room, else one at a time.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(pictures, rows, columns), ...)`.
        defaults: `DEFAULTS`, or with other values where the page opens on a certain cell.
        command: how often the page itself has set the state.
        asked: called before the run in which another cell is chosen, if the page is told of it.
    """
    return shared.figure(
        FOLDER, packed, key=key, state=state, defaults=defaults, command=command, on_chosen_change=asked
    )
