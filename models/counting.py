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
from typing import Any, Final

import numpy as np
import regex

from models.traces import CountingTrace, InputError, SentenceTrace

MAX_SENTENCES: Final = 200  # three matrices of this size are one picture
MAX_WORDS: Final = 5_000  # different ones: each is a column
WORD: Final = regex.compile(r"[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*")


def vectorizer_settings() -> dict[str, Any]:
    """What scikit-learn's vectorizers are given so that they count the words of this module's head."""
    return {
        "preprocessor": lambda text: unicodedata.normalize("NFC", text.lower()),
        "tokenizer": WORD.findall,
        "token_pattern": None,
    }


def compare(embedded: SentenceTrace) -> CountingTrace:
    """The same sentences counted, weighed and embedded.

    Args:
        embedded: what `sentences.embed` makes of them.

    Raises:
        InputError: there are too many sentences, or one has no words to count.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    sentences = embedded.texts
    if len(sentences) > MAX_SENTENCES:
        raise InputError(
            f"There are {len(sentences):,} sentences; at most {MAX_SENTENCES} are compared three ways, so use fewer."
        )
    counter = CountVectorizer(**vectorizer_settings())
    split = counter.build_analyzer()
    if empty := [number for number, sentence in enumerate(sentences) if not split(sentence)]:
        raise InputError(f"Sentence {empty[0] + 1} has no words to count; write some there or leave it out.")
    counts = counter.fit_transform(sentences)
    if counts.shape[1] > MAX_WORDS:
        raise InputError(
            f"These sentences have {counts.shape[1]:,} different words; at most {MAX_WORDS:,} are counted, "
            "so use shorter ones."
        )
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
