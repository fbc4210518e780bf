"""How do the texts differ that several seeds draw from the same prompt?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from models import catalog, defaults, parting
from models.parting import Branch
from models.traces import GenerationTrace, InputError
from pages.parts.next_token import asking, vary_files
from pages.parts.next_token.asking import Prompt
from pages.parts.running import may_fetch
from pages.parts.several import answers
from viz import page, state
from viz.components import text_fan
from viz.next_token_words import vary as words


def ask(prompt: Prompt, tokens: int) -> Callable[[list[str]], None]:
    """The controls, in the current container, and what draws the figure then."""
    times = page.number("Times", (2, text_fan.MOST), defaults.TIMES, key="times", help=words.TIMES)
    chain = asking.chain()
    seed = asking.seed()

    def draw(complaints: list[str]) -> None:
        requests = parting.requests(
            prompt.model, prompt.text, chain=chain, seed=seed, tokens=tokens, times=times, settings=prompt.settings
        )
        found = answers(requests) if may_fetch(catalog.resolve(prompt.model)) else None
        if found is not None:
            wrong = next((outcome for outcome in found if isinstance(outcome, InputError)), None)
            if wrong is not None:
                raise wrong
            traces = [trace for trace in found if isinstance(trace, GenerationTrace)]
            seeds = [dict(request.settings)["seed"] for request in requests[:-1]]
            _show(prompt.text, traces[:-1], traces[-1], seeds, complaints)

    return draw


def _show(
    prompt: str,
    found: Sequence[GenerationTrace],
    again: GenerationTrace,
    seeds: Sequence[str],
    complaints: list[str],
) -> None:
    """The tree, the check, the files."""
    view, wrong = state.read(text_fan.PARAMETERS, st.query_params)
    complaints += wrong
    source, names = found[0].source, [f"seed {seed}" for seed in seeds]
    leaves = parting.leaves(found)
    counted, expected = parting.agreement(found)
    packed = text_fan.pack(
        found,
        _flat(parting.tree(found)),
        names,
        leaves,
        (counted.tolist(), expected.tolist()),
        title=words.SEEDS_TITLE.format(count=len(found), model=catalog.resolve(source.model).title),
        facts=[f"Prompt: {source.text}", f"Model: {source.made_by}, revision {source.revision[:12]}"],
        prompt=prompt,
    )
    text_fan.text_fan(packed, key="text fan", state=view)
    same = again.tokens.tolist() == found[0].tokens.tolist()
    page.badge(
        words.AGAIN.format(seed=seeds[0], outcome="the same text" if same else "another text"),
        good=same,
        explanation=words.AGAIN_HELP,
    )
    page.source(source, len(found[0].token_table))
    vary_files.save_seeds(found, seeds, leaves, counted.tolist(), expected.tolist())


def _flat(tree: Branch) -> list[tuple[int, int, Sequence[int], Sequence[int]]]:
    """All branches in one list, a branch before those behind it, as `text_fan.pack` takes them."""
    ordered = [tree]
    for branch in ordered:
        ordered.extend(branch.after)
    number = {id(branch): place for place, branch in enumerate(ordered)}
    return [
        (branch.start, branch.stop, branch.texts, [number[id(after)] for after in branch.after]) for branch in ordered
    ]
