"""What does the view "lens" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

OWN: Final = "the final answers"
FOLLOW: Final = (
    "Whose probability and rank are shown at every layer: usually what the model itself says at last at each position. "
    "Type a token, such as Paris (it is looked up with a space before it first), or an id, such as #42; or click one "
    "in the figure."
)
COMPUTED: Final = "The lens is computed only for the tokens that are shown."
CHECK: Final = (
    "The lens is applied here to every layer: the final norm, then the head. At the last layer that must give the "
    "model's own logits, those of an ordinary pass. Given is the largest difference, as a share of the largest logit."
)

# The texts of the presets.
AUTHOR: Final = "The author of Romeo and Juliet is William"
CODE: Final = "def add(a, b):\n    return a +"
LOST: Final = "The sky is blue. The grass is green. The blood is"
COPIED: Final = "My parrot reads old maps aloud. My parrot reads old"
TRANSLATED: Final = "English: one, Spanish: uno. English: two, Spanish: dos. English: three, Spanish:"

WORDS: Final = Words(
    sentence=(
        "What the model would say if it stopped after each layer: every column is a token of the text, every row a "
        "layer, and in the cell stands the likeliest next token."
    ),
    notice="""\
- **An answer can come at the very end.** In “The capital of France is”, “ Paris” doesn't lead before layer 29,
  the last one: it has rank 92 behind layer 24, rank 7 behind layer 27, rank 3 behind layer 28.
- **Grammar comes earlier than facts.** Behind “ capital”, “ of” leads from layer 18 on.
- **The way isn't only up.** At layer 25 that “ of” has 99.9%, at last 71%: the last layers also make room for others.
- **The lowest row says back what was read**, in four of that text's five columns: this model reads and writes with
  one and the same table, and a row of it is mostly likest to itself.
- **The lens is not what the model thinks.** No layer but the last was trained to be read by the head. The spaces and
  commas in the middle, at 90% and more, don't mean that the model expects a comma there: what these layers know is
  written in a way that the head can't read. What isn't seen here may well be there.
""",
    presets=(
        (
            "Himself, then Shakespeare",
            "Behind layer 24, “ himself” has 98%; from layer 26 on it is “ Shakespeare”.",
            {"view": "lens", "text": AUTHOR, "layer": "24"},
        ),
        (
            "First the letter, then its case",
            "Behind layers 24 and 25 “ B” leads, from 26 on “ b”, as the code has it.",
            {"view": "lens", "text": CODE, "layer": "25"},
        ),
        (
            "The same words again",
            "At the first “ old”, “ maps” has rank 409 at last; at the second it leads from layer 28 on.",
            {"view": "lens", "text": COPIED, "colour": "rank", "follow": "maps"},
        ),
        (
            "Right, and then overruled",
            "“ red” leads behind layers 27 and 28, at last it is second: “ mirrored” comes up from rank 43.",
            {"view": "lens", "text": LOST, "colour": "rank", "follow": "red"},
        ),
        (
            "From English to Spanish",
            "Behind layer 25 it counts on in English: “ four”. Only at last “ t”, as in tres.",
            {"view": "lens", "text": TRANSLATED, "layer": "25"},
        ),
        (
            "Where the model is unsure",
            "Entropy: sure of a space in the middle, then 6 bits behind layer 28, and 2 at last for “ Paris”.",
            {"view": "lens", "colour": "entropy", "layer": "28"},
        ),
    ),
    how=r"""
A transformer's layers add to one vector for each token, the *residual stream* $x \in \mathbb{R}^d$. Behind the last
layer the final norm and the head (the unembedding $W_U$, $[V, d]$) make logits of it. The *logit lens* does the same
behind every layer $\ell$:

$$
z_\ell = W_U \, \mathrm{norm}(x_\ell), \qquad p_\ell = \mathrm{softmax}(z_\ell)
$$

for all of $[\text{layers} + 1, \text{tokens}, V]$ (nostalgebraist, *interpreting GPT: the logit lens*, 2020). “input”
is $x$ before layer 0. At the last layer $z$ must be the model's own logits: that is the check below the figure.

*Entropy* is $-\sum_v p(v) \log_2 p(v)$, in bits. *Rank* is 1 + how many tokens are likelier. The answer *stays from*
the lowest layer at which, and at every later one, the likeliest token is the final one.

Why it may mislead: $\mathrm{norm}$ and $W_U$ were trained on $x$ behind the last layer only; earlier layers may keep
the same content in other directions. The *tuned lens* trains one affine map for each layer,
$z_\ell = W_U \, \mathrm{norm}(A_\ell x_\ell + b_\ell)$, so that $p_\ell$ comes as close as it can to the final
answer. It comes closer than the plain lens does, which for some models shows little of use (Belrose et al., *Eliciting
Latent Predictions from Transformers with the Tuned Lens*, 2023, arXiv:2303.08112). Here nothing is trained: what is
shown is the model's own norm and head.

Of a text of more than 64 tokens the pass reads all, and the lens is computed for the 64 on show.
""",
    code="""
ids = tokenizer(text, return_tensors="pt")["input_ids"]
stream = []  # what enters layer 0, then what leaves each layer
first, *_ = layers = model.model.layers
hooks = [first.register_forward_pre_hook(lambda layer, given: stream.append(given[0]))]
hooks += [layer.register_forward_hook(lambda layer, given, left: stream.append(left)) for layer in layers]
with torch.inference_mode():
    own = model(ids).logits
    for hook in hooks:
        hook.remove()
    lens = model.lm_head(model.model.norm(torch.cat(stream)))  # [layers + 1, tokens, vocabulary]
torch.testing.assert_close(lens[-1], own[0], rtol=1e-4, atol=1e-4)

[tokenizer.decode(token) for token in lens[:, -1].argmax(-1)]  # behind the last token, layer by layer
lens.softmax(-1).max(-1).values  # [layers + 1, tokens] the colour of each cell
""",
)
