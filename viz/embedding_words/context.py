"""What does the view "context" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

AHEAD: Final = """\
The bank was slippery and covered with reeds.
The bank was closed because it was Sunday.

After hours in the water, they climbed up the bank.
After hours in the queue, she left the bank.
"""

WORD: Final = "The word to follow. Large and small letters are the same; it must stand in every sentence."
TEXT: Final = (
    "One sentence a line, at most 40, each with the word in it. An empty line parts groups, which get colours of their "
    "own. Ctrl+Enter runs it."
)
MODEL: Final = (
    "minilm-l6-v2 is an encoder: every word sees the whole sentence. smollm2-135m is a decoder: a word sees only what "
    "stands before it."
)
HUB: Final = " The id of any model on the hub can be typed as well."
POOLING: Final = (
    "If the tokenizer cuts the word into several tokens: the mean of their vectors, the first, or the last."
)
SHARED: Final = (
    "From layer to layer all uses travel far in the same direction. taken out: at each layer the mean of the uses is "
    "subtracted, and what is left is how they differ. shown: nothing is subtracted."
)
STILL: Final = "the word's row in the input table, which cannot move"
ALIKE: Final = (
    "Every use has the same vector at every layer, so there is no difference to draw: the points lie on each other, "
    "and what moves is all of them at once. In a decoder that is so where all that stands before the word is the same."
)
MEAN: Final = "At each layer the mean of the uses is taken out, so what happens to all of them alike is not seen."
WAY: Final = "The motion that all uses share is in the picture, and takes up most of it."
LENGTH: Final = "Every vector is drawn at length 1, since the cosine doesn't look at the length either."
CHECK: Final = (
    "The vectors are what transformers hands out as output_hidden_states, nothing added; the tests compare them with a "
    "plain call for every family of models. Checked here, on what is shown: the cosines against scikit-learn's, and "
    "every point against its vector along the two axes."
)
BY_LAYER: Final = (
    "Of how the uses differ at one layer, the axes show from {low} (layer {at_low}) to {high} (layer {at_high}); for "
    "the layer on show, it stands above the picture."
)
MATRIX: Final = "Cosine between every two uses, layer by layer"

WORDS: Final = Words(
    sentence=(
        "One word in several sentences: its vector at every layer of a real model. A table of words has one vector for "
        "both kinds of bank; here each use gets its own."
    ),
    notice="""\
- **They start as one.** The cross is the word's row in the input table: one vector, whatever the sentence. At layer 0
  an encoder like MiniLM has added the position to it and scaled the sum; SmolLM2 starts from the row itself.
- **Then they part by meaning.** Press play: the river's banks and the banks with money go separate ways. The cosine
  between the groups falls, and within a group it falls less.
- **It isn't one way down.** In MiniLM the cosines fall until layer 3, rise, and fall again at the last layer, whose
  vectors are averaged into one for the whole sentence.
- **A decoder can't look ahead.** In SmolLM2, a word knows what stands before it and nothing else: uses that begin alike
  stay on one point at every layer.
- **Two axes of hundreds.** The panel says how much of the difference they show, and the curves need no projection.
""",
    presets=(
        ("bank, in an encoder", "River or money: six sentences in MiniLM.", {"view": "context"}),
        ("bank, in a decoder", "The same six sentences in SmolLM2.", {"view": "context", "model": "smollm2-135m"}),
        (
            "The decoder can't know yet",
            "Two of four sentences begin with “The bank was”: what follows can't change the word.",
            {"view": "context", "model": "smollm2-135m", "text": AHEAD},
        ),
        ("The encoder looks ahead", "The same four sentences in MiniLM.", {"view": "context", "text": AHEAD}),
        (
            "light",
            "Not heavy, or not dark.",
            {
                "view": "context",
                "word": "light",
                "text": "The suitcase is light and easy to carry.\nA light bag is good for travelling.\n"
                "She packed only light clothes.\n\nThe light of the lamp filled the room.\n"
                "He switched on the light in the hall.\nThe light from the window woke me.\n",
            },
        ),
        (
            "spring",
            "A season, a coil, a source of water.",
            {
                "view": "context",
                "word": "spring",
                "text": "The flowers bloom in spring.\nA warm spring follows the winter.\n\n"
                "The spring in the mattress is made of steel.\nThe clock stopped when its spring broke.\n\n"
                "They drank fresh water from the spring.\nA spring feeds the stream below the hill.\n",
            },
        ),
        (
            "cell",
            "Of a body, of a prison.",
            {
                "view": "context",
                "word": "cell",
                "text": "The nucleus of the cell holds its DNA.\nA virus enters the cell and copies itself.\n"
                "Each cell of the skin divides.\n\nThe prisoner paced up and down his cell.\n"
                "The guard locked the cell for the night.\nHe spent a year alone in a cell.\n",
            },
        ),
        (
            "bat",
            "An animal, or what one hits a ball with.",
            {
                "view": "context",
                "word": "bat",
                "text": "The bat slept upside down in the cave.\nA bat flew out at night to hunt insects.\n"
                "The wings of a bat are made of skin.\n\nHe swung the bat and missed the ball.\n"
                "She bought a wooden bat for baseball.\nThe player broke his bat on the first pitch.\n",
            },
        ),
        (
            "it",
            "Too tired: the animal. Too wide: the street. Who can tell, and who can't?",
            {
                "view": "context",
                "word": "it",
                "text": "The animal didn't cross the street because it was too tired.\n"
                "The animal didn't cross the street because it was too wide.\n",
            },
        ),
        (
            "A word in pieces",
            "MiniLM cuts it into several tokens; try first and last instead of their mean.",
            {
                "view": "context",
                "word": "embeddings",
                "text": "Word embeddings are vectors learnt from text.\nThe model looks up its embeddings in a table.\n"
                "These stones are embeddings in a wall of clay.\n",
            },
        ),
    ),
    how=r"""
The sentences go through the model one by one. Layer 0 is what enters the first block, layer $l$ what block $l$ leaves;
the last one comes behind the model's final norm, where it has one. With $T$ the word's tokens in a sentence $s$,

$$v^{(l)}_s = \frac{1}{|T|} \sum_{t \in T} h^{(l)}_{s,t} \qquad
\cos(v_s, v_r) = \frac{v_s \cdot v_r}{|v_s|\,|v_r|}$$

`vectors` has the shape [layers + 1, uses, dimension]: [7, 6, 384] for MiniLM and six sentences.

**The picture.** Every vector is brought to length 1, so that the squared distance of two is $2 - 2\cos$. At each layer
the mean of the uses is subtracted (*taken out*). Then one PCA is fitted to all uses at all layers together: the axes
are the same at every layer, so motion in the picture is motion of the vectors, as far as two axes show it. The static
vectors are treated the same way and seen along these axes.

**Reading the curves.** In a decoder, two vectors of a deep layer mostly have a high cosine, whatever their words:
they lie in a narrow cone. So compare curves with each other, not with 1.

Ethayarajh (2019), [How Contextual are Contextualized Word Representations?](https://arxiv.org/abs/1909.00512)
""",
    code="""\
out = model(**tokenizer(sentence, return_tensors="pt"), output_hidden_states=True)
hidden = torch.stack(out.hidden_states)[:, 0]          # [layer + 1, token, dimension]
vector = hidden[:, word_tokens].mean(dim=1)            # [layer + 1, dimension], one use of the word

directions = torch.nn.functional.normalize(torch.stack(vectors, dim=1), dim=-1)   # [layer + 1, use, dimension]
cosines = directions @ directions.mT                   # [layer + 1, use, use]

apart = directions - directions.mean(dim=1, keepdim=True)
points = PCA(2).fit_transform(apart.flatten(0, 1)).reshape(len(apart), -1, 2)     # one basis for all layers
""",
)
