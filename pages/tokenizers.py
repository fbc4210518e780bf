"""Tokenizers: how a text becomes numbers, step by step, under real tokenizers and under those trained here."""

from __future__ import annotations

import streamlit as st

from pages.parts.tokenizers import chat, compare, replay, train, trained, unigram, vocabulary, wordpiece
from viz import page
from viz import tokenizer_words as words
from viz.tokenizer_words import chat as chat_words
from viz.tokenizer_words import compare as compare_words
from viz.tokenizer_words import replay as replay_words
from viz.tokenizer_words import train as train_words
from viz.tokenizer_words import trained as trained_words
from viz.tokenizer_words import unigram as unigram_words
from viz.tokenizer_words import vocabulary as vocabulary_words
from viz.tokenizer_words import wordpiece as wordpiece_words

page.through_the_app()

# name in the link -> its title, what draws it, what it says
VIEWS = {
    "compare": ("Compare", compare.show, compare_words.WORDS),
    "train": ("Train BPE", train.show, train_words.WORDS),
    "replay": ("Replay", replay.show, replay_words.WORDS),
    "wordpiece": ("WordPiece", wordpiece.show, wordpiece_words.WORDS),
    "unigram": ("Unigram", unigram.show, unigram_words.WORDS),
    "trained": ("Three trained", trained.show, trained_words.WORDS),
    "vocabulary": ("Vocabulary", vocabulary.show, vocabulary_words.WORDS),
    "chat": ("Chat", chat.show, chat_words.WORDS),
}

page.header("Tokenizers", words.HEADER)
view = page.tabs("View", {name: title for name, (title, _, _) in VIEWS.items()}, key="view")
_, show, said = VIEWS[view]
st.markdown(said.sentence)
figure = st.container()
page.notice_and_try(said.notice, said.presets, "tokenizers")
page.computed(said.how, said.code)
controls = st.sidebar.container()
with st.sidebar:
    page.presenter_switch()
with figure, page.guarded():  # drawn last: all the rest stands while the figure is computed
    show(controls)
