"""What does the view "unigram" of the page of tokenizers say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

TEXT: Final = "An unstoppable idea"
TEXT_HELP: Final = "Any text, in any language, up to 5,000 characters. Ctrl+Enter runs it."
SIZE: Final = 1_000
SIZE_HELP: Final = "Pieces of the vocabulary, the three control pieces <unk>, <s> and </s> among them."
CHECK: Final = (
    "The best path here must give the same ids as sentencepiece's encode, and the best ways the same log-probabilities "
    "as its nbest_encode; the largest difference is given as a share of the number. sentencepiece adds in single "
    "precision, about seven digits."
)
CHECK_PATH: Final = (
    "The best path here must give the same ids as the tokenizers library's encode. That library tells only its best "
    "path, so the other ways are ours alone."
)
AGREEMENT: Final = (
    "sentencepiece trains the vocabulary that is used, but tells nothing of the way there. The rounds shown are the "
    "same steps computed again; this is the share of sentencepiece's pieces that our last round also ends with. It "
    "computes in single precision, so where two losses nearly tie, a piece or two may differ."
)
WORDS: Final = Words(
    sentence=(
        "A unigram tokenizer knows a probability for each of its pieces and cuts a text in the most probable way. "
        "Here is every way there is."
    ),
    notice="""\
- **The best path is not the longest match.** A way of many frequent pieces can beat one with a long, rare piece: what
  counts is the product of the probabilities.
- **No spaces are lost.** SentencePiece reads raw text and writes each space as `▁`, so that the pieces, joined, give
  the text back. It also puts one before the text, so that a first word looks like any other.
- **A word has many spellings.** Shown only the best, a model never sees the others. Samples of the other ways while it
  learns make it sturdier: that is subword regularisation.
- **Training is a pruning.** It begins with every frequent string and throws away, round by round, what the corpus
  misses least.
""",
    presets=(
        (
            "Two ways, almost even",
            "“es·t” or “e·st”: 47% against 45%.",
            {"view": "unigram", "text": "low lower lowest", "part": "best"},
        ),
        (
            "One long word",
            "Every piece that matches anywhere in it.",
            {"view": "unigram", "text": "internationalization"},
        ),
        (
            "Samples at alpha 0.1",
            "Many ways come, and the best only now and then.",
            {"view": "unigram", "part": "samples", "alpha": "0.1"},
        ),
        ("Samples at alpha 2", "Nine in ten are the best.", {"view": "unigram", "part": "samples", "alpha": "2"}),
        (
            "The vocabulary shrinks",
            "Which pieces go in the first round, and which stay.",
            {"view": "unigram", "part": "rounds"},
        ),
        (
            "Trained on code",
            "It knows “self” and “return”, and spells out what English has whole.",
            {"view": "unigram", "corpus": "code", "text": "return self.unstoppable"},
        ),
        (
            "The textbook's four words",
            "A corpus so small that every piece can be checked by hand.",
            {"view": "unigram", "corpus": "low", "size": "17", "text": "lowest"},
        ),
        (
            "Characters never seen",
            "The unknown piece, and its penalty.",
            {"view": "unigram", "text": "naïve 猫 café"},
        ),
    ),
    how=r"""
Each piece $x$ has a probability $p(x)$; a segmentation is as probable as the product of its pieces,

$$\log P(x_1 \dots x_n) = \sum_i \log p(x_i).$$

All segmentations are the paths of a lattice whose nodes are the gaps between characters and whose edges are the pieces
that match. Viterbi's algorithm finds the best: for each gap, the best way to reach it,
$v_j = \max_{i<j}\,(v_i + \log p(x_{i..j}))$. A sum in place of the maximum gives $f_j$ forwards and $b_i$ backwards,
and the share of all ways that use an edge, $\exp(f_i + \log p + b_j - f_n)$. Logarithms are natural; arrays have
shape [edge] and [gap].

**Sampling.** A way is drawn with probability $P^\alpha / \sum P^\alpha$: at $\alpha = 1$ as the model says, at 0 all
ways are alike, and the larger $\alpha$, the more often comes the best.

**Training.** Candidates are all characters and all substrings that recur with different continuations. Then, in turn,
two steps of EM (expected counts $c$ over all segmentations; $\log p = \psi(c) - \psi(\sum c)$, a sparse prior), and
pruning: the loss of a piece is what the log-likelihood loses if its uses are spelled by other pieces; the least lossy
quarter goes. It ends at 1.1 times the size asked for; the most probable stay, and all characters.

Kudo, *Subword Regularization*, 2018; Kudo and Richardson, *SentencePiece*, 2018.
""",
    code="""
import io
import sentencepiece as spm

written = io.BytesIO()
spm.SentencePieceTrainer.train(
    sentence_iterator=iter(corpus.split("\\n")), model_writer=written,
    model_type="unigram", vocab_size=1000, character_coverage=1.0,
)
processor = spm.SentencePieceProcessor(model_proto=written.getvalue())
processor.encode(text, out_type=str)  # the best path
# the n best, with their log-probabilities
processor.nbest_encode(text, nbest_size=5, return_type="proto").nbests
# one sample
processor.encode(text, out_type=str, enable_sampling=True, alpha=0.5, nbest_size=-1)
""",
)
