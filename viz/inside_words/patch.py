"""What does the view "patch" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

WHAT: Final = (
    "The stream behind a layer, what its attention or its MLP writes into the stream, or what one head hands to the "
    "output projection. A head is patched at all tokens at once."
)
# The tokens whose logits are compared: a field's name, and what it stands for while it is empty.
TYPED: Final = {"answer": ("Answer", "the likeliest"), "rival": ("Rival", "the other prompt's likeliest")}
PAIR: Final = (
    "How far a patch goes is read of the difference of these two tokens' logits. Type a single token; a word is looked "
    "up with a space before it first. By its id it is written #42."
)
CHECK: Final = (
    "The picture is computed in batches, with the keys and values of the tokens before the first patch kept. Beside it "
    "stand both prompts without a patch, and the patch that goes farthest, the one in the middle and the one that goes "
    "least, each run again as a pass of its own with nothing kept. Given is the largest difference between two "
    "differences of logits."
)
WINDOW: Final = (
    "The prompts have {count:,} tokens; {first:,} to {last:,} are shown and patched, and the model reads all of them."
)
ITSELF: Final = (
    "A prompt patched with itself: {count:,} patches were run, and none moves the difference by more than {moved}."
)
ARRIVES: Final = (
    "Layer {layer} is the first behind which the last token alone takes the answer more than half of the way."
)
UNEQUAL: Final = (
    "The prompts have {:,} and {:,} tokens. A tensor takes the place of the one at the same position, so write two of "
    "the same length; above one sees where they differ in number."
)

# The prompts of the presets.
SHOP: Final = (
    "When Mary and John went to the store, John gave a drink to",
    "When Mary and John went to the store, Mary gave a drink to",
)
TOLD: Final = ("My brother told me that", "My sister told me that")
KEYS: Final = ("The key to the cabinets", "The keys to the cabinets")
LOST: Final = ("John lost his keys because", "Mary lost her keys because")

WORDS: Final = Words(
    sentence=(
        "One prompt runs, and a single tensor in it is taken from another prompt. How far does the answer go over to "
        "the other prompt's? So one sees which layer, at which token, carries what tells the two apart."
    ),
    notice="""\
- **The country waits at its own token.** Up to layer 22, exchanging the stream at “ France” alone takes the answer at
  least 0.82 of the way to Tokyo, and the stream at “ is” carries next to nothing. Behind layer 23 it is the other way
  round: 0.03 and 0.98. In between it has been fetched.
- **One head fetches it.** Patch *heads*: head 4 of layer 23 alone goes 0.82 of the way, and “ Tokyo” is then at 75%.
- **The first MLP makes the name.** Patch *MLP*: what layer 0's writes at “ France” goes the whole way, 1.00; each later
  one goes less than 0.2.
- **Before the first token that differs nothing can happen**: a token sees only those before it, so that both prompts
  hold the same tensors there.
- **It says what is enough, for these two prompts.** What both share (that a capital is asked for) can't be seen, and a
  part at 0 may matter still: others can do its work. A patch may go beyond 1, or below 0.
""",
    presets=(
        (
            "France or Japan",
            "The stream: at the country until layer 22, at the last token from layer 23 on.",
            {"view": "patch"},
        ),
        (
            "The head that knows",
            "Of 270 heads one goes 0.82 of the way from Paris to Tokyo.",
            {"view": "patch", "what": "heads"},
        ),
        (
            "Who gets the drink?",
            "Indirect objects: head 3 of layer 23 goes 0.61 of the way from Mary to John; the next, 0.26.",
            {"view": "patch", "what": "heads", "text": SHOP[0], "other": SHOP[1]},
        ),
        (
            "He or she",
            "Brother or sister: head 2 of layer 26 carries 0.95 of it.",
            {"view": "patch", "what": "heads", "text": TOLD[0], "other": TOLD[1]},
        ),
        (
            "The keys are",
            "The verb agrees with “ keys”: nine tenths wait there until layer 25; then it goes to the last token.",
            {"view": "patch", "text": KEYS[0], "other": KEYS[1]},
        ),
        (
            "It isn't the name",
            "“ John” and “ Mary” carry next to nothing here: “ his” and “ her” carry it all.",
            {"view": "patch", "text": LOST[0], "other": LOST[1]},
        ),
        (
            "A prompt patched with itself",
            "Every patch is run, and nothing changes.",
            {"view": "patch", "what": "MLP", "other": "The capital of France is"},
        ),
    ),
    how=r"""
Both prompts are run once, and every tensor $h'$ of the other one is kept. Then the first prompt is run again for every
cell, with one tensor $h_{\ell, i}$ (layer $\ell$, token $i$) replaced by $h'_{\ell, i}$ and all after it computed anew.
What is read is the difference of two logits behind the last token,

$$
d = z_\text{answer} - z_\text{rival}, \qquad
\text{how far} = \frac{d_\text{patched} - d_\text{as it is}}{d_\text{other prompt} - d_\text{as it is}}.
$$

The logits' difference moves evenly with what is written into the stream, which probabilities don't; Zhang and Nanda
recommend it. What is replaced has 576 numbers in SmolLM2: the *stream* behind a layer; what its *attention* or its
*MLP* writes into the stream (behind their own norm, in families that have one there); or the 64 numbers that a *head*
hands to the output projection, at all tokens at once.

The passes run in batches. What stands before the first patched token is run once, and its keys and values are kept; the
tokens before the first that differs are not patched at all, since it would change nothing. Neither changes a number
by more than rounding does, and the check above runs some patches again, whole and alone.

**What it tells, and what not.** If a patch goes the whole way, this tensor is *enough* to carry what tells these two
prompts apart. It isn't said that it is needed: later parts may make up for what an earlier one lacks (Wang et al. found
such heads). Nothing is said of what both prompts share. Other pairs of prompts may use other parts. And a tensor of
another prompt is one that the model makes itself; noise in its place, as in causal tracing, can take it where it never
is.

Meng, Bau, Andonian and Belinkov, *Locating and Editing Factual Associations in GPT*, 2022 (arXiv:2202.05262), the
pictures of layers and tokens; Wang, Variengien, Conmy, Shlegeris and Steinhardt, *Interpretability in the Wild: a
Circuit for Indirect Object Identification in GPT-2 Small*, 2022 (arXiv:2211.00593), the prompts with two names and the
heads; Zhang and Nanda, *Towards Best Practices of Activation Patching in Language Models: Metrics and Methods*, 2023
(arXiv:2309.16042), what to measure and what to put in place.
""",
    code="""
ids, others = (tokenizer(each, return_tensors="pt")["input_ids"] for each in (text, other))
answer, rival = (model(each).logits[0, -1].argmax() for each in (ids, others))
difference = lambda logits: logits[0, -1, answer] - logits[0, -1, rival]
states = model(others, output_hidden_states=True)

def put(module, given, output):  # the stream behind the layer
    changed = output.clone()
    changed[0, position] = states.hidden_states[layer + 1][0, position]  # layer: not the last, whose state is normed
    return changed

with torch.inference_mode():
    before, there = difference(model(ids).logits), difference(states.logits)
    handle = model.model.layers[layer].register_forward_hook(put)
    patched = difference(model(ids).logits)
    handle.remove()
(patched - before) / (there - before)
""",
)
