"""What does the view "distribution" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What each token of the whole vocabulary gets as the next one, and what every sampler does with that.",
    notice="",
    presets=(),
    how="",
    code="",
)
