"""What does the view "words" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SAME: Final = 1e-5  # the largest difference of two numbers that are the same but for their precision
CHECK: Final = (
    "Each number is computed again from its definition, in double precision and word by word, from the vectors as "
    "their file holds them. Largest difference: {difference}."
)

WORD: Final = "python"
WORD_HELP: Final = "One of GloVe's 400,000 words. Numbers and signs are words, too; all are in small letters."
COUNT_HELP: Final = "How many of the nearest words are drawn."
NEIGHBOURS: Final = (
    "The angle between {word} and each word is the real one, in 50 dimensions; the angles among the neighbours can't "
    "all be right on paper. The vectors are drawn equally long, for the cosine doesn't ask how long they are: the tip "
    "of each stands as high as its cosine."
)

TERMS: Final = ("a", "is to b", "as c", "is to d, you expect")
TERMS_HELP: Final = (
    "The word that the first arrow begins at.",
    "The word that it points to.",
    "The word that the same arrow begins at now.",
    "The word that you expect, to learn where it ranks. It may be left empty.",
)
PUBLISHED: Final = "Google's list of 19,544 analogies: {share:.1f}% right"
PUBLISHED_NOTE: Final = (
    "One example proves little, so here is all of a published list (Mikolov et al. 2013), category by category as the "
    "list names them, answered by these vectors. Right: the first candidate of 3CosAdd is the list's word, with the "
    "words of the question left out. Candidates are the {candidates} most frequent words; questions with another word "
    "are left out. Computed ahead."
)

AMONG_HELP: Final = "Three words or more, with spaces between them. Ctrl+Enter runs it."
ODD: Final = (
    "The angle between the mean of all words and each word is the real one, in 50 dimensions. The odd one out is the "
    "word that is farthest from the mean; it is also the one whose cosines with the others are lowest on average."
)
FARTHEST: Final = "Drawn are the {shown} words farthest from the mean, of {size}."
CHECK_ODD: Final = "The word with the lowest mean cosine with the others must be the same one, and is compared."

SCALE_HELP: Final = "Two ends and words to lay between them. Choose one, then change its words below as you like."
POLE_HELP: Final = "A word, or several with spaces between them: the end is where their mean points."
ALONG_HELP: Final = "The words to lay along the line, with spaces between them. Ctrl+Enter runs it."
LINE: Final = (
    "A word's position is the cosine of its vector with the direction from the mean of the low end's words (←) to that "
    "of the high end's (→). At 0 it stands at a right angle to that direction. The grey band holds 90% of the {words} "
    "most frequent words, the stroke in it is their middle."
)
BIAS: Final = """\
**What this shows.** How the texts that GloVe was trained on (Wikipedia of 2014 and newspapers) use these words. A word
lies towards an end if it keeps that end's company more than the other's. Whatever is built on such vectors inherits it.

**What it doesn't show.** What anyone is like or ought to be: between *he* and *she* not how many nurses are women. Nor
is it exact: other words for the ends, *man* and *woman* for *he* and *she*, move the words; one word is a poor end,
several are better. And 0 is not “neither”: the grey band says where most words lie, and its middle is often well off 0.
Compare a word with it.
"""

WORDS: Final = Words(
    sentence=(
        "GloVe gives each of 400,000 words one vector of 50 numbers, learnt from which words stand near which in 6 "
        "billion words of text. Put words on a picture, or ask the vectors a question."
    ),
    notice="""\
- **Near means “in the same company”, not “the same meaning”.** The word nearest to *buy* is *sell*, and to *north* it
  is *south*: opposites stand in the same sentences.
- **One vector for all meanings.** Around *python* there are snakes, programming languages and Monty Python.
- **Fifty dimensions are not two.** A picture of words is a shadow of them: the panel beside it says how good a shadow.
  The fan and the plane draw only what can be drawn truly, and say what can't.
- **“king − man + woman = queen” needs a rule.** Among all words the answer is *king* itself: the words of the question
  are left out. On a published list less than half of such questions are answered right.
- **A line from *he* to *she* shows what texts repeat.** Not what is true, nor what ought to be.
""",
    presets=(
        (
            "Countries and capitals",
            "On a picture by PCA: the arrows run nearly the same way.",
            {"view": "words", "set": "capitals"},
        ),
        (
            "Animals by UMAP",
            "Groups that nobody told it about.",
            {"view": "words", "set": "animals", "method": "umap"},
        ),
        (
            "python, nearest 20",
            "Three meanings, one vector.",
            {"view": "words", "ask": "neighbours", "word": "python", "count": "20"},
        ),
        (
            "buy, nearest 10",
            "The nearest of all is its opposite.",
            {"view": "words", "ask": "neighbours", "word": "buy"},
        ),
        (
            "man : king = woman : ?",
            "queen, once king itself is left out.",
            {"view": "words", "ask": "analogy"},
        ),
        (
            "walk : walked = go : ?",
            "Not went, which comes second.",
            {"view": "words", "ask": "analogy", "a": "walk", "b": "walked", "c": "go", "d": "went"},
        ),
        (
            "man : programmer = woman : ?",
            "A famous title says homemaker. In these vectors it is far down the list.",
            {"view": "words", "ask": "analogy", "a": "man", "b": "programmer", "c": "woman", "d": "homemaker"},
        ),
        (
            "man : doctor = woman : ?",
            "nurse, because doctor itself is left out: the rule makes the answer.",
            {"view": "words", "ask": "analogy", "a": "man", "b": "doctor", "c": "woman", "d": "doctor"},
        ),
        (
            "france germany italy paris",
            "Which one is no country?",
            {"view": "words", "ask": "odd", "among": "france germany italy paris"},
        ),
        (
            "From he to she",
            "Jobs along the line, as texts of 2014 have them.",
            {"view": "words", "ask": "scale", "scale": "gender"},
        ),
        (
            "The same from man to woman",
            "Other words for the ends: some jobs move. That is how far to trust one line.",
            {"view": "words", "ask": "scale", "scale": "gender", "low": "man", "high": "woman"},
        ),
        (
            "Flowers and insects",
            "From bad to good: what people say in tests of association, too (Caliskan et al. 2017).",
            {
                "view": "words",
                "ask": "scale",
                "scale": "worth",
                "along": "rose tulip lily daisy ant wasp flea mosquito",
            },
        ),
    ),
    how=r"""
With $\hat x = x / |x|$, a dot product is the cosine of the angle: $\hat x \cdot \hat y = \cos(x, y)$. All 400,000 are
one product of a matrix $[400{,}000 \times 50]$ with a vector.

**Neighbours**: the words with the largest $\cos(x, y)$, the word itself left out.

**Analogy**, *a is to b as c is to d*:

$$\text{3CosAdd: } \arg\max_d \cos(\hat d,\ \hat b - \hat a + \hat c) \qquad
\text{3CosMul: } \arg\max_d \frac{s(d, b)\, s(d, c)}{s(d, a) + 10^{-6}}, \quad s = \tfrac{1 + \cos}{2}$$

The tips of $\hat a, \hat b, \hat c$ span a plane, and $\hat b - \hat a + \hat c$ lies in it: the four make a
parallelogram, drawn true to scale. A candidate stands off that plane, and is drawn at the foot of its perpendicular.

**Odd one out**: the word with the smallest cosine to the mean $m$ of the unit vectors.

**Scale**: $\cos(x,\ \bar h - \bar l)$, with $\bar h$ and $\bar l$ the means of the unit vectors of the two ends.

Pennington, Socher and Manning, *GloVe: Global Vectors for Word Representation*, 2014. Mikolov et al., *Efficient
Estimation of Word Representations in Vector Space*, 2013. Levy and Goldberg, *Linguistic Regularities in Sparse and
Explicit Word Representations*, 2014. Linzen, *Issues in Evaluating Semantic Spaces Using Word Analogies*, 2016.
Bolukbasi et al., *Man is to Computer Programmer as Woman is to Homemaker?*, 2016. Caliskan, Bryson and Narayanan,
*Semantics Derived Automatically from Language Corpora Contain Human-like Biases*, 2017.
""",
    code="""
units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # [word, dimension]
at = {word: place for place, word in enumerate(words)}
a, b, c, he, she, nurse = (units[at[word]] for word in ("man", "king", "woman", "he", "she", "nurse"))

cosines = units @ b  # neighbours of "king"
nearest = np.argsort(-cosines)[1:11]

target = b - a + c  # man is to king as woman is to ...
scores = units @ target / np.linalg.norm(target)
scores[[at["man"], at["king"], at["woman"]]] = -np.inf  # usually left out
answer = words[scores.argmax()]

axis = she - he  # where a word lies from "he" to "she"
position = nurse @ axis / np.linalg.norm(axis)
""",
)
