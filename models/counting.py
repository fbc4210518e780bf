"""What do three ways to turn a sentence into numbers keep of it?

    bag of words   counts[sentence, word]: how often the word stands there, in whatever order
    TF-IDF         counts * idf, each row at length 1;  idf[word] = ln((1 + sentences) / (1 + sentences with it)) + 1
    embedding      a vector from a language model that reads the words in their order

The first two are scikit-learn's CountVectorizer and TfidfVectorizer (the idf is its smoothed one; Sparck Jones 1972)
with their usual settings but two: words of a single letter ("a", "I") are counted too, and a mark (an accent beside its
letter, a vowel sign of Hindi) belongs to the word it stands in. Letters are made small, with their accents in one piece
where there is one; a word is a run of letters, digits and underscores, so that a script without spaces gives one "word"
for each run.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import regex

from models.traces import CountingTrace, InputError, SentenceTrace

MAX_SENTENCES: Final = 200  # three matrices of this size are one picture
MAX_WORDS: Final = 5_000  # different ones: each is a column
WORD: Final = regex.compile(r"[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*")


@dataclass(frozen=True)
class Between:
    """What lies between two sentences in one of the three ways."""

    numbers: int  # of each vector
    product: float  # the sum of the products of their numbers
    lengths: tuple[float, float]
    cosine: float  # product / (length * length); 0 where one has no length
    distance: float  # between the tips of the two vectors


@dataclass(frozen=True)
class Check:
    """Ours against scikit-learn's."""

    counts: int  # that differ
    weights: float  # largest difference between two weights
    cosines: float  # largest difference between two cosines


def vectorizer_settings() -> dict[str, Any]:
    """What scikit-learn's vectorizers are given so that they count the words of this module's head."""
    return {"preprocessor": _small, "tokenizer": WORD.findall, "token_pattern": None}


def _small(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


def words_of(sentence: str) -> list[str]:
    """The words of a sentence, as they are counted."""
    return WORD.findall(_small(sentence))


def refuse(sentences: Sequence[str]) -> None:
    """Whether the sentences can be counted, before a model reads them.

    Raises:
        InputError: there are too many sentences or words, or a sentence has no words to count.
    """
    if len(sentences) > MAX_SENTENCES:
        raise InputError(
            f"There are {len(sentences):,} sentences; at most {MAX_SENTENCES} are compared three ways, so use fewer."
        )
    split = [words_of(sentence) for sentence in sentences]
    if [] in split:
        raise InputError(f"Sentence {split.index([]) + 1} has no words to count; write some there or leave it out.")
    different = len({word for words in split for word in words})
    if different > MAX_WORDS:
        raise InputError(
            f"These sentences have {different:,} different words; at most {MAX_WORDS:,} are counted, "
            "so use shorter ones."
        )


def compare(embedded: SentenceTrace) -> CountingTrace:
    """The same sentences counted, weighed and embedded.

    Args:
        embedded: what `sentences.embed` makes of them.

    Raises:
        InputError: they can't be counted; see `refuse`.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    sentences = embedded.texts
    refuse(sentences)
    counter = CountVectorizer(**vectorizer_settings())
    counts = counter.fit_transform(sentences)
    weigher = TfidfVectorizer(**vectorizer_settings())
    tfidf = weigher.fit_transform(sentences).toarray()
    return CountingTrace(
        source=embedded.source,
        sentences=sentences,
        words=tuple(str(word) for word in counter.get_feature_names_out()),
        counts=counts.toarray().astype(np.int64),
        tfidf=tfidf.astype(np.float32),
        idf=weigher.idf_.astype(np.float32),
        vectors=embedded.vectors,
    )


def between(trace: CountingTrace, first: int, second: int) -> tuple[Between, Between, Between]:
    """Two of the sentences, by their numbers, as bags of words, by TF-IDF and by the model's vectors."""

    def one(vectors: Any) -> Between:
        a, b = vectors[first].astype(np.float64), vectors[second].astype(np.float64)
        lengths = (float(np.linalg.norm(a)), float(np.linalg.norm(b)))
        product, scale = float(a @ b), lengths[0] * lengths[1]
        return Between(len(a), product, lengths, product / scale if scale else 0.0, float(np.linalg.norm(a - b)))

    return one(trace.counts), one(trace.tfidf), one(trace.vectors)


def check(trace: CountingTrace) -> Check:
    """Words counted one by one, weighed by the formula, and the cosines, beside what scikit-learn gives."""
    from sklearn.metrics.pairwise import cosine_similarity

    bags = [Counter(words_of(sentence)) for sentence in trace.sentences]
    counts = np.array([[bag[word] for word in trace.words] for bag in bags])
    idf = np.log((1 + len(bags)) / (1 + (counts > 0).sum(axis=0))) + 1
    weights = counts * idf
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    theirs = [cosine_similarity(vectors.astype(np.float64)) for vectors in (trace.counts, trace.tfidf, trace.vectors)]
    return Check(
        counts=int((counts != trace.counts).sum()),
        weights=float(max(np.abs(weights - trace.tfidf).max(), np.abs(idf - trace.idf).max())),
        cosines=float(np.abs(trace.cosines - theirs).max()),
    )
