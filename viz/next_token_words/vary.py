"""What does the view "vary" of the page of the next token say?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.traces import Way
from viz.words import Words

WHY: Final = (
    "seeds: the tokens are drawn, and each seed draws others. numbers: nothing is drawn, and the same sums are done in "
    "another order or with fewer digits."
)
TOKENS: Final = "How many tokens are written at most: up to 40 under “numbers”, 1,000 in all texts under “seeds”."
TIMES: Final = "How many texts: with this many seeds, one after the other, from the one below."
SEEDS_TITLE: Final = "The same prompt {count} times, by {model}"
NUMBERS_TITLE: Final = "The same text computed in several ways, by {model}"
AGAIN: Final = "Seed {seed} drawn a second time: {outcome}"
AGAIN_HELP: Final = (
    "The first text is computed once more, from the prompt on, with the same seed. A seed fixes the numbers that draw, "
    "so every token must be the same."
)
WAYS: Final[Mapping[Way, tuple[str, str]]] = {
    "cache": ("alone", "keys and values of earlier tokens kept (the cache)"),
    "whole": ("without the cache", "the whole text again for each token"),
    "twins": ("beside itself", "a batch of two equal texts"),
    "batch": ("in a batch of 8", "seven other texts beside it, short ones padded on the left"),
    "float16": ("float16", "alone, matrix products in 16 bits: 11 binary digits"),
    "bfloat16": ("bfloat16", "alone, matrix products in 16 bits: 8 binary digits"),
}
PARTED: Final = (
    "**{count} of {ways} other ways write{s} another text**, from token {first} on at the earliest. The weights are "
    "the same, and nothing is drawn."
)
NEVER: Final = (
    "**The text is the same by all {ways} other ways**, for {steps} token{s}. Where the numbers differ, still no "
    "other token has won."
)
BOUND: Final = "Texts part only where twice the difference reaches the margin: {outcome} at {count} steps"
BOUND_HELP: Final = (
    "For another token to win, the best one's logit must fall and another's rise by the margin together, so one of "
    "the two must move by half of it or more. Checked for every way and step at which the tokens before are the same."
)

WORDS: Final = Words(
    sentence="The same prompt several times: where the texts part, and what made them.",
    notice="""\
- **One draw is enough.** Once two texts differ in one token, the model reads different texts, so all that follows may
  differ.
- **Counts follow chances, roughly.** The chance of a token says how often it is drawn in the long run; eight draws
  are a short run.
- **A seed repeats its text.** It fixes the numbers that draw. At temperature 0 nothing is drawn, and all texts are the
  same.
- **Even then the numbers vary.** Adding the same numbers in another order rounds differently. In 32 bits the logits
  move by some hundred-thousandths, with 16-bit products by some tenths or hundredths.
- **It matters only in a close race.** Where the two best tokens are nearer to each other than that, another one may
  win, and from there on the text is another. That is how a service at temperature 0 can answer twice in two ways.
""",
    presets=(
        (
            "Temperature 0",
            "Nothing is drawn: eight seeds, one text.",
            {"view": "vary", "temperature": "0"},
        ),
        (
            "Many good answers",
            "The model knows no single answer: the texts part at the first token.",
            {"view": "vary", "text": "My favourite animal is the"},
        ),
        (
            "Temperature 2, no cuts",
            "Twenty texts, and any token of the vocabulary can come.",
            {"view": "vary", "temperature": "2", "top_k": "0", "top_p": "1", "times": "20"},
        ),
        (
            "16 bits, another text",
            "No seeds, no draws, the same weights: bfloat16 parts early, float16 later.",
            {"view": "vary", "why": "numbers"},
        ),
        (
            "Another first word",
            "In bfloat16 the very first token is another one.",
            {"view": "vary", "why": "numbers", "text": "The meaning of life is"},
        ),
        (
            "They don't part",
            "The differences are as large here, and yet the same tokens win.",
            {"view": "vary", "why": "numbers", "text": "Once upon a time"},
        ),
    ),
    how=r"""
**Seeds.** At each step one token is drawn from the probabilities that the samplers leave. The chance of a whole text
$x$ is the product of its tokens' chances, $P(x) = \prod_t p(x_t \mid x_{<t})$, and of $n$ texts that have come to the
same place, $n\,p$ are expected to go on with a token of chance $p$. Two texts agree on their first $k$ tokens with the
chance

$$\sum_{x} P(x_{\le k})^2 = \mathbb{E}_x\Big[\prod_{t \le k} p(x_t \mid x_{<t})\Big],$$

which the line estimates by the mean of that product over the texts shown.

**Numbers.** A floating-point number has 24 binary digits in float32, 11 in float16 and 8 in bfloat16, and every sum is
rounded to them: $(a + b) + c$ need not be $a + (b + c)$. Which order a processor takes depends on the shapes of the
matrices: on the length of what is computed at once, and on how many texts there are. So the logits $z$ and $z'$ of two
ways differ. With $a$ the best token by $z$ and $b$ the second,

$$\text{another token is the best by } z' \text{ only if } \max_i |z'_i - z_i| \ge \tfrac{1}{2}(z_a - z_b).$$

The rows in 16 bits are `torch.autocast`: matrix products in 16 bits, the rest in 32. Its logits come from such a
product too, so in bfloat16 those from 16 to 32 are multiples of 1/8, and two can be exactly equal. Then the one with
the smaller id is taken. Padding is masked, and positions are counted from each text's own first token. Which digits
differ depends on the processor and the library; another machine may part elsewhere.

Goldberg, *What Every Computer Scientist Should Know About Floating-Point Arithmetic*, 1991. Yuan et al.,
*Understanding and Mitigating Numerical Sources of Nondeterminism in LLM Inference*, 2025, arXiv:2506.09501.
""",
    code="""
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

name = "HuggingFaceTB/SmolLM2-135M-Instruct"
tokenizer, model = AutoTokenizer.from_pretrained(name), AutoModelForCausalLM.from_pretrained(name).eval()

inputs = tokenizer("My favourite animal is the", return_tensors="pt")
for seed in range(8):
    set_seed(seed)
    print(tokenizer.decode(model.generate(**inputs, do_sample=True, temperature=0.8, top_k=50, top_p=0.95,
                                          max_new_tokens=20)[0]))

inputs = tokenizer("In the year 2050,", return_tensors="pt")
for dtype in (None, torch.float16, torch.bfloat16):
    with torch.inference_mode(), torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
        found = model.generate(**inputs, do_sample=False, max_new_tokens=20, output_logits=True,
                               return_dict_in_generate=True)
    print(dtype, tokenizer.decode(found.sequences[0]), found.logits[0][0].topk(2))
""",
)
