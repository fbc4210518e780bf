"""How does a written text reach the browser, with what could have come at each step, and the branches that part there?

    data = {"title", "facts": [line below a saved picture], "chat": whether a template wrote the prompt,
            "prompt": [token], "numbers": [step] the seed's, or null where the most probable token is taken,
            "most": branches, "call": the line of code, with RETURNED where return_full_text stands,
            "branches": [{"fork": [parent, step, token id] or null for the trunk, "problem": why it isn't there or "",
                          "tokens": [step from where it parts: {"id", "text", "kind", "p", "chance", "kept", "entropy",
                                     "rank": of the token taken or null, "greedy": rank or null,
                                     "likely": [[id, text, p, chance], ...]}],
                          "text", "bits": sum of log2 p, "perplexity", "ended", "speed": tokens drawn a second,
                          "returned": [without the prompt, with it] as Python writes them}]}

Numbers travel with six digits. The browser asks for other branches (`asked`: the state that it wishes); choosing among
those that are there asks nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.traces import GenerationTrace
from viz import state
from viz.components import shared

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

FOLDER: Final = Path(__file__).parent
MOST: Final = 12  # branches besides the trunk
STEPS: Final = 300
LARGEST_ID: Final = 2**31  # of a token; whether a model has it, only that model knows

# The state that the browser owns, and the values that it leaves out of the URL.
DEFAULTS: Final[dict[str, Any]] = {"fork": "", "branch": 0, "step": 0, "return_full_text": 1}


@dataclass(frozen=True)
class Fork:
    """Where a branch parts from another, and with which token."""

    parent: int  # 0: the trunk; else a branch, counted from 1
    step: int
    token: int


@dataclass(frozen=True)
class Branch:
    """A text that parts from another."""

    fork: Fork
    trace: GenerationTrace | None  # of the whole text from the trunk's beginning on
    problem: str = ""  # why there is none


@dataclass(frozen=True)
class Written:
    """A text that is there."""

    number: int  # 0: the trunk; else the branch, counted from 1
    fork: Fork | None
    trace: GenerationTrace

    @property
    def begins(self) -> int:
        """The first step that is its own."""
        return self.fork.step if self.fork else 0


@dataclass(frozen=True)
class Tree:
    """A text, and those that part from it."""

    trunk: GenerationTrace
    branches: tuple[Branch, ...] = ()

    def trace(self, number: int) -> GenerationTrace | None:
        """The text of the trunk (0) or of a branch, from 1; None: it isn't there."""
        if number == 0:
            return self.trunk
        return self.branches[number - 1].trace if number <= len(self.branches) else None

    @property
    def texts(self) -> list[Written]:
        """Those that are there."""
        branches = enumerate(self.branches, 1)
        return [
            Written(0, None, self.trunk),
            *(Written(number, branch.fork, branch.trace) for number, branch in branches if branch.trace),
        ]


class Forks:
    """The kind of value (viz.state.Kind) that the branches in a link are: "0.3.1234,1.7.88"."""

    def parse(self, text: str) -> str:
        """The same text, once it is known to hold branches. Raises ValueError if it doesn't."""
        forks(text)
        return text

    def allowed(self) -> str:
        return (
            f"up to {MOST} branches, each a branch before it (0: the trunk), the number of a token (from 0) and the id "
            "of what stands there instead, as in 0.3.1234,1.7.88"
        )


def forks(text: str) -> list[Fork]:
    """The branches that a link's text holds.

    Raises:
        ValueError: it holds something else.
    """
    found: list[Fork] = []
    for part in text.split(",") if text else []:
        if not re.fullmatch(r"\d{1,2}\.\d{1,3}\.\d{1,10}", part, re.ASCII):
            raise ValueError(text)
        fork = Fork(*map(int, part.split(".")))
        if fork.parent > len(found) or fork.step >= STEPS or fork.token >= LARGEST_ID or len(found) == MOST:
            raise ValueError(text)
        found.append(fork)
    return found


def parameters(tree: Tree, chosen: int) -> dict[str, state.Kind]:
    """What a link may say of this tree while the chosen branch is on show, for `viz.state.read`."""
    steps = len((tree.trace(chosen) or tree.trunk).tokens)
    return {
        "fork": Forks(),
        "branch": state.Whole(len(tree.branches) + 1),
        "step": state.Whole(steps),
        "return_full_text": state.Whole(2),
    }


@dataclass(frozen=True)
class Texts:
    """What stands around the branches."""

    title: str
    facts: Sequence[str]  # the lines below a saved picture
    call: str  # the line of code, with RETURNED where return_full_text stands
    chat: bool
    numbers: Sequence[float] | None  # [step] the seed's; None where nothing is drawn
    penalised: bool  # whether a penalty may make another token than the most probable one greedy's
    ended: Callable[[GenerationTrace], str]  # how it ended
    returned: Callable[[GenerationTrace], tuple[str, str]]  # without the prompt, with it


def pack(tree: Tree, texts: Texts) -> bytes:
    """The tree as it travels."""
    there = {written.number: written for written in tree.texts}
    return shared.pack(
        {
            "title": texts.title,
            "facts": list(texts.facts),
            "chat": texts.chat,
            "prompt": shared.tokens(tree.trunk.token_table),
            "numbers": None if texts.numbers is None else [float(f"{number:.6g}") for number in texts.numbers],
            "most": MOST,
            "call": texts.call,
            "branches": [
                _branch(there[number], texts) if number in there else _missing(tree.branches[number - 1])
                for number in range(len(tree.branches) + 1)
            ],
        }
    )


def text_tree(
    packed: bytes, *, key: str, state: Mapping[str, Any], command: int = 0, **answers: Any
) -> ComponentResult:
    """Show it in a Streamlit page.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        command: how often the page itself has taken branches away.
        answers: `on_asked_change`: the visitor wishes for {"fork", "branch", "step"}.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=DEFAULTS, command=command, **answers)


def _branch(written: Written, texts: Texts) -> dict[str, Any]:
    trace, steps = written.trace, len(written.trace.tokens)
    return {
        "fork": written.fork and [written.fork.parent, written.fork.step, written.fork.token],
        "problem": "",
        "tokens": [_step(trace, step, texts.penalised) for step in range(written.begins, steps)],
        "text": trace.text,
        "bits": _short(trace.bits),
        "perplexity": _short(trace.perplexity),
        "ended": texts.ended(trace),
        "speed": _short((steps - trace.given) / trace.seconds) if trace.seconds > 0 else None,
        "returned": texts.returned(trace),
    }


def _missing(branch: Branch) -> dict[str, Any]:
    return {"fork": [branch.fork.parent, branch.fork.step, branch.fork.token], "problem": branch.problem, "tokens": []}


def _step(trace: GenerationTrace, step: int, penalised: bool) -> dict[str, Any]:
    """One token, and what else could have come."""
    ids, chances = trace.likely[step].tolist(), trace.likely_chances[step].tolist()
    token = int(trace.tokens[step])
    is_end = trace.ended == "token" and step + 1 == len(trace.tokens)
    return {
        "id": token,
        "text": trace.texts[step],
        "kind": "special" if is_end else "text",
        "p": _short(trace.probabilities[step]),
        "chance": _short(trace.chances[step]),
        "kept": int(trace.kept[step]),
        "entropy": _short(trace.entropies[step]),
        "rank": ids.index(token) if token in ids else None,
        "greedy": greedy_rank(chances, penalised),
        "likely": [
            [number, text, _short(p), _short(chance)]
            for number, text, p, chance in zip(
                ids, trace.likely_texts[step], trace.likely_probabilities[step], chances, strict=True
            )
        ],
    }


def greedy_rank(chances: Sequence[float], penalised: bool) -> int | None:
    """Which of the most probable tokens greedy search would take; None where that can't be told from these.

    Args:
        chances: [rank] behind the samplers.
        penalised: whether a penalty has changed which token is the most probable one.
    """
    if not penalised:
        return 0
    best = int(np.argmax(chances))
    return best if chances[best] > 1 - math.fsum(chances) else None


def _short(value: float) -> float:
    return float(f"{value:.6g}")
