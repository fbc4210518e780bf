"""What does the view "wordpiece" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TEXT: Final = "Unstoppable café tokenization, snow☃man 東京"
SIZE: Final = 1_000
SIZE_HELP: Final = "Entries of the vocabulary when training ends: single characters, the unknown token, and merges."
CHECK: Final = (
    "The search is done again here, look-up by look-up, in the tokenizer's own vocabulary. The ids that come out are "
    "compared with those that the library gives for the same text: every one, in order."
)
CHECK_TRAINING: Final = (
    "The library trains the vocabulary and tells only its end. Its merges are found again here, one by one; the "
    "single characters and what these merges make must be exactly its vocabulary."
)
WORDS: Final = Words(
    sentence=(
        "How BERT's tokenizer cuts a word: it takes the longest piece of its vocabulary that the word begins with, "
        "then the longest that the rest begins with, and so on. Then: how such a vocabulary is chosen."
    ),
    notice="""\
- **Greedy means no second thoughts.** The longest piece is taken at once, even where a shorter one would have led to a
  better cut.
- **`##` means “inside a word”.** The same letters at the beginning and inside are two entries of the vocabulary.
- **One unknown letter costs the whole word.** If the search comes to a letter that is no piece, all of the word
  becomes [UNK], and what was found before is lost. BPE on bytes can't fail so.
- **The text is changed first.** This one writes all in small letters and drops accents: “Café” and “cafe” become the
  same tokens, and nothing can tell them apart again.
- **Score is not count.** The score asks how much more often two pieces stand together than they would by chance. It
  loves rare letters that always go together; the count loves common ones.
""",
    presets=(
        (
            "unstoppable",
            "Four pieces, and none of them is “stop”.",
            {"view": "wordpiece", "text": "unstoppable"},
        ),
        (
            "One unknown letter",
            "A snowman in the middle of a word: all of it is lost.",
            {"view": "wordpiece", "text": "snow☃man", "step": "9"},
        ),
        (
            "Accents and capitals",
            "What the tokenizer sees is above what it keeps.",
            {"view": "wordpiece", "text": "Ångström Café NAÏVE Zürich résumé"},
        ),
        (
            "A word too long",
            "Over 100 letters it doesn't look at all.",
            {"view": "wordpiece", "text": "a" * 101},
        ),
        (
            "By count and by score",
            "Two trainings on the same text, merge by merge.",
            {"view": "wordpiece", "part": "train", "corpus": "english"},
        ),
        (
            "low, lower, newest, widest",
            "Small enough to check by hand: the two part at the first merge.",
            {"view": "wordpiece", "part": "train", "corpus": "low"},
        ),
        (
            "Trained here",
            "Cut your text with a vocabulary of 1,000 entries, learnt from Python's manual.",
            {"view": "wordpiece", "tokenizer": "trained here", "text": "unstoppable statement"},
        ),
    ),
    how=r"""
**Cutting** a word $w_1 \dots w_n$: from position $i$, take the largest $j$ for which $w_i \dots w_j$ (with `##` before
it if $i > 1$) is in the vocabulary $V$, and go on at $j + 1$. If no $j$ works, the word is [UNK]. Of a word with $n$
letters, up to $n (n + 1) / 2$ strings are looked up.

**Choosing $V$**: WordPiece is usually said to begin with single characters and to merge, at each step, the pair with
the highest

$$\operatorname{score}(a, b) = \frac{\operatorname{count}(ab)}{\operatorname{count}(a)\,\operatorname{count}(b)}$$

which raises the likelihood of the corpus most for each time the pair is seen. BPE merges the pair with the highest
$\operatorname{count}(ab)$. **The `tokenizers` library doesn't use the score**: its `WordPieceTrainer` is its BPE
trainer with the `##` mark. So “by count” is what the library really trains, and “by score” is computed here, as the
papers describe it. Among equals both take the pair with the smaller ids; the library numbers the characters inside
words in the order of a hash table, so that ties can fall otherwise in another run.

Schuster and Nakajima, *Japanese and Korean Voice Search*, 2012. The greedy match is that of BERT: Devlin et al., *BERT:
Pre-training of Deep Bidirectional Transformers for Language Understanding*, 2019.
""",
    code="""
vocabulary = tokenizer.get_vocab()
pieces, start = [], 0
while start < len(word):
    for end in range(len(word), start, -1):  # the longest first
        piece = ("##" if start else "") + word[start:end]
        if piece in vocabulary:
            break
    else:
        pieces = ["[UNK]"]
        break
    pieces.append(piece)
    start = end
""",
)
