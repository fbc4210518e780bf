"""What do the vectors of words say about each other?

With every vector divided by its length, so that a dot product of two is the cosine of the angle between them:

    neighbours   the words d with the largest cos(d, x)
    analogy      a is to b as c is to d:
                 3CosAdd   cos(d, b - a + c)                               (Mikolov et al. 2013, arXiv:1301.3781)
                 3CosMul   s(d, b) s(d, c) / (s(d, a) + 1e-6),  s = (1 + cos) / 2
                           (Levy and Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
                           Representations", equation 4; they add 1e-3, we what gensim adds)
    odd one out  the word with the smallest cosine to the mean m of the n words. It is also the one with the smallest
                 mean cosine to the others: n |m| cos(x, m) = 1 + the sum of cos(x, y) over the other words y
    scale        cos(x, mean of the high words - mean of the low words)    (Bolukbasi et al. 2016, arXiv:1607.06520)

The words asked about are usually left out of the candidates. For analogies both ranks are told, since without that the
answer is often one of them (Linzen 2016, arXiv:1606.07736). The first three equal gensim's KeyedVectors.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.catalog import shown
from models.spelling import Spellings
from models.traces import ANALOGY_METHODS, Analogy, InputError, Neighbours, OddOneOut, Scale, Source

EPSILON: Final = 1e-6
MOST_CANDIDATES: Final = 1_000
MOST_WORDS: Final = 500  # of one set: a picture of more can't be read


class WordVectors:
    """A table of words and their vectors; read-only.

    Args:
        name: its key in a link.
        revision: the SHA-256 of the vectors.
        words: [word] the most frequent first.
        vectors: [word, dimension]; may be mapped from a file.
    """

    def __init__(self, name: str, revision: str, words: tuple[str, ...], vectors: NDArray[np.float32]) -> None:
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words and {len(vectors)} vectors")
        self.name = name
        self.revision = revision
        self.words = words
        self.vectors = np.asarray(vectors)  # a view, still on disk if it is mapped from there
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        # [word, dimension] of length 1
        self.units: NDArray[np.float32] = np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)
        self.units.flags.writeable = False
        self._places = {word: place for place, word in enumerate(words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._places

    @functools.cached_property
    def spellings(self) -> Spellings:
        """For misspelled words."""
        return Spellings(self.words)

    def find(self, word: str) -> int | None:
        """Where a word stands in the table, if it does: as written, or in lower case, or its accents in one piece."""
        asked = word.strip()
        forms = (asked, asked.lower(), unicodedata.normalize("NFC", asked.lower()))
        return next((self._places[form] for form in forms if form in self._places), None)

    def place(self, word: str) -> int:
        """Where a word stands in the table, as `find` has it.

        Raises:
            InputError: it has no vector; the nearest spellings are offered.
        """
        place, asked = self.find(word), word.strip()
        if place is not None:
            return place
        if not asked:
            raise InputError("There is no word; type one.")
        if len(parts := asked.split()) > 1:
            known = [part.lower() for part in parts[:8] if part.lower() in self]
            instead = f"; try {_listed(known)}" if known else ""
            raise InputError(f"{shown(asked)} is more than one word, and each vector stands for a single one{instead}.")
        near = self.spellings.nearest(asked.lower())
        instead = f"did you mean {_listed(near)}?" if near else "try another word."
        raise InputError(f"{shown(asked)} is not among the {len(self):,} words of {self.name}: {instead}")

    def places(self, words: Sequence[str]) -> list[int]:
        """Where some words stand.

        Raises:
            InputError: one has no vector, one is there twice, or there are too many.
        """
        count_checked(words)
        found: list[int] = []
        for word in words:
            place = self.place(word)
            if place in found:
                raise InputError(f"{shown(self.words[place])} is there twice; name each word once.")
            found.append(place)
        return found

    def source(self, *words: str) -> Source:
        """Where an analysis of some words comes from."""
        return Source(self.name, self.revision, " ".join(words))


def count_checked(words: Sequence[str]) -> None:
    """Refuses more words than can be looked at together.

    Raises:
        InputError: there are too many.
    """
    if len(words) > MOST_WORDS:
        raise InputError(f"These are {len(words):,} words; use {MOST_WORDS:,} or fewer at a time.")


def neighbours(table: WordVectors, query: str | NDArray[np.floating], count: int = 10) -> Neighbours:
    """The `count` words nearest by cosine to a word, itself left out, or to a vector [dimension].

    Raises:
        InputError: an unknown word, a vector that has no direction, or an impossible count.
    """
    most = min(MOST_CANDIDATES, len(table) - 1)
    if not 1 <= count <= most:
        raise InputError(f"{count:,} neighbours can't be shown; ask for 1 to {most:,}.")
    if isinstance(query, str):
        own = table.place(query)
        name, vector, unit = table.words[own], table.vectors[own], table.units[own]
    else:
        own, name, vector = -1, "", query.astype(np.float32)
        if vector.shape != table.vectors.shape[1:]:
            raise InputError(f"A vector of {table.name} has {table.vectors.shape[1]} numbers, not {vector.size:,}.")
        length = np.linalg.norm(vector.astype(np.float64))  # its squares may leave single precision
        if not 0 < length < np.inf:
            raise InputError("This vector is all zeros or not finite, so it points nowhere; give another.")
        unit = (vector / length).astype(np.float32)
    cosines = table.units @ unit
    nearest = best(cosines, count + 1)
    nearest = nearest[nearest != own][:count]
    return Neighbours(
        source=table.source(name),
        words=tuple(table.words[place] for place in nearest),
        places=nearest,
        cosines=cosines[nearest],
        vectors=np.concatenate([vector[None], table.vectors[nearest]]),
    )


def analogy(table: WordVectors, a: str, b: str, c: str, expected: str | None = None, count: int = 10) -> Analogy:
    """The words d for which a is to b as c is to d, by both methods, and where the expected one ranks.

    >>> analogy(glove, "man", "king", "woman", "queen").answer("3CosAdd")  # doctest: +SKIP
    'queen'

    Raises:
        InputError: an unknown word, one that is there twice, or an impossible count.
    """
    most = min(MOST_CANDIDATES, len(table) - 3)
    if not 1 <= count <= most:
        raise InputError(f"{count:,} candidates can't be shown; ask for 1 to {most:,}.")
    terms = table.places((a, b, c))
    wanted = None if expected is None else table.place(expected)
    units = table.units[terms]
    target = units[1] - units[0] + units[2]
    cosines = units @ table.units.T  # [term, word]
    length = np.linalg.norm(target)
    # The cosine with the target without another pass over the table: it is a sum of three.
    added = (cosines[1] - cosines[0] + cosines[2]) / (length if length > 0 else 1)
    shifted = (1 + cosines) / 2
    multiplied = shifted[1] * shifted[2] / (shifted[0] + np.float32(EPSILON))

    candidates = [best(scores, count + 3) for scores in (added, multiplied)]
    ranks = np.zeros((len(ANALOGY_METHODS), 2), dtype=np.int64)
    if wanted is not None:
        for row, scores in enumerate((added, multiplied)):
            ranks[row] = _ranks(scores, wanted, terms)
    drawn = list(dict.fromkeys([*terms, *([] if wanted is None else [wanted]), *candidates[0].tolist()]))
    words = tuple(table.words[place] for place in terms)
    return Analogy(
        source=table.source(*words),
        terms=(words[0], words[1], words[2]),
        expected=None if wanted is None else table.words[wanted],
        words=tuple(tuple(table.words[place] for place in places) for places in candidates),
        scores=np.stack([added[candidates[0]], multiplied[candidates[1]]]),
        given=np.isin(np.stack(candidates), terms),
        ranks=ranks,
        drawn=tuple(table.words[place] for place in drawn),
        vectors=np.concatenate([table.units[drawn], target[None]]),
    )


def odd_one_out(table: WordVectors, words: Sequence[str]) -> OddOneOut:
    """Which of three or more words goes least with the others.

    Raises:
        InputError: an unknown word, one that is there twice, or fewer than three.
    """
    places = table.places(words)
    if len(places) < 3:
        raise InputError("To find the odd one out takes three words or more; add some.")
    units = table.units[places]
    mean = units.mean(axis=0)
    length = np.linalg.norm(mean)
    names = tuple(table.words[place] for place in places)
    return OddOneOut(table.source(*names), names, units @ mean / (length if length > 0 else 1), units @ units.T)


def scale(table: WordVectors, low: Sequence[str], high: Sequence[str], words: Sequence[str]) -> Scale:
    """Where words lie between two poles, each named by one word or several.

    Raises:
        InputError: an unknown word, one that is there twice in a list, an empty list, or poles that are the same.
    """
    lists = [table.places(part) for part in (low, high, words)]
    if not all(lists):
        raise InputError("A scale takes a word for each of its ends and words to lay along it; one of them is missing.")
    units = [table.units[places] for places in lists]
    axis = units[1].mean(axis=0) - units[0].mean(axis=0)
    length = np.linalg.norm(axis)
    if length < EPSILON:
        raise InputError("Both ends of the scale are the same, so there is no direction between them; change one.")
    axis = axis / length
    low_names, high_names, names = (tuple(table.words[place] for place in places) for places in lists)
    return Scale(
        source=table.source(*low_names, *high_names, *names),
        words=names,
        low=low_names,
        high=high_names,
        positions=units[2] @ axis,
        low_positions=units[0] @ axis,
        high_positions=units[1] @ axis,
        axis=axis,
    )


def best(scores: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """[count] places of the highest scores, the highest first; of equals the earlier."""
    count = min(count, len(scores))
    found = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    return found[np.argsort(-scores[found], kind="stable")][:count]


def _ranks(scores: NDArray[np.floating], wanted: int, terms: list[int]) -> tuple[int, int]:
    """The rank of a word, from 1: with the terms left out (0 where it is one), and among all."""
    ahead = (scores > scores[wanted]) | ((scores == scores[wanted]) & (np.arange(len(scores)) < wanted))
    among_all = int(ahead.sum()) + 1
    return 0 if wanted in terms else among_all - int(ahead[terms].sum()), among_all


def _listed(words: Sequence[str]) -> str:
    return ", ".join(shown(word) for word in words)
