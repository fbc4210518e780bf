"""Which words does every view of a page have?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """What a view says about itself; all of it is Markdown, except where it says otherwise."""

    sentence: str  # what one is looking at
    notice: str  # a list of a few things
    presets: tuple[
        tuple[str, str, dict[str, Any]], ...
    ]  # plain: label, what it shows, the link's parameters (or lists)
    how: str  # formula, shapes, the paper
    code: str  # Python: the few lines that do the same
