"""What does the view "weights" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

REGION: Final = "64-127: the first and the last one, from 0. Left empty: all of them. The picture zooms, too."
FILE: Final = (
    "These weights were quantised before: they come from {file}, written out as {dtype}. In a block of 32 neighbours "
    "in a row, none has more than {levels} different values; choose one row and 32 columns, and the histogram shows it."
)
SPREAD: Final = (
    "Mean {mean}, deviation {deviation:.4g}, largest magnitude {largest:.4g}. Further than 4 deviations from the "
    "mean: {beyond:.3%} of the weights, of a normal distribution {normal:.4%}."
)
DIRECTIONS: Final = (
    "The largest is {largest:.4g}. Those of a random matrix lie between {low:.4g} and {high:.4g}: {above:,} of "
    "{count:,} are larger. Effective rank {rank:.0f} of {count:,}; of a random one {random:.0f}."
)
TOO_LARGE: Final = "Singular values are found where the smaller side is up to {most:,}; choose fewer rows or columns."
ALIKE: Final = "All weights here are {value:.4g}: there is no distribution to look at. Choose more rows or columns."
EQUAL: Final = "Singular values equal torch's within {difference} of the largest"
CHECK: Final = (
    "The singular values are the roots of the eigenvalues of the smaller of WᵀW and WWᵀ, summed in float64. They are "
    "compared with torch.linalg.svdvals in float32, the largest difference of any of them as a share of the largest "
    "value. The tests compare them with NumPy's decomposition in float64, and means, deviation and histogram with "
    "NumPy's own."
)
NORMS: Final = "How large the weights are, layer by layer"
CLICK: Final = (
    "The root of the mean square of each matrix's weights. Click a cell, or go there with the arrow keys, to see that "
    "matrix above."
)
ASIDE: Final = "Matrices that the model has once, or not in every layer:"
TOO_MANY: Final = "As a file, these weights would have {size:,.0f} MB; choose fewer rows or columns, up to 50 MB."

WORDS: Final = Words(
    sentence=(
        "Any matrix of a loaded model as a picture, from the whole down to single weights, with its distribution, its "
        "singular values, and the size of all the others."
    ),
    notice="""\
- **Bands are heads.** The query matrix of layer 5 has nine heads of 64 rows. Head 6 begins at row 384 with rows near
  zero, and so does its second half at row 416: row i and row i + 32 are turned together by the position (RoPE), the
  first ones fastest, and this head hardly uses those.
- **More large weights than chance would give.** 0.16% lie beyond 4 deviations, 26 times as many as in a normal
  distribution: the histogram leaves the dashed line.
- **Training shows in a few directions.** 24 of the 576 singular values are larger than a random matrix's. The rest
  falls faster than chance would have it, too.
- **Keys shrink with depth, values grow.** Key weights fall from 0.40 in layer 0 to 0.13 in the last; value weights
  grow from 0.05 to 0.29.
""",
    presets=(
        (
            "Heads of an encoder",
            "Head 2, rows 64 to 95, has weights 1.8 times as large as the others' on average",
            {"view": "weights", "loaded": "minilm-l6-v2", "matrix": "encoder.layer.0.attention.self.query"},
        ),
        (
            "One weight of 589,824",
            "7.9 at row 99, column 856, in a matrix whose deviation is 0.045",
            {
                "view": "weights",
                "loaded": "minilm-l6-v2",
                "matrix": "encoder.layer.0.output.dense",
                "rows": "92-107",
                "columns": "848-863",
                "tiles": "mean",
            },
        ),
        (
            "As if by chance",
            "The pooler, which this model never asks, because it averages its tokens: no singular value stands out",
            {"view": "weights", "loaded": "minilm-l6-v2", "matrix": "pooler.dense"},
        ),
        (
            "A whole vocabulary",
            "49,152 tokens: stripes are dimensions with one sign for nearly all of them, and one direction outdoes "
            "chance 15 times",
            {"view": "weights", "matrix": "model.embed_tokens", "tiles": "mean"},
        ),
        (
            "Few directions",
            "Queries of layer 0: effective rank 244, where chance has 464",
            {"view": "weights", "matrix": "model.layers.0.self_attn.q_proj", "tiles": "mean"},
        ),
        (
            "Single weights",
            "8 rows of 32: each row is a block that was written with 4 bits a weight, and has at most 16 values",
            {"view": "weights", "rows": "0-7", "columns": "0-31", "tiles": "mean"},
        ),
    ),
    how=r"""
$W$ is the matrix as it lies in memory. A linear layer has the shape [outputs, inputs] and computes $x W^\top$; GPT-2's
Conv1D has [inputs, outputs] and computes $x W$; an embedding has a row for each entry. A tile is $n \times m$ weights,
so that there are at most 144 along a side, and is shown by the largest $|w|$ in it or by the mean of its weights. A
region is looked at like a matrix of its own.

**Singular values.** $W = U S V^\top$: $W$ turns the input, stretches it along directions by $s_1 \geq s_2 \geq \dots$,
and turns it again. They are the roots of the eigenvalues of $W^\top W$. The effective rank is $e^H$ with
$H = -\sum_i p_i \ln p_i$ and $p_i = s_i / \sum_j s_j$: as many equal values would have the same entropy $H$ (Roy and
Vetterli 2007, *The effective rank*, EUSIPCO).

**By chance.** If the weights of an $n \times m$ matrix were independent numbers with mean 0 and deviation $\sigma$, all
singular values would lie between

$$\sigma \left| \sqrt{n} - \sqrt{m} \right| \quad \text{and} \quad \sigma \left( \sqrt{n} + \sqrt{m} \right),$$

the more exactly the larger it is (Marchenko and Pastur 1967,
[doi:10.1070/SM1967v001n04ABEH001994](https://doi.org/10.1070/SM1967v001n04ABEH001994)). The dashed line is the law's
quantiles, and what lies above it was put there by training. The same comparison for many networks: Martin and Mahoney
2021, [Implicit self-regularization](https://jmlr.org/papers/v22/20-410.html).

**Size by layer** is the root of the mean square, $\sqrt{\sum w^2 / (n m)}$.
""",
    code="""\
weights = model.get_submodule("model.layers.5.self_attn.q_proj").weight.detach()     # [576, 576]

tiles = torch.nn.functional.max_pool2d(weights.abs()[None], (4, 4))[0]               # [144, 144]
far = ((weights - weights.mean()).abs() > 4 * weights.std()).float().mean()

singular = torch.linalg.svdvals(weights)                                             # [576], falling
shares = singular / singular.sum()
effective_rank = torch.exp(-(shares * shares.log()).sum())

rows, columns = weights.shape
edge = weights.std() * (rows**0.5 + columns**0.5)                                    # Marchenko-Pastur
print(tiles.shape, far, effective_rank, (singular > edge).sum())
""",
)
