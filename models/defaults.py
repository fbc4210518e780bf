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
