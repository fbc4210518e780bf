"""What does the view "xray" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="How surprised the model is by each token of a text.",
    notice="",
    presets=(),
    how="",
    code="",
)
