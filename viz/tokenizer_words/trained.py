"""What does the view "trained" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TEXT: Final = "low lower lowest: unreadable assignments are reassigned, again and again"
SIZE: Final = "All of them count: single characters, pieces, and the tokens for what is unknown."
CHECK: Final = (
    "The libraries cut the text: tokenizers for BPE and WordPiece, sentencepiece for Unigram. Our own algorithms "
    "(merges by rank, the longest match, the best path through a lattice) cut it again, and the ids are compared."
)
HELD_OUT: Final = (
    "The last tenth of the corpus was kept from training. The first {characters:,} characters of it, under each:"
)
NOTHING_HELD_OUT: Final = "This corpus is too small to keep a part of it from training."
VOCABULARIES: Final = (
    "Pieces in one, two or all of the vocabularies. `▁` stands before a piece that begins a word, as Unigram writes it "
    "(BPE: a space; WordPiece: no `##`)."
)

WORDS: Final = Words(
    sentence="BPE, WordPiece and Unigram, trained here on one corpus to one size, and the same text under each.",
    notice="""\
- **Same corpus, same size, other pieces.** BPE and WordPiece build up from characters by joining pairs; Unigram starts
  from many long pieces and throws most away. Compare where they cut words that the corpus hardly has.
- **WordPiece pays twice for characters.** Each one is an entry at the beginning of a word, and another inside.
- **Spaces.** BPE and Unigram keep the space before a word in its token. WordPiece drops all white space: it has nothing
  to count there, but can't give the text back.
- **What the corpus never had** is unknown to all three: one token for each character in BPE, for the whole word in
  WordPiece, for the whole run in Unigram. Real tokenizers fall back to bytes instead.
""",
    presets=(
        (
            "A word and its relatives",
            "Which of the three finds “un”, “read” and “able”?",
            {"view": "trained", "text": "read reads reading reader readable unreadable unreadably"},
        ),
        (
            "Code",
            "Trained on Python: indentation and self become pieces.",
            {"view": "trained", "corpus": "code", "text": "    def __init__(self, name):\n        self.name = name\n"},
        ),
        (
            "A small vocabulary",
            "300 entries: little more than characters.",
            {"view": "trained", "size": "300"},
        ),
        (
            "A larger one",
            "2,500 entries: common words are whole.",
            {"view": "trained", "size": "2500"},
        ),
        (
            "Another script",
            "None has seen it.",
            {"view": "trained", "text": "The word 猫 and the word кошка mean cat."},
        ),
    ),
    how=r"""
All three begin with the characters of the corpus (not with bytes), keep case, and are trained until characters, pieces
and special tokens together make the size asked for.

**BPE** joins the pair that is most frequent, again and again; words are cut as GPT-2 cuts them, each with the space
before it. **WordPiece**, as the `tokenizers` library trains it, does the same with words cut at white space and
punctuation, and marks what doesn't begin a word with `##`; it cuts a text by the longest match. **Unigram** starts with
all frequent substrings, gives each piece a probability by EM, prunes those that it can best do without, and cuts a text
along its most probable path; a space is written `▁`.

Sennrich et al., *Neural Machine Translation of Rare Words with Subword Units*, 2016. Schuster and Nakajima, *Japanese
and Korean Voice Search*, 2012. Kudo, *Subword Regularization*, 2018. Side by side: Bostrom and Durrett, *Byte Pair
Encoding is Suboptimal for Language Model Pretraining*, 2020.
""",
    code="""
from models import comparison, three

trained = three.train(corpus, size=1000)
found = comparison.compare("unreadable assignments", trained.tokenizers())
for row in found.rows:
    print(row.key, row.token_table.pieces)
for owners, pieces in three.shared(trained).items():
    print(owners, len(pieces), pieces[:10])
""",
)
