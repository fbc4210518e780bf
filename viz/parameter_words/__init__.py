"""What does the page of parameters say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = (
    "Where every last weight of a model is, counted twice: by its architecture's formula, and tensor by tensor."
)
