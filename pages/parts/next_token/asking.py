"""Which controls do several views of the page of the next token have? The model, the prompt, the samplers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from models import catalog, defaults, sampling
from models.traces import SamplerName
from viz import next_token_words as words
from viz import page

SEEDS: Final = 2**32  # those that the generator of numbers takes


@dataclass(frozen=True)
class Prompt:
    """What is asked of which model."""

    model: str
    text: str
    chat: bool

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """For an engine request."""
        return (("chat", "1"),) if self.chat else ()


def model(key: str = "model", label: str = "Model") -> str:
    """A model that writes."""
    entries = [entry.key for entry in catalog.available() if entry.kind != "encoder"]
    offered = entries or [entry.key for entry in catalog.available()]
    offered.sort(key=lambda name: name != defaults.DECODER)
    return page.choose(label, offered, key=key, free=catalog.is_open(), help=words.MODEL)


def prompt(usual: str = defaults.PROMPT) -> Prompt:
    """Model, prompt, and whether it is a chat."""
    chosen = model()
    text = page.type_text("Prompt", usual, key="text", help=words.PROMPT)
    return Prompt(chosen, text, st.toggle("As a chat", key="chat", bind="query-params", help=words.CHAT))


def chain() -> tuple[tuple[SamplerName, Any], ...]:
    """The usual samplers, in transformers' order; those that change nothing are left out."""
    temperature = page.decimal(
        "Temperature",
        (0.0, sampling.LARGEST),
        defaults.TEMPERATURE,
        key="temperature",
        step=0.1,
        help=words.TEMPERATURE,
    )
    top_k = page.number("Top-k", (0, 10**9), defaults.TOP_K, key="top_k", step=10, help=words.TOP_K)
    top_p = page.decimal("Top-p", (0.0, 1.0), defaults.TOP_P, key="top_p", step=0.05, help=words.TOP_P)
    min_p = page.decimal("Min-p", (0.0, 1.0), 0.0, key="min_p", step=0.01, help=words.MIN_P)
    penalty = page.decimal(
        "Repetition penalty", (0.001, 1000.0), 1.0, key="repetition_penalty", step=0.1, help=words.REPETITION
    )
    values: dict[SamplerName, float] = {
        "repetition_penalty": penalty,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "min_p": min_p,
    }
    return tuple((name, value) for name, value in values.items() if value != sampling.OFF[name])


def seed() -> int:
    """Where the numbers that draw begin."""
    return page.number("Seed", (0, SEEDS - 1), 0, key="seed", help=words.SEED)
