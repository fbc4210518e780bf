"""What does the view "window" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

NO_TARGET: Final = (
    "The link follows the token {target}, which is not among the most probable ones of any window here; the favourite "
    "behind the whole text is followed instead."
)
OVER: Final = (
    "The text has {total:,} tokens, and at most {most:,} are run at once: there is no prediction with all of it, so "
    "the windows are compared with the largest one."
)

CHECK: Final = (
    "Windows of similar length run as one batch, the shorter ones filled up behind their end. Here the shortest "
    "window, that of half the text and the largest are run again, each alone, as the code below does it; the number "
    "is the largest difference in the probability of any token of the vocabulary. The tests compare every kind of "
    "model with transformers' own truncation."
)
COUNTED: Final = "The secret word is banana. " + " ".join(f"{n}," for n in range(1, 200)) + " and the secret word is"

WORDS: Final = Words(
    sentence="What the model no longer knows when the beginning of a text falls off.",
    notice="""\
- **A model has no memory but its window.** What has fallen off is as if it had never been written: the prediction is
  that of a text that begins at the border.
- **The name is not forgotten bit by bit.** Move the border: the probability stays near zero until the sentence
  with the name comes into view, and then jumps.
- A chat app shows you the whole conversation, but sends only what fits: when it gets long, the oldest messages fall
  off (or are shortened to a summary).
- What falls off matters only if it says something new: of a list that repeats itself, a short window keeps all there
  is to know.
""",
    presets=(
        (
            "A name at the beginning",
            "Behind all of it “Clara” is almost sure; half of it doesn't know her.",
            {"view": "window"},
        ),
        (
            "Where is the key?",
            "The teapot is in the first sentence; without it, the model guesses boxes.",
            {
                "view": "window",
                "text": "The key is in the blue teapot. It rained all night, and in the morning the garden was full of "
                "snails. I made some tea, fed the cat and read the paper. At noon the post came: two bills and a "
                "letter from my aunt, who wants to visit us in spring. Where was the key? It was in the blue",
            },
        ),
        (
            "The head of a function",
            "Only the first line says which names there are to return.",
            {
                "view": "window",
                "text": 'def area(width, height):\n    """The area of a rectangle."""\n    # Both numbers are lengths '
                "in metres. They may be whole numbers or not.\n    # What comes back is in square metres, and it is "
                "never below zero as long as\n    # the numbers that go in are not.\n    return",
            },
        ),
        (
            "Nothing is lost",
            "Three colours again and again: 16 tokens predict what all 100 do; ten are too few to see the pattern.",
            {"view": "window", "text": "red, green, blue, " * 16 + "red, green,"},
        ),
        (
            "Longer than what can be run",
            "The secret word has fallen off in any case, and no window brings it back.",
            {"view": "window", "text": COUNTED},
        ),
    ),
    how=r"""
A window of $W$ tokens holds the special tokens that the tokenizer puts at the beginning, if there are any, and the last
tokens of the text. That is what `truncation_side="left"` leaves in transformers. They are read as a text of their own:
**the first token has position 0**, whatever its place in the whole text was. Of a chat, the template's own words fall
off like any others.

With $p$ the prediction behind the whole text, $q$ behind the window, and $V$ the vocabulary:

$$\mathrm{KL}(p \,\|\, q) = \sum_{v \in V} p(v) \log_2 \frac{p(v)}{q(v)}$$

the bits that believing $q$ costs, on average, where $p$ holds. It is summed over the whole vocabulary. Every window up
to 32 tokens is computed, and 30 longer ones at equal distances; `probabilities` has the shape [windows, tokens shown].

A model's own window is the most positions it was made for (`max_position_embeddings`); for SmolLM2 it is 8,192, more
than is run here. What lies inside isn't always used well, either: Liu et al. (2024),
[Lost in the Middle](https://arxiv.org/abs/2307.03172).
""",
    code="""\
tokenizer.truncation_side = "left"                     # the beginning falls off, not the end

def predict(size):
    inputs = tokenizer(text, truncation=True, max_length=size, return_tensors="pt")
    return model(**inputs).logits[0, -1].log_softmax(-1)

whole = predict(512)
for size in (90, 60, 30, 10):
    part = predict(size)
    lost = (whole.exp() * (whole - part)).sum() / math.log(2)      # KL divergence in bits
    print(size, tokenizer.decode(part.argmax()), f"{lost:.2f}")
""",
)
