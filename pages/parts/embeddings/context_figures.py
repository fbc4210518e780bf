"""How does one word in several sentences become figures? Names, groups, curves and matrices of its uses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import regex

from models import catalog
from models.context_motion import Motion
from models.traces import ContextTrace
from viz.components import moving_points, similarity
from viz.components.moving_points import Curve, Detail, Groups, Still
from viz.embedding_words import context as words

STEP: Final = "layer"  # in the link, of both figures
MOST_NAMED: Final = 6  # groups with a curve of their own
BESIDE: Final = 10  # graphemes on each side of the word in a use's name


def parted(text: str) -> tuple[list[str], tuple[int, ...]]:
    """The sentences of a text, one a line, and for each its group: an empty line begins another.

    Where no empty line parts them, each sentence is a group of its own.
    """
    sentences: list[str] = []
    groups: list[int] = []
    gap = True
    for line in text.splitlines():
        if line.strip():
            groups.append((groups[-1] + gap) if groups else 0)
            sentences.append(line.strip())
        gap = not line.strip()
    return sentences, tuple(groups if len(set(groups)) > 1 else range(len(sentences)))


def name(number: int) -> str:
    """A group's: A to Z, then numbers."""
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def labels(trace: ContextTrace) -> list[str]:
    """[use] its number from 1, and the word with what stands around it."""
    found = []
    for number, (sentence, start, end) in enumerate(trace.uses.tolist()):
        text = trace.sentences[sentence]
        before, after = regex.findall(r"\X", text[:start])[-BESIDE:], regex.findall(r"\X", text[end:])[:BESIDE]
        whole = (len(before) == BESIDE, len(after) == BESIDE)
        left, right = "".join(before), "".join(after)
        # Whole words where there are spaces.
        left = left.partition(" ")[2] if whole[0] and " " in left else left
        right = right.rpartition(" ")[0] if whole[1] and " " in right else right
        found.append(f"{number + 1} {left}{text[start:end]}{right}".rstrip(" .,;:"))
    return found


def curves(trace: ContextTrace, groups: Sequence[int]) -> list[Curve]:
    """Of every two uses the cosine at each layer; where there are groups, the means within and between them too.

    Args:
        trace: two uses or more.
        groups: [use]
    """
    cosines, named = trace.cosines, labels(trace)
    pairs = list(itertools.combinations(range(len(groups)), 2))
    first, second = np.array(pairs).T
    values = cosines[:, first, second].astype(np.float64)  # [layer + 1, pair]
    found = [Curve(f"{named[a]} – {named[b]}", values[:, k], (a, b)) for k, (a, b) in enumerate(pairs)]
    of = np.array(groups)
    within = of[first] == of[second]
    if within.any() and not within.all():
        kinds = sorted({int(kind) for kind in of[first][within]})
        if len(kinds) <= MOST_NAMED:
            found += [
                Curve(f"within {name(kind)}", values[:, within & (of[first] == kind)].mean(axis=1), (), kind)
                for kind in kinds
            ]
        else:
            found.append(Curve("same group", values[:, within].mean(axis=1)))
        found.append(Curve("between groups", values[:, ~within].mean(axis=1), between=True))
    elif len(pairs) > 3:
        found.append(Curve("mean of all pairs", values.mean(axis=1)))
    return found


def moving(trace: ContextTrace, motion: Motion, groups: Sequence[int]) -> bytes:
    """The moving points as they travel; `groups` [use]."""
    joint, layers = motion.joint, trace.layers
    across, up = (f"axis {axis}: {share:.0%} of the variance" for axis, share in enumerate(joint.explained, 1))
    steps = [f"Layer {layer} of {layers}" for layer in range(layers + 1)]
    steps[0] += ": what enters the first block"
    remarks = [
        "All uses have the same vector here."
        if same
        else f"The two axes show {share:.0%} of the difference between the uses here."
        for same, share in zip(motion.same.tolist(), joint.explained_by_layer.tolist(), strict=True)
    ]
    details = []
    for (sentence, start, end), pieces in zip(trace.uses.tolist(), trace.pieces, strict=True):
        text = trace.sentences[sentence]
        details.append(Detail(text[:start], text[start:end], text[end:], pieces))
    return moving_points.pack(
        joint.points,
        labels(trace),
        title=f"\u201c{trace.word}\u201d in {_count(len(trace.sentences), 'sentence')}",
        facts=[*(f"{number}: {text}" for number, text in enumerate(trace.sentences[:12], 1)), ", ".join(origin(trace))],
        parameter=STEP,
        steps=steps,
        remarks=remarks,
        axes=(across, up),
        groups=Groups(groups, [name(kind) for kind in range(max(groups) + 1)]),
        group_name="group" if len(set(groups)) < len(trace.sentences) else "sentence",
        still=Still(motion.still, words.STILL),
        details=details,
        axis="Cosine between uses",
        curves=curves(trace, groups),
    )


def matrices(trace: ContextTrace) -> bytes | None:
    """The cosines layer by layer, as they travel; None of a model so deep and so many uses that they can't."""
    cosines = trace.cosines
    if cosines.size > similarity.CELLS:
        return None
    return similarity.pack(
        cosines,
        labels(trace),
        titles=[f"Layer {layer}" for layer in range(trace.layers + 1)],
        title=words.MATRIX,
        facts=[", ".join(origin(trace))],
        low=math.floor(10 * min(0.9, float(cosines.min()))) / 10,
        high=1.0,
        parameter=STEP,
    )


def shares(motion: Motion) -> str:
    """From which share to which the axes show at a layer by itself; nothing where all uses are the same everywhere."""
    found = [(share, layer) for layer, share in enumerate(motion.joint.explained_by_layer) if not motion.same[layer]]
    if not found:
        return ""
    (low, at_low), (high, at_high) = min(found), max(found)
    return words.BY_LAYER.format(low=f"{low:.0%}", at_low=at_low, high=f"{high:.0%}", at_high=at_high)


def origin(trace: ContextTrace) -> list[str]:
    """Where the vectors come from, as facts."""
    source, pooled = trace.source, any(len(pieces) > 1 for pieces in trace.pieces)
    return [
        catalog.resolve(source.model).title,
        *([f"with {source.off} switched off, scaled or cut"] if source.off else []),
        f"revision {source.revision[:12]}",
        f"{_count(len(trace.uses), 'use')} in {_count(len(trace.sentences), 'sentence')}",
        *([f"{trace.pooling} of the word's tokens"] if pooled else []),
        f"computed in {source.dtype} on {source.device}",
        *(f"{package} {version}" for package, version in source.versions.items()),
    ]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
