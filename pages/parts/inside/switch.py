"""The view "switch" of the page of the inside: parts switched off, scaled or cut, and what becomes of the answer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, switched_off
from models.engine import Request
from models.traces import ChangedTrace, EachOffTrace
from pages.parts import switching
from pages.parts.inside import asking, switch_files
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import switch_board
from viz.inside_words import switch as words

KEY: Final = "switch board"
GOOD: Final = 1e-4  # between probabilities


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model, text = asking.model(), asking.text()
            alone = st.toggle(words.EACH, key="each", bind="query-params", help=words.EACH_HELP)
        switching.banner(Request("forward", model, text))
        first = asking.first()
        before = answer(_request(model, text, "", first))
        if not isinstance(before, ChangedTrace):
            return
        with controls:
            begin, end = asking.window(len(before.token_table))
        parts, _ = switching.linked()
        after = each = None
        with page.guarded():
            if parts:
                found = answer(_request(model, text, switched_off.written(parts), first))
                after = found if isinstance(found, ChangedTrace) else None
        if alone:
            with page.guarded():
                found = answer(Request("each off", model, text))
                each = found if isinstance(found, EachOffTrace) else None
        _, layers, heads, size, _ = before.weights.shape
        view, wrong = state.read(switch_board.parameters(layers, heads), st.query_params)
        complaints += wrong
        if size < len(before.token_table):
            page.facts(inside_words.SHOWN.format(count=len(before.token_table), first=begin, last=end - 1))
        _draw(before, after, each, view, parts)


def _request(model: str, text: str, parts: str, first: int) -> Request:
    """The passes without and with these parts."""
    request = defaults.switched(model, text, parts)
    settings = request.settings if first == asking.LAST else (*request.settings, ("first", str(first)))
    return Request("changed", model, text, settings=settings)


def _draw(
    before: ChangedTrace,
    after: ChangedTrace | None,
    each: EachOffTrace | None,
    view: dict[str, Any],
    parts: tuple[switched_off.Part, ...],
) -> None:
    """The figure, and all that goes with it."""
    asked = st.session_state.get(KEY) or {}
    usual = dict(zip(("layer", "head"), defaults.WATCHED, strict=True))
    _, layers, heads, _, _ = before.weights.shape
    if layers <= usual["layer"] or heads <= usual["head"]:
        usual = dict(switch_board.DEFAULTS)
    around = asked.get("around")
    shown = before if after is None else after
    off = switched_off.written(parts)
    facts = [
        f"Model: {shown.source.model}, revision {shown.source.revision[:12]}",
        f"Text: {shown.source.text}",
        f"Switched off, scaled or cut: {off or 'nothing'}",
    ]
    packed = switch_board.pack(
        before,
        after,
        each,
        off=off,
        asked=str(asked.get("asked", "")),
        around=int({**usual, **view}["layer"] if around is None else around),
        facts=facts,
    )
    switch_board.switch_board(packed, key=KEY, state=view, defaults=usual, asks=_ask)
    _badges(before, shown, each)
    page.source(shown.source, len(shown.token_table))
    switch_files.save(shown, each)


def _ask() -> None:
    """The visitor has asked for other parts: they stand in the link from now on."""
    _number, _, spelled = str((st.session_state.get(KEY) or {}).get("asked") or "").partition(" ")
    parts, wrong = switched_off.read(spelled)
    if parts or wrong:
        st.query_params[switching.KEY] = ",".join([*filter(None, [switched_off.written(parts)]), *wrong])
    else:
        switching.clear()


def _badges(before: ChangedTrace, shown: ChangedTrace, each: EachOffTrace | None) -> None:
    """What can be held against something else."""
    same = np.array_equal(before.logits[0], before.logits[1]) and np.array_equal(before.logits[0], shown.logits[0])
    page.badge(words.NOTHING if same else words.SOMETHING, good=same, explanation=words.NOTHING_CHECK)
    logits = shown.logits.astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    apart = float(
        abs(np.take_along_axis(shares, shown.lens_ids[:, -1], axis=1) - shown.lens_probabilities[:, -1]).max()
    )
    page.badge(words.LENS.format(difference=theme.power(apart)), good=apart < GOOD, explanation=words.LENS_CHECK)
    if each is not None:
        ours = [each.divergences[_place(part, each.heads)] for part in switched_off.parts_of(",".join(each.checked))]
        theirs = dict(zip(each.checked, each.alone.tolist(), strict=True))
        ordered = [theirs[str(part)] for part in switched_off.parts_of(",".join(each.checked))]
        off_by = max(abs(one - other) / max(other, 1.0) for one, other in zip(ours, ordered, strict=True))
        said = words.ALONE.format(parts=", ".join(each.checked), difference=theme.power(off_by))
        page.badge(said, good=off_by < GOOD, explanation=words.ALONE_CHECK)


def _place(part: switched_off.Part, heads: int) -> tuple[int, int]:
    """Where a part stands in the picture of all parts."""
    columns = {"attention": heads, "mlp": heads + 1, "layer": heads + 2}
    return part.layer, columns.get(part.kind, part.head)
