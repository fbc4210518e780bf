"""The view "cache" of the page of the inside: what is computed again and what is kept while a model writes."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import caching, catalog, defaults, traces
from models.engine import Request
from models.traces import CacheTimesTrace, CachingTrace, RereadTrace
from pages.parts import switching
from pages.parts.inside import asking, cache_files, cache_kept, cache_size, cache_times
from pages.parts.running import answer
from viz import inside_words, page, state, theme
from viz.components import key_value_cache
from viz.components.links import links
from viz.inside_words import cache as words


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            model = asking.model(writes=False)
            text = asking.text(defaults.STORY)
            settings = () if _reads(model) else (("tokens", str(_new())),)
        request = Request("caching", model, text, settings=settings)
        trace = answer(request)
        if isinstance(trace, RereadTrace):
            cache_kept.encoder(trace)
        elif isinstance(trace, CachingTrace):
            view, wrong = state.read(key_value_cache.parameters(trace), st.query_params)
            complaints += wrong
            _draw(request, trace, view)


def _reads(model: str) -> bool:
    """Whether it is known to be an encoder, which writes nothing."""
    return any(entry.key == model and entry.kind == "encoder" for entry in catalog.available())


def _new() -> int:
    """How many tokens are written at most."""
    return page.number("New tokens", (1, caching.MOST), defaults.CACHED_TOKENS, key="new", step=8, help=words.NEW)


def _draw(request: Request, trace: CachingTrace, view: dict[str, object]) -> None:
    """The figure, and all that goes with it."""
    times = cache_times.latest(request)
    prompt, steps = len(trace.token_table), len(trace.written)
    first = max(0, prompt - asking.MOST)
    facts = cache_files.facts(trace)
    packed = key_value_cache.pack(trace, times, [*facts, *cache_times.said(times)], first)
    key_value_cache.key_value_cache(packed, key="key value cache", state=view, defaults=key_value_cache.defaults(trace))
    if first:
        st.caption(inside_words.SHOWN.format(count=prompt, first=first, last=prompt - 1))
    if trace.ended:
        st.caption(words.ENDED.format(tokens=words.counted(steps)))
    place = st.container()
    _badges(trace)
    page.facts(*facts)
    page.source(trace.source, prompt)
    _save(trace, times)
    cache_kept.decoder(trace)
    cache_size.show(trace)
    _elsewhere(request)
    with place:  # last: a measurement takes a while, and the rest stands
        cache_times.ask(request, times)


def _badges(trace: CachingTrace) -> None:
    steps, apart = len(trace.written), float(trace.differences.max())
    if trace.same == steps:
        said = words.SAME.format(tokens=words.counted(steps), difference=theme.power(apart))
    else:
        said = words.PARTED.format(step=trace.same, difference=theme.power(apart))
    page.badge(said, good=trace.same == steps and apart < 1e-4, explanation=words.SAME_HELP)
    held = int(trace.bytes[-1].sum())
    equal = cache_size.by_formula(trace) == trace.bytes.sum(axis=1).tolist()
    said = (words.BYTES if equal else words.OTHER_BYTES).format(bytes=held)
    page.badge(said, good=equal, explanation=words.BYTES_HELP)


def _save(trace: CachingTrace, times: CacheTimesTrace | None) -> None:
    page.downloads(
        (
            ("Steps, CSV", "orrery-cache-steps.csv", "text/csv", lambda: cache_files.steps(trace, times)),
            ("Layers, CSV", "orrery-cache-layers.csv", "text/csv", lambda: cache_files.layers(trace)),
            ("Trace", "orrery-cache.safetensors", "application/octet-stream", lambda: traces.to_bytes(trace)),
        )
    )


def _elsewhere(request: Request) -> None:
    """What other pages show of the same."""
    st.header(words.ELSEWHERE, anchor=False)
    links(words.elsewhere(request.model, request.text, switching.asked(request).off), key="elsewhere")
