"""What does the view "positions" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="How a model knows what stands where.",
    notice="",
    presets=(),
    how="",
    code="",
)
