"""What does the view "softmax" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

LOGITS: Final = "prompt: those of the most probable tokens behind your prompt. own: any numbers, on bars a, b, c."
SAME: Final = "torch.softmax agrees: z = {numbers}; T = {t}, c = {plus}, {format}; largest difference {difference}"
CHECK: Final = (
    "torch.softmax is given the same numbers in the same format. torch rounds less often on the way (float16 is summed "
    "in float32), so the last digit that a format holds may differ. “Check with torch” in the figure does it again for "
    "what the bars say now. Where both give no number, they agree, too; for T = 0 torch is given minus infinity for "
    "all but the largest."
)

WORDS: Final = Words(
    sentence=(
        "How a few scores become probabilities: drag a bar, and every number on the way to its probability follows."
    ),
    notice="""\
- **Only differences count.** Add a constant to all bars, and no probability changes.
- **Temperature scales differences.** Near 0 the largest takes all; near infinity all are equal; neither ever changes
  the order.
- **The formula as it is written breaks.** In float32, e^x is infinite from x = 88.73 on, and infinity divided by
  infinity is no number. Taking the maximum away first gives the same probabilities, and no power is above 1: every
  library does it.
- **Two bars are a sigmoid.** With two, p depends on one number, their difference, along the curve on the right.
""",
    presets=(
        (
            "Overflow in float32",
            "800 is added to each: as written NaN, with the maximum taken away as before",
            {"view": "softmax", "logits": "own", "plus": "800", "format": "float32"},
        ),
        (
            "Underflow",
            "800 is taken from each: every power is 0, and 0 / 0 is no number either",
            {"view": "softmax", "logits": "own", "plus": "-800"},
        ),
        (
            "What float16 forgets",
            "Near 800 its numbers are half a unit apart, so the constant does change something: the logits are rounded",
            {"view": "softmax", "logits": "own", "plus": "800", "format": "float16"},
        ),
        (
            "Temperature 0 with a tie",
            "The limit is shared by both; samplers take the first",
            {"view": "softmax", "logits": "own", "z": "2,2,0.1", "t": "0"},
        ),
        (
            "Two bars: the sigmoid",
            "A difference of 2 gives 0.88",
            {"view": "softmax", "logits": "own", "z": "2,0"},
        ),
        (
            "A sure model, made unsure",
            "At T = 5, Paris falls from 0.89 to 0.35 among the five; the order stays",
            {"view": "softmax", "text": "The capital of France is", "t": "5"},
        ),
    ),
    how=r"""\
With z the logits [n], T the temperature, c any constant:

$$p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}, \qquad x_i = \frac{z_i + c}{T}$$

Multiply above and below by $e^{-m}$ with $m = \max_j x_j$, and nothing has changed but the size of the numbers:

$$p_i = \frac{e^{x_i - m}}{\sum_j e^{x_j - m}}$$

Now the largest power is $e^0 = 1$, and the sum lies between 1 and n. For two,
$p_1 = 1 / (1 + e^{-(x_1 - x_2)})$: the sigmoid of the difference. For more, $p_i = \sigma(x_i - \log \sum_{j \neq i}
e^{x_j})$.

As T goes to 0, the largest takes all (equal ones share it); as T goes to infinity, each gets 1 / n.

Each number on the page is rounded to the chosen format before the next is computed from it: float64 has 53 bits that
count, float32 24, float16 11 (IEEE 754). Sums run from the first bar to the last.

The name, and its use at the end of a network: J. S. Bridle, *Probabilistic interpretation of feedforward
classification network outputs*, 1990. Temperature comes from physics, where the same formula is Boltzmann's (1868).
""",
    code="""\
import torch

z = torch.tensor([2.0, 1.0, 0.1]) + 800
naive = z.exp() / z.exp().sum()          # nan: e^800 is infinite in float32
x = z - z.max()
p = x.exp() / x.exp().sum()              # 0.6590, 0.2424, 0.0986
assert torch.allclose(p, torch.softmax(z, dim=0))
""",
)
