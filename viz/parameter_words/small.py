"""What does the view "small" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

NETWORK: Final = "dense: small enough to draw every weight. transformer: the encoder-decoder of the paper of 2017."
PENALTY: Final = (
    "Training makes the error small, plus this times the sum of all squared weights (scikit-learn's alpha). A small "
    "penalty lets weights grow, and lets the network learn patients by heart."
)
SEED: Final = "Decides which quarter of the patients is held out, and which weights training begins with."
WIDTH: Final = "Numbers per token. The heads share them, so it must be a multiple of their number."
HEADS: Final = "They share the width evenly. More heads, each of them smaller: the count stays."
INPUTS: Final = ("age", "sex", "BMI", "blood pr.", "cholest.", "LDL", "HDL", "ratio", "triglyc.", "sugar")
TARGET: Final = "disease progression a year later; the table has 25 to 346"
DATA: Final = "scikit-learn's diabetes data: 442 patients (Efron et al., 2004)"
PAPER: Final = "torch.nn.Transformer, sized as the base model of Vaswani et al. 2017 (arXiv:1706.03762) at first"
SCORES: Final = (
    "R² is the share of the target's variance that is explained: 1 is perfect, 0 is no better than always saying the "
    "mean, below 0 is worse than that. {own} patients were trained on, {held} were held out."
)
SAME: Final = (
    "{sizes}: scikit-learn's arrays hold {theirs:,} numbers, our count is {ours:,}; its predictions and those of the "
    "drawn numbers differ by {difference} at most"
)
CHECK: Final = (
    "The count is layer by layer n m + m. The predictions of all 442 patients are computed once by scikit-learn and "
    "once by the formula that the figure follows: weights times inputs, plus bias, and ReLU."
)
COUNTED: Final = "{sizes}: torch's layers hold {theirs:,} numbers, our count is {ours:,}"
LINEAR: Final = (
    "One torch.nn.Linear for each layer, built on the meta device, which gives tensors shapes and no numbers."
)
EQUAL: Final = "By formula {formula:,}: equal to torch's tensors, term by term"
UNEQUAL: Final = "By formula {formula:,}, by torch's tensors {tensors:,}"
TENSORS: Final = (
    "The formula, beside the number of elements of torch.nn.Transformer, two nn.Embedding and one nn.Linear, built on "
    "torch's meta device, which gives tensors shapes and no numbers. nn.Transformer has no embeddings and no head of "
    "its own, and the positions of the paper are computed, not learned."
)

WORDS: Final = Words(
    sentence=(
        "Small enough to hold: a network with every weight as a line, and the Transformer of 2017 taken apart the "
        "same way."
    ),
    notice="""\
- **Lines and squares.** Between n units and m there are n · m weights, and each of the m has a bias. 10-8-1 has
  80 + 8 + 8 + 1 = 97 parameters; one more hidden unit adds ten, one and one.
- **97 numbers against 11.** On patients it hasn't seen, the network explains less (R² 0.335) than linear regression
  does (0.359); on those it was trained on, more (0.615 against 0.555). Other seeds, other luck: of the seeds 0 to 19
  the worst is 0.04 below the regression, the best 0.03 above.
- **Three of the eight hidden units are dead.** Units 3, 6 and 8 are 0 for every patient: their 36 parameters are
  there, and change nothing.
- **The Transformer is the same, in large.** Its blocks are dense layers, too: attention is four of d · d + d, the
  feed-forward part two. The number of heads is in no formula, and torch's nn.Transformer has no embeddings.
""",
    presets=(
        ("One hidden unit more", "10-9-1: 12 parameters more, 109", {"view": "small", "units": "10-9-1", "at": "2.9"}),
        (
            "Learnt by heart",
            "769 parameters, 331 patients: R² 1.000 on them, and −1.2 on the others",
            {"view": "small", "units": "10-64-1", "penalty": "0.0001"},
        ),
        (
            "A dead unit",
            "Hidden unit 3 is 0 for all 442 patients",
            {"view": "small", "at": "2.3", "lines": "flow"},
        ),
        (
            "13 parameters",
            "One hidden unit does as well as the regression: 0.358 and 0.359",
            {"view": "small", "units": "10-1-1"},
        ),
        (
            "Cross-attention",
            "Four matrices of 512 × 512 and their biases: 1,050,624 in each decoder layer",
            {"view": "small", "network": "transformer"},
        ),
        (
            "The big model of the paper",
            "Twice as wide: nearly four times as many parameters in nn.Transformer",
            {
                "view": "small",
                "network": "transformer",
                "d": "1024",
                "heads": "16",
                "mlp": "4096",
                "sublayer": "decoder-mlp",
            },
        ),
    ),
    how=r"""A dense layer from $n$ units to $m$ computes $y = xW + b$, with $x$ [n], $W$ [n, m], $b$ [m]: $n\,m + m$
parameters. Between two layers, ReLU makes every negative number 0; it has no parameters. With sizes
$n_0, n_1, \dots, n_L$:

$$\sum_{l=1}^{L} (n_{l-1}\,n_l + n_l)$$

Training minimises $\frac{1}{2N} \sum (y - \hat y)^2 + \frac{\alpha}{2N} \lVert W \rVert^2$ by L-BFGS, with $\alpha$
the penalty and $N$ patients; inputs and target have mean 0 and standard deviation 1 among those trained on.
$R^2 = 1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$.

The Transformer with width $d$, feed-forward width $m$, $L$ layers in each stack and $V$ tokens in each language.
torch packs queries, keys and values into one `in_proj_weight` [3d, d] with `in_proj_bias` [3d]:

$$\text{attention: } (3d^2 + 3d) + (d^2 + d)$$

$$\text{feed-forward: } (d\,m + m) + (m\,d + d)$$

$$\text{norm: } 2d$$

An encoder layer has one attention, one feed-forward and two norms; a decoder layer a second attention and a third norm;
torch puts one more norm on top of each stack. Around it: two embeddings $V d$, and an output head $d\,V + V$. The paper
shares one table among all three, and its positions are computed, not learned.

ReLU networks and how they are trained: Goodfellow, Bengio and Courville, *Deep Learning*, 2016, chapter 6. The
Transformer: Vaswani et al., *Attention Is All You Need*, 2017, arXiv:1706.03762. The data: Efron, Hastie, Johnstone and
Tibshirani, *Least Angle Regression*, Annals of Statistics 32, 2004.
""",
    code="""\
import torch
from sklearn.datasets import load_diabetes
from sklearn.neural_network import MLPRegressor
from torch import nn

small = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
assert sum(tensor.numel() for tensor in small.parameters()) == 97

x, y = load_diabetes(return_X_y=True)
network = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", alpha=10, max_iter=1000).fit(x / x.std(0), y / y.std())
assert sum(array.size for array in network.coefs_ + network.intercepts_) == 97

with torch.device("meta"):  # shapes without numbers
    transformer = nn.Transformer(512, 8, 6, 6, 2048)
assert sum(tensor.numel() for tensor in transformer.parameters()) == 44_140_544
""",
)
