"""The five ways of telling positions: formulas, a model's own table, and a model's own query and key."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults, tables, traces
from models.engine import Request
from models.traces import InputError, RotatedTrace, Source, WayTrace
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import position_lab
from viz.inside_words import positions as words

WAYS = {"learned": "learned", "rotary": "rope", "alibi": "alibi"}
SAME = 1e-4  # of the largest score; float32 turns by angles of up to a thousand
DISTANCES = 128  # in the file


def show(controls: DeltaGenerator, model: str, text: str, complaints: list[str]) -> None:
    """Which two tokens, and the figure.

    Raises:
        InputError: the model or the text can't be used; what needs neither is drawn before.
    """
    with controls:
        token = page.number("Query token", (-1, 511), defaults.TURNED[0], key="token", help=words.QUERY)
        key = page.number("Key token", (-2, 511), defaults.TURNED[1], key="key", help=words.KEY)
    with st.container(gap=None):  # three waits in one place
        found = _ask(model, text, (("token", str(token)), ("key", str(key))))
    if found is None:
        return
    own, learned, turning, rotated, refused = found
    usual = position_lab.usual(rotated) | {"way": WAYS[own.kind]}
    usual |= {"heads": min(own.heads, position_lab.HEADS)} if own.kind == "alibi" else {}
    view, wrong = state.read(position_lab.parameters(rotated), page.linked())
    complaints += wrong
    names = catalog.resolve(learned.source.model).title, catalog.resolve(turning.source.model).title
    facts = [*_origin(learned.source, "learned: "), *_origin((rotated or turning).source, "RoPE: ")]
    said = "" if refused is None else str(refused)
    packed = position_lab.pack(learned, turning, rotated, refused=said, names=names, title="Positions", facts=facts)
    position_lab.position_lab(packed, key="position lab", state=view, defaults=usual)
    _badges(turning, rotated)
    page.facts(*facts)
    _downloads(learned, rotated)
    if refused is not None:
        raise refused


def _ask(
    model: str, text: str, pair: tuple[tuple[str, str], ...]
) -> tuple[WayTrace, WayTrace, WayTrace, RotatedTrace | None, InputError | None] | None:
    """The model's own way, a learned one, RoPE, its vectors, or why none; None where the visitor stopped it."""
    own = answer(Request("ways", model))
    if not isinstance(own, WayTrace):
        return None
    learned = own if own.kind == "learned" else answer(Request("ways", defaults.ENCODER))
    turning = own if own.kind == "rotary" else answer(Request("ways", defaults.DECODER))
    if not isinstance(learned, WayTrace) or not isinstance(turning, WayTrace):
        return None
    try:
        rotated = answer(Request("rotated", turning.source.model, text, settings=pair))
    except InputError as error:
        return own, learned, turning, None, error
    return (own, learned, turning, rotated, None) if isinstance(rotated, RotatedTrace) else None


def _badges(turning: WayTrace, rotated: RotatedTrace | None) -> None:
    """What transformers makes of the same."""
    if rotated is not None:
        good = max(rotated.difference, rotated.own) < SAME
        said = words.ROTARY.format(difference=theme.power(rotated.difference), own=theme.power(rotated.own))
        page.badge(said, good=good, explanation=words.ROTARY_CHECK)
        shifted = theme.power(rotated.shifted)
        page.badge(words.MOVED.format(difference=shifted), good=rotated.shifted < SAME, explanation=words.MOVED_CHECK)
    off = max(turning.sinusoidal, turning.alibi)
    page.badge(words.FORMULAS.format(difference=theme.power(off)), good=off < 1e-6, explanation=words.FORMULAS_CHECK)


def _downloads(learned: WayTrace, rotated: RotatedTrace | None) -> None:
    files: list[page.File] = [
        ("Learned table, CSV", "orrery-position-table.csv", "text/csv", lambda: table_csv(learned)),
    ]
    if rotated is not None:
        trace = rotated
        media = "application/octet-stream"
        files += [
            ("RoPE scores, CSV", "orrery-rope.csv", "text/csv", lambda: scores_csv(trace)),
            ("Queries and keys, trace", "orrery-rope.safetensors", media, lambda: traces.to_bytes(trace)),
        ]
    page.downloads(files)


def table_csv(trace: WayTrace) -> bytes:
    """One row for each position of a learned table: its numbers."""
    columns = ("position", *(f"dimension {number}" for number in range(trace.table.shape[1])))
    rows = ((place, *row) for place, row in enumerate(trace.table.astype(float).tolist()))
    return tables.csv(_header(trace.source), columns, rows)


def scores_csv(trace: RotatedTrace) -> bytes:
    """One row for each layer, head and distance: the score of the query and the key so far apart."""
    scores = trace.by_distance(DISTANCES)
    rows = (
        (layer, head, distance, float(scores[layer, head, distance]))
        for layer in range(scores.shape[0])
        for head in range(scores.shape[1])
        for distance in range(DISTANCES)
    )
    header = _header(trace.source) | {"query token": str(trace.token), "key token": str(trace.key)}
    return tables.csv(header, ("layer", "head", "distance", "score"), rows)


def _header(source: Source) -> dict[str, str]:
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}


def _origin(source: Source, what: str) -> list[str]:
    versions = (f"{package} {version}" for package, version in source.versions.items())
    return [f"{what}{source.made_by}, revision {source.revision[:12]}, {source.dtype}, {', '.join(versions)}"]
