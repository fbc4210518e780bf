"""Which views can a link hold?

A page declares the state that its component owns in the browser as one table, name -> kind of value. The component
changes these values without a round trip and writes them into the URL itself; here they are read when a link is
opened. A link is a stranger's text: a value that isn't allowed is left out, and the page says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

NAMED: Final = 60  # words of a choice that a sentence can name


class Kind(Protocol):
    """What values a parameter takes."""

    def parse(self, text: str) -> object:
        """The value that the text stands for. Raises ValueError if it isn't allowed."""
        ...

    def allowed(self) -> str:
        """What is allowed, for a sentence: "it can be ..."."""
        ...


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def parse(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(text)
        return text

    def allowed(self) -> str:
        if len(self.words) > NAMED:
            return f"one of the {len(self.words)} in the list"
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True)
class Whole:
    """A whole number from `least` up to, and without, `below`."""

    below: int
    least: int = 0

    def parse(self, text: str) -> int:
        digits = text.removeprefix("-") if self.least < 0 else text
        if not (digits.isascii() and digits.isdecimal() and len(text) < 20 and self.least <= int(text) < self.below):
            raise ValueError(text)
        return int(text)

    def allowed(self) -> str:
        return f"a number from {self.least} to {self.below - 1}"


@dataclass(frozen=True)
class Wholes:
    """Several such numbers, with commas between them."""

    below: int

    def parse(self, text: str) -> str:
        if len(text) > 1000:
            raise ValueError(text)
        return ",".join(str(Whole(self.below).parse(number)) for number in text.split(","))

    def allowed(self) -> str:
        return f"numbers from 0 to {self.below - 1} with commas between them"


@dataclass(frozen=True)
class Number:
    """A finite number, within limits if there are any."""

    least: float = -math.inf
    most: float = math.inf

    def parse(self, text: str) -> float:
        value = float(text[:40])
        if not (math.isfinite(value) and self.least <= value <= self.most):
            raise ValueError(text)
        return value

    def allowed(self) -> str:
        return "a number" if math.isinf(self.most) else f"a number from {self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Text:
    """A text of at most so many characters."""

    most: int

    def parse(self, text: str) -> str:
        text.encode()  # half of a character raises a kind of ValueError
        if len(text) > self.most:
            raise ValueError(text)
        return text

    def allowed(self) -> str:
        return f"a text of up to {self.most:,} characters"


def read(table: Mapping[str, Kind], query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values that a link holds, and one sentence for each value that can't be used."""
    values: dict[str, Any] = {}
    complaints: list[str] = []
    for name, kind in table.items():
        if name not in query:
            continue
        try:
            values[name] = kind.parse(query[name])
        except ValueError:
            shown = query[name] if len(query[name]) <= 40 else f"{query[name][:40]}…"
            complaints.append(
                f"The link asks for {name} “{shown}”, but it can be {kind.allowed()}; the usual one is shown instead."
            )
    return values, complaints
