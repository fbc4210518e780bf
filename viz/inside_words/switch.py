"""What does the view "switch" of the page of the inside say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

EACH: Final = "Measure each part alone"
EACH_HELP: Final = (
    "Switches every head, attention, MLP and layer off alone, one after the other, and colours the board by how far "
    "the next token then is from the model's own. Hundreds of passes, many at once: a few seconds for a short text."
)
NOTHING: Final = "Switching off nothing changes nothing: two passes agree in every bit"
SOMETHING: Final = "Two passes with nothing switched off differ"
NOTHING_CHECK: Final = (
    "The same text went twice through the model: as it is, and by the way that switches parts off, with no part "
    "chosen. All logits behind the last token are compared bit by bit, and with those in the figure's “before”."
)
LENS: Final = "The lens behind the last layer is the model's own answer, before and after: within {difference}"
LENS_CHECK: Final = (
    "Behind the last layer the logit lens must say what the model says. Its five likeliest tokens' probabilities are "
    "compared with the softmax of the model's logits, without and with the parts switched off."
)
ALONE: Final = "Those that matter most, {parts}, run once more in a pass of their own: within {difference}"
ALONE_CHECK: Final = (
    "The board is measured with many rows in a batch, a different part off in each. The three parts with the largest "
    "divergence are switched off again in a pass with nothing beside it; the divergences agree up to rounding."
)

WORDS: Final = Words(
    sentence=(
        "What the model says when a part of it is switched off, scaled, or may not look: click a part, and compare "
        "before and after."
    ),
    notice="""\
- **Most heads can go.** Measure each part alone: behind “The capital of France is”, 246 of the 270 heads of SmolLM2
  change the answer by less than 0.05 bits when they are off. What one no longer does, others carry.
- **A few parts hold everything.** Without the MLP of layer 0 or of layer 11 nothing of the answer is left.
- **One head brings Paris, by one look.** Without head 23.4, Paris falls from 0.77 to 0.14. Leave the head on, and cut
  only the edge by which “ is” looks at “ France”: 0.15.
- **Off is not the same as average.** A part that writes zeros is something that the later layers have never met; that
  the answer breaks shows that they need *something* there, not that the part alone knows the answer.
- **A cut edge is renormalised.** It is cut before the softmax, so the weights of the other tokens grow to 1 again.
""",
    presets=(
        (
            "The head that brings Paris",
            "Head 4 of layer 23 off: 0.77 becomes 0.14",
            {"view": "switch", "off": "23.4", "layer": "23", "head": "4"},
        ),
        (
            "One MLP, and all is lost",
            "The MLP of layer 11 off: “ not” instead of Paris",
            {"view": "switch", "off": "m11", "layer": "11"},
        ),
        (
            "Each part alone",
            "The whole board measured: how many bits away the answer is without each part",
            {"view": "switch", "each": "true"},
        ),
        (
            "Cut one look",
            "In head 23.4, “ is” may not look at “ France”: Paris falls to 0.15, almost as without the head",
            {"view": "switch", "off": "23.4:4>3", "layer": "23", "head": "4"},
        ),
        (
            "No rest on the first token",
            "In no layer may “ is” look at “The”, where heads rest: 13 bits away, and no answer is left",
            {"view": "switch", "off": ",".join(f"a{layer}:4>0" for layer in range(30)), "layer": "13", "head": "8"},
        ),
        (
            "Ten layers at half",
            "Layers 12 to 21 add half of what they would: Paris still leads, with 0.36",
            {"view": "switch", "off": ",".join(f"l{layer}x0.5" for layer in range(12, 22))},
        ),
    ),
    how=r"""\
A part writes $z$ into the residual stream; switched off or scaled it writes $s\,z$ with $s = 0$ or any number from
−10 to 10:

- **head** $h$ of layer $l$: its weighted sum of values, before the output projection, times $s$ [position, head size];
- **attention**, **MLP**: what they add to the stream, times $s$ [position, dimension] (behind a norm of their own where
  the family has one there, as Gemma 2; before the norm where it follows the sum, as in BERT);
- **layer**: it leaves $x + s\,(\text{layer}(x) - x)$, so at $s = 0$ what entered it.

An **edge** is cut before the softmax: the score of query $i$ for key $j$ becomes the mask's $-\infty$,

$$a_{ik} = \frac{e^{s_{ik}}}{\sum_{m \neq j} e^{s_{im}}} \quad (k \neq j), \qquad a_{ij} = 0$$

so that the rest is renormalised. A token must keep something to look at.

Before and after are compared by the Kullback-Leibler divergence, in bits:

$$\mathrm{KL} = \sum_{t} p_\text{before}(t) \log_2 \frac{p_\text{before}(t)}{p_\text{after}(t)}$$

Plain forward hooks do it, for the one thread that asked; no weight is changed, nobody else's pass is touched, and when
they are gone no trace is left. While a part is off, the link says so (`off=`), and every page that runs the model has
it off, until it is cleared.

P. Michel, O. Levy and G. Neubig, [*Are Sixteen Heads Really Better than One?*](https://arxiv.org/abs/1905.10650),
2019; on what zeros do and don't show: T. McGrath and others, [*The Hydra
Effect*](https://arxiv.org/abs/2307.15771), 2023.
""",
    code="""\
import torch

layer, head, size = 23, 4, model.config.hidden_size // model.config.num_attention_heads

def off(module, arguments):                       # what enters the output projection: the heads, side by side
    mixed = arguments[0].clone()
    mixed[..., head * size : (head + 1) * size] = 0
    return (mixed,)

ids = tokenizer("The capital of France is", return_tensors="pt").input_ids
with torch.inference_mode():
    before = model(ids).logits[0, -1].log_softmax(-1)
    handle = model.model.layers[layer].self_attn.o_proj.register_forward_pre_hook(off)
    after = model(ids).logits[0, -1].log_softmax(-1)
    handle.remove()
bits = (before.exp() * (before - after)).sum() / torch.log(torch.tensor(2.0))    # 1.73
""",
)
