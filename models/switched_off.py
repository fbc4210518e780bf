"""Which parts of a model are switched off, and how does a link say so?

    off=13.8            head 8 of layer 13 writes nothing
    off=a5,m5,l5        so do the attention and the MLP of layer 5; the layer leaves what enters it
    off=13.8x0.5,a5x2   what they write is multiplied by a number, from -10 to 10
    off=13.8:7>1        in that head, token 7 (it asks) may not look at token 1: an edge of attention is cut
    off=a13:7>1         the same in every head of the layer

Commas stand between them; layers, heads and tokens count from 0. What is named twice counts as it is named last, and
what is multiplied by 1 is not switched off. `in_force` says what is off in this thread right now
(models/interventions.py switches it off), so that whoever computes a pass again can do as the model does.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from models.traces import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.language_model import LanguageModel

Kind = Literal["head", "attention", "mlp", "layer"]
LETTERS: Final[dict[str, Kind]] = {"a": "attention", "m": "mlp", "l": "layer"}
LARGEST: Final = 10.0
MOST: Final = 2_000  # parts: every head of any model here
EXAMPLES: Final = "13.8 (a head), a5, m5 or l5 (attention, MLP, layer), m5x0.5 (scaled) or 13.8:7>1 (an edge)"
# Analyses in which no part of a model is at work as a whole, and those that switch parts off themselves.
UNTOUCHED: Final = frozenset(
    {
        "vocabulary",
        "neighbours",
        "table",
        "positions",
        "ways",
        "matrices",
        "matrix",
        "norms",
        "weight row",
        "quantised",
        "changed",
        "each off",
    }
)
_SPELLED: Final = re.compile(
    r"(?:(?P<kind>[aml])(?P<whole>\d{1,4})|(?P<layer>\d{1,4})\.(?P<head>\d{1,4}))"
    r"(?::(?P<query>\d{1,6})>(?P<key>\d{1,6})|x(?P<scale>-?\d{1,2}(?:\.\d{1,6})?))?"
)


@dataclass(frozen=True)
class Part:
    """Something of the model whose output is scaled, or an edge of its attention that is cut."""

    kind: Kind
    layer: int
    head: int = 0  # of a head
    scale: float = 0.0
    edge: tuple[int, int] | None = None  # of a head or of all heads of an attention: (query, key)

    def __str__(self) -> str:
        """As a link says it."""
        place = f"{self.layer}.{self.head}" if self.kind == "head" else f"{self.kind[0]}{self.layer}"
        if self.edge is not None:
            return f"{place}:{self.edge[0]}>{self.edge[1]}"
        return f"{place}x{self.scale:.6f}".rstrip("0").rstrip(".") if self.scale else place

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.kind == "head":
            return f"head {self.layer}.{self.head}"
        return {"attention": "the attention", "mlp": "the MLP"}.get(self.kind, "all") + f" of layer {self.layer}"

    @property
    def words(self) -> str:
        """What is done to it, in words."""
        if self.edge is not None:
            heads = f"head {self.layer}.{self.head}" if self.kind == "head" else f"all heads of layer {self.layer}"
            return f"token {self.edge[0]} may not look at token {self.edge[1]} in {heads}"
        return f"{self.place} {'off' if not self.scale else f'× {self.scale:g}'}"


def read(text: str) -> tuple[tuple[Part, ...], list[str]]:
    """The parts that a link names, each once and in order, and what in it names none."""
    found: dict[object, Part] = {}
    wrong: list[str] = []
    for spelled in filter(None, text.replace(" ", "").split(",")):
        part = _part(spelled)
        if part is None:
            wrong.append(spelled)
        else:
            found[replace(part, scale=0.0)] = part
    parts = sorted((part for part in found.values() if part.edge or part.scale != 1), key=_order)
    wrong += map(str, parts[MOST:])
    return tuple(parts[:MOST]), wrong


def _part(spelled: str) -> Part | None:
    match = _SPELLED.fullmatch(spelled) if spelled.isascii() else None
    if match is None:
        return None
    kind: Kind = LETTERS[match["kind"]] if match["kind"] else "head"
    layer, head = int(match["whole"] or match["layer"]), int(match["head"] or 0)
    if match["query"]:
        return (
            None if kind in ("mlp", "layer") else Part(kind, layer, head, edge=(int(match["query"]), int(match["key"])))
        )
    scale = float(match["scale"] or 0)
    return Part(kind, layer, head, scale) if abs(scale) <= LARGEST else None


def _order(part: Part) -> tuple[object, ...]:
    return part.layer, part.kind, part.head, part.edge or ()


def written(parts: Iterable[Part]) -> str:
    """As a link says it; the same parts are always written the same way."""
    return ",".join(map(str, sorted(parts, key=_order)))


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts that a request names.

    Raises:
        InputError: it names something else.
    """
    parts, wrong = read(text)
    if wrong:
        raise InputError(f"“{wrong[0][:40]}” is no part of a model; write {EXAMPLES}.")
    return parts


def check(parts: Iterable[Part], name: str, layers: int, heads: int) -> None:
    """Refuse what this model hasn't got.

    Raises:
        InputError: it has no such part.
    """
    for part in parts:
        if not 0 <= part.layer < layers or (part.kind == "head" and not 0 <= part.head < heads):
            what = f"head {part.layer}.{part.head}" if part.kind == "head" else f"layer {part.layer}"
            raise InputError(
                f"{name} has {layers} layers of {heads} heads, counted from 0, and so no {what}: clear what is "
                "switched off, or choose another model."
            )


@dataclass(frozen=True)
class Factors:
    """What the parts of a model write is multiplied by."""

    head: NDArray[np.float32]  # [layer, head]
    attention: NDArray[np.float32]  # [layer]
    mlp: NDArray[np.float32]  # [layer]
    layer: NDArray[np.float32]  # [layer] what a layer adds to what enters it


def factors(parts: Sequence[Part], layers: int, heads: int) -> Factors | None:
    """Those of these parts; None: nothing is scaled."""
    scaled = [part for part in parts if part.edge is None]
    if not scaled:
        return None
    found = Factors(
        np.ones((layers, heads), np.float32), *(np.ones(layers, np.float32) for _ in ("attention", "mlp", "layer"))
    )
    for part in scaled:
        where = (part.layer, part.head) if part.kind == "head" else part.layer
        getattr(found, part.kind)[where] = part.scale
    return found


_here = threading.local()


def in_force(lm: LanguageModel) -> tuple[Part, ...]:
    """What is switched off in this model for this thread."""
    stack: list[tuple[LanguageModel, tuple[Part, ...]]] = getattr(_here, "stack", [])
    return next((parts for model, parts in reversed(stack) if model is lm), ())


@contextmanager
def noted(lm: LanguageModel, parts: Sequence[Part]) -> Iterator[None]:
    """While it lasts, `in_force` gives these parts."""
    stack = _here.__dict__.setdefault("stack", [])
    stack.append((lm, tuple(parts)))
    try:
        yield
    finally:
        stack.pop()
