"""What does the page of tokenizers say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = "How a text becomes the numbers that a model reads: every step of every tokenizer, on your own text."
TEXT: Final = "Any text, in any language. Ctrl+Enter runs it."
TOKENIZER: Final = "A tokenizer of this installation, the id of any model on the hub, or a tokenizer.json of yours."
FILE: Final = "The tokenizer.json of any model. It is read, never run, and forgotten when you leave."
CORPUS: Final = (
    "What the tokenizer learns from: Python's manual (English), its library (code), the textbook's low, lower, newest, "
    "widest; or a text of yours, pasted or as a file."
)
PASTED: Final = "Any text, in any language. The link keeps it, up to half a million characters."
CORPUS_FILE: Final = "It is read here, used for training, and forgotten when you leave. A link can't carry it."
