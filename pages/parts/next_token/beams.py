"""The view "beams" of the page of the next token: several texts continued at a time, and which of them survive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import beam, defaults, tables, traces
from models.engine import Request
from models.traces import BeamCheckTrace, BeamTrace
from pages.parts.next_token import asking
from pages.parts.running import answer
from viz import page, state
from viz.components import beam_tree
from viz.next_token_words import beams as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            request = _ask()
        trace = answer(request)
        if not isinstance(trace, BeamTrace):
            return
        beams = [(name, value) if name != "beams" else (name, "1") for name, value in request.settings]
        greedy = answer(replace(request, settings=tuple(beams)))
        if not isinstance(greedy, BeamTrace):
            return
        view, wrong = state.read(beam_tree.parameters(trace), st.query_params)
        complaints += wrong
        facts = _facts(trace)
        packed = beam_tree.pack(trace, greedy, [trace.source.text, " · ".join(facts)])
        beam_tree.beam_tree(packed, key="beam tree", state=view, defaults=beam_tree.defaults(trace))
        below = st.container()
        page.facts(*facts)
        _downloads(trace, greedy)
    with below, page.guarded():
        _check(trace, answer(replace(request, analysis="beam check")))


def _ask() -> Request:
    """The controls, in the current container."""
    prompt = asking.prompt(defaults.SEARCHED)
    beams = page.number("Beams", (1, beam.MOST_BEAMS), defaults.BEAMS, key="beams", help=words.BEAMS)
    tokens = page.number(
        "New tokens, at most", (1, beam.MOST_TOKENS), defaults.SEARCHED_TOKENS, key="max_new_tokens", help=words.TOKENS
    )
    penalty = page.decimal(
        "Length penalty", beam.PENALTIES, 1.0, key="length_penalty", step=0.5, help=words.LENGTH_PENALTY
    )
    settings = (("beams", str(beams)), ("tokens", str(tokens)), ("length_penalty", str(penalty)))
    return Request("beam", prompt.model, prompt.text, settings=settings + prompt.settings)


def _check(trace: BeamTrace, check: object) -> None:
    """The badge: the best text against that of transformers."""
    if not isinstance(check, BeamCheckTrace):
        return
    same = tuple(check.ids.tolist()) == trace.ids
    count = f"{len(trace.ids)} token{'s' if len(trace.ids) != 1 else ''}"
    said = f"The best text is that of transformers' generate: {count}, all equal"
    page.badge(said if same else "transformers' generate writes another text", good=same, explanation=words.CHECK)


def _facts(trace: BeamTrace) -> list[str]:
    source, length = trace.source, len(trace.token_table)
    return [
        source.made_by,
        f"revision {source.revision[:12]}",
        f"prompt of {length:,} token{'s' if length != 1 else ''}",
        f"{trace.beams} beam{'s' if trace.beams != 1 else ''}, {trace.tokens.shape[1]} candidates a step",
        f"length penalty {trace.length_penalty:g}",
        f"computed in {source.dtype} on {source.device}",
        *(f"{package} {version}" for package, version in source.versions.items()),
    ]


def _downloads(trace: BeamTrace, greedy: BeamTrace) -> None:
    page.downloads(
        (
            ("Candidates, CSV", "orrery-beams.csv", "text/csv", lambda: candidates_csv(trace)),
            ("Finished texts, CSV", "orrery-beams-finished.csv", "text/csv", lambda: finished_csv(trace, greedy)),
            ("Trace", "orrery-beams.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def candidates_csv(trace: BeamTrace) -> bytes:
    """One row for every candidate of every step."""
    rows = (
        (
            step + 1,
            rank + 1,
            int(trace.parents[step][rank]) + 1 if step else None,
            int(trace.tokens[step][rank]),
            trace.texts[step][rank],
            float(trace.scores[step][rank]),
            "ended" if trace.ended[step][rank] else "kept" if rank in trace.kept[step] else "cut",
        )
        for step in range(len(trace.tokens))
        for rank in range(trace.tokens.shape[1])
    )
    return tables.csv(_origin(trace), ("step", "candidate", "beam", "token", "text", "sum of ln p", "fate"), rows)


def finished_csv(trace: BeamTrace, greedy: BeamTrace) -> bytes:
    """One row for every finished text, and one for what one beam writes."""

    def row(place: str, search: BeamTrace, number: int, way: Sequence[int]) -> tuple[str | int | float, ...]:
        raw = bytes.fromhex("".join(search.raw[step][rank] for step, rank in enumerate(way)))
        total = float(search.scores[len(way) - 1][way[-1]])
        final = float(search.final_scores[number])
        return place, raw.decode(errors="backslashreplace"), len(way), total, search.length_penalty, final

    rows = [row(str(number + 1), trace, number, way) for number, way in enumerate(trace.paths())]
    columns = ("place", "text", "tokens", "sum of ln p", "length penalty", "score")
    return tables.csv(_origin(trace), columns, [*rows, row("one beam", greedy, 0, greedy.paths()[0])])


def _origin(trace: BeamTrace) -> dict[str, str]:
    source = trace.source
    return {"model": f"{source.made_by}, revision {source.revision}", "prompt": source.text, "beams": str(trace.beams)}
