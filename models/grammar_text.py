"""What would a text look like in which words of one kind stand in the same places, and in no others?

Like this one: a grammar of a few rules writes it, always the same. Nothing in it says that a cat and a dog are animals
or that queens are women; but an animal is fed, and a queen has *her* crown. What a training finds out from it, it has
from the neighbours of the words alone, as from any text; in a real text, such neighbours are less tidy.
"""

from __future__ import annotations

import random
from typing import Final

SENTENCES: Final = 3_000
SEED: Final = 0

# (person, he or she, his or her, royal or plain, old or young)
PERSONS: Final = (
    ("king", "he", "his", "royal", "old"),
    ("queen", "she", "her", "royal", "old"),
    ("prince", "he", "his", "royal", "young"),
    ("princess", "she", "her", "royal", "young"),
    ("man", "he", "his", "plain", "old"),
    ("woman", "she", "her", "plain", "old"),
    ("boy", "he", "his", "plain", "young"),
    ("girl", "she", "her", "plain", "young"),
)
KINDS: Final[dict[str, str]] = {
    "animal": "dog cat horse cow sheep",
    "fruit": "apple pear plum cherry",
    "food": "grass hay bread fish",
    "place": "field garden orchard stable",
    "feeds": "feeds keeps calls",
    "eats": "eats smells finds",
    "near": "in near",
    "tastes": "tastes looks",
    "sweet": "sweet sour ripe",
    "royal wears": "wears polishes",
    "royal dress": "crown robe ring",
    "royal home": "palace castle",
    "plain wears": "wears washes",
    "plain dress": "coat hat shirt",
    "plain home": "house cottage",
    "old does": "rules works",
    "old is": "old grey",
    "young does": "plays learns",
    "young is": "young small",
}
# What the nouns name, so that a picture can show it; no training sees it.
NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "animals": ("animal",),
    "fruit": ("fruit",),
    "food": ("food",),
    "places": ("place",),
    "clothes": ("royal dress", "plain dress"),
    "homes": ("royal home", "plain home"),
}
# Each is as frequent as it is often here.
RULES: Final = (
    "The {person} {rank wears} {his} {rank dress} in {his} {rank home}.",
    "The {person} {feeds} {his} {animal}.",
    "{He} {age does}, said the {person}, and {he} is {age is}.",
    "The {animal} {eats} the {food} {near} the {place}.",
    "The {fruit} {tastes} {sweet} {near} the {place}.",
)


def text() -> str:
    """The text: `SENTENCES` sentences, drawn from the rules with a fixed seed."""
    draw = random.Random(SEED)  # noqa: S311 - it need not be unguessable, only the same each time
    return " ".join(_sentence(draw) for _ in range(SENTENCES))


def nouns() -> dict[str, str]:
    """What each noun of the text names: "people" and the names of `NOUNS`."""
    found = {person: "people" for person, *_ in PERSONS}
    for name, kinds in NOUNS.items():
        found |= {word: name for kind in kinds for word in KINDS[kind].split()}
    return found


def _sentence(draw: random.Random) -> str:
    rule = draw.choice(RULES)
    person, he, his, rank, age = draw.choice(PERSONS)
    for name, value in (("rank", rank), ("age", age)):
        rule = rule.replace(f"{{{name} ", f"{{{value} ")
    chosen = {kind: draw.choice(words.split()) for kind, words in KINDS.items()}
    return rule.format_map({**chosen, "person": person, "he": he, "He": he.capitalize(), "his": his})
