"""The view "word2vec" of the page of embeddings: vectors are trained, their words move, one pair is taken apart."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import word2vec_files
from pages.parts.embeddings import word2vec_apart, word2vec_map, word2vec_training
from pages.parts.embeddings.word2vec_training import Trained
from viz import page


def show(controls: DeltaGenerator) -> None:
    """Controls and figures."""
    with page.complaining() as complaints:
        with controls:
            place = st.container()  # the corpus comes first, but where it fails the other controls stand all the same
            settings = word2vec_training.ask()
            asked = word2vec_apart.ask()
            with place:
                chosen = word2vec_training.corpus_of()
        trained = word2vec_training.train(chosen, settings)
        if trained is None:
            return
        word2vec_map.show(trained, complaints)
        st.header("One pair taken apart", anchor=False)
        pairs: list[page.File] = []
        with page.guarded():
            pairs = word2vec_apart.show(trained, chosen.text, asked, complaints)
        page.downloads([*_files(trained), *pairs])


def _files(trained: Trained) -> list[page.File]:
    training, name = trained.training, f"orrery-word2vec-{trained.key[:8]}"
    return [
        ("Losses, CSV", f"{name}-losses.csv", "text/csv", lambda: word2vec_files.losses(training, trained.facts)),
        ("Vectors, CSV", f"{name}.csv", "text/csv", lambda: word2vec_files.vectors(training, trained.facts)),
        ("Vectors for gensim", f"{name}.txt", "text/plain", lambda: word2vec_files.word2vec_text(training)),
    ]
