"""The view "distribution" of the page of the next token: the logits of the whole vocabulary, and every sampler."""

from __future__ import annotations

import math
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import catalog, defaults, sampling, two_bytes
from models.engine import Request
from models.traces import NextTokenTrace, SamplerName, VocabularyTrace
from models.two_bytes import Coded
from pages.parts import running
from pages.parts.next_token import asking, distribution_check, distribution_files
from pages.parts.running import answer
from viz import page, state
from viz.components import sampler_chain
from viz.next_token_words import distribution as words

# What is on when the page opens; the rest is off.
USUAL: Final[dict[str, Any]] = {
    "temperature": defaults.TEMPERATURE,
    "top_k": defaults.TOP_K,
    "top_p": defaults.TOP_P,
}
ORDER: Final[tuple[SamplerName, ...]] = (
    *sampling.TRANSFORMERS,
    *sorted(set(sampling.NAMES) - set(sampling.TRANSFORMERS)),
)


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            prompt = asking.prompt()
        request = Request("next", prompt.model, prompt.text, settings=prompt.settings)
        trace = answer(request)
        if not isinstance(trace, NextTokenTrace):
            return
        vocabulary = answer(Request("vocabulary", prompt.model))
        if not isinstance(vocabulary, VocabularyTrace):
            return
        about = running.key(request)
        coded, packed = _packed(about, trace, vocabulary)
        view, wrong = state.read(sampler_chain.parameters(sampling.LIMITS, ORDER, len(trace.logits)), page.linked())
        complaints += wrong
        usual = sampler_chain.defaults(
            {name: USUAL.get(name, off) for name, off in sampling.OFF.items() if name != "logit_bias"}, ORDER
        )
        drawn = sampler_chain.sampler_chain(packed, key="sampler chain", state=view, defaults=usual)
        chain, ours = distribution_check.asked(drawn.get("check"), _chain(usual | view), about, len(trace.logits))
        distribution_files.save(trace, vocabulary, chain)
        page.facts(words.TRAVEL.format(**_travelled(trace, coded)))
        page.source(trace.source, len(trace.token_table))
        distribution_check.badge(trace, coded, chain, ours, about)


@st.cache_resource(max_entries=16, show_spinner=False)
def _packed(about: str, _trace: NextTokenTrace, _vocabulary: VocabularyTrace) -> tuple[Coded, bytes]:
    """The logits as they travel, and all that travels; `about` identifies the others."""
    coded = two_bytes.encode(_trace.logits)
    texts = list(_vocabulary.texts)[: len(_trace.logits)]
    title = f"What may come next, by {catalog.resolve(_trace.source.model).title}"
    return coded, sampler_chain.pack(
        coded.codes,
        coded.low,
        coded.step,
        texts=texts + [""] * (len(_trace.logits) - len(texts)),
        context=_trace.token_table.ids.tolist(),
        off=sampling.OFF,
        limits=sampling.LIMITS,
        orders={"transformers": sampling.TRANSFORMERS, "llama.cpp": sampling.LLAMA_CPP},
        about=about,
        title=title,
        facts=[f"Prompt: {_trace.source.text}", f"{_trace.source.made_by}, revision {_trace.source.revision[:12]}"],
    )


def _chain(values: dict[str, Any]) -> list[tuple[SamplerName, Any]]:
    """The samplers that are on, as `sampling.run` takes them."""
    chain: list[tuple[SamplerName, Any]] = []
    for name in values["order"].split(","):
        value = values[name]
        if name == "logit_bias":
            value = sampler_chain.biases(value)
        elif value is None:
            value = math.inf
        if value != sampling.OFF[name]:
            chain.append((name, value))
    return chain


def _travelled(trace: NextTokenTrace, coded: Coded) -> dict[str, str]:
    """What two bytes a token change, in words."""
    beyond = two_bytes.below(trace.logits, coded)
    return {
        "count": f"{len(trace.logits):,}",
        "step": f"{coded.step:.2g}",
        "error": f"{100 * two_bytes.largest_error(trace.logits, coded):.2g}%",
        "beyond": words.BEYOND.format(count=f"{beyond:,}") if beyond else "",
    }
