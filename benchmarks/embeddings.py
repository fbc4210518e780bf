"""What do sentences' vectors cost beside the bare model, and word2vec's epochs beside gensim alone?

Ours: from the texts to the trace (split, sorted by length, run in batches, pooled). The reference: the same tokenizer
and model on the same texts sorted in the same way, in padded batches of as many, with nothing done to what comes out.
The two alternate; medians are compared. Training: with every epoch's vectors kept and the loss added up, beside
gensim's own call with one thread.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from functools import partial

import torch
from gensim.models.word2vec import Word2Vec

from benchmarks.engine import milliseconds, text
from benchmarks.row import Row
from models import catalog, corpora, defaults, embeddings, sentences, word2vec
from models.language_model import LanguageModel

ROUNDS = 5
SENTENCES = 1_000
EPOCHS = 5


def bare(language_model: LanguageModel, texts: list[str]) -> None:
    longest_first = sorted(texts, key=len, reverse=True)
    with torch.inference_mode():
        for start in range(0, len(texts), sentences.BATCH_TEXTS):
            batch = longest_first[start : start + sentences.BATCH_TEXTS]
            language_model.model(**language_model.tokenizer(batch, padding=True, return_tensors="pt"))


def train_alone(corpus: str) -> None:
    settings = {"vector_size": 50, "min_count": 2, "sg": 1, "epochs": EPOCHS, "seed": 0, "workers": 1}
    Word2Vec(word2vec.sentences_of(corpus), batch_words=word2vec.BATCH_WORDS, **settings)


def alternate(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """The median milliseconds of each, after one round that isn't counted."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for which in (0, 1) if number % 2 else (1, 0):
            taken = milliseconds((first, second)[which])
            if number:
                times[which].append(taken)
    return statistics.median(times[0]), statistics.median(times[1])


def rows() -> Iterable[Row]:
    language_model = catalog.load(defaults.ENCODER)
    texts = [text(5 + number % 16, number) for number in range(SENTENCES)]
    ours, alone = alternate(partial(embeddings.embed, language_model, texts), partial(bare, language_model, texts))
    yield Row(f"{SENTENCES:,} short sentences, embedded", ours, "ms", alone, "bare batched model call", 1.15)

    corpus = corpora.CORPORA["english"].read()
    ours, alone = alternate(partial(word2vec.train, corpus, epochs=EPOCHS), partial(train_alone, corpus))
    yield Row(f"word2vec, 200 KB, {EPOCHS} epochs: with each epoch", ours, "ms", alone, "gensim's training", 1.3)
