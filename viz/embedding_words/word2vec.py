"""What does the view "word2vec" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

CORPUS: Final = (
    "What is trained on: sentences that a small grammar writes (67 words, so that groups form within seconds), "
    "Python's manual (real English); or a text of yours, pasted or as a file of up to five million characters."
)
MODE: Final = (
    "skip-gram: one word is to tell another of its window, pair by pair. cbow: all words of the window together are to "
    "tell the word in the middle."
)
DIMENSIONS: Final = "How many numbers each word gets."
WINDOW: Final = (
    "How many words to each side count as neighbours, at most; for each word a number from 1 to this is drawn."
)
NEGATIVE: Final = "How many words are drawn as noise for each pair: words that are to be told apart from the right one."
EPOCHS: Final = "How often the text is gone through."
RATE: Final = (
    "How large the steps are at the beginning; they shrink evenly to 0.0001. Far above 0.1, training falls apart."
)
SAMPLE: Final = (
    "Words that make up more than this share of the text are skipped at random, the more frequent the more often. Good "
    "for a long text with its many “the”; in a short one with few different words it would skip nearly all: none."
)
MIN_COUNT: Final = "Words that stand in the text less often get no vector."
SEED: Final = "The vectors begin at random, and noise is drawn. The same seed gives the same vectors, number by number."
SENTENCE: Final = "2 to 12 words of the vocabulary. Empty: a sentence of the text."
AFTER: Final = "The vectors are taken as they were after so many epochs, and trained on this one sentence."

MOVES: Final = (
    "All epochs are seen along the same two axes (one PCA of all of them together), so a word that moves in the "
    "picture has moved. What lies along other axes isn't seen."
)
COLOURS: Final = "The colours are the grammar's own lists of nouns; the training sees nothing of them."
NEAR_CHECK: Final = (
    "Our neighbours of each word of the picture, by cosine after the last epoch, beside those of gensim's own "
    "most_similar on the same vectors: the same words in the same order."
)
APART_CHECK: Final = (
    "gensim trained on this sentence from the same vectors, with the same noise and each window at its widest; then "
    "all vectors of the vocabulary, input and output, were compared with those that our own updates left."
)

WORDS: Final = Words(
    sentence=(
        "Words get vectors by guessing their neighbours. Here gensim trains them while you watch: the loss falls, the "
        "words find their places, and one pair is taken apart number by number."
    ),
    notice="""\
- **At the beginning there is nothing.** Before the first epoch the vectors are random. Step through the first few
  epochs: most of the motion is there.
- **Words that stand in the same places come together**, although no rule says what an animal is. In the grammar's text
  king, prince, man and boy share *he* and *his*.
- **The picture is not the space.** Two axes show a part of the variance, and the panel says how much. A word's
  neighbours are counted in all dimensions.
- **A pair is little work.** The target comes a bit closer, a few words drawn at random move away. All that is learnt is
  a sum of such steps.
- **The loss stays well above 0.** Many neighbours are possible, so no vector can tell which one comes; it learns how
  likely each is.
""",
    presets=(
        (
            "A small grammar",
            "People, animals and fruit: groups form in the first epochs.",
            {"view": "word2vec"},
        ),
        (
            "Before anything is learnt",
            "In the first pair all output vectors are 0: any word is as likely as not, each loss is ln 2 = 0.693.",
            {"view": "word2vec", "epoch": "0", "after": "0", "pair": "0", "step": "6"},
        ),
        (
            "All neighbours at once",
            "CBOW: the mean of the window tells the word in the middle.",
            {"view": "word2vec", "mode": "cbow", "sentence": "the king wears his crown in his palace"},
        ),
        (
            "Two dimensions",
            "With two numbers a word the picture shows everything, and there is little room.",
            {"view": "word2vec", "dimensions": "2", "rate": "0.1"},
        ),
        (
            "Real English",
            "Python's manual: some 1,500 words, many of them rare. Frequent words are skipped at random.",
            {"view": "word2vec", "corpus": "english", "sample": "0.001", "window": "5", "dimensions": "50"},
        ),
        (
            "Too short a text",
            "A few sentences: the words hardly know each other.",
            {
                "view": "word2vec",
                "corpus": "pasted",
                "pasted": "The dog bit the man. The man bit the dog. The dog saw the cat. The cat saw the man.",
            },
        ),
    ),
    how=r"""
Every word $w$ has two vectors: $v_w$, which is kept, and an output vector $o_w$, with which guesses are made. For a
target word $t$ and what stands beside it,

$$h = v_{\text{neighbour}} \;\text{(skip-gram)}, \qquad h = \tfrac{1}{n}\textstyle\sum_{c} v_c \;\text{(CBOW)},$$

and with $k$ words $n_1, \dots, n_k$ drawn as noise, in proportion to their count to the power $\tfrac{3}{4}$, the
loss is

$$-\ln \sigma(o_t \cdot h) - \sum_{i=1}^{k} \ln \sigma(-o_{n_i} \cdot h).$$

For the target (label 1) and each noise word (label 0), one after the other, with
$g = \text{rate}\cdot(\text{label} - \sigma(o\cdot h))$: the step $g\,o$ is put aside for the context, and $o$ becomes
$o + g\,h$. Behind the last sample each vector of the context gets the sum of what was put aside. gensim reads $\sigma$
from a table of 1,000 steps between −6 and 6, and leaves alone what lies beyond; so do we. Its loss is shown for each
word trained on, and counts all pairs of that word, so a wider window has a larger loss.

Shapes: $v$ and $o$ [word, dimension], $h$ [dimension]. Mikolov, Chen, Corrado and Dean, *Efficient Estimation of Word
Representations in Vector Space*, 2013; Mikolov, Sutskever, Chen, Corrado and Dean, *Distributed Representations of
Words and Phrases and their Compositionality*, 2013.
""",
    code="""
import torch

# one pair: h [dimension], outputs [1 + noise, dimension], the target's first
labels = torch.zeros(len(outputs))
labels[0] = 1
products = outputs @ h
loss = torch.nn.functional.binary_cross_entropy_with_logits(products, labels, reduction="sum")
steps = rate * (labels - torch.sigmoid(products))
to_context = steps @ outputs
outputs += steps[:, None] * h

# the same in Orrery
from models import word2vec

training = word2vec.train(text, dimensions=20, epochs=30, sample=0)
training.losses
apart = word2vec.take_apart(training, epoch=1, sentence="the king wears his crown")
apart.steps[0].products, apart.steps[0].losses, apart.difference
""",
)
