"""What does each page show before anybody has typed?

These views are computed ahead (`python -m models.stored`) and kept as trace files beside the code, so that a
page's first picture needs neither torch nor a model. A changed default changes what old links show that name
no text.
"""

from __future__ import annotations

from typing import Final

from models.engine import Request

DECODER: Final = "smollm2-135m"
ENCODER: Final = "minilm-l6-v2"

# "it" can be the animal or the street: the example with which Google introduced the Transformer in 2017.
TEXT: Final = "The animal didn't cross the street because it was too tired."
OTHER_TEXT: Final = "The animal didn't cross the street because it was too wide."
PAIR: Final = ("The cat sat on the mat.", "The cat lay on the rug.")

# Layer and head, from 0, that a page opens on: heads in which "it" in TEXT looks at the animal.
HEADS: Final[dict[str, tuple[int, int]]] = {DECODER: (13, 8), ENCODER: (3, 1)}
TOKEN: Final = 8  # "it" in TEXT, for DECODER

VIEWS: Final = (
    Request("attention", DECODER, TEXT),
    Request("induction", DECODER),
    Request("attention", ENCODER, *PAIR),
    Request("attention", ENCODER, TEXT),
)

# The page of tokenizers opens on this text under these: letters, digits, three scripts, and an emoji made of three.
COMPARED: Final = "Unstoppable! 1,000 words are about 1,300 tokens, 你好 and नमस्ते included 👩\u200d🚀"
ROWS: Final = ("words", ENCODER, DECODER, "cl100k_base", "o200k_base", "qwen", "deepseek", "bytes")
LIT: Final = "3,2"  # row and token that are lit at first: what GPT-4 makes of the end of the first word

# The page of embeddings opens on these words.
WORD_SET: Final = "capitals"
