"""Tokenizers: how a text becomes numbers, step by step, under real tokenizers and under those trained here."""

from __future__ import annotations

from pages.parts.tokenizers import chat, compare, replay, train, trained, unigram, vocabulary, wordpiece
from viz import page
from viz import tokenizer_words as words
from viz.page import View
from viz.tokenizer_words import chat as chat_words
from viz.tokenizer_words import compare as compare_words
from viz.tokenizer_words import replay as replay_words
from viz.tokenizer_words import train as train_words
from viz.tokenizer_words import trained as trained_words
from viz.tokenizer_words import unigram as unigram_words
from viz.tokenizer_words import vocabulary as vocabulary_words
from viz.tokenizer_words import wordpiece as wordpiece_words

page.through_the_app()
page.views(
    "Tokenizers",
    words.HEADER,
    "tokenizers",
    {
        "compare": View("Compare", compare.show, compare_words.WORDS),
        "train": View("Train BPE", train.show, train_words.WORDS),
        "replay": View("Replay", replay.show, replay_words.WORDS),
        "wordpiece": View("WordPiece", wordpiece.show, wordpiece_words.WORDS),
        "unigram": View("Unigram", unigram.show, unigram_words.WORDS),
        "trained": View("Three trained", trained.show, trained_words.WORDS),
        "vocabulary": View("Vocabulary", vocabulary.show, vocabulary_words.WORDS),
        "chat": View("Chat", chat.show, chat_words.WORDS),
    },
)
