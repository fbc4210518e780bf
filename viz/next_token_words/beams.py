"""What does the view "beams" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="Several texts continued at a time, and which of them survive.",
    notice="",
    presets=(),
    how="",
    code="",
)
