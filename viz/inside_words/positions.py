"""What does the view "positions" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from models.traces import ShuffledTrace
from viz.words import Words

LAB: Final = (
    "ways: five ways of telling positions. words: your text with its words shuffled, moved, or without positions."
)
QUERY: Final = "Whose query RoPE turns: its place in the text, from 0; -1 is the last."
KEY: Final = "Whose key RoPE turns: its place in the text, from 0; -2 is the last but one."
SEED: Final = "Each seed gives one order of the words, always the same."
BY: Final = "How many places further every token is told that it stands."

ROTARY: Final = (
    "transformers’ rotary module gives the same scores within {difference}; the model’s own score of the two tokens, "
    "within {own}"
)
ROTARY_CHECK: Final = (
    "Our formula, in every layer and head and at distances from 0 to 511, against the model’s own rotary module and "
    "apply_rotary_pos_emb in float32; and at the two tokens’ own distance (where the query comes after the key), "
    "against the score that the model computed in its pass. Differences are shares of the largest score."
)
MOVED: Final = "Both moved by up to 512 positions, transformers gives the same scores within {difference}"
MOVED_CHECK: Final = (
    "The same module, with the query and the key both 1, 10, 100 and 512 positions further on: the largest change of "
    "any score, as a share of the largest. What is left is the rounding of float32."
)
FORMULAS: Final = "Sines and slopes are transformers’ own within {difference}"
FORMULAS_CHECK: Final = (
    "The formula of the sines at every dimension of the slider, base 10,000 and 512 positions, against "
    "MarianSinusoidalPositionalEmbedding; ALiBi’s slopes for 1 to 64 heads against BLOOM’s build_alibi_tensor."
)

TITLE: Final = "The same tokens in another order, moved, and without positions, in {model}"
NO_PLACES: Final = {
    True: (
        "{model} has ALiBi: it computes distances itself and takes no position ids, so its positions can be neither "
        "moved nor taken away here."
    ),
    False: "{model} takes no position ids, so its positions can be neither moved nor taken away here.",
}
PLAIN: Final = "A plain pass gives the same vectors as written, within {difference}"
PLAIN_CHECK: Final = (
    "The lines are run as one batch, with the position ids given. The first is run again alone, without any, as the "
    "model is usually asked; the number is the largest difference between two numbers of a vector, as a share of the "
    "largest."
)


def notes(trace: ShuffledTrace) -> list[tuple[str, str]]:
    """The name of each run, and what happens in it."""
    predicts = bool(trace.logits.shape[1])
    stays = "The last word stays, since what follows it is asked." if trace.causal else "Nothing else is different."
    moved = {
        "rotary": "RoPE knows distances alone, and they are the same: nothing changes but the rounding.",
        "learned": "Other rows of the table are added, so the vectors change.",
    }.get(trace.way, "What changes shows how this model knows positions.")
    bare = {
        "rotary": "RoPE turns nothing.",
        "learned": "The same row is added to all.",
    }.get(trace.way, "")
    left = "Only the causal mask still says what comes before." if trace.causal else "Nothing says what comes where."
    if trace.way == "unknown":  # it may count distances by itself as well
        left = ""
    said = {
        "written": ("As written", "Every other line is compared with this one."),
        "shuffled": ("Shuffled", f"The same tokens, their words in another order. {stays}"),
        "shifted": (f"Moved by {trace.by:,}", f"Every position id is {trace.by:,} higher. {moved}"),
        "unplaced": (
            "Without positions",
            " ".join(filter(None, ("Every token is given the first position.", bare, left))),
        ),
        "unplaced shuffled": ("Shuffled, without positions", "Both at once."),
    }
    if "unplaced shuffled" in trace.runs:
        apart = float(1 - trace.cosines(4, 3).min())
        if predicts:
            bits = trace.lost(4, 3)
            alone = "" if trace.way == "unknown" else ": all that the mask alone tells of the order"
            told = f"{bits:.3f} bits from the line above{alone}."
        elif apart < 1e-4:
            told = "Each word’s vector is that of the line above: without positions, this model reads a bag of words."
        else:
            told = f"The cosines with the line above go down to {1 - apart:.3f}."
        said["unplaced shuffled"] = ("Shuffled, without positions", told)
    return [said[run] for run in trace.runs]


WORDS: Final = Words(
    sentence=(
        "How a model knows what stands where: five ways under the hand, and what a real model makes of your text when "
        "its words change places, when all move on, and when nobody tells it the positions."
    ),
    notice="""\
- **Only the distance counts** with sines, RoPE and ALiBi: move both positions, and the number stays. A learned table
  has to find this out, and does so only roughly.
- **RoPE is the sines, used otherwise.** Its picture is the same: but it turns queries and keys, and adds nothing to the
  stream.
- **A head can tell distances by RoPE alone.** In head 0 of layer 16 the same query and key score 2.8 when they are one
  apart, and −14.3 when they are five: it looks at the token before, whatever that is.
- **A causal model without positions isn't lost.** Of “The capital of France is” it still makes “ Paris”: the mask says
  what comes before. An encoder without positions reads a bag of words.
""",
    presets=(
        (
            "A head that looks one back",
            "By RoPE alone, distance 1 gets the highest score of all.",
            {"view": "positions"},
        ),
        (
            "A head that hardly minds",
            "The same two tokens in head 0 of layer 28: about −1.6 near by, −1.5 a hundred further.",
            {"view": "positions", "layer": 28, "head": 0},
        ),
        (
            "What a table has found",
            "Nobody told MiniLM that positions 100 and 99 are alike. Move both, and the number changes a little.",
            {"view": "positions", "way": "learned", "position": 100},
        ),
        (
            "The alphabet without positions",
            "As written “ h” has more than 0.96; without positions it is not among the first five.",
            {"view": "positions", "lab": "words", "text": "a b c d e f g"},
        ),
        (
            "Once upon a",
            "One order of the words happens to end so, and “ time” has 0.98.",
            {"view": "positions", "lab": "words", "text": "Once upon a time there was a"},
        ),
        (
            "A bag of words",
            "MiniLM without positions: shuffle as you like, each word's vector stays the same.",
            {"view": "positions", "lab": "words", "model": "minilm-l6-v2", "text": "The dog bit the man."},
        ),
    ),
    how=r"""
Write $m$ for the position of the query and $n$ for that of the key; $d$ is the number of dimensions.

**Sinusoidal** (Vaswani et al., *Attention Is All You Need*, 2017): a vector $[d]$ is added to each token's, with

$$PE(p, 2i) = \sin(p\,\omega_i), \quad PE(p, 2i+1) = \cos(p\,\omega_i), \quad \omega_i = \text{base}^{-2i/d}.$$

$PE(m) \cdot PE(n) = \sum_i \cos((m-n)\,\omega_i)$, and $PE(p+k)$ is $PE(p)$ with every pair turned by $k\,\omega_i$: a
rotation that is the same for all $p$.

**Learned** (Gehring et al. 2017; BERT, GPT-2, OPT): a table $E$ [positions, d]; row $p$ is added.

**RoPE** (Su et al., *RoFormer*, 2021; Llama, Qwen, Gemma): the pair $i$ of a query and of a key is turned by
$p\,\theta_i$. In the library's layout pair $i$ is dimensions $i$ and $i + P$ of $2P$. With $(a, b)$ of the query and
$(c, d)$ of the key,

$$\text{score}(m, n) = s \sum_i (ac + bd)_i \cos((m-n)\theta_i) + (ad - bc)_i \sin((m-n)\theta_i).$$

**ALiBi** (Press et al., *Train Short, Test Long*, 2021; BLOOM): $\text{score} - \text{slope}_h\,(m-n)$, with the slopes
$2^{-8/H}, 2^{-16/H}, \dots$ for $H$ heads (BLOOM's way where $H$ is no power of two).

*Words.* The tokens of a word move together and stay as they were: nothing is tokenized anew. One batch runs with other
`input_ids` and `position_ids`; vectors are those behind the last layer and its norm. With $p$ the next token's
distribution as written and $q$ that of another line, the number of bits is
$\text{KL}(p \,\|\, q) = \sum p \log_2 (p/q)$. The seed is NumPy's.
""",
    code="""\
inputs = tokenizer("The capital of France is", return_tensors="pt")
ids, mask = inputs["input_ids"], inputs["attention_mask"]
places = torch.arange(ids.shape[1])[None]

def read(position_ids):  # the mask is given, or positions that don't grow are taken for several texts in one
    out = model(input_ids=ids, attention_mask=mask, position_ids=position_ids)
    return out.logits[0, -1].log_softmax(-1)

written, moved, unplaced = read(places), read(places + 10), read(places * 0)
bits = (written.exp() * (written - unplaced)).sum() / math.log(2)

cos, sin = model.model.rotary_emb(torch.zeros(1), torch.arange(128)[None])
q, k = apply_rotary_pos_emb(query, key, cos, sin)  # [batch, head, position, size]
""",
)
