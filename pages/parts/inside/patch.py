"""The view "patch" of the page of the inside: tensors of one prompt put in place of another's."""

from __future__ import annotations

from typing import Final, NoReturn
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults
from models.engine import Request
from models.traces import InputError, NextTokenTrace, PatchingTrace, Tokens
from pages.parts.inside import asking, patch_files
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import patching, unequal_prompts
from viz.inside_words import patch as words

# What can be patched: its name in the link, and in a request.
WHATS: Final = {"residual stream": "residual", "attention": "attention", "MLP": "mlp", "heads": "heads"}
GOOD: Final = 1e-3  # of the larger difference of logits: batches and kept keys add in another order


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = asking.model()
            text = asking.text(label="Prompt that runs")
            other = asking.text(defaults.COUNTERPART, "Prompt that is patched in", "other")
            what = page.choose("What is patched", list(WHATS), key="what", help=words.WHAT)
            pair = {key: page.type_word(*said, key=key, help=words.PAIR) for key, said in words.TYPED.items()}
        with st.container(gap=None):  # what may have to be waited for leaves no hole
            asked = _asked(controls, model, text, other, {"what": WHATS[what]} | pair)
        if asked is None:
            return
        trace, plain = asked
        view, wrong = state.read(patching.parameters(trace), page.linked())
        complaints += wrong
        _draw(trace, what, view)
        _check(trace, plain)
        _facts(trace)
        page.source(trace.source, len(trace.token_table))
        patch_files.save(trace)


def _asked(
    controls: DeltaGenerator, model: str, text: str, other: str, settings: dict[str, str]
) -> tuple[PatchingTrace, list[float]] | None:
    """What the patches do, and both prompts' own differences of the two logits; None while that isn't known.

    Raises:
        InputError: the prompts can't be patched.
    """
    first = answer(Request("next", model, text))
    second = None
    with page.guarded("other"):
        second = answer(Request("next", model, other)) if first else None
    if not (isinstance(first, NextTokenTrace) and isinstance(second, NextTokenTrace)):
        return None
    tables = (first.token_table, second.token_table)
    if len(tables[0]) != len(tables[1]):
        _unequal(tables)
    with controls:
        begin, end = asking.window(len(tables[0]))
    if end != len(tables[0]):
        settings["first"] = str(begin)
    trace = answer(
        Request(
            "patching", model, text, other, settings=tuple((name, value) for name, value in settings.items() if value)
        )
    )
    if not isinstance(trace, PatchingTrace):
        return None
    return trace, [float(each.logits[trace.answer] - each.logits[trace.rival]) for each in (first, second)]


def _unequal(tables: tuple[Tokens, Tokens]) -> NoReturn:
    """Says where two prompts that can't be patched have different numbers of tokens."""
    packed = unequal_prompts.pack(
        tables, title="Both prompts, token by token", facts=[], names=("prompt that runs", "prompt that is patched in")
    )
    unequal_prompts.unequal_prompts(packed, key="unequal prompts")
    raise InputError(words.UNEQUAL.format(*map(len, tables)))


def _draw(trace: PatchingTrace, what: str, view: dict[str, object]) -> None:
    """The figure."""
    source = trace.source
    title = catalog.resolve(source.model).title
    shared = {"model": source.model, "text": source.text}
    packed = patching.pack(
        trace,
        title=f"{what[0].upper()}{what[1:]} of {title}, patched",
        facts=[
            f"Runs: {source.text}",
            f"Patched in: {source.pair}",
            f"{source.made_by}, revision {source.revision[:12]}",
        ],
        links={
            "walk": f"inside?{urlencode({'view': 'walk', **shared})}",
            "lens": f"inside?{urlencode({'view': 'lens', **shared})}",
            "attention": f"attention?{urlencode(shared)}",
        },
    )
    patching.patching(packed, key="patching", state=view, defaults=patching.defaults(trace))


def _check(trace: PatchingTrace, plain: list[float]) -> None:
    """Ours beside plain passes: those of the two prompts, and some patches one by one."""
    column = trace.checked[:, 1] - (0 if trace.what == "heads" else trace.first)
    ours = np.array([trace.before, trace.other, *trace.patched[trace.checked[:, 0], column]])
    off = float(np.abs(ours - [*plain, *trace.alone]).max())
    count = len(trace.checked)
    page.badge(
        f"the two prompts{f' and {count} patches' if count else ''}, each run by a plain pass: differences of logits "
        f"within {theme.power(off)}",
        good=off <= GOOD * max(1.0, *map(abs, plain)),
        explanation=words.CHECK,
    )


def _facts(trace: PatchingTrace) -> None:
    """What is shown of a long prompt, and where the answer's way goes over to the last token."""
    count = len(trace.token_table)
    if count != trace.end - trace.first:
        st.caption(words.WINDOW.format(count=count, first=trace.first, last=trace.end - 1))
    if trace.source.text == trace.source.pair:
        moved = float(np.abs(trace.patched - trace.before).max())
        page.facts(words.ITSELF.format(count=trace.patched.size, moved=theme.power(moved)))
    over = trace.recovered[:, -1] > patching.HALF
    if trace.what == "residual" and trace.end == count and over.any():
        page.facts(words.ARRIVES.format(layer=int(over.argmax())))
