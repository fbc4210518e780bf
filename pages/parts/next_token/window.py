"""The view "window" of the page of the next token: what falls off when a text is longer than it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import defaults, tables, traces
from models.engine import Request
from models.traces import WindowTrace
from pages.parts.next_token import asking
from pages.parts.running import answer
from viz import page, state, theme
from viz.components import context_window
from viz.next_token_words import window as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            prompt = asking.prompt(defaults.WINDOWED)
        trace = answer(Request("window", prompt.model, prompt.text, settings=prompt.settings))
        if not isinstance(trace, WindowTrace):
            return
        view, wrong = state.read(context_window.parameters(trace), st.query_params)
        complaints += wrong
        if view.get("target", trace.candidates[0]) not in trace.candidates:
            complaints.append(words.NO_TARGET.format(target=view.pop("target")))
        facts = _facts(trace)
        packed = context_window.pack(trace, [_cut(trace.source.text), " · ".join(facts)])
        context_window.context_window(packed, key="context window", state=view, defaults=context_window.defaults(trace))
        if trace.lost:
            st.caption(words.OVER.format(total=len(trace.token_table), most=trace.limit))
        page.badge(
            f"Windows run one by one give the same within {theme.power(trace.difference)}",
            good=trace.difference < 1e-4,
            explanation=words.CHECK,
        )
        page.facts(*facts)
        page.downloads(
            (
                ("Windows, CSV", "orrery-window.csv", "text/csv", lambda: windows_csv(trace)),
                ("Predictions, CSV", "orrery-window-tokens.csv", "text/csv", lambda: predictions_csv(trace)),
                ("Trace", "orrery-window.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
            )
        )


def _facts(trace: WindowTrace) -> list[str]:
    source, length, windows = trace.source, len(trace.token_table), len(trace.windows)
    own = f"its own window: {trace.reach:,} tokens" if trace.reach else "its config names no window"
    return [
        source.model,
        own,
        f"run here: at most {trace.limit:,}",
        f"text of {length:,} token{'s' if length != 1 else ''}, {windows} window{'s' if windows != 1 else ''}",
        f"revision {source.revision[:12]}",
        f"computed in {source.dtype} on {source.device}",
        *(f"{package} {version}" for package, version in source.versions.items()),
    ]


def windows_csv(trace: WindowTrace) -> bytes:
    """One row for every window."""
    favourite = trace.likely[-1][0]
    rows = (
        (
            int(size),
            float(trace.divergences[place]),
            float(trace.entropies[place]),
            trace.texts[trace.likely[place][0]],
            float(trace.probabilities[place][trace.likely[place][0]]),
            float(trace.probabilities[place][favourite]),
        )
        for place, size in enumerate(trace.windows)
    )
    columns = (
        "window",
        "KL divergence",
        "entropy",
        "favourite",
        "its probability",
        "of the largest window's favourite",
    )
    return tables.csv(_origin(trace), columns, rows)


def predictions_csv(trace: WindowTrace) -> bytes:
    """One row for every token that is among the most probable ones of some window, at every window."""
    rows = (
        (int(size), int(token), trace.texts[number], float(trace.probabilities[place][number]))
        for place, size in enumerate(trace.windows)
        for number, token in enumerate(trace.candidates)
    )
    return tables.csv(_origin(trace), ("window", "token", "text", "probability"), rows)


def _origin(trace: WindowTrace) -> dict[str, str]:
    source = trace.source
    return {"model": f"{source.made_by}, revision {source.revision}", "text": source.text}


def _cut(text: str) -> str:
    return text if len(text) <= 300 else "\N{HORIZONTAL ELLIPSIS}" + text[-300:]
