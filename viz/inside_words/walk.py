"""What does the view "walk" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(
    sentence="One token's way through the model, stage by stage; every number is this model's own on this text.",
    notice="",
    presets=(),
    how="",
    code="",
)
