"""What does the view "softmax" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="How a few scores become probabilities.",
    notice="",
    presets=(),
    how="",
    code="",
)
