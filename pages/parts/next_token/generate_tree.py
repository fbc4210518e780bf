"""How does the tree of the view "generate" grow? Its branches are read from the link, and written level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.engine import Request
from models.traces import GenerationTrace, InputError, Trace
from pages.parts.next_token.generate_asking import Asked
from pages.parts.running import answer
from pages.parts.several import answers
from viz import state
from viz.components.text_tree import Branch, Fork, Forks, Tree, forks
from viz.next_token_words import generate as words

KEY = "text tree"
PLACE = 150  # pixels of the text that is being written


def linked(asked: Asked, complaints: list[str]) -> tuple[dict[str, str], list[Fork]]:
    """What the figure's part of the link says now, and the branches in it.

    Branches belong to a prompt: with another one they are taken away. What the visitor has just asked for counts
    before the address, which the browser may not have written yet.
    """
    query = st.query_params.to_dict() | st.session_state.pop(f"{KEY} wish", {})
    about = (asked.prompt.model, asked.prompt.text, asked.prompt.chat)
    if st.session_state.setdefault(f"{KEY} about", about) != about:
        st.session_state[f"{KEY} about"] = about
        st.session_state[f"{KEY} left"] = query.get("fork", "")
        st.session_state[f"{KEY} command"] = command() + 1
    if query.get("fork") and query["fork"] == st.session_state.get(f"{KEY} left"):
        query = {name: value for name, value in query.items() if name not in ("fork", "branch", "step")}
    read, wrong = state.read({"fork": Forks()}, query)
    complaints += wrong
    if wrong:
        del query["fork"]
    return query, forks(read.get("fork", ""))


def command() -> int:
    """How often branches have been taken away with their prompt."""
    count: int = st.session_state.get(f"{KEY} command", 0)
    return count


def wish() -> None:
    """The visitor has asked for other branches."""
    asked: Mapping[str, object] = (st.session_state.get(KEY) or {}).get("asked") or {}
    st.session_state[f"{KEY} wish"] = {name: str(asked[name]) for name in ("fork", "branch", "step") if name in asked}


def grow(asked: Asked, wanted: Sequence[Fork]) -> Tree | None:
    """The trunk and its branches; None if there is none yet. Those of one level are written together.

    Raises:
        InputError: the trunk can't be written.
    """
    place, request = st.empty(), asked.request()

    def draw(so_far: Trace) -> None:
        st.session_state[f"{KEY} written"] = (request, so_far)
        _write(place, [so_far])

    trunk = answer(request, draw) or _stopped(request)
    place.empty()
    if not isinstance(trunk, GenerationTrace):
        return None
    tree = Tree(trunk, tuple(Branch(fork, None) for fork in wanted))
    while level := {number: given for number in range(1, len(wanted) + 1) if (given := _given(tree, number))}:
        found = answers([asked.request(given) for given in level.values()], lambda so_far: _write(place, so_far))
        place.empty()
        tree = _with(tree, dict(zip(level, found or [InputError(words.STOPPED)] * len(level), strict=True)))
    return Tree(trunk, tuple(_explained(tree, branch) for branch in tree.branches))


def _stopped(request: Request) -> Trace | None:
    """The part of the trunk that was written when the visitor pressed Stop."""
    of, part = st.session_state.get(f"{KEY} written", (None, None))
    return part if of == request and isinstance(part, GenerationTrace) and len(part.tokens) else None


def _given(tree: Tree, number: int) -> list[int]:
    """What is laid down at a branch's beginning; nothing if it is there already, or can't be written yet."""
    branch = tree.branches[number - 1]
    parent = tree.trace(branch.fork.parent)
    if branch.trace or branch.problem or parent is None or branch.fork.step >= len(parent.tokens):
        return []
    return [*parent.tokens[: branch.fork.step].tolist(), branch.fork.token]


def _with(tree: Tree, found: Mapping[int, Trace | InputError]) -> Tree:
    """The tree with some more branches: {number: its text, or why there is none}."""

    def grown(number: int, branch: Branch) -> Branch:
        outcome = found.get(number)
        if outcome is None:
            return branch
        trace = outcome if isinstance(outcome, GenerationTrace) else None
        return Branch(branch.fork, trace, "" if trace else str(outcome))

    return Tree(tree.trunk, tuple(grown(number, branch) for number, branch in enumerate(tree.branches, 1)))


def _explained(tree: Tree, branch: Branch) -> Branch:
    """A branch, with the reason if it has no place."""
    if branch.trace or branch.problem:
        return branch
    parent = tree.trace(branch.fork.parent)
    steps = None if parent is None else len(parent.tokens)
    return Branch(branch.fork, None, words.no_place(branch.fork.parent, branch.fork.step, steps))


def _write(place: DeltaGenerator, so_far: Sequence[Trace | None]) -> None:
    """The texts that are being written, as plain text in a place of a fixed height."""
    texts = [trace.text for trace in so_far if isinstance(trace, GenerationTrace)]
    with place.container(height=PLACE, border=True, autoscroll=True):
        st.text("\n\n".join(texts))


def complain(tree: Tree) -> list[str]:
    """A sentence for each branch of the link that isn't there."""
    problems = ((number, branch.problem) for number, branch in enumerate(tree.branches, 1))
    return [f"Branch {number}: {problem}" for number, problem in problems if problem not in ("", words.STOPPED)]
