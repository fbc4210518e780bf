"""What does the view "compare" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.tokenizer_words.article import ARTICLE_1
from viz.words import Words

ROWS: Final = "Each is a row. The first are simple splits that no model learnt; the others belong to models."
HUB: Final = " The id of any model on the hub can be typed as well."
UNPARTED: Final = (
    "Most of this text is in a script that puts no spaces between words. Unicode then takes each Han character for a "
    "word, and a whole run of Thai for one, so tokens per word say little here; bytes per token do."
)
LONG_LINK: Final = (
    "A link to this text has {size:,.0f} KB. This server opens it, but a proxy, a mail program or `streamlit run` may "
    "refuse one of over 64 KB; to be sure, send the text beside it."
)
TOO_LONG_LINK: Final = (
    "This text would make a link of {size:,.0f} KB, and a link is read up to 512 KB: it opens the usual text instead, "
    "so send the text beside it."
)
CHECK: Final = (
    "The ids are what each library gave. Checked here: the bytes that a row's tokens spell, joined, are the bytes of "
    "the text. A split at words drops white space. WordPiece drops it too, and where a model was trained without case "
    "and accents, those: in Hindi they are vowels. SmolLM2, GPT, Qwen and DeepSeek merge bytes and can lose nothing."
)
RESPELLED: Final = "don't spell what they stand for (unknown, or without its case or accents)"
CLAIM_TITLE: Final = "“1,000 words are about 1,300 tokens”: language by language"
CLAIM: Final = """\
One text, Article 1 of the Universal Declaration of Human Rights, in the translations of the United Nations, under the
learnt tokenizers chosen above. The claim is about English. Chinese, Japanese and Thai put no spaces between words, so
their words can't be counted without a dictionary, and the first table leaves them out; what can be counted everywhere
is how many tokens say the same thing. BERT's counts are low where it knows nothing: an unknown word is one token,
however long, and in Thai that is a whole clause.
"""
PER_WORDS: Final = "Tokens for 1,000 words"
SAME: Final = "Tokens for the same text"
PER_CHARACTER: Final = "Tokens for 100 characters"


def _article(language: str, what: str) -> tuple[str, str, dict[str, str]]:
    return language, what, {"view": "compare", "text": ARTICLE_1[language]}


WORDS: Final = Words(
    sentence="One text under many tokenizers at once: where each of them cuts, and how many tokens it counts.",
    notice="""\
- **A token is not a word.** Common words are one token, with the space before them; rare ones are pieces.
- **English is cheap.** Tokenizers are trained mostly on English. Say the same thing in another language, and some count
  several times as many tokens for it, at the same price for each.
- **Newer is larger.** GPT-4o has twice the vocabulary of GPT-4, and spends it on other scripts.
- **A character can be many tokens.** Where no piece fits, bytes are left: 2/3 on a chip is the second of three tokens
  for one character.
- **Not every tokenizer keeps everything.** BERT's WordPiece drops spaces, case and accents; with the accents it drops
  the vowels of Hindi.
""",
    presets=(
        _article("English", "Article 1 of the Declaration of Human Rights: not even 1,300 tokens for 1,000 words."),
        _article("Chinese", "The same article: from two thirds of a token to nearly two for each character."),
        _article("Arabic", "The same, from right to left."),
        _article("Hindi", "The same. GPT-4 takes over five times as many tokens as for English."),
        _article("Russian", "The same in Cyrillic: where are the endings cut?"),
        _article("Japanese", "The same in three scripts at once."),
        _article("Korean", "The same: one character is a whole syllable, of two or three letters."),
        _article("Thai", "The same, without spaces between words."),
        _article("Greek", "The same; compare GPT-4 with GPT-4o."),
        (
            "unstoppable",
            "Which pieces are the parts that a linguist would name?",
            {"view": "compare", "text": "unstoppable unstoppably Unstoppable UNSTOPPABLE"},
        ),
        (
            "low lower lowest",
            "A space before a word, a capital: other tokens.",
            {"view": "compare", "text": "low lower lowest Low Lower Lowest"},
        ),
        (
            "Numbers",
            "One digit each, groups of three, or whole.",
            {"view": "compare", "text": "7 42 365 1984 10000 3.14159 1,234,567 2^64 = 18446744073709551616"},
        ),
        (
            "Code",
            "Indentation: one token for each space, or one for all.",
            {
                "view": "compare",
                "text": "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
                "spaces": "1",
            },
        ),
        (
            "Emoji",
            "A family is seven code points, 25 bytes, and up to 18 tokens.",
            {"view": "compare", "text": "😀 👍🏽 🇩🇪 👨\u200d👩\u200d👧\u200d👦"},
        ),
    ),
    how=r"""
Each tokenizer's own library cuts the text, without the special tokens that it would put around it. Two tokens of
different rows are twins where their characters overlap. With $T$ tokens, $W$ words and $B$ bytes,

$$\text{tokens per word} = \frac{T}{W} \qquad \text{bytes per token} = \frac{B}{T} \qquad
\text{cost} = \frac{T \cdot \text{price}}{1{,}000{,}000}.$$

Words are those of Unicode's word boundaries (Standard Annex 29) that hold a letter or a digit. A character is what a
reader sees as one, Unicode's extended grapheme cluster. How unequally tokenizers treat languages: Petrov et al.,
*Language Model Tokenizers Introduce Unfairness Between Languages*, 2023.
""",
    code="""
from models import catalog, comparison

text = "Unstoppable! 1,000 words are about 1,300 tokens."
tokenizers = {name: catalog.tokenizer(name) for name in ("words", "cl100k_base", "smollm2-135m")}
found = comparison.compare(text, tokenizers)
for number, row in enumerate(found.rows):
    print(row.key, row.tokens, found.tokens_per_word(number), row.token_table.texts)
found.twins(1, 2)  # [token of row 1, 2]: the first and the last twin in row 2, end exclusive
""",
)
