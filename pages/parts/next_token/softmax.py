"""The view "softmax" of the page of the next token: how a few scores become probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import background, sampling, softmax_by_hand, tables, traces
from models.engine import Request
from models.traces import NextTokenTrace, VocabularyTrace
from pages.parts.next_token import asking
from pages.parts.running import answer
from viz import page, state
from viz.components import softmax_bars
from viz.next_token_words import softmax as words

KINDS: Final = ("prompt", "own")
SHOWN: Final = 5  # bars at first, of a prompt's tokens


@dataclass(frozen=True)
class Bars:
    """What the bars begin with."""

    title: str
    names: tuple[str, ...]
    logits: tuple[float, ...]
    shown: int
    origin: dict[str, str]
    shares: tuple[float, ...] | None = None
    trace: NextTokenTrace | None = None


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            kind = page.choose("Logits", KINDS, key="logits", help=words.LOGITS)
            prompt = asking.prompt() if kind == "prompt" else None
        bars = _own() if prompt is None else _asked(prompt)
        if bars is None:
            return
        about = "\n".join((kind, *bars.names))
        _forget(about)
        link, said = state.read(softmax_bars.parameters(), st.query_params)
        complaints += said
        usual = softmax_bars.usual(bars.logits, bars.shown)
        *origin, _, cells = _csv(bars)
        packed = softmax_bars.pack(
            bars.names,
            bars.logits,
            about=about,
            title=bars.title,
            facts=[f"{name}: {value}" for name, value in bars.origin.items()],
            origin=origin,
            cells=cells,
            shares=bars.shares,
            vocabulary=None if bars.trace is None else len(bars.trace.logits),
        )
        result = softmax_bars.softmax_bars(packed, key=f"softmax {kind}", state=link, defaults=usual)
        asked = dict(result.get("asked") or {})
        view, _ = state.read(softmax_bars.parameters(), asked)
        _badge(usual | (view if asked.get("about") == about else link))
        if bars.trace is not None:
            trace = bars.trace
            page.source(trace.source, len(trace.token_table))
            name, media = "orrery-next-token.safetensors", "application/octet-stream"
            page.downloads([("All logits, trace", name, media, lambda: traces.to_bytes(trace))])


def _forget(about: str) -> None:
    """Let go of moved bars where others take their place: a link's bars belong to the prompt that it opens with."""
    if st.session_state.setdefault("softmax about", about) != about:
        st.session_state["softmax about"] = about
        for name in ("z", "bar"):
            st.query_params.pop(name, None)


def _own() -> Bars:
    """Numbers of nobody, for a visitor's own."""
    return Bars("Softmax by hand", tuple("abcdefgh"), softmax_bars.OWN, 3, {"logits": "a visitor's own"})


def _asked(prompt: asking.Prompt) -> Bars | None:
    """The most probable tokens behind a prompt; None where the visitor has stopped it.

    Raises:
        InputError: the model can't be asked that.
    """
    trace = answer(Request("next", prompt.model, prompt.text, settings=prompt.settings))
    spelled = answer(Request("vocabulary", prompt.model))
    if not isinstance(trace, NextTokenTrace) or not isinstance(spelled, VocabularyTrace):
        return None
    scores = trace.logits.astype(np.float64)
    largest = np.argsort(-scores, kind="stable")[: softmax_bars.MOST]
    texts = spelled.texts
    source = trace.source
    return Bars(
        "Softmax over the most probable tokens",
        tuple(texts[token] for token in largest),
        tuple(float(str(trace.logits[token])) for token in largest),  # the fewest digits that tell a float32
        SHOWN,
        {"model": f"{source.made_by}, revision {source.revision[:12]}", "text": source.text},
        tuple(sampling.softmax(scores)[largest].tolist()),
        trace,
    )


def _csv(bars: Bars) -> list[Any]:
    """The lines that begin the CSV file, its heading, and the names as cells."""
    lines = tables.csv(bars.origin, ("name",), [(name,) for name in bars.names]).decode().splitlines()
    return [*lines[: len(bars.origin)], lines[len(bars.origin)], lines[len(bars.origin) + 1 :]]


def _badge(view: dict[str, Any]) -> None:
    """What torch makes of the same numbers."""
    logits = [float(number) for number in view["z"].split(",")]
    asked = logits, float(view["t"]), float(view["plus"]), view["format"]
    key = f"softmax of {asked}"
    work = background.QUICK.submit(key, lambda: softmax_by_hand.check(*asked), "Asking torch for the same")
    difference = page.wait(work, key)
    if difference is None:
        return
    page.badge(
        words.SAME.format(
            numbers=", ".join(f"{number:.4g}" for number in logits),
            t="∞" if view["t"] == "inf" else view["t"],
            plus=f"{view['plus']:g}",
            format=view["format"],
            difference=f"{difference:.0e}" if difference else "0",
        ),
        good=difference <= softmax_by_hand.tolerance(len(logits), view["format"]),
        explanation=words.CHECK,
    )
