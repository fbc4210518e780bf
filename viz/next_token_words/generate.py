"""What does the view "generate" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="A text written token by token, with what could have been written instead.",
    notice="",
    presets=(),
    how="",
    code="",
)
