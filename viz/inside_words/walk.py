"""What does the view "walk" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SAME: Final = (
    "Recomputed from its inputs, every stage equals the model's own tensor within {difference} ({tensors} tensors)"
)
CHECK: Final = (
    "Each stage is computed again from the numbers that it reads, by the formula that is shown, and held against the "
    "tensor that the model itself made: the largest difference, as a share of the tensor's largest number."
)

ANIMAL: Final = "The animal didn't cross the street because it was too tired."

WORDS: Final = Words(
    sentence="One token's way through the model, stage by stage; every number is this model's own on this text.",
    notice="""\
- **Nothing is overwritten.** Attention and MLP only *add* to the stream: go to either “residual +” and click a number.
- **The page opens in the middle,** at a head that finds something: in layer 23, head 4 gives 0.90 of its attention to
  “France”. But 198 of the 270 heads of this model give more than half of it to the first token: that is where they
  look when they find nothing. “text”, or the key Home, goes to the beginning.
- **Position is a rotation** here. In one step the first pair of a head turns by one radian, the last by a
  70,000th of one: fast hands tell neighbours apart, slow ones carry meaning whatever the place.
- **Late layers write most.** The last MLP adds a vector of length 408 to a stream of length 679; that of the first
  MLP has 36.
- **The answer is one number among 49,152.** The final vector is held against one vector for each token of the
  vocabulary; softmax turns the largest product into 0.77 for “Paris”.

Keys: Home and End, ← → stages, [ ] or ↑ ↓ layers, h heads, + − zoom, , . numbers, space plays. Playing shows all
stages of one layer, of the layers above it only what they leave, and then the end.
""",
    presets=(
        (
            "From the beginning",
            "the text and its tokens; Play goes on from there",
            {"stage": "text", "layer": 0, "head": 0},
        ),
        (
            "One dot product",
            "layer 23, head 4: its query with the key of “France”, term by term",
            {"stage": "dot", "layer": 23, "head": 4, "key": 3, "zoom": "product"},
        ),
        (
            "“it” is the animal",
            "0.75 of this head's attention",
            {"text": ANIMAL, "token": 8, "stage": "attention.weights", "layer": 13, "head": 8, "key": 1},
        ),
        (
            "Position as a rotation",
            "fast and slow hands: the query of the fifth token before and after",
            {"stage": "attention.query_rotated", "layer": 13, "head": 8, "dimension": 512},
        ),
        (
            "The first token's secret",
            "in layer 11 one MLP makes its vector 150 times as long",
            {"token": 0, "stage": "mlp.residual", "layer": 11},
        ),
        (
            "An encoder reads both ways",
            "there is no mask: “bank” gives 0.21 to “river”, which comes later",
            {
                "model": "minilm-l6-v2",
                "text": "She sat on the bank of the river.",
                "token": 5,
                "stage": "attention.weights",
                "layer": 3,
                "head": 1,
                "key": 8,
            },
        ),
    ),
    how=r"""
One plain pass of the model runs, with hooks that only look; every tensor is the model's own, and nothing of the model
is folded or converted. Of the chosen token $n$ with the vector $x \in \mathbb{R}^d$, in a layer of the kind shown most:

$$a = \mathrm{norm}(x), \qquad q = W_q a, \quad k_t = W_k a_t, \quad v_t = W_v a_t$$
$$\alpha_t = \mathrm{softmax}_t\!\left(\frac{q \cdot k_t}{\sqrt{d_h}} + \mathrm{mask}_t\right), \qquad
x \leftarrow x + W_o \,\big[\textstyle\sum_t \alpha_t v_t\big]_{\text{heads}}$$
$$x \leftarrow x + W_{down}\,\big(f(W_{gate}\, m) \odot W_{up}\, m\big), \qquad m = \mathrm{norm}(x)$$

Shapes: $x$ has $d$ numbers, each head's $q$, $k$, $v$ have $d_h$; several query heads may share a key and a value.
Other families put the norms elsewhere, add learned positions, or have no gate: the map shows
the stages that this model has.

**What is checked.** Every stage is computed again from its inputs in float32; the line below the picture says how far
apart that is here, the badge how far at most anywhere. **What travels.** The browser gets each number in 16 bits,
within 0.05 % of the model's own, and shows at most three digits; the sums are the model's own, or computed from its
float32 numbers. Downloads have every number in full. Terms of a product need a row of weights,
which is fetched when you ask.

Vaswani et al., *Attention Is All You Need*, 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762); RoPE: Su et
al., 2021, [arXiv:2104.09864](https://arxiv.org/abs/2104.09864); RMSNorm: Zhang and Sennrich, 2019,
[arXiv:1910.07467](https://arxiv.org/abs/1910.07467); gated MLPs: Shazeer, 2020,
[arXiv:2002.05202](https://arxiv.org/abs/2002.05202); the stream that all parts write to: Elhage et al., *A Mathematical
Framework for Transformer Circuits*, 2021; attention to the first token: Xiao et al., 2023,
[arXiv:2309.17453](https://arxiv.org/abs/2309.17453).
""",
    code="""\
import torch
from models import catalog, forward

lm = catalog.load("smollm2-135m")
walked = forward.walk(lm, "The capital of France is", position=-1)  # every tensor of one pass, by name
block = lm.model.model.layers[3]
x, q, k, v = (
    torch.tensor(walked[f"layers.3.{name}"])
    for name in ("input", "attention.query_rotated", "attention.key_rotated", "attention.value")
)
k, v = k.repeat_interleave(3, 1), v.repeat_interleave(3, 1)  # three query heads share a key and a value
with torch.inference_mode():
    weights = (torch.einsum("hs,ths->ht", q[0], k) / 64**0.5).softmax(-1)
    mixed = torch.einsum("ht,ths->hs", weights, v).flatten()
    x = x + block.self_attn.o_proj(mixed)
    x = x + block.mlp(block.post_attention_layernorm(x))
print((x - torch.tensor(walked["layers.3.mlp.residual"])).abs().max(), walked.max_difference)
""",
)
