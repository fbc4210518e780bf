"""What is drawn of a training of word vectors while it is on its way? The words where they are, and the loss so far.

A picture that stands as it is: the figure with hands on it comes when the training is done. It is an image, so nothing
in it can be run, whatever the words are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from viz import theme

WIDTH: Final = 640
HEIGHT: Final = 420
CURVE: Final = 80  # of it, for the loss
MARGIN: Final = 30
LONGEST: Final = 24  # letters of a word
TALL: Final = 13  # a letter; half as wide


def picture(
    words: Sequence[str], points: NDArray[np.float32], losses: Sequence[float], epochs: int, *, dark: bool
) -> str:
    """An SVG file.

    Args:
        words: [word] the most frequent first.
        points: [look, word, 2] where they were from epoch to epoch; the last is now.
        losses: [epoch] so far; NaN where there is none.
        epochs: how many there will be.
        dark: on dark paper.
    """
    paper = theme.PAPER["dark" if dark else "light"]
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "width": str(WIDTH),
            "height": str(HEIGHT),
            "font-family": "system-ui, sans-serif",
            "font-size": str(TALL),
        },
    )
    _words(root, words, points, paper)
    _curve(root, losses, epochs, paper)
    return ElementTree.tostring(root, encoding="unicode")


def _words(root: ElementTree.Element, words: Sequence[str], points: NDArray[np.float32], paper: dict[str, str]) -> None:
    """Each word's way as a line, and at its end the word, where there is room for it; the frequent ones come first."""
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    room = np.array([WIDTH, HEIGHT - CURVE]) - 2 * MARGIN
    scale = float((room / np.maximum(high - low, 1e-12)).min())
    middle = np.array([WIDTH, HEIGHT - CURVE]) / 2
    places = (points - (low + high) / 2) * [scale, -scale] + middle
    for word in range(len(words)):
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places[:, word])
        line = {"points": way, "fill": "none", "stroke": paper["line"], "stroke-width": "1"}
        ElementTree.SubElement(root, "polyline", line)
    taken: list[tuple[float, float, float, float]] = []
    for word, name in enumerate(words):
        x, y = places[-1, word].tolist()
        ElementTree.SubElement(root, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "3", "fill": paper["accent"]})
        label = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\u2026"
        box = (x, y - TALL / 2, x + 5 + len(label) * TALL * 0.6, y + TALL / 2)
        if all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in taken):
            taken.append(box)
            text = ElementTree.SubElement(root, "text", {"x": f"{x + 5:.1f}", "y": f"{y + 4:.1f}"})
            text.set("fill", paper["ink"])
            text.text = label


def _curve(root: ElementTree.Element, losses: Sequence[float], epochs: int, paper: dict[str, str]) -> None:
    """The loss of each epoch so far; where there is none, a gap."""
    known = [loss for loss in losses if not math.isnan(loss)]
    bottom, top = HEIGHT - 24, HEIGHT - CURVE + 24
    axis = {"x1": "0", "x2": str(WIDTH), "y1": str(bottom), "y2": str(bottom), "stroke": paper["line"]}
    ElementTree.SubElement(root, "line", axis)
    now = f"epoch {len(losses)} of {epochs}" if losses else f"before the first epoch of {epochs}"
    said = f"{now}: loss {losses[-1]:.3f}" if losses and not math.isnan(losses[-1]) else now
    ElementTree.SubElement(root, "text", {"x": "0", "y": str(top - 8), "fill": paper["quiet"]}).text = said
    if not known:
        return
    low, high = min(known), max(known)
    pieces: list[list[str]] = [[]]
    for epoch, loss in enumerate(losses):
        if math.isnan(loss):
            pieces.append([])
            continue
        x = epoch / max(1, epochs - 1) * WIDTH
        y = top + (high - loss) / max(high - low, 1e-12) * (bottom - top - 4)
        pieces[-1].append(f"{x:.1f},{y:.1f}")
    for piece in pieces:
        line = {"points": " ".join(piece * 2 if len(piece) == 1 else piece), "fill": "none"}
        ElementTree.SubElement(root, "polyline", line | {"stroke": paper["accent"], "stroke-width": "2.5"})
