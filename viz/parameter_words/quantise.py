"""What does the view "quantise" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

METHOD: Final = "round: each weight to the nearest of a few values. prune: the smallest weights to zero."
BITS: Final = (
    "Of each weight. With 2 it is -1, 0 or 1 times a scale, with 3 a whole number from -3 to 3 times it, and so on."
)
BLOCK: Final = (
    "So many neighbours in a row share a scale. Small blocks fit better and need more scales. row: one a row."
)
SHARE: Final = "Of the matrix's weights, the smallest by magnitude, whatever their row."
PROMPT: Final = "The model runs behind it twice, with the matrix as it is and as it has become. Ctrl+Enter runs it."
LOG: Final = "Logarithmic counts: the rare large weights at both ends can be seen."
SWEEP: Final = (
    "What 2 to 8 bits, or 10% to 95% pruned, cost and do, beside each other. The model runs up to twelve times."
)

TITLE: Final = "What {model} writes next, with one matrix {changed}"
ERROR: Final = "Error over weights, root mean squares"
NOISE: Final = "The same as signal to noise"
LARGEST: Final = "Largest error of a weight"
ZEROS: Final = "Weights that are zero"
SIZE: Final = "Size"
PLAIN: Final = "{bytes:,} bytes: {count:,} weights of {width} bits"
ROUNDED: Final = (
    "{bytes:,} bytes: {count:,} weights of {bits} bits and {scales:,} scales of 32, together {each:.3g} bits a weight; "
    "{times:.1f} times smaller"
)
PRUNED: Final = (
    "{bytes:,} bytes, {times:.1f} times smaller, if each place has a bit that says whether its weight is left, and the "
    "{left:,} that are have {width} each; as a plain matrix with zeros in it, no smaller at all"
)
FILE: Final = "These weights come from {file}, written out as {dtype}. {levels}"
LEVELS: Final = (
    "They were quantised: in a block of 32 neighbours, none has more than {levels} different values: {bits} bits "
    "each. What is rounded here is rounded a second time."
)
SAME: Final = "Rounded by torch's fake_quantize: the same weights, largest difference {difference}"
SAME_PRUNED: Final = "Pruned by torch's l1_unstructured: the same weights, largest difference {difference}"
CHECK: Final = (
    "torch.fake_quantize_per_channel_affine is given the same blocks and scales, and torch.nn.utils.prune the same "
    "matrix; every weight that they give is compared with ours. What the model makes of changed weights is tested "
    "against a copy of it whose weights were really overwritten."
)
COMPARED: Final = "All bits beside each other"
COMPARED_PRUNED: Final = "Shares beside each other"
STEADY: Final = "The diamond is what is shown above."

WORDS: Final = Words(
    sentence=(
        "One matrix of a loaded model with fewer bits, or fewer weights: the error in it, and what the model makes of "
        "that. Nothing else is changed, and the model really runs again."
    ),
    notice="""\
- **Three bits are enough here, two are not.** This one matrix holds 0.7% of the weights. With two bits, all that is
  left of each is −1, 0 or 1 times a scale, and Paris is gone. With three it stands at 78%.
- **A bit is worth 6 dB.** Each one about halves the step, and with it the error. From three bits to two the step is
  three times as wide, and 9 dB are lost at once.
- **Not all matrices are alike.** Two bits in the same matrix of layer 5 move the prediction by 0.01 bits, here by 6.4
  and in the last layer by 8.6. Of this model's 211 matrices, only four change the answer.
- **A scale costs, too.** One of 32 bits for each block of 32 adds a whole bit to every weight. One for each row adds
  next to nothing, but then a single large weight makes the step coarse for its whole row.
""",
    presets=(
        ("3 bits", "The same matrix: Paris is back, at 78%", {"view": "quantise", "bits": "3"}),
        (
            "2 bits in layer 5",
            "A matrix of the same size that hardly matters: 77% become 76%",
            {"view": "quantise", "matrix": "model.layers.5.mlp.down_proj"},
        ),
        (
            "2 bits in the last layer",
            "Now it is sure of “the”: 6.5% become 90%",
            {"view": "quantise", "matrix": "model.layers.29.mlp.down_proj"},
        ),
        (
            "The embedding with 2 bits",
            "A fifth of all weights, used twice, as embedding and as head: the answer is half a word",
            {"view": "quantise", "matrix": "model.embed_tokens"},
        ),
        (
            "70% pruned",
            "Seven weights of ten are zero, and Paris stands at 71%",
            {"view": "quantise", "method": "prune", "share": "0.7", "log": "true"},
        ),
        (
            "10% to 95% pruned",
            "All shares at once: where it breaks",
            {"view": "quantise", "method": "prune", "share": "0.9", "sweep": "true"},
        ),
    ),
    how=r"""\
Rounding with b bits, symmetric, in blocks of neighbours w in a row:

$$s = \frac{\max |w|}{2^{b-1} - 1}, \qquad q = \mathrm{round}\!\left(\frac{w}{s}\right), \qquad w' = q\,s$$

so q takes $2^b - 1$ values, and no weight is off by more than $s / 2$. Blocks of 32 with b = 8 are GGUF's Q8_0, only
that it keeps s in 16 bits and the size here counts 32. Its Q4_1 adds an offset to each block and uses all $2^b$ values.
Pruning sets the share of the weights with the smallest $|w|$ in the whole matrix to zero.

With W [rows, columns] the matrix, E = W' − W: error $\mathrm{rms}(E) / \mathrm{rms}(W)$, signal to noise
$20 \log_{10} (\mathrm{rms}(W) / \mathrm{rms}(E))$ dB. With p and p' [vocabulary] the next token's probabilities before
and after, the Kullback-Leibler divergence

$$D = \sum_i p_i \log_2 \frac{p_i}{p'_i} \text{ bits}$$

is what is lost, on average, by who expects p' where p is right.

The model runs twice; the second time x W' takes the place of x W. The inputs x, the other matrices and all sums stay
as they are: what is measured is what precision is lost, not what time is won. Methods for real use choose q by what it
does to x W (Frantar et al. 2022, *GPTQ*, arXiv:2210.17323) or treat large inputs apart (Dettmers et al. 2022,
*LLM.int8()*, arXiv:2208.07339). Pruning by magnitude: Han et al. 2015, arXiv:1506.02626.
""",
    code="""\
import torch

def rounded(weights, bits, block=32):
    groups = weights.reshape(-1, block)
    scale = groups.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
    return (torch.round(groups / scale) * scale).reshape(weights.shape)

weights = torch.randn(576, 1536)
for bits in (8, 6, 5, 4, 3, 2):
    error = rounded(weights, bits) - weights
    print(bits, 20 * torch.log10(weights.std() / error.std()))  # about 6 dB a bit
""",
)
