"""The view "generate" of the page of the next token: a text written token by token, and its branches."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog
from models.traces import GenerationTrace
from pages.parts.next_token import generate_asking, generate_check, generate_files, generate_tree
from pages.parts.next_token.generate_asking import Asked
from viz import page, state
from viz.components import text_tree
from viz.components.text_tree import Tree
from viz.next_token_words import generate as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            asked = generate_asking.ask()
        query, wanted = generate_tree.linked(asked, complaints)
        tree = generate_tree.grow(asked, wanted)
        if tree is not None:
            complaints += generate_tree.complain(tree)
            _draw(asked, tree, query, complaints)


def _draw(asked: Asked, tree: Tree, query: dict[str, str], complaints: list[str]) -> None:
    """The figure, and all that goes with it; `query` is what the figure's part of the link says."""
    trunk = tree.trunk
    chosen = query.get("branch", "0")
    number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 3 else 0
    view, wrong = state.read(text_tree.parameters(tree, number), query)
    complaints += wrong
    packed = text_tree.pack(
        tree,
        text_tree.Texts(
            title=f"{catalog.resolve(asked.prompt.model).title} goes on with “{asked.prompt.text}”",
            facts=[words.settings(asked.call), *generate_files.origin(trunk)],
            call=asked.call,
            chat=asked.prompt.chat,
            numbers=asked.numbers,
            penalised=asked.penalised,
            ended=lambda trace: words.ended(trace, asked.stop),
            returned=lambda trace: _returned(asked, trace),
        ),
    )
    text_tree.text_tree(
        packed,
        key=generate_tree.KEY,
        state=view,
        command=generate_tree.command(),
        on_asked_change=generate_tree.wish,
    )
    place = st.container()
    page.facts(*_facts(asked, trunk))
    page.source(trunk.source, len(trunk.token_table))
    generate_files.save(asked, tree)
    with place:
        generate_check.show(asked, [text.trace for text in tree.texts])


def _returned(asked: Asked, trace: GenerationTrace) -> tuple[str, str]:
    """What transformers' pipeline returns, as Python writes it: without the prompt, and with it."""
    if not asked.prompt.chat:
        return repr(trace.text), repr(asked.prompt.text + trace.text)
    messages = [{"role": "user", "content": asked.prompt.text}, {"role": "assistant", "content": trace.text}]
    return repr(trace.text), repr(messages)


def _facts(asked: Asked, trunk: GenerationTrace) -> list[str]:
    """One line below the figure."""
    drawn = [words.NUMBERS] if asked.drawn else []
    speed = f"{len(trunk.tokens) / trunk.seconds:.3g} tokens a second"
    return [f"ended {words.ended(trunk, asked.stop)}", speed, *drawn]
