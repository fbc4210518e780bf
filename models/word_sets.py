"""Which words are worth looking at together?

Plain data to begin with; a visitor's own words come beside it. All of them are among GloVe's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from models.traces import InputError

MOST_GROUPS: Final = 256  # more than can be told apart


@dataclass(frozen=True)
class WordSet:
    """Words in groups, to be coloured by group."""

    key: str  # its name in a link
    title: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]  # (name, words)
    linked: bool = False  # the first words of all groups belong together, the second words, and so on

    @property
    def words(self) -> tuple[str, ...]:
        """All words, group by group."""
        return tuple(word for _, words in self.groups for word in words)

    @property
    def text(self) -> str:
        """As a visitor would type it: see `parse`."""
        return "\n".join(f"{name}: {' '.join(words)}" for name, words in self.groups)


@dataclass(frozen=True)
class ScalePreset:
    """Two poles, and words to lay between them."""

    key: str
    title: str
    low: tuple[str, ...]
    high: tuple[str, ...]
    words: tuple[str, ...]


def parse(text: str) -> WordSet:
    r"""What a visitor types: a group a line, perhaps with its name before a colon; words with spaces or commas between.

    Groups of the same size are taken to belong together, word by word.

    >>> parse("colour: red, green\nbanana lemon").groups
    (('colour', ('red', 'green')), ('banana', ('banana', 'lemon')))

    Raises:
        InputError: there is no word, or there are too many groups.
    """
    groups = []
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        words = tuple(re.split(r"[\s,;]+", (rest if colon else line).strip(" \t,;")))
        if words != ("",):
            groups.append((name.strip() if colon and name.strip() else words[0], words))
    if not groups:
        raise InputError("There is no word; type some, with spaces between them, a group a line.")
    if len(groups) > MOST_GROUPS:
        raise InputError(f"These are {len(groups):,} lines, each a group; use {MOST_GROUPS} or fewer.")
    sizes = {len(words) for _, words in groups}
    return WordSet("own", "Words of your own", tuple(groups), linked=len(groups) > 1 and len(sizes) == 1)


def _group(name: str, words: str) -> tuple[str, tuple[str, ...]]:
    return name, tuple(words.split())


WORD_SETS: Final[dict[str, WordSet]] = {
    words.key: words
    for words in (
        WordSet(
            key="capitals",
            title="Countries and their capitals",
            groups=(
                _group("country", "france germany italy spain portugal greece poland russia turkey egypt japan china"),
                _group("capital", "paris berlin rome madrid lisbon athens warsaw moscow ankara cairo tokyo beijing"),
            ),
            linked=True,
        ),
        WordSet(
            key="animals",
            title="Animals",
            groups=(
                _group("farm", "cow pig sheep goat horse chicken donkey duck"),
                _group("home", "dog cat hamster rabbit parrot puppy kitten"),
                _group("wild", "lion tiger elephant giraffe zebra wolf bear monkey"),
                _group("water", "shark whale dolphin salmon tuna squid lobster crab"),
                _group("insect", "ant bee wasp mosquito beetle butterfly moth fly"),
            ),
        ),
        WordSet(
            key="verbs",
            title="Verbs by tense",
            groups=(
                _group("base", "walk play go see eat write take give sing swim"),
                _group("past", "walked played went saw ate wrote took gave sang swam"),
                _group("-ing", "walking playing going seeing eating writing taking giving singing swimming"),
            ),
            linked=True,
        ),
        WordSet(
            key="numbers",
            title="Numbers",
            groups=(
                _group("word", "one two three four five six seven eight nine ten twenty hundred"),
                _group("digits", "1 2 3 4 5 6 7 8 9 10 20 100"),
                _group(
                    "ordinal", "first second third fourth fifth sixth seventh eighth ninth tenth twentieth hundredth"
                ),
            ),
            linked=True,
        ),
    )
}


def _scale(key: str, title: str, low: str, high: str, words: str) -> ScalePreset:
    return ScalePreset(key, title, tuple(low.split()), tuple(high.split()), tuple(words.split()))


SCALES: Final[dict[str, ScalePreset]] = {
    scale.key: scale
    for scale in (
        _scale(
            "size",
            "From small to large",
            "small tiny little",
            "large huge big",
            "ant mouse cat dog horse elephant whale mammoth",
        ),
        _scale(
            "gender",
            "From he to she",
            "he",
            "she",
            "nurse dancer librarian teacher doctor soldier plumber scientist engineer lawyer",
        ),
        _scale(
            "worth",
            "From bad to good",
            "bad awful terrible",
            "good great excellent",
            "murder war disease rain work lunch music holiday friendship victory",
        ),
        _scale(
            "place",
            "From village to city",
            "village",
            "city",
            "farm barn cow field church market hotel subway airport skyscraper",
        ),
    )
}

ANALOGIES: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("man", "king", "woman", "queen"),
    ("france", "paris", "italy", "rome"),
    ("walk", "walked", "go", "went"),
    ("good", "better", "bad", "worse"),
    ("man", "doctor", "woman", "doctor"),  # the answer, with the words asked left out, is one of what texts repeat
)

ODD_ONES: Final[tuple[tuple[str, ...], ...]] = (
    ("breakfast", "lunch", "dinner", "cereal"),
    ("france", "germany", "italy", "paris"),
    ("cow", "sheep", "goat", "shark"),
)
