"""What does the view "counting" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

LINES: Final = "Each line is one sentence, 2 to 200 of them. Ctrl+Enter runs it. The link keeps them."
MODEL: Final = (
    "MiniLM was trained to put sentences of like meaning side by side. A decoder was trained to predict words."
)

UNREAD: Final = (
    "{count} longer than the {limit:,} tokens that the model reads at once: it reads the beginning alone, and the "
    "counts are of all (line {named})."
)

TITLE: Final = "How alike two sentences are, three ways (cosine)"
WAYS: Final = ("Bag of words", "TF-IDF")
CHECK: Final = (
    "Counts and TF-IDF weights are scikit-learn's. Beside them the words are counted one by one and weighed by the "
    "formula below, and every cosine is computed by scikit-learn's cosine_similarity. Given are the largest "
    "differences."
)
NONE: Final = "Click a cell to see where its numbers come from."
PAIR: Final = "Where the cosines of the chosen cell come from"
PRODUCT: Final = "product"
MORE: Final = "{shown} of the {all:,} words that stand in one of the two; the file “Counts and weights” has all."
NUMBERS: Final = "numbers in each vector"
SUM: Final = "sum of all products"
LENGTHS: Final = "lengths of the two"
COSINE: Final = "cosine: the sum divided by both lengths"
DISTANCE: Final = "distance between the two"
ONE_POINT: Final = (
    "Sentences {first} and {second} hold the same words equally often. Counted, they are **one point**: their "
    "distance is 0, and no computation that begins with counts can tell them apart."
)
ALL: Final = "Every word of every sentence"
TABS: Final = ("Counts", "TF-IDF weights and idf")
ALL_CAPTION: Final = "Each row of numbers is a sentence's vector. Nearly all of them are 0."
ALL_MORE: Final = " Shown are the {shown} most frequent of {all:,} words; the file has all."

WORDS: Final = Words(
    sentence=(
        "The same sentences turned into numbers in three ways: by counting their words, by counting them with weights, "
        "and by a language model that reads them. Each matrix says how alike any two sentences then are."
    ),
    notice="""\
- **Word order is lost when words are counted.** “The dog bit the man.” and “The man bit the dog.” have the same counts:
  one point, cosine 1. The model's vectors differ, but only a little: MiniLM gives 0.98.
- **Synonyms are strangers to a counter.** “The doctor examined the patient.” and “A physician checked the sick woman.”
  share one word, “the”. That is all that counting sees; to the model they are a close pair.
- **TF-IDF trusts rare words more.** “the” stands in most of the sentences, so its weight is small: sentences that share
  little else move apart. No weight can make a synonym count.
- **Counting isn't stupid.** When the words themselves matter, such as a name or an error message, a count finds them
  and a vector of meaning may not; search engines use both.
- **A vector of counts is long and nearly empty; a model's is short and full.** Here one number for each different word,
  nearly all 0, against 384 numbers of which none is.
""",
    presets=(
        (
            "Doctor and physician",
            "Synonyms: strangers when counted, alike to the model.",
            {"view": "counting", "row": "2", "column": "3"},
        ),
        (
            "Not good",
            "One small word turns the meaning round. All three still call them alike.",
            {
                "view": "counting",
                "text": "The film was good.\nThe film was not good.\nThe movie was great.\nThe film was bad.",
            },
        ),
        (
            "Two kinds of bank",
            "The one word that two sentences share means two things.",
            {
                "view": "counting",
                "text": "He sat on the bank of the river.\nThe bank raised its interest rates.\n"
                "She fished from the shore.\nHer savings account earns little.",
            },
        ),
        (
            "dog, dogs, barks, barking",
            "To a counter every form is another word.",
            {
                "view": "counting",
                "text": "Dogs bark.\nA dog barks.\nThe hound was barking loudly.\nBark grows on trees.",
            },
        ),
        (
            "A model that predicts words",
            "SmolLM2's vectors are all alike; it wasn't trained to compare sentences.",
            {"view": "counting", "model": "smollm2-135m"},
        ),
        (
            "No spaces",
            "Chinese isn't cut at spaces, so each run of signs is one “word” and nothing is shared.",
            {"view": "counting", "text": "狗咬了人。\n人咬了狗。\n狗咬了那个人。"},
        ),
    ),
    how=r"""
*Bag of words*: $c_{s,w}$ is how often the word $w$ stands in the sentence $s$. *TF-IDF* multiplies each count by

$$\mathrm{idf}_w = \ln\frac{1 + n}{1 + n_w} + 1$$

($n$ sentences, $n_w$ of them with the word; Spärck Jones 1972, in scikit-learn's smoothed form), and then brings each
sentence to length 1. A word here is a run of letters and digits, in small letters; scikit-learn's own usual setting
would leave out words of one letter. The model's vector is the mean of what leaves its last layer for each token.

For all three, the cosine of two vectors is

$$\cos(a, b) = \frac{\sum_i a_i b_i}{\lVert a \rVert\,\lVert b \rVert}.$$

1: the same direction. 0: nothing in common. Counts are never negative, so neither are their cosines.
""",
    code="""
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

words = r"(?u)\\b\\w+\\b"
cosine_similarity(CountVectorizer(token_pattern=words).fit_transform(sentences))
cosine_similarity(TfidfVectorizer(token_pattern=words).fit_transform(sentences))

from models import catalog, embeddings
vectors = embeddings.embed(catalog.load("minilm-l6-v2"), sentences).vectors
cosine_similarity(vectors)
""",
)
