"""What does the view "norms" of the page of the inside say of masks, of padding and of truncation?"""

from __future__ import annotations

from typing import Final

# The mask.
LIFTED: Final = "The mask is handed to the model's own forward as a 4-D attention_mask of zeros"
PUT_ON: Final = "A causal mask is handed to the model's own forward as a 4-D attention_mask"
SAME: Final = "The model's own mask, handed over the same way, gives its own numbers within {difference}"
CHECK: Final = (
    "The same argument, once with the mask that the model makes itself: if handing over changed anything else, it "
    "would show here. The number is the largest difference, as a share of the largest number that the pass gives. That "
    "the other mask has arrived is read from the attention itself."
)
HONEST: Final = (
    "This model was trained with the mask on. Nothing in it has learned to look at the next token, so what leaks is "
    "only as much as its heads copy by habit; on some texts they copy the answer, on others they are only confused. A "
    "model trained without the mask would learn nothing but to copy: the answer is always one place further on, the "
    "loss falls towards zero, and behind a text that isn't written yet there is nothing to copy."
)
ENCODER: Final = (
    "This encoder was trained to look both ways. Under a causal mask its first token sees nothing but itself, the "
    "last one still sees everything, but all that it sees has been computed with less."
)
EXPLORER: Final = "All heads on this text"
EXPLORER_WHAT: Final = "The page of attention, with the mask as the model has it"

# Padding.
SECOND_HELP: Final = "The other text of the batch. The shorter of the two, in tokens, is filled up."
FILLED: Final = "Filled up with {padding}"
MASKED: Final = (
    "With the mask, and positions counted from the text, both sides give what it gives alone within {difference}"
)
MASKED_CHECK: Final = (
    "The short text runs alone, and in one batch with the longer one, filled up on either side. The number is the "
    "largest difference between its vectors behind the last layer, as a share of their largest number. The tests do "
    "the same with transformers' own tokenizer and its padding."
)
PADDING: Final = (
    "Filled up with {padding}, id {id}{borrowed}; the tokenizer's own side is the {side}. Models that write are best "
    "filled up on the left: the last column then holds every text's last token, which is where the next one is read."
)
BORROWED: Final = ", the token that ends a text, since the tokenizer names none for this"

# Truncation.
CUT: Final = "Cut on the left and run alone, the text gives the same within {difference}"
CUT_CHECK: Final = (
    "The shortest text, one of the middle and the longest are run again, each alone; the number is the largest "
    "difference in the probability of any token of the vocabulary. What comes behind a text that is cut on the right "
    "is what the model predicts at that place of the whole text: it doesn't look ahead."
)
SIDES: Final = (
    "Tokenizers cut on the right unless told otherwise (truncation_side), which suits a model that reads both ways; a "
    "model that writes goes on from the end, so what it is to answer must not be what is cut. Special tokens at the "
    "beginning stay."
)
WINDOW: Final = "The window, token by token"
WINDOW_WHAT: Final = "How the probability of one token comes back as more of the beginning is seen"
