"""What does the view "window" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What the model no longer knows when the beginning of a text falls off.",
    notice="",
    presets=(),
    how="",
    code="",
)
