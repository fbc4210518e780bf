"""What does the view "cache" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What is kept and what is computed again when a text is written token by token.",
    notice="",
    presets=(),
    how="",
    code="",
)
