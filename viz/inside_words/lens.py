"""What does the view "lens" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What the model would say if it stopped after each layer.",
    notice="",
    presets=(),
    how="",
    code="",
)
