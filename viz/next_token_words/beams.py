"""What does the view "beams" of the page of the next token say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

BEAMS: Final = "How many texts are continued at a time. 1: greedy search."
TOKENS: Final = "A text that hasn't ended by then ends there."
LENGTH_PENALTY: Final = (
    "Finished texts compete by the sum of ln p, divided by their length to this power. 0: the sum itself, good for "
    "short texts. 1: the mean of a token. Above: longer texts gain. It changes nothing until texts of different length "
    "compete."
)
CHECK: Final = (
    "transformers' own model.generate runs with the same number of beams, do_sample=False, the same length penalty and "
    "early_stopping=False; its text is compared token for token with the best one here."
)

WORDS: Final = Words(
    sentence="Several texts continued at a time, and which of them survive.",
    notice="""\
- **One beam can't go back.** Greedy search takes the most probable token, wherever it leads. With several beams a
  token that looked worse at first may win, because what follows it is more probable.
- The score is a sum of ln p, never above 0: each further token makes it smaller. That is why only texts of the same
  length compete at each step, and finished ones by sum / length^penalty.
- **Still no guarantee.** A beginning that isn't among the best few is cut, and what it would have led to is never seen;
  so a wide search sometimes ends with a *less* probable text than greedy search.
- **The survivors look alike.** After a few steps most beams share all but their last tokens: several almost equal
  texts take all places.
""",
    presets=(
        (
            "A thousand times as probable",
            "Greedy search begins with “about”, four beams with “a new language”.",
            {"view": "beams"},
        ),
        (
            "Greedy is better here",
            "The four beams cut the beginning that greedy search goes on with, and end with a less probable text.",
            {"view": "beams", "text": "The cat sat on the"},
        ),
        (
            "Eight beams, one opinion",
            "All eight finished texts begin with the same ten words.",
            {"view": "beams", "beams": "8", "max_new_tokens": "24"},
        ),
        (
            "Short answers win",
            "Length penalty 0: the sum itself counts, and the best answers have 7 and 8 tokens.",
            {"view": "beams", "text": "Say hi.", "chat": "true", "length_penalty": "0", "max_new_tokens": "20"},
        ),
        (
            "Long answers win",
            "The same with length penalty 3: the best text goes on to the last token that is allowed.",
            {"view": "beams", "text": "Say hi.", "chat": "true", "length_penalty": "3", "max_new_tokens": "20"},
        ),
        ("One beam", "Greedy search: no two texts ever compete.", {"view": "beams", "beams": "1"}),
    ),
    how=r"""
A text $y_1 \dots y_n$ behind a prompt $x$ has the probability $\prod_t p(y_t \mid x, y_{<t})$. The search looks for a
text with a large

$$s(y) = \sum_{t=1}^{n} \ln p(y_t \mid x, y_{<t})$$

**A step.** Each of the $B$ beams is continued by every token of the vocabulary $V$: $B \cdot |V|$ sums, of which the
largest $2B$ become candidates (more where a model has several end tokens). The best $B$ of those that don't end are the
beams of the next step. Those that end, and are among the best $B$, are finished texts with the score

$$\frac{s(y)}{n^{\alpha}}, \qquad \alpha: \text{length penalty}$$

and the best $B$ finished ones are kept. At the most tokens allowed, everything ends.

**The end.** The search stops when the best beam, at its present length, has no better score than the worst of $B$
finished texts (`early_stopping=False`). `scores` has the shape [steps, candidates].

In transformers the length $n$ counts the new tokens, the end token included. Wu et al. use another penalty,
$((5 + n)/6)^{\alpha}$.

Graves (2012), [Sequence Transduction with Recurrent Neural Networks](https://arxiv.org/abs/1211.3711); Wu et al.
(2016), [Google's Neural Machine Translation System](https://arxiv.org/abs/1609.08144); why more probable isn't better:
Holtzman et al. (2020), [The Curious Case of Neural Text Degeneration](https://arxiv.org/abs/1904.09751).
""",
    code="""\
inputs = tokenizer("The best way to learn", return_tensors="pt")
out = model.generate(**inputs, num_beams=4, max_new_tokens=12, do_sample=False, length_penalty=1.0,
                     early_stopping=False, num_return_sequences=4,
                     output_scores=True, return_dict_in_generate=True)
new = out.sequences[:, inputs["input_ids"].shape[1]:]
for text, score in zip(tokenizer.batch_decode(new), out.sequences_scores):
    print(f"{score:.3f}", text)                    # sum of ln p / length**length_penalty
""",
)
