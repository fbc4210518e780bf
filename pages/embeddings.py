"""Embeddings: what a word's vector says, alone and in context, and how far a picture of vectors can be trusted."""

from __future__ import annotations

from pages.parts.embeddings import context, counting, sentences, table, word2vec, word_map, words
from viz import embedding_words, page
from viz.embedding_words import context as context_words
from viz.embedding_words import counting as counting_words
from viz.embedding_words import sentences as sentences_words
from viz.embedding_words import table as table_words
from viz.embedding_words import word2vec as word2vec_words
from viz.embedding_words import word_map as map_words
from viz.embedding_words import words as words_words
from viz.page import View

page.through_the_app()
page.views(
    "Embeddings",
    embedding_words.HEADER,
    "embeddings",
    {
        "words": View("Words", words.show, words_words.WORDS),
        "map": View("Map", word_map.show, map_words.WORDS),
        "context": View("In context", context.show, context_words.WORDS),
        "sentences": View("Sentences", sentences.show, sentences_words.WORDS),
        "counting": View("Counting", counting.show, counting_words.WORDS),
        "table": View("A model's table", table.show, table_words.WORDS),
        "word2vec": View("Train word2vec", word2vec.show, word2vec_words.WORDS),
    },
)
