"""A few labels by hand, and what a classifier makes of all other texts; how far it can be trusted comes first."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np
import streamlit as st

from models import background, text_groups
from models.text_groups import Classes
from pages.parts.embeddings import sentences_below, sentences_labels
from pages.parts.embeddings.sentences_source import Embedded
from viz import page
from viz.components.text_ranking import Group, Row, pack, text_ranking
from viz.embedding_words import sentences as words

SHOWN: Final = 10  # texts of each class


def show(found: Embedded, complaints: list[str]) -> None:
    """The table in which texts are labelled, the classes, and all that goes with them."""
    labels, said = sentences_labels.read(found)
    complaints += said
    # Above the figure, whose height every label changes: the table stays under the hand.
    st.caption(words.LABEL_SOME)
    sentences_labels.edit(found, labels)
    counts = Counter(labels.values())
    taught = {text: label for text, label in labels.items() if counts[label] > 1}
    with page.guarded():
        # A label that stands beside one text as yet waits for its second; with no other there is nothing to teach.
        taught = taught if len(set(taught.values())) > 1 else labels
        key = f"classes {found.content} {hashlib.sha256(repr(sorted(taught.items())).encode()).hexdigest()}"
        work = background.QUICK.submit(
            key, lambda: text_groups.classify(found.vectors, taught), "Training the classifier"
        )
        classes = page.wait(work, key)
        if classes is not None:
            alone = [label for label, count in counts.items() if count == 1]
            _draw(found, taught, classes, [words.LABEL_ALONE.format(label=label) for label in alone])


def _draw(found: Embedded, labels: Mapping[int, str], classes: Classes, notes: list[str]) -> None:
    """The classes as lists, and what is below; `labels` are those that were learned from."""
    lines, places, known = found.texts.lines, found.texts.places.tolist(), found.texts.known
    sure = classes.probabilities.max(axis=1)
    shown = []
    for number, name in enumerate(classes.names):
        mine = [text for text in np.flatnonzero(classes.predicted == number).tolist() if text not in labels]
        best = sorted(mine, key=lambda text: -sure[text])
        rows = [
            Row([(places[text], lines[text])], float(sure[text]), _note(known.get(text), name)) for text in best[:SHOWN]
        ]
        given = sum(label == name for label in labels.values())
        about = f"{given:,} with a label, {len(mine):,} more by the classifier"
        shown.append(Group(name, rows, f"{about}, the {SHOWN} surest first" if len(mine) > SHOWN else about))
    left = len(lines) - len(labels)
    title = f"{left:,} {'text' if left == 1 else 'texts'}, classified after {len(labels):,} labels"
    facts = [*found.facts, "Logistic regression on directions"]
    packed = pack(shown, title=title, facts=facts, measure="probability", lead=[*_lead(found, labels, classes), *notes])
    text_ranking(packed, key="classes")
    sentences_below.below(
        found,
        {
            "label": [labels.get(text) for text in range(len(lines))],
            "predicted": [classes.names[number] for number in classes.predicted.tolist()],
            "probability": sure.astype(float).tolist(),
        },
    )


def _lead(found: Embedded, labels: Mapping[int, str], classes: Classes) -> list[str]:
    """How far to trust it, in words."""
    count, (low, high) = classes.labelled, classes.interval
    said = words.HELD_OUT.format(
        right=round(classes.accuracy * count), count=count, accuracy=classes.accuracy, baseline=classes.baseline
    )
    lead = [said, words.INTERVAL.format(count=count, low=low, high=high)]
    learnt = set(classes.names)
    others = {text: label for text, label in found.texts.known.items() if text not in labels and label in learnt}
    if others:
        right = sum(classes.names[classes.predicted[text]] == label for text, label in others.items())
        came = "1 other text came with a label" if len(others) == 1 else f"{len(others):,} other texts came with labels"
        lead.append(words.KNOWN.format(came=came, right=right))
    return lead


def _note(known: str | None, predicted: str) -> str:
    return "" if known is None or known == predicted else f"came as: {known}"
