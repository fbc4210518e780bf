"""What does the view "xray" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TEXT: Final = "Any text, up to 512 tokens. Ctrl+Enter runs it. The link keeps it."
COMPARE: Final = (
    "The same text under two models. Their tokens may differ, so their bits are compared over the pieces of the text "
    "that both cut out."
)
CHECK: Final = (
    "Perplexity is computed here from the surprisals on show: 2 to the power of their mean. Beside it is "
    "torch.nn.functional.cross_entropy, the loss that a model is trained with, on the same logits of the same pass; "
    "e to its power must be the same. Given is the difference as a share of the perplexity."
)

# The texts of the presets. What the model wrote, greedily, behind "Once"; what a person would write.
GREEDY: Final = (
    "Once-in-a-lifetime.\n\nThe company's mission is to create a better future for all, and I'm proud to be a part of "
    "that mission. I'm proud to be a part of a team"
)
PERSON: Final = (
    "Yesterday my neighbour's cat walked into our kitchen, looked at the soup, sighed, and left by the window. "
    "Grandmother calls her the inspector."
)
BUG: Final = "def add(a, b):\n    return a + b\n\ndef subtract(a, b):\n    return a + b\n"
FACT: Final = "The first person to walk on the Moon was Neil Diamond. The capital of France is Rome."
SALAD: Final = "apple lamp seventeen velvet quickly orbit mustard because ladder whisper oxygen"
DANISH: Final = "Hunden løber gennem skoven, og katten sover på sofaen."

WORDS: Final = Words(
    sentence=(
        "A text goes past a model token by token. Before each one the model says how likely every token of its "
        "vocabulary is; here is what it gave to the one that came."
    ),
    notice="""\
- **What is known by heart costs nothing.** After a few tokens the model has recognised the sentence: most of the next
  forty come with less than half a bit each. Then 81% go to “ Happiness”, and “ penguins” come: 34.6 bits, 1 in
  26 billion.
- **The same words are cheaper the second time.** “ parrot reads old maps aloud” costs 68 bits, and 9 when it comes
  again: the model copies from the text before it.
- **Surprising isn't wrong.** Where entropy is high, anything would surprise: a new sentence can begin in many ways.
  Surprisal less entropy finds the places where the model was sure and something else came.
- **On average the two are equal** if a text is drawn from the model itself. A text whose tokens all have low ranks may
  have been written by a model (this is GLTR's idea), or be known by heart. The colours are no proof of either.
- **Perplexity depends on the tokenizer**: other tokens, another mean. To compare models, compare bits per byte.
""",
    presets=(
        (
            "By heart, then penguins",
            "Free, then 34.6 bits at once; a sentence that is news only the first time.",
            {"view": "xray"},
        ),
        (
            "Written by the model itself",
            "Greedy: every token but the first has rank 1, even where the model was far from sure.",
            {"view": "xray", "text": GREEDY},
        ),
        (
            "Written by a person",
            "6 of 30 tokens were the model's first choice; now and then one from beyond the first 1,000.",
            {"view": "xray", "text": PERSON},
        ),
        (
            "Sure and wrong: a bug",
            "After “subtract” the model is sure of “ -”. The plus is a mistake, and it shows.",
            {"view": "xray", "text": BUG, "colour": "wrong"},
        ),
        (
            "Sure and wrong: a fact",
            "“ Neil” leaves no doubt, and 20 bits more than expected come with “ Diamond”.",
            {"view": "xray", "text": FACT, "colour": "wrong"},
        ),
        (
            "Words at random",
            "Perplexity 620,000 with 49,152 tokens to choose from: worse than guessing blindly.",
            {"view": "xray", "text": SALAD, "colour": "surprisal"},
        ),
        (
            "A language it hardly knows",
            "Danish: beginnings of words surprise it, and some of their ends don't. 3.4 bits a byte.",
            {"view": "xray", "text": DANISH, "colour": "surprisal"},
        ),
    ),
    how=r"""
One pass over the tokens $t_1 \dots t_n$ gives logits $z_i \in \mathbb{R}^V$ behind each of them: an array
$[n, V]$. With $p_i = \mathrm{softmax}(z_{i-1})$, what was expected before token $i$,

$$
s_i = -\log_2 p_i(t_i), \qquad H_i = -\sum_v p_i(v) \log_2 p_i(v), \qquad r_i = 1 + |\{v : p_i(v) > p_i(t_i)\}|.
$$

$s_i$ is the *surprisal*: 1 bit is a coin's toss, 10 bits are 1 in 1,024. $H_i$, the *entropy*, is the mean of the
surprisals that all tokens would have had: what the model itself expected. $s_i - H_i$ is large where it was sure and
wrong. $r_i$ is the *rank*; its four colours are those of GLTR (Gehrmann, Strobelt and Rush, *GLTR: Statistical
Detection and Visualization of Generated Text*, 2019).

The sum of the surprisals is how many bits a perfect coder with this model would need for the text (Shannon, *A
Mathematical Theory of Communication*, 1948). The mean over the predicted tokens gives the *perplexity*,

$$2^{\,\frac{1}{n-1} \sum_{i=2}^{n} s_i} = e^{\text{cross-entropy}},$$

the loss that models are trained with. The first token isn't predicted, unless the tokenizer puts a beginning token
before the text.

*Two models* are compared over the pieces of the text between two borders that both have, since $s$ can be summed:
$\sum_{i \in \text{piece}} s_i$ is $-\log_2$ of the probability of the whole piece.
""",
    code="""
ids = tokenizer(text, return_tensors="pt")["input_ids"]
with torch.inference_mode():
    out = model(ids, labels=ids)
log_p = out.logits[0, :-1].log_softmax(-1)  # [token - 1, vocabulary]
came = ids[0, 1:, None]

surprisal = -log_p.gather(1, came)[:, 0] / math.log(2)  # bits
entropy = -(log_p.exp() * log_p).sum(-1) / math.log(2)
rank = 1 + (log_p > log_p.gather(1, came)).sum(-1)
2 ** surprisal.mean(), out.loss.exp()  # perplexity, twice
""",
)
