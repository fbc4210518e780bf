"""What does the view "train" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

UNIT: Final = (
    "What the first tokens are. With the 256 bytes nothing is ever unknown; with characters only those that the text "
    "has can be read later."
)
CUT: Final = (
    "No merge crosses from one word into the next. gpt2: GPT-2's rule, a word keeps the space before it. whitespace: "
    "at white space, which is dropped. none: only at line ends."
)
MERGES: Final = "How many. Where the text holds fewer, training stops and says so."
END: Final = (
    "The last letter of a word carries </w>, as in the paper of 2016, so that “est” at the end of a word is another "
    "token than “est” inside one."
)
CHECK: Final = (
    "The library trains and its list of merges is what is played here. The text is cut by our replay of that list; for "
    "the part shown, the tokens after the last merge are compared one by one with those of the trained tokenizer."
)

WORDS: Final = Words(
    sentence=(
        "Byte pair encoding learns from a text: again and again, the two tokens that stand side by side most often "
        "become one new token. Every merge, as the library makes it."
    ),
    notice="""\
- **Counting is all there is.** No grammar and no dictionary: the pair with the highest count wins, and yet endings,
  stems and whole words come out.
- **Each merge changes the counts of others.** Watch the pairs that share a token with the winner fall, and pairs with
  the new token appear.
- **Frequent words become one token early**, rare ones stay in pieces. That is why common words are cheap for a model.
- **The gain shrinks.** The first hundred merges shorten the text most; the curve of its tokens grows flat.
""",
    presets=(
        (
            "The textbook example",
            "low, lower, newest, widest: e + s stands 9 times, then es + t. Everything can be counted by hand.",
            {"view": "train", "corpus": "low", "unit": "characters", "pretokenizer": "whitespace", "step": "1"},
        ),
        (
            "With the end of words marked",
            "As in the paper of 2016: the last letter of a word is a token of its own kind.",
            {
                "view": "train",
                "corpus": "low",
                "unit": "characters",
                "pretokenizer": "whitespace",
                "end": "true",
                "step": "2",
            },
        ),
        (
            "English, 2,000 merges",
            "From single bytes to whole words with their space.",
            {"view": "train", "merges": "2000", "step": "2000"},
        ),
        (
            "Python code",
            "Indentation becomes a token before any word does; “self” comes soon after.",
            {"view": "train", "corpus": "code", "merges": "500", "step": "30"},
        ),
        (
            "Without words",
            "Nothing keeps a merge inside a word: tokens grow across spaces.",
            {"view": "train", "pretokenizer": "none", "merges": "500", "step": "500"},
        ),
        (
            "A text without a winner",
            "Four pairs stand once each: the order of the tokens decides.",
            {
                "view": "train",
                "corpus": "pasted",
                "pasted": "ab cd ef gh",
                "unit": "characters",
                "pretokenizer": "whitespace",
            },
        ),
        (
            "Letters of three bytes",
            "猫, the cat, is three bytes, and two merges put it together again.",
            {"view": "train", "corpus": "pasted", "pasted": "猫が好き。猫も犬も好き。子猫が好き。", "step": "9"},
        ),
    ),
    how=r"""
The text is cut into words $w$ by the pre-tokenizer, and each word into bytes or characters. Then, until there are
enough tokens or no pair is left,

$$(l, r) = \operatorname*{argmax}_{(l,\,r)} \sum_{w} \operatorname{frequency}(w)\cdot
\operatorname{occurrences}\bigl((l, r), w\bigr)$$

becomes one new token everywhere. In a run of one letter, as in “aaa”, every two neighbours count, though merging one
pair uses up the other.

**Ties.** Among pairs with the same count the library takes the one whose left token has the lowest id, then the one
whose right token has. Ids are given to the letters in the order of their code points and then to new tokens as they are
made, so the older token wins.

The library `tokenizers` trains. What is kept beside its list of merges is a log of every change of a pair's count, so
that the table of any step can be opened without keeping all of them. Sennrich, Haddow and Birch, *Neural Machine
Translation of Rare Words with Subword Units*, 2016; over bytes: Radford et al., *Language Models are Unsupervised
Multitask Learners*, 2019.
""",
    code="""
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
trainer = trainers.BpeTrainer(
    vocab_size=256 + 200, min_frequency=1, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
)
tokenizer.train_from_iterator([text], trainer)

# the same in Orrery, with every step
from models import bpe

training = bpe.train(text, merges=200)
training.merges[:3]  # [(left, right), ...] as bytes
training.state(3)  # pair counts and the text after three merges
""",
)
