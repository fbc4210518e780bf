"""What does the page of embeddings say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = "What a model makes of a word: a row of numbers whose directions carry meaning, alone and in context."
    "What a model makes of a word: a row of numbers whose directions carry meaning, at first and in context."
)
