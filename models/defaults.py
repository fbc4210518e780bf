"""What does each page show before anybody has typed?

These views are computed ahead (`python -m models.stored`) and kept as trace files beside the code, so that a
page's first picture needs neither torch nor a model. A changed default changes what old links show that name
no text.
"""

from __future__ import annotations

from typing import Final

from models import sentence_sets
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

# The page of tokenizers opens on this text under these: letters, digits, three scripts, and an emoji made of three.
COMPARED: Final = "Unstoppable! 1,000 words are about 1,300 tokens, 你好 and नमस्ते included 👩\u200d🚀"
ROWS: Final = ("words", ENCODER, DECODER, "cl100k_base", "o200k_base", "qwen", "deepseek", "bytes")
LIT: Final = "3,2"  # row and token that are lit at first: what GPT-4 makes of the end of the first word

# What the views of the page of embeddings open on: a set of words; one word in two kinds of sentences; sentences whose
# words are the same and whose meanings aren't, and the other way round; tokens with well-known neighbours.
WORD_SET: Final = "capitals"
WORD: Final = "bank"
USES: Final = """\
The river burst its bank after the storm.
We sat on the bank of the river and fished.
A heron stood on the muddy bank.

She put her savings in the bank.
The bank raised its interest rates.
He asked the bank for a loan.
"""
COUNTED: Final = """\
The dog bit the man.
The man bit the dog.
The doctor examined the patient.
A physician checked the sick woman.
The patient examined the contract.
It rained all night."""
NEIGHBOURS: Final = 10  # of each token
LOOKED_UP: Final = "The king drank tea on Monday in Paris, 1984."

# What the views of the page of the next token open on: a prompt with many good answers, and the usual samplers.
PROMPT: Final = "My favourite animal is the"
TEMPERATURE: Final = 0.8
TOP_K: Final = 50
TOP_P: Final = 0.95

VIEWS: Final = (
    Request("attention", DECODER, TEXT),
    Request("induction", DECODER),
    Request("attention", ENCODER, *PAIR),
    Request("attention", ENCODER, TEXT),
    Request(
        "context",
        ENCODER,
        "\n".join(line for line in USES.splitlines() if line),
        settings=(("word", WORD), ("pooling", "mean")),
    ),
    Request("sentences", ENCODER, COUNTED, settings=(("pooling", "mean"),)),
    Request("sentences", ENCODER, sentence_sets.EXAMPLE, settings=(("pooling", "mean"),)),
    Request("neighbours", DECODER, LOOKED_UP, settings=(("count", str(NEIGHBOURS)),)),
    Request("vocabulary", DECODER),
    Request("next", DECODER, PROMPT),
)
