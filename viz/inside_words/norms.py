"""What does the view "norms" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What a norm does to a real vector, and what would leak without the mask.",
    notice="",
    presets=(),
    how="",
    code="",
)
