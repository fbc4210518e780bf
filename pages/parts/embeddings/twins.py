"""What is chance in a picture? The same points under another seed, each linked to its twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from viz import embedding_words as words
from viz.components import point_cloud
from viz.components.point_cloud import Groups

MOST: Final = 2_000  # links of more can't be told apart


def asked() -> bool:
    """Whether the twins are to be shown: a switch in the current container."""
    return st.toggle("Link another seed", key="twin", bind="query-params", help=words.TWIN)


def count(points: int) -> int:
    """How many points are shown beside their twins: the first ones."""
    return min(points, MOST)


def pack(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    labels: Sequence[str],
    *,
    seed: int,
    title: str,
    facts: Sequence[str],
) -> bytes:
    """The first points of a picture, linked to where the next seed has them, in the same coordinates."""
    shown = count(len(second))
    return point_cloud.pack(
        np.concatenate([first[:shown], second[:shown]]),
        [*labels[:shown], *labels[:shown]],
        title=title,
        facts=facts,
        colour=Groups(np.repeat([0, 1], shown), [f"seed {seed}", f"seed {seed + 1}"]),
        links=[(point, shown + point) for point in range(shown)],
    )


def say(displacement: float, points: int, seed: int) -> None:
    """How far the points moved on average, in units of the picture's radius."""
    said = words.MOVED if displacement >= 0.005 else words.UNMOVED
    st.caption(said.format(seed=seed + 1, distance=100 * displacement))
    if points > MOST:
        st.caption(words.SOME_LINKED.format(shown=MOST, points=points))
