"""What does the view "switch" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What the model says when a part of it is switched off, scaled, or may not look.",
    notice="",
    presets=(),
    how="",
    code="",
)
