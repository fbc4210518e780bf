"""Many texts as points, coloured by their labels or by the clusters that they fall into."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import streamlit as st

from models.traces import InputError
from pages.parts.embeddings import projecting, sentences_below, sentences_clusters, sentences_labels
from pages.parts.embeddings.sentences_source import Embedded
from viz import page
from viz.components.point_cloud import Groups
from viz.embedding_words import sentences as words

BY_LABEL, BY_CLUSTER, PLAIN = "labels, else clusters", "clusters", "nothing"
MOST_COLOURS: Final = 20
REST: Final = "other labels"


@dataclass(frozen=True)
class Asked:
    """What the controls say."""

    projection: projecting.Settings
    colour: str
    clusters: int


def ask() -> Asked:
    """The controls, in the current container."""
    colour = page.choose("Colour by", (BY_LABEL, BY_CLUSTER, PLAIN), key="colour", help=words.COLOUR)
    count = sentences_clusters.ask_count() if colour != PLAIN else sentences_clusters.USUAL
    return Asked(projecting.ask(), colour, count)


def show(found: Embedded, asked: Asked, complaints: list[str]) -> None:
    """The picture beside its panel, and all that goes with it.

    Raises:
        InputError: the vectors can't be projected so.
    """
    groups: list[str] = []
    names: list[str] = []
    try:
        groups, names = _groups(found, asked, complaints)
    except InputError as error:  # the points can be seen all the same
        st.caption(page.plain(f"Without colours: {error}"))
    places = {name: place for place, name in enumerate(names)}
    projecting.show(
        "sentences",
        lambda: found.vectors,
        found.short,
        asked.projection,
        content=found.content,
        title=f"{len(found.texts.lines):,} texts",
        facts=found.facts,
        source=found.source,
        complaints=complaints,
        colour=Groups([places[group] for group in groups], names) if groups else None,
        columns={"row": found.where, "text": found.texts.lines, **({"group": groups} if groups else {})},
    )
    sentences_below.below(found)


def _groups(found: Embedded, asked: Asked, complaints: list[str]) -> tuple[list[str], list[str]]:
    """[text] what it is coloured by, and the names of all that is; nothing where it isn't coloured.

    Raises:
        InputError: the texts can't fall into clusters.
    """
    if asked.colour == PLAIN:
        return [], []
    labels, said = sentences_labels.read(found)
    complaints += said
    labels = {**found.texts.known, **labels}
    if asked.colour == BY_LABEL and labels:
        common = dict.fromkeys(label for label, _ in Counter(labels.values()).most_common(MOST_COLOURS))
        groups = [
            (labels[text] if labels[text] in common else REST) if text in labels else sentences_labels.UNLABELLED
            for text in range(len(found.texts.lines))
        ]
        return groups, [name for name in [*common, REST, sentences_labels.UNLABELLED] if name in set(groups)]
    made = sentences_clusters.groups(found, asked.clusters, asked.projection.seed)
    if made is None:
        return [], []
    titles = [sentences_clusters.name(made, group) for group in range(len(made.sizes))]
    return [titles[group] for group in made.labels.tolist()], titles
