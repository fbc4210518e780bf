"""What does the view "distribution" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TITLES: Final[dict[str, str]] = {
    "logit_bias": "Logit bias",
    "repetition_penalty": "Repetition penalty",
    "presence_penalty": "Presence penalty",
    "frequency_penalty": "Frequency penalty",
    "temperature": "Temperature",
    "top_n_sigma": "Top-nσ",
    "top_k": "Top-k",
    "top_p": "Top-p",
    "min_p": "Min-p",
    "typical_p": "Typical-p",
    "epsilon_cutoff": "Epsilon cut-off",
    "eta_cutoff": "Eta cut-off",
}
NOTHING: Final = "nothing is switched on"
TRAVEL: Final = (
    "All {count} logits are in your browser, two bytes each, in steps of {step}. At temperature 1 that changes no "
    "probability by more than {error} of itself; at temperature T by 1/T times as much.{beyond}"
)
BEYOND: Final = " {count} tokens lie more than 64 below the largest logit and stand at the scale's end."
EQUAL: Final = "{count} probabilities equal those of transformers' own samplers within {difference}{kept}"
OTHERWISE: Final = "; at a cut, rounding lets in or out {count}"
CHECKED: Final = "Badge and CSV are of: {chain}"
BY_BROWSER: Final = "compared: what your browser worked out"
BY_SERVER: Final = (
    "compared: the same arithmetic on the same two-byte logits; “Check this chain” compares your browser's"
)
ELSEWHERE: Final = "not in transformers, so done by its definition: {names}"
CHECK: Final = (
    "transformers' LogitsProcessors run one by one, in this order, on the logits in float32 as the model gave them, in "
    "double precision. The browser works on the two-byte logits, so a token that lies within half a step of a cut may "
    "fall on its other side."
)

WORDS: Final = Words(
    sentence=(
        "The model gives a number to each token of its vocabulary. Samplers, one after the other, make of these the "
        "chances from which the next token is drawn. Move a slider, drag a column, switch others on."
    ),
    notice="""\
- **The tail is long.** The rows show the first few tokens; what all the others have together stands below them. For
  the animal it is more than half before any sampler has worked: tens of thousands of tokens with almost nothing each.
- **Top-k and top-p cut at different places.** Top-k keeps as many however sure the model is. Top-p keeps few where it
  is sure and many where it isn't: try the capital of France.
- **A cut moves the rest up.** What is removed is shared out, so that the sum is 1 again: the bars grow to the right.
- **The order matters.** Temperature before top-p or min-p changes what those see. The two usual libraries do it
  differently, so the same settings don't give the same text; below the columns stands by how much.
- **Greedy needs no draw.** The mark ◆ stands at the most probable token. Temperature and top-k, top-p and min-p never
  take it away; typical-p can, and so can penalties and biases.
""",
    presets=(
        (
            "Where the model is sure",
            "The capital of France: of the 50 tokens that top-k keeps, top-p leaves two, and Paris has 96%.",
            {"text": "The capital of France is"},
        ),
        (
            "Too hot for top-p",
            "Temperature 2, then top-p: 20,072 tokens stay. In llama.cpp's order, top-p first, it is 1,549.",
            {"temperature": "2", "top_k": "0"},
        ),
        (
            "Min-p instead",
            "The same temperature: min-p at 0.1 leaves 136.",
            {"temperature": "2", "top_k": "0", "top_p": "1", "min_p": "0.1"},
        ),
        (
            "The likeliest is cut",
            "Typical-p keeps what is about as surprising as the mean, and “cat” surprises too little.",
            {"temperature": "1", "top_k": "0", "top_p": "1", "typical_p": "0.5"},
        ),
        (
            "Don't say it again",
            "“mat” and “cat” stand in the prompt; a repetition penalty of 1.3 takes them from the first places.",
            {
                "text": "The cat sat on the mat. The cat sat on the",
                "temperature": "1",
                "top_k": "0",
                "top_p": "1",
                "repetition_penalty": "1.3",
                "token": "1171",
            },
        ),
        (
            "A push",
            "5 more on the logit of “dog”: e⁵, about 148 times as probable beside any other token.",
            {"logit_bias": "2767:5", "token": "2767"},
        ),
    ),
    how=r"""
The model reads the prompt once. The vector behind its last token, times the output matrix, gives one **logit** $z_i$
for each token $i$ of the vocabulary $V$ (`[vocabulary]`, float32). Probabilities are their softmax, and a sampler is a
function from logits to logits:

$$p_i = \frac{e^{z_i}}{\sum_{j \in V} e^{z_j}} \qquad\quad \text{what is cut gets } z_i = -\infty$$

| sampler | what it does | paper, number on arXiv |
| --- | --- | --- |
| temperature $T$ | $z_i / T$; at 0 the largest alone | |
| top-k | cuts all below the k-th largest | Fan et al. 2018, 1805.04833 |
| top-p | cuts from the low end as long as what is cut sums to at most $1 - p$ | Holtzman et al. 2019, 1904.09751 |
| min-p | cuts $p_i < m \cdot \max p$ | Nguyen et al. 2024, 2407.01082 |
| typical-p | keeps those with $-\ln p_i$ nearest to the entropy $H$ | Meister et al. 2022, 2202.00666 |
| epsilon | cuts $p_i < \varepsilon$ | Hewitt et al. 2022, 2210.15191 |
| eta | cuts $p_i < \min(\varepsilon, \sqrt{\varepsilon}\, e^{-H})$ | Hewitt et al. 2022, 2210.15191 |
| top-nσ | cuts $z_i < \max z - n\sigma$ | Tang et al. 2024, 2411.07641 |
| repetition penalty $r$ | of the prompt: $z_i / r$ if $z_i \ge 0$, else $z_i r$ | Keskar et al. 2019, 1909.05858 |
| presence, frequency $a$ | of the prompt: $z_i - a$, and $z_i - a$ times their count | OpenAI's API |
| logit bias | $z_i + b_i$ for chosen tokens | |

**Entropy** is $H = -\sum p_i \log_2 p_i$ bits, **perplexity** $2^H$, and the **effective number of choices**
$1 / \sum p_i^2$. The **total variation distance** of two distributions, $\frac12 \sum |p_i - q_i|$, is the most by
which they differ on the chance of any set of tokens.

Logits reach your browser as codes of two bytes, on an even scale from the lowest to the highest; everything you see is
worked out from these, on the whole vocabulary. The badge compares it with transformers' own samplers on the exact ones.
""",
    code="""\
import torch
from models import catalog
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

lm = catalog.load("smollm2-135m")
ids = lm.tokenizer("My favourite animal is the", return_tensors="pt")["input_ids"]
with torch.no_grad():
    scores = lm.model(ids).logits[:, -1]  # [1, vocabulary]
for sampler in (TemperatureLogitsWarper(0.8), TopKLogitsWarper(50), TopPLogitsWarper(0.95)):
    scores = sampler(ids, scores)
probabilities = scores.softmax(dim=-1)[0]
for share, token in zip(*probabilities.topk(5)):
    print(lm.tokenizer.decode(token), float(share))
""",
)
