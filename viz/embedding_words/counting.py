"""What does the view "counting" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WORDS: Final = Words(sentence="", notice="", presets=(), how="", code="")
