"""Where are the words after each epoch? The moving points, with the loss below them and the honesty panel beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import streamlit as st

from models import projection
from pages.parts.embeddings import honesty
from pages.parts.embeddings.word2vec_training import Trained
from viz import embedding_words, page, state
from viz.components import moving_points
from viz.components.moving_points import Curve, Groups, Near
from viz.embedding_words import word2vec as words


def show(trained: Trained, complaints: list[str]) -> None:
    """The figure, its check and its source."""
    training, joint = trained.training, trained.joint
    steps, count = joint.points.shape[:2]
    view, wrong = state.read(moving_points.parameters("epoch", steps, count), st.query_params)
    complaints.extend(wrong)
    left, right = st.columns([3, 1], gap="large")
    with left:
        moving_points.moving_points(
            _packed(trained.key, trained),
            key="word2vec map",
            state=view,
            defaults=moving_points.defaults("epoch", training.epochs),
        )
    with right:
        _panel(trained)
    check = trained.check
    page.badge(
        f"The neighbours of {check.same} of {check.words} words are gensim's",
        good=check.same == check.words and check.difference < 1e-5,
        explanation=words.NEAR_CHECK,
    )
    page.facts(*trained.facts.values(), f"{len(training.words):,} words in all")


def _panel(trained: Trained) -> None:
    joint, training = trained.joint, trained.training
    end = projection.quality(training.vectors[-1, : joint.points.shape[1]], joint.points[-1])
    notes = [words.MOVES, words.COLOURS] if trained.kinds else [words.MOVES]
    if end is not None:
        notes.append(
            f"At the end alone: trustworthiness {end.trustworthiness:.2f}, "
            f"{100 * end.neighbour_preservation:.0f}% of neighbours kept."
        )
    notes.append(embedding_words.NO_SEED)
    details = {
        "words": f"{joint.points.shape[1]}",
        "epochs": f"{training.epochs}",
        "training's seed": str(training.seed),
        "PCA computed in": f"{joint.seconds:.2g} s",
        "scikit-learn": version("scikit-learn"),
    }
    honesty.panel("one PCA of all epochs", joint.quality, details, notes)


@st.cache_resource(max_entries=32, show_spinner=False)
def _packed(key: str, _trained: Trained) -> bytes:
    joint, training = _trained.joint, _trained.training
    labels = training.words[: joint.points.shape[1]]
    across, up = (f"{100 * share:.0f}% of the variance" for share in joint.explained)
    return moving_points.pack(
        joint.points,
        labels,
        title="Words while word2vec is trained",
        facts=tuple(_trained.facts.values()),
        parameter="epoch",
        steps=["Before the first epoch", *(f"Epoch {epoch}" for epoch in range(1, training.epochs + 1))],
        remarks=[f"The axes show {100 * share:.0f}% of the variance here." for share in joint.explained_by_layer],
        axes=(across, up),
        groups=_groups(labels, _trained.kinds) if _trained.kinds else None,
        group_name="kind:",
        axis="Loss for each word",
        curves=[Curve("loss", [float("nan"), *training.losses])],
        near=Near("cosine", training.words[: training.kept], _trained.near, _trained.cosines),
    )


def _groups(labels: Sequence[str], kinds: Mapping[str, str]) -> Groups:
    """Words that name nothing are of a kind of their own, the last."""
    names = [*dict.fromkeys(kinds.values()), "other words"]
    return Groups([names.index(kinds.get(word, names[-1])) for word in labels], names)
