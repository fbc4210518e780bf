"""How do many texts fall into groups: found among them, or learned from a few that somebody named?

Both work on the directions of the texts' vectors (length 1), so that only the angle between two texts counts.
Found: k-means (Lloyd 1982, scikit-learn's), each group with the words that set it apart:

    score(word, group) = mean TF-IDF of the word in the group's texts - mean TF-IDF of it in all others

where "the", "and" and the rest of scikit-learn's list of English words that say little are left out.

Learned: logistic regression (scikit-learn's, its usual L2 penalty) on the texts that have a label, and how often it
is right about labels that it was not shown (stratified cross-validation).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from models.counting import vectorizer_settings
from models.traces import InputError, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.progress import Progress

MAX_GROUPS: Final = 50
MAX_CLASSES: Final = 50
STARTS: Final = 10  # times that k-means begins anew
MANY: Final = 2_000  # texts: with more of them it takes long, and less is left to chance
FEW_STARTS: Final = 4
FOLDS: Final = 5


@dataclass(frozen=True)
class Groups:
    """Texts in the groups that k-means finds, the largest group first."""

    labels: NDArray[np.int64]  # [text] which group
    sizes: NDArray[np.int64]  # [group] texts in it
    words: tuple[tuple[str, ...], ...]  # [group] what sets it apart, the best first; none where no word does
    scores: tuple[tuple[float, ...], ...]  # [group] of these words, as in this module's head
    middles: NDArray[np.int64]  # [group] the text nearest to the group's mean
    seed: int


@dataclass(frozen=True)
class Classes:
    """What a classifier makes of all texts after a few labels, and how far it can be trusted."""

    names: tuple[str, ...]  # [class]
    probabilities: NDArray[np.float32]  # [text, class] by the classifier that saw all labels
    accuracy: float  # share of labelled texts whose label it finds without having seen it, 0 to 1
    interval: tuple[float, float]  # where the share of right answers to texts like these is likely to be (95 %, Wilson)
    baseline: float  # the same for always answering with the most frequent label
    folds: int
    labelled: int

    @property
    def predicted(self) -> NDArray[np.int64]:
        """int64 [text] the most probable class."""
        return self.probabilities.argmax(axis=1)


def groups(
    vectors: NDArray[np.float32],
    texts: Sequence[str],
    count: int,
    *,
    seed: int = 0,
    words: int = 8,
    progress: Progress | None = None,
) -> Groups:
    """`count` groups of texts by k-means on the directions of their vectors.

    Args:
        vectors: float32 [text, dimension].
        texts: the same texts.
        count: how many groups.
        seed: of k-means' first guesses: it begins `STARTS` times (`FEW_STARTS` where there are `MANY` texts), with this
            seed and the next ones, and the groups that are closest together are taken.
        words: how many to name for each group, at most.
        progress: called before each start; may raise `Cancelled`.

    Raises:
        InputError: there are fewer different texts than groups, or too many groups.
    """
    from sklearn.cluster import KMeans

    directions = unit(vectors)
    if not 1 <= count <= MAX_GROUPS:
        raise InputError(f"{count} groups can't be made; choose 1 to {MAX_GROUPS}.")
    different = len(np.unique(directions.round(4), axis=0))  # the same text in two batches differs in its last digits
    if count > different:
        have = "1 text" if different == 1 else f"{different} different texts"
        raise InputError(f"{have} can't fall into {count} groups; choose at most {different}.")
    fitted = []
    starts = STARTS if len(directions) < MANY else FEW_STARTS
    for start in range(starts):
        if progress is not None:
            progress(f"Looking for groups, start {start + 1} of {starts}", start / starts)
        fitted.append(KMeans(count, n_init=1, random_state=seed + start).fit(directions))
    model = min(fitted, key=lambda one: one.inertia_)
    order = np.argsort(-np.bincount(model.labels_, minlength=count), kind="stable")
    labels = np.argsort(order)[model.labels_]
    away = np.linalg.norm(directions - model.cluster_centers_[model.labels_], axis=1)
    middles = [min(np.flatnonzero(labels == group), key=lambda text: away[text]) for group in range(count)]
    named = _words(texts, labels, count, words)
    return Groups(
        labels=labels,
        sizes=np.bincount(labels, minlength=count),
        words=tuple(tuple(word for word, _ in pairs) for pairs in named),
        scores=tuple(tuple(score for _, score in pairs) for pairs in named),
        middles=np.array(middles, dtype=np.int64),
        seed=seed,
    )


def _words(texts: Sequence[str], labels: NDArray[np.int64], count: int, most: int) -> list[list[tuple[str, float]]]:
    """[group] the words with the highest positive scores."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(stop_words="english", **vectorizer_settings())
    try:
        table = vectorizer.fit_transform(texts)
    except ValueError:  # no text has a word in it
        return [[] for _ in range(count)]
    names = vectorizer.get_feature_names_out()
    total = np.asarray(table.sum(axis=0)).ravel()
    found = []
    for group in range(count):
        inside = labels == group
        own = np.asarray(table[inside].sum(axis=0)).ravel()
        scores = own / inside.sum() - (total - own) / max(1, (~inside).sum())
        best = np.argsort(-scores, kind="stable")[:most]
        found.append([(str(names[word]), float(scores[word])) for word in best if scores[word] > 0])
    return found


def classify(vectors: NDArray[np.float32], labels: Mapping[int, str], *, seed: int = 0) -> Classes:
    """A classifier from the few texts in `labels` (text number -> class), and its answers for all texts.

    The held-out accuracy is that of cross-validation in `FOLDS` parts, or as many as the rarest class has texts: every
    labelled text is classified once, by a classifier that was trained without it. So few of them leave the true share
    open within Wilson's interval (1927; scipy's), which takes each answer for a draw of its own.

    Raises:
        InputError: there is only one class, or too many, one of them has fewer than two texts, or a text isn't there.
    """
    from scipy.stats import binomtest  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if beyond := [number for number in labels if not 0 <= number < len(vectors)]:
        raise InputError(f"There is no text {beyond[0] + 1}; label texts 1 to {len(vectors):,}.")
    counts = Counter(labels.values())
    if len(counts) < 2:
        raise InputError("A classifier needs two different labels at least; give another label to some texts.")
    if len(counts) > MAX_CLASSES:
        raise InputError(f"There are {len(counts):,} different labels; at most {MAX_CLASSES} can be learned.")
    rarest, fewest = min(counts.items(), key=lambda pair: pair[1])
    if fewest < 2:
        raise InputError(
            f"Only one text is labelled \N{LEFT DOUBLE QUOTATION MARK}{rarest[:60]}\N{RIGHT DOUBLE QUOTATION MARK}; "
            "each label needs two at least, one to learn from and one to be tested on."
        )
    chosen = np.array(sorted(labels), dtype=np.int64)
    given = np.array([labels[int(number)] for number in chosen])
    directions = unit(vectors)
    model = LogisticRegression(max_iter=1000)
    folds = min(FOLDS, fewest)
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed)
    held_out = cross_val_predict(model, directions[chosen], given, cv=splits)
    right = int(np.sum(held_out == given))
    low, high = binomtest(right, len(given)).proportion_ci(method="wilson")
    model.fit(directions[chosen], given)
    return Classes(
        names=tuple(str(name) for name in model.classes_),
        probabilities=model.predict_proba(directions).astype(np.float32),
        accuracy=right / len(given),
        interval=(float(low), float(high)),
        baseline=max(counts.values()) / len(given),
        folds=folds,
        labelled=len(given),
    )
