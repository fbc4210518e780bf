"""What does the view "replay" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TEXT: Final = "unstoppable tokenizers 👩‍🚀 こんにちは 2026"
CHECK: Final = (
    "The tokenizer's merges are read from its file and replayed here, letter by letter. The ids that come out are "
    "compared with those that the tokenizers library gives for the same text: every one, in order."
)
WORDS: Final = Words(
    sentence=(
        "How a finished BPE tokenizer makes its tokens of your text: it begins with single letters or bytes, and of "
        "all neighbours that it has learnt to merge, the pair learnt first goes first, until no pair is left."
    ),
    notice="""\
- **A rank is a place in a list.** The tokenizer learnt its merges one after another; the first has rank 0. Low ranks
  are the commonest pairs of its training text.
- **Order decides.** Two pairs may want the same letter. The lower rank takes it, and the other pair is gone: that is
  why the cut often ignores prefix and stem.
- **A space belongs to the word after it**, in nearly all of these tokenizers: “␣the” and “the” are different words.
- **Letters beyond ASCII are bytes first.** An emoji is made of four, a family of up to twenty-five, and it takes
  merges to make one token of them. Some never become one.
""",
    presets=(
        (
            "unstoppable, SmolLM2",
            "Watch which pairs go first.",
            {"view": "replay", "text": "unstoppable"},
        ),
        (
            "unstoppable, GPT-4",
            "The same word, other ranks, another cut.",
            {"view": "replay", "text": "unstoppable", "tokenizer": "cl100k_base"},
        ),
        (
            "Numbers",
            "GPT-4 cuts digits into threes before it merges.",
            {"view": "replay", "text": "7 42 365 2026 1234567 3.14159", "tokenizer": "cl100k_base", "word": "9"},
        ),
        (
            "A family",
            "Seven characters of Unicode, 25 bytes, drawn as one picture.",
            {"view": "replay", "text": "👨‍👩‍👧‍👦 👩‍🚀 🇩🇪 ❤️"},
        ),
        (
            "Chinese",
            "No spaces: whole sentences are one word, and each letter is three bytes.",
            {"view": "replay", "text": "人工智能正在改变世界。", "tokenizer": "qwen"},
        ),
        (
            "Code",
            "GPT-4o takes a run of spaces as one word, all but the last.",
            {
                "view": "replay",
                "text": "def f(x):\n    if x:\n        return x + 1\n",
                "tokenizer": "o200k_base",
                "word": "8",
            },
        ),
        (
            "Spaces at the end",
            "A prompt that ends in a space ends in a token that the model has rarely seen there.",
            {"view": "replay", "text": "The capital of France is ", "word": "5"},
        ),
    ),
    how=r"""
A tokenizer.json holds a list of merges; the rank $r(a, b)$ of a pair is its place in it, from 0. A word starts as its
characters (or, in byte-level BPE, as the bytes of its UTF-8), $x_1 \dots x_n$. At each step

$$i^* = \operatorname*{arg\,min}_{i}\; r(x_i, x_{i+1}), \qquad x_{i^*}\, x_{i^*+1} \to \text{one new piece}$$

the leftmost among equals, until no neighbours have a rank. With $n$ letters there are at most $n - 1$ merges, and what
they make are trees: one for each token. Before any merge, tokens that were added to the vocabulary are cut out, the
text is normalized, and cut into words that no merge crosses; these steps are the library's own. Where a tokenizer asks
for it (`ignore_merges`, as in Llama 3), a word that is in the vocabulary as it stands is not merged at all.

GPT-4's published file has no merges, only ranks of whole tokens. The merge that makes a token is found by running the
merges on the token's own bytes; the ranks here number these merges.

BPE for text: Sennrich, Haddow and Birch, *Neural Machine Translation of Rare Words with Subword Units*, 2016. Bytes:
Radford et al., *Language Models are Unsupervised Multitask Learners*, 2019.
""",
    code="""
merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
rank = {tuple(pair): number for number, pair in enumerate(merges)}
word = list("unstoppable")
while pairs := [(rank[pair], i) for i, pair in enumerate(zip(word, word[1:])) if pair in rank]:
    _, i = min(pairs)  # the lowest rank, the leftmost among equals
    word[i : i + 2] = [word[i] + word[i + 1]]
""",
)
