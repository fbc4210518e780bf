"""Many texts in groups that nobody named: k-means, each group with its words and its most central texts."""

from __future__ import annotations

from typing import Final

import numpy as np

from models import background, text_groups
from models.text_groups import Groups
from models.traces import unit
from pages.parts.embeddings import sentences_below
from pages.parts.embeddings.sentences_source import Embedded
from viz import page
from viz.components.text_ranking import Group, Row, pack, text_ranking
from viz.embedding_words import sentences as words

USUAL: Final = 4
CENTRAL: Final = 5  # texts shown of each group
AT_ONCE: Final = 1_000  # texts: more are long work


def ask() -> tuple[int, int]:
    """How many groups, and the seed, chosen in the current container."""
    return ask_count(), page.number("Seed", (0, 999_999), 0, key="seed", help=words.CLUSTER_SEED)


def ask_count() -> int:
    """How many groups, chosen in the current container."""
    return page.number("Clusters", (1, text_groups.MAX_GROUPS), USUAL, key="k", help=words.CLUSTERS)


def groups(found: Embedded, count: int, seed: int) -> Groups | None:
    """The texts in `count` groups, fewer where fewer are different; None where the visitor stopped it.

    Raises:
        InputError: they can't be grouped so.
    """
    lines = found.texts.lines
    count = min(count, len(set(lines))) if found.trace is not None else min(count, len(lines))
    lane = background.QUICK if len(lines) <= AT_ONCE else background.LONG
    key = f"groups {found.content} {count} {seed}"
    work = lane.watch(
        key,
        lambda report: text_groups.groups(found.vectors, lines, count, seed=seed, progress=report),
        "Looking for groups",
    )
    return page.wait(work, key)


def name(made: Groups, group: int) -> str:
    """What a group is called: its two best words."""
    best = ", ".join(made.words[group][:2])
    return f"{group + 1}: {best}" if best else f"group {group + 1}"


def show(found: Embedded, count: int, seed: int) -> None:
    """The groups as lists, and all that goes with them."""
    made = groups(found, count, seed)
    if made is None:
        return
    directions = unit(found.vectors)
    # How central each text is in its own group: the cosine with the mean of the group's directions.
    means = unit(np.stack([directions[made.labels == group].mean(axis=0) for group in range(len(made.sizes))]))
    central = np.clip((directions * means[made.labels]).sum(axis=1), -1, 1)
    shown = []
    for group, size in enumerate(made.sizes.tolist()):
        inside = np.flatnonzero(made.labels == group)
        best = inside[np.argsort(-central[inside], kind="stable")][:CENTRAL]
        rows = [Row([(int(found.texts.places[text]), found.texts.lines[text])], float(central[text])) for text in best]
        about = f"{_several(size, 'text')}, {size / len(directions):.0%} of all"
        shown.append(Group(f"Cluster {group + 1}", rows, about, made.words[group]))
    lead = [words.CLUSTER_LEAD]
    clusters = _several(len(made.sizes), "cluster")
    if len(made.sizes) < count:
        lead.append(f"With only {_several(len(made.sizes), 'different text')}, no more clusters than that can be made.")
    title = f"{_several(len(directions), 'text')} in {clusters}"
    facts = [*found.facts, f"k-means on directions, seed {seed}"]
    text_ranking(pack(shown, title=title, facts=facts, measure="centrality", lead=lead), key="clusters")
    sentences_below.below(
        found,
        {
            "cluster": (made.labels + 1).tolist(),
            "cluster words": [", ".join(made.words[group]) for group in made.labels.tolist()],
            "cosine with the middle": central.astype(float).tolist(),
        },
    )


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"
