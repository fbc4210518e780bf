"""What does the page of the next token say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = (
    "What a model thinks comes next: a number for every token of its vocabulary, and how one of them is drawn."
)

# Controls that several views have.
MODEL: Final = "A model that writes. Any causal model of the hub can be typed in."
PROMPT: Final = "What the model goes on with. Ctrl+Enter runs it. The link keeps it."
CHAT: Final = (
    "Write the prompt as a user's message, as the model's own chat template has it, and let the model answer. Models "
    "trained for chats expect that."
)
TEMPERATURE: Final = "Logits are divided by it. 0: always the most probable token. Above 1: flatter."
TOP_K: Final = "Only the k most probable tokens stay. 0: all."
TOP_P: Final = "Only the most probable tokens stay, as few as have this probability together. 1: all."
MIN_P: Final = "Tokens with less than this share of the most probable one's probability are cut. 0: none."
REPETITION: Final = (
    "Logits of tokens that stand in the text already are divided by it (those below 0 multiplied). 1: off."
)
SEED: Final = "Where the numbers that draw begin. The same seed draws the same again."
