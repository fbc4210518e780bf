"""What does the view "stream" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="What each layer, head and MLP writes into the stream, and which of them speak for the next token.",
    notice="",
    presets=(),
    how="",
    code="",
)
