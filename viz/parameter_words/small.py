"""What does the view "small" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(sentence="", notice="", presets=(), how="", code="")
