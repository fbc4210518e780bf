"""What does the view "norms" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SHOW: Final = (
    "norm: what LayerNorm and RMSNorm do to a real vector. mask: what leaks when later tokens aren't hidden. "
    "padding: a short text in one batch with a longer one. truncation: what is cut of a text that is too long."
)
NORM_FACTS: Final = "{kind} with eps {eps}"
SAME: Final = "All {count} norms of the model recomputed: {kind} gives its own numbers within {difference}"
CHECK: Final = (
    "For this token, the output of every norm is computed again from its input by the formula below and held against "
    "what the model's own module gave, as a share of the largest number. {other} on the same vectors is held against "
    "PyTorch's function for it: largest difference {difference}."
)
WALK: Final = "This token's way, stage by stage"
WALK_WHAT: Final = "Where each of these norms stands, and what reads from it"

WORDS: Final = Words(
    sentence=(
        "What a norm does to a real vector, what would leak without the causal mask, and what padding and truncation "
        "do to a text."
    ),
    notice="""\
- **A few numbers make up most of a vector.** Of the 576 that enter layer 10 of SmolLM2 behind “is”, numbers 507 and 247
  hold four fifths of the mean square. The small weight of 507 takes it down again; 247 leaves as the largest.
- **The vector grows, what is read doesn't.** From norm to norm its length rises from 3 to over 600, and each norm
  inside the layers brings it back to ten or less.
- **LayerNorm doesn't see a constant, RMSNorm does.** Add one with the slider. Here the mean is so near to 0 that both
  kinds give almost the same: leaving it out costs this model little.
- **Lift the mask, and some heads look at the answer.** Head 7 of layer 18 of SmolLM2 rests on the first token as long
  as the mask is on; without it, it looks at the next token and hardly anywhere else. It was never trained to.
- **Padding changes nothing if the mask hides it.** Without a mask, filled-in tokens are read as words.
""",
    presets=(
        (
            "The mask lifted: the answer leaks",
            "What comes next costs 5.86 bits a token with the mask, and 0.56 without it",
            {"view": "norms", "show": "mask"},
        ),
        (
            "The mask lifted: only confusion",
            "Another text, and it leaks nothing: 7.6 bits become 16.6",
            {
                "view": "norms",
                "show": "mask",
                "text": "My parrot reads old maps aloud. My parrot reads old maps aloud.",
            },
        ),
        (
            "The first token is a giant",
            "Before layer 15 its vector is 22,680 long, those of the others 150 to 180; one number holds 98.6 % of it",
            {"view": "norms", "layer": "15", "token": "0"},
        ),
        (
            "Where eps counts",
            "A thousandth of the first vector: eps is now larger than the mean square, and RMSNorm's result shrinks",
            {"view": "norms", "layer": "0", "times": "0.001"},
        ),
        (
            "Padding read as words",
            "Filled up on the left without a mask, “Paris” becomes “a”",
            {"view": "norms", "show": "padding"},
        ),
        (
            "The right mask, the wrong positions",
            "MiniLM filled up on the left: the mask hides the filling, but each token stands at another place",
            {"view": "norms", "show": "padding", "model": "minilm-l6-v2", "masked": "1", "counted": "0"},
        ),
    ),
    how=r"""
**Norms.** With $x$ [dimension] the vector of one token, $w$ and $b$ [dimension] the norm's weight and bias:

$$\mathrm{LayerNorm}(x)_i = \frac{x_i - \mu}{\sqrt{\frac{1}{d} \sum_j (x_j - \mu)^2 + \epsilon}} \, w_i + b_i, \qquad
\mathrm{RMSNorm}(x)_i = \frac{x_i}{\sqrt{\frac{1}{d} \sum_j x_j^2 + \epsilon}} \, w_i, \qquad
\mu = \frac{1}{d} \sum_j x_j$$

The figure gives the other kind the same weight and no bias. For $c > 0$ both give the same for $c x$ as for $x$, but
for $\epsilon$; LayerNorm gives the same for $x + c$. Gemma's RMSNorm multiplies by $w + 1$; what is drawn as the weight
is that sum. Ba, Kiros and Hinton (2016), [Layer Normalization](https://arxiv.org/abs/1607.06450); Zhang and Sennrich
(2019), [Root Mean Square Layer Normalization](https://arxiv.org/abs/1910.07467). On numbers that are far from the rest:
Sun et al. (2024), [Massive Activations in Large Language Models](https://arxiv.org/abs/2402.17762).

**The mask.** Scores [head, query, key] plus a mask [query, key], 0 or minus infinity, enter the softmax. Here the
model's own forward is given that mask as a 4-D `attention_mask` [1, 1, query, key]; the model itself isn't touched.
With $p$ the probability of the token that does come next, its surprisal is $-\log_2 p$ bits, and
$\mathrm{KL} = \sum_v p_\text{own}(v) \log_2 (p_\text{own}(v) / p_\text{lifted}(v))$ over the whole vocabulary. BLOOM
computes its positions (ALiBi) from the mask and takes none of this kind: it is refused.

**Padding.** The shorter text is filled up with the tokenizer's padding token, and runs in one batch with the longer
one. The attention mask [text, token] is 0 where it was filled up. Positions counted from the text are the running sum
of the mask, less one, as `generate` counts them. RoPE knows distances only, so a model with it gives the same either
way; a table of learned positions doesn't.

**Truncation.** A limit of $n$ tokens keeps the first (cut on the right) or the last (cut on the left), special tokens
at the beginning in any case. Behind a text cut on the right stands what the model predicted there anyway.
""",
    code="""\
import torch
from torch.nn import functional

caught = {}
norm = model.model.layers[10].input_layernorm
hook = norm.register_forward_hook(lambda module, given, out: caught.update(x=given[0], out=out))
inputs = tokenizer("The capital of France is", return_tensors="pt")
model(**inputs)
hook.remove()
x = caught["x"]
ours = x / (x.pow(2).mean(-1, keepdim=True) + norm.variance_epsilon).sqrt() * norm.weight
assert torch.allclose(ours, caught["out"], atol=1e-5)
layer_norm = functional.layer_norm(x, x.shape[-1:], norm.weight, None, norm.variance_epsilon)

ids = inputs["input_ids"]
lifted = torch.zeros(1, 1, ids.shape[1], ids.shape[1])          # 0: every query may look at every key
logits = model(input_ids=ids, attention_mask=lifted).logits[0]
print(logits[:-1].softmax(-1).gather(1, ids[0, 1:, None]))       # what is given to the true next token

tokenizer.padding_side = "left"
batch = tokenizer(["The capital of France is", "Once upon a time there was a king"], padding=True, return_tensors="pt")
positions = (batch["attention_mask"].cumsum(-1) - 1).clamp(min=0)
print(tokenizer.decode(model(**batch, position_ids=positions).logits[0, -1].argmax()))     # Paris, as alone
""",
)
