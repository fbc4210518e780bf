"""What does the view "history" of the page of parameters say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SIZES: Final = (
    "A model with experts has many parameters of which a few work on each token: both numbers, joined by a line, or "
    "one of the two."
)
RUMOURS: Final = "Sizes that the makers have not published. They are drawn hollow and named as rumours."
AXIS: Final = (
    "logarithmic: each step upwards is ten times as many. linear: equal steps, on which the smaller ones lie on the "
    "floor."
)
UNKNOWN: Final = "Left out, because their authors don't say how many work on one token: {names}."
UNPUBLISHED: Final = (
    "Not published at all, in the makers' own papers: {names}. What is said about the sizes of such models elsewhere "
    "is a rumour."
)
SUMMARY: Final = (
    "{count} language models by month and number of parameters, from {first} with {least} to {largest}, the largest "
    "whose size is published, with {most}. The table below holds every point."
)
TABLE: Final = "Every point, with its source"
STATUS: Final = {False: "published", True: "rumour"}
COUNT: Final = "The models whose configuration is in this app, counted tensor by tensor."
TITLE: Final = "Parameters of language models, as their authors publish them"

WORDS: Final = Words(
    sentence=(
        "How many parameters language models have had, each with the month in which it was made known and with who "
        "says so. Point at a model to read it."
    ),
    notice="""\
- **Each line of the grid is ten times the one below.** From GPT (117 million, 2018) to GPT-3 (175 billion, 2020) it was
  1,500 times as many in two years.
- **Then the growth split in two.** The largest models whose size is published are mixtures of experts: DeepSeek-V4-Pro
  has 1.6 trillion parameters, but 49 billion work on one token, fewer than all of Chinchilla's 70 billion.
- **Larger isn't always better.** Chinchilla (70 billion) was trained on more text than Gopher (280 billion) with the
  same computing, and did better on most tasks.
- **Small models didn't die out.** SmolLM2, which runs in this app, has about as many parameters as the first GPT, six
  years later.
- **A hollow point is a rumour.** OpenAI has never said how large GPT-4 is. No line joins a rumour to a fact.
""",
    presets=(
        ("All of it", "Both numbers of each model, on a logarithmic axis.", {"view": "history"}),
        (
            "What works on one token",
            "PaLM of 2022 uses 540 billion for each token, and no published model since then uses as many.",
            {"view": "history", "sizes": "active on a token", "rumours": "left out"},
        ),
        (
            "Only what is published",
            "Without the rumours, and all parameters of each.",
            {"view": "history", "sizes": "total", "rumours": "left out"},
        ),
        (
            "On a linear axis",
            "Everything before 2020 lies on the floor: why such pictures have logarithmic axes.",
            {"view": "history", "sizes": "total", "axis": "linear"},
        ),
    ),
    how=r"""
Nothing is computed here: each number is its authors', rounded as they round it, and stands in the table with its
source. Where a paper's title or a company calls a model “7B” and its table says 8.54 billion, the table counts. Most
papers count the embeddings in; a tied output head is counted once.

Where a published model's configuration is in this app, “break down” in the table counts it tensor by tensor. Of all of
these the count lies within 3 % of what the authors say.

On a logarithmic axis, a height is $\log_{10}$ of the number of parameters, so equal factors are equal distances. For
what sizes are good for, see Kaplan et al., *Scaling Laws for Neural Language Models* (2020, arXiv:2001.08361), and
Hoffmann et al., *Training Compute-Optimal Large Language Models* (2022, arXiv:2203.15556).

There is no trend line: who builds what, and who publishes it, is no law of nature.
""",
    code="""
from transformers import AutoConfig, AutoModelForCausalLM
import torch

config = AutoConfig.for_model("gpt2", n_embd=1600, n_layer=48, n_head=25)  # the largest GPT-2
with torch.device("meta"):  # shapes without numbers
    model = AutoModelForCausalLM.from_config(config)
print(f"{model.num_parameters():,}")  # 1,557,611,200; the paper says 1,542 million
""",
)
