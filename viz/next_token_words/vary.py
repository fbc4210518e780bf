"""What does the view "vary" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="The same prompt several times.",
    notice="",
    presets=(),
    how="",
    code="",
)
