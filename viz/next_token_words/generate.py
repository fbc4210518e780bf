"""What does the view "generate" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from models.traces import GenerationTrace
from viz.words import Words

DO_SAMPLE: Final = (
    "On: each token is drawn from what the samplers leave. Off: the most probable token is taken each time (greedy "
    "search), and the same text comes every time."
)
MAX_NEW_TOKENS: Final = (
    "The most tokens that are added to the prompt. The text may end before, by itself or by a stop text."
)
STOP: Final = "Writing ends once this text has appeared; it stays in the answer. Empty: none."
RESTING: Final = (
    "do_sample is off: temperature, top-k, top-p, min-p and the seed rest. A repetition penalty works all the same."
)
COLD: Final = "Temperature 0 is greedy search: transformers wants do_sample=False for it."
STOPPED: Final = "stopped before it was written."
NUMBERS: Final = "with one seed the same step draws with the same number, whatever came before"
CHECK: Final = (
    "One pass over each whole text, without the cache that it was written with, gives every step's logits again. They "
    "go through transformers' own processors, and the seed's numbers draw from what these leave. Given is how often "
    "that is the token shown, and the largest difference of the probabilities behind the samplers. Sums taken in "
    "another order differ in their last digits; very seldom a token that stands right at a sampler's cut falls on the "
    "other side."
)
GREEDY_CHECK: Final = (
    "transformers' own generate goes on from the same prompt (of a branch, from behind the token put there by hand), "
    "up to 64 tokens, and its ids are set beside these."
)


def settings(call: str) -> str:
    """For a saved picture."""
    return call.replace(", return_full_text=RETURNED", "")


def ended(trace: GenerationTrace, stop: str) -> str:
    """How a text ended."""
    if trace.ended == "token":
        return f"by the end-of-text token {trace.texts[-1]}"
    if trace.ended == "text":
        return "by the stop text"
    if trace.ended == "unfinished":
        return "because Stop was pressed"
    return f"by max_new_tokens{'; the stop text never came' if stop else ''}"


def no_place(parent: int, step: int, steps: int | None) -> str:
    """Why a branch of a link can't be."""
    name = f"branch {parent}" if parent else "the trunk"
    if steps is None:
        return f"it parts from {name}, which isn't there."
    return f"it replaces token {step + 1} of {name}, which has only {steps}."


WORDS: Final = Words(
    sentence=(
        "A text written token by token. At each step stands what else could have come: take it, and see how the text "
        "would have gone on."
    ),
    notice="""\
- **One token at a time.** The model gives a probability to every token; one is taken and put behind the prompt, and
  all begins anew. Nothing is planned ahead, and nothing is taken back.
- **One other token, another story.** Choose a token, then “branch” beside another one. What follows depends on
  all that stands before.
- **Sure and unsure.** Pale tokens were hard to foresee: a name, a noun that opens something new. The second half of a
  word is nearly certain once the first half stands.
- **The most probable text isn't the best one.** With `do_sample` off the model takes its favourite at every step, and
  soon goes in circles.
- **Texts get improbable fast.** Twenty probable tokens together are one chance in millions of millions. Compare
  texts of different length by perplexity, not by probability.
- **The same seed** draws the same step with the same number, also in a branch: texts differ by what stands before,
  not by luck.
""",
    presets=(
        (
            "One other token",
            "A farm, a time traveller, a town and a dragon: three branches of one story, drawn with the same numbers.",
            {"view": "generate", "fork": "0.8.4161,0.0.3102,0.0.17422", "branch": "1", "step": "8"},
        ),
        (
            "Greedy goes in circles",
            "Always the most probable token: the same sentence comes again, and the model is ever surer of it.",
            {
                "view": "generate",
                "text": "The best thing about cats is",
                "do_sample": "false",
                "max_new_tokens": "60",
                "step": "59",
            },
        ),
        (
            "The same at temperature 1.5",
            "No circles, and no plan: a perplexity of 12 instead of 1.7.",
            {
                "view": "generate",
                "text": "The best thing about cats is",
                "temperature": "1.5",
                "max_new_tokens": "60",
            },
        ),
        (
            "A chat",
            "What the template writes around a question, and the token with which the model ends its answer.",
            {
                "view": "generate",
                "text": "What is the capital of France?",
                "chat": "true",
                "do_sample": "false",
                "step": "7",
            },
        ),
        (
            "A stop text",
            "Counting could go on for ever; the text ends as soon as it holds “12”.",
            {"view": "generate", "text": "1, 2, 3, 4,", "do_sample": "false", "stop": "12", "max_new_tokens": "60"},
        ),
        (
            "Code",
            "Each token is likely, and the whole is wrong: it never ends, and 10! is 3,628,800.",
            {"view": "generate", "text": "def factorial(n):", "do_sample": "false", "max_new_tokens": "48"},
        ),
    ),
    how=r"""
For step $t$ with the tokens $x_1 \dots x_{t-1}$ so far (prompt included), the model gives logits $z \in \mathbb{R}^V$
and $p = \mathrm{softmax}(z)$. The samplers make $q$ of $z$ (see the view “Distribution”). The seed's generator
(Mersenne Twister) gives one number $u_t$ in $[0, 1)$ for each step, and the token is the first one at which the running
sum of $q$, by id, exceeds $u_t$. Without `do_sample` it is $\arg\max z$, after a repetition penalty if there is one.

Keys and values of earlier tokens are kept (the KV cache), so a step costs one pass over one token.

The text's log-probability is $\log_2 p(\text{text}) = \sum_t \log_2 p(x_t \mid x_1 \dots x_{t-1})$, by the model's own
$p$, not $q$. Its perplexity is $2^{-\frac{1}{n} \log_2 p}$.

In transformers' `pipeline` three words decide most: `do_sample` (draw, or take the most probable), `max_new_tokens`
(where to end at the latest) and `return_full_text` (whether the prompt stands before the answer in what comes back).
transformers draws with torch's generator, so its `set_seed(0)` gives another text of the same distribution; with
`do_sample=False` it gives the same text as this page.

Holtzman et al., *The Curious Case of Neural Text Degeneration*, 2019, on why the most probable text repeats itself.
""",
    code="""
from transformers import pipeline, set_seed

pipe = pipeline("text-generation", model=model, tokenizer=tokenizer)
prompt = "Once upon a time there was a"
set_seed(0)
pipe(prompt, do_sample=True, temperature=0.8, top_k=50, top_p=0.95, max_new_tokens=24)[0]["generated_text"]
pipe(prompt, do_sample=False, max_new_tokens=24, return_full_text=False)[0]["generated_text"]

# the same, step by step, and what else could have come
ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
cache = None
for step in range(24):
    out = model(ids if cache is None else ids[:, -1:], past_key_values=cache, use_cache=True)
    cache = out.past_key_values
    p = out.logits[0, -1].softmax(-1)
    print([(tokenizer.decode([token]), round(value, 3)) for value, token in zip(*(x.tolist() for x in p.topk(8)))])
    ids = torch.cat([ids, p.argmax()[None, None]], dim=1)  # or torch.multinomial(q, 1)
""",
)
