"""The view "vary" of the page of the next token: the same prompt several times, and why the texts differ."""

from __future__ import annotations

from typing import Final

from streamlit.delta_generator import DeltaGenerator

from models import defaults, generation
from pages.parts.next_token import asking, vary_numbers, vary_seeds
from viz import page
from viz.next_token_words import vary as words

WHYS: Final = ("seeds", "numbers")


def show(controls: DeltaGenerator) -> None:
    """Controls and figure."""
    with page.complaining() as complaints:
        with controls:
            numbers = page.choose("Why", WHYS, key="why", help=words.WHY) == "numbers"
            prompt = asking.prompt(defaults.PARTING if numbers else defaults.VARIED)
            limits = (1, generation.MOST_TOKENS)
            tokens = page.number(
                "Most new tokens", limits, defaults.VARIED_TOKENS, key="max_new_tokens", help=words.TOKENS
            )
            question = vary_numbers if numbers else vary_seeds
            draw = question.ask(prompt, tokens)
        draw(complaints)
