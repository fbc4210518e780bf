"""What does the view "stream" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

PAIR: Final = (
    "One token: a word (it is looked up with a space before it first), or an id such as #42. Left empty, it is the "
    "likeliest at each position."
)
TYPED: Final = {"answer": ("Token", "the likeliest"), "rival": ("Rival", "the likeliest other")}
ENCODER: Final = (
    "This model reads both ways and predicts no next token, and its norms stand behind every sum: there is no logit "
    "difference to split. What is written into its stream is shown."
)
HEADS: Final = "Heads and bias sum to what each attention writes, within {difference}"
HEADS_CHECK: Final = (
    "Each head's part is computed here, from the model's own mixed values and its slice of the output projection. "
    "Together with the projection's bias they must be the vector that the model's own module gave. Given is the "
    "largest difference of any number, at any layer and position on show, as a share of the largest number there."
)
SUM: Final = "Embedding and all that is written sum to the last stream, within {difference}"
SUM_CHECK: Final = (
    "What enters the first layer and what attention and MLP of every layer write, summed here, beside the vector that "
    "really leaves the last layer: the largest difference of any number, as a share of the largest."
)
SHARES: Final = "Shares sum to the model's own logit difference, within {difference}"
SHARES_CHECK: Final = (
    "All shares of a position, summed, beside the difference of the two logits that the model itself gives: the "
    "largest difference at any position on show, as a share of the largest of its shares."
)

# Two names, of which the second one comes again; a subject and a noun between it and its verb.
NAMES: Final = "When Mary and John went to the store, John gave a drink to"
KEYS: Final = "The keys to the cabinet"

WORDS: Final = Words(
    sentence=(
        "A token's vector goes through the layers as a sum, to which each head and each MLP adds what it writes. Here "
        "is how much each of them adds, and which of them speak for the next token."
    ),
    notice="""\
- **The first token is out of all proportion.** Behind layer 11 its vector has a norm of 22,712, those of the other
  tokens 122 to 157. The MLP of layer 11 writes it at once, and those of layers 28 and 29 take most of it away again
  (cosines −0.99 and −0.81). With other first words it is the same (“Hello”: 22,783): heads that find nothing look
  there (*massive activations*: Sun et al., 2024).
- **Elsewhere the stream grows**, slowly for a long time. At “ is” it is 2.6 at first, 73 behind layer 2, 201 behind
  layer 20, 666 behind layer 28. The longer it is, the less the same addition turns it.
- **The question decides the answer.** Against “ the”, “ Paris” owes most to the MLPs of the last three layers: +10.5
  together. Against “ Rome”, head 23.4 alone gives +3.0 of +7.3: it looks from “ is” at “ France” (90%). Before its
  layer the sum is 0.7.
- **Some speak for the other side.** The last layer's MLP and its head 0 speak for “ Rome”: −2.1 and −1.7.
- **A share is no cause.** A head that finds something early, for later heads to use, may have a small share here. What
  would happen without it is another question, that of the view *Switch off*.
""",
    presets=(
        (
            "Paris against Rome",
            "Two cities: one head of layer 23 gives 3.0 of the 7.3, and it looks at “ France”.",
            {"view": "stream", "rival": "Rome"},
        ),
        (
            "Paris against a word before it",
            "The sum is −1.2 until the very last MLP adds +6.4: only then “ Paris” leads.",
            {"view": "stream", "rival": "capital", "layer": 29},
        ),
        (
            "The first token",
            "One MLP writes a vector of norm 22,661, two others take it away.",
            {"view": "stream", "token": 0, "layer": 11},
        ),
        (
            "Who gets the drink",
            "Head 23.3 looks at “ John”, who comes twice, and speaks for “ Mary”.",
            {"view": "stream", "text": NAMES, "answer": "Mary", "rival": "John"},
        ),
        (
            "Are or is",
            "The verb agrees with “ keys”: heads 26.0 and 27.8 look at it across “ cabinet”.",
            {"view": "stream", "text": KEYS, "answer": "are", "rival": "is"},
        ),
        (
            "Heads that take away",
            "Cosines: what head 11.6 writes has −0.65 with the stream that it is added to.",
            {"view": "stream", "written": "cosine", "layer": 11, "head": 6},
        ),
    ),
    how=r"""
Behind layer $\ell$ the vector of a token is $x_\ell = x_{\ell-1} + a_\ell + m_\ell \in \mathbb{R}^d$: what the
attention and the MLP write is added. Attention is itself a sum over heads. With $z_h \in \mathbb{R}^{d_h}$, the values
that head $h$ has mixed, and its slice $W^O_h \in \mathbb{R}^{d_h \times d}$ of the output projection,

$$
a_\ell = \sum_h z_h W^O_h + b, \qquad
x_L = x_0 + \sum_{\ell=1}^{L} \Big( m_\ell + b_\ell + \sum_h z_{\ell,h} W^O_{\ell,h} \Big).
$$

Shown are L2 norms $\lVert \cdot \rVert_2$, and cosines with the vector to which a part is added, as it is before.
(Elhage et al., *A Mathematical Framework for Transformer Circuits*, 2021.)

*Direct logit attribution.* The logit of a token is the final norm's output times the token's row of the unembedding.
A norm is linear but for its scale $s(x_L)$. **That scale is held fixed** at what it really is behind this token, so
that with $g$, the norm's weights, and $w_t$, a row of the unembedding,

$$
\mathrm{logit}_t - \mathrm{logit}_r = \sum_{\text{parts } p} p \cdot u + \text{const}, \qquad
u = s(x_L) \; g \odot (w_t - w_r).
$$

A LayerNorm takes the mean out, too: then $u$ is taken less its own mean. The biases of the final norm and the head are
the constant. $e$ to the power of the difference is how many times as likely as its rival the token is.

*Not in a share*: what a part does by way of later layers, which read it; what it does to the scale; and how the
attention came to look where it looks. Where the norms stand behind the sums (BERT), there is no such sum; where they
stand behind each part as well (Gemma 2), each of these keeps the scale that it has. Logits that are capped are taken
before the cap.
""",
    code="""
seen = {}
for name, module in model.named_modules():
    if name.endswith(("mlp", "input_layernorm")) or name == "model.norm":
        module.register_forward_hook(lambda m, given, out, n=name: seen.update({n: out, f"{n} in": given[0]}))
    if name.endswith("o_proj"):
        module.register_forward_pre_hook(lambda m, given, n=name: seen.update({n: given[0]}))

with torch.no_grad():
    logits = model(**tokenizer(text, return_tensors="pt")).logits[0, -1]
    token, rival = logits.topk(2).indices
    last, norm = seen["model.norm in"][0, -1], model.model.norm
    scale = torch.rsqrt(last.pow(2).mean() + norm.variance_epsilon)  # held fixed
    u = scale * norm.weight * (model.lm_head.weight[token] - model.lm_head.weight[rival])

    shares = {"embedding": seen["model.layers.0.input_layernorm in"][0, -1] @ u}
    for i, layer in enumerate(model.model.layers):
        mixed = seen[f"model.layers.{i}.self_attn.o_proj"][0, -1].view(heads, -1)
        slices = layer.self_attn.o_proj.weight.view(-1, heads, mixed.shape[1])  # [d, head, size]
        written = torch.einsum("hs,dhs->hd", mixed, slices)  # written.norm(dim=-1): their norms
        shares |= {f"head {i}.{h}": written[h] @ u for h in range(heads)}
        shares[f"MLP {i}"] = seen[f"model.layers.{i}.mlp"][0, -1] @ u

sum(shares.values()), logits[token] - logits[rival]  # twice the same
""",
)
