"""What does the page of the inside say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = "One token's way through the transformer: every stage with its real numbers, and a hand on every part."

# Controls that several views have.
MODEL: Final = "A model whose inside is shown. Any model of the hub can be typed in."
WRITER: Final = "A model that writes. Any causal model of the hub can be typed in."
TEXT: Final = "What the model reads. Ctrl+Enter runs it. The link keeps it."
FIRST: Final = "Where the part of the text that is shown begins; the model always reads all of it."
SHOWN: Final = "The text has {count:,} tokens; {first:,} to {last:,} are shown, and the model reads all of them."
