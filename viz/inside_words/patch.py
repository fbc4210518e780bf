"""What does the view "patch" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="Which layer, at which token, carries what tells two prompts apart.",
    notice="",
    presets=(),
    how="",
    code="",
)
