"""What does the view "generate" ask for? Its controls, and the engine's requests that they make."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st

from models import defaults, generation
from models.engine import Request
from models.traces import GenerationTrace, SamplerName
from pages.parts.next_token import asking
from pages.parts.next_token.asking import Prompt
from viz import page
from viz.next_token_words import generate as words

RESTING: Final = ("temperature", "top_k", "top_p", "min_p")  # without do_sample, in transformers as here


@dataclass(frozen=True)
class Asked:
    """What the controls say."""

    prompt: Prompt
    chain: tuple[tuple[SamplerName, Any], ...]  # what works: without do_sample, the penalty and temperature 0
    seed: int
    most: int  # tokens
    stop: str

    @property
    def drawn(self) -> bool:
        """Whether a number decides; at temperature 0 none does."""
        return dict(self.chain).get("temperature") != 0

    @property
    def penalised(self) -> bool:
        """Whether the samplers may make another token than the model's first the most probable one."""
        return "repetition_penalty" in dict(self.chain)

    @property
    def numbers(self) -> list[float] | None:
        """[step] the numbers that draw: the same at the same step, whatever came before; None: nothing is drawn."""
        return np.random.RandomState(self.seed).random_sample(self.most).tolist() if self.drawn else None

    def request(self, given: Sequence[int] = ()) -> Request:
        """For the text that begins with the tokens `given`."""
        settings = {"chain": json.dumps(self.chain), "seed": str(self.seed), "tokens": str(self.most)}
        if self.stop:
            settings["stop"] = self.stop
        if given:
            settings["given"] = ",".join(map(str, given))
        return self._request("generation", settings)

    def check(self, trace: GenerationTrace) -> Request:
        """For the same text beside transformers'."""
        settings = {"chain": json.dumps(self.chain), "seed": str(self.seed), "given": str(trace.given)}
        return self._request("generation check", settings | {"written": ",".join(map(str, trace.tokens.tolist()))})

    def _request(self, analysis: Any, settings: dict[str, str]) -> Request:
        return Request(
            analysis, self.prompt.model, self.prompt.text, settings=(*self.prompt.settings, *settings.items())
        )

    @property
    def call(self) -> str:
        """The line of Python that writes the trunk, with RETURNED where return_full_text stands."""
        working = dict(self.chain)
        if self.drawn:
            working = {"temperature": 1.0, "top_k": 0} | working  # left out, they would be 0.7 and 50
        else:
            working = {name: value for name, value in working.items() if name not in RESTING}
        samplers = "".join(f", {name}={value:g}" for name, value in working.items())
        stop = f", stop_strings=[{self.stop!r}], tokenizer=pipe.tokenizer" if self.stop else ""
        given = '[{"role": "user", "content": prompt}]' if self.prompt.chat else "prompt"
        return (
            f"pipe({given}, do_sample={self.drawn}{samplers}, max_new_tokens={self.most}{stop}, "
            'return_full_text=RETURNED)[0]["generated_text"]'
        )


def ask() -> Asked:
    """The controls, in the current container."""
    prompt = asking.prompt(defaults.STORY)
    sampled = st.toggle("do_sample", True, key="do_sample", bind="query-params", help=words.DO_SAMPLE)
    most = page.number(
        "max_new_tokens",
        (1, generation.MOST_TOKENS),
        defaults.STORY_TOKENS,
        key="max_new_tokens",
        step=8,
        help=words.MAX_NEW_TOKENS,
    )
    stop = st.text_input("Stop text", key="stop", bind="query-params", max_chars=generation.MOST_STOP, help=words.STOP)
    if not sampled:
        st.caption(words.RESTING)
    chain = asking.chain()
    if sampled and dict(chain).get("temperature") == 0:
        st.caption(words.COLD)
    if not sampled:
        chain = (*(pair for pair in chain if pair[0] not in RESTING), ("temperature", 0.0))
    return Asked(prompt, chain, asking.seed(), most, stop or "")
