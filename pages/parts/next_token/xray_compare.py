"""A second model on the text of the view "xray": which one, and what it makes of the same characters."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from models import catalog, surprise_compare
from models.engine import Request
from models.surprise_compare import Compared
from models.traces import SurpriseTrace
from pages.parts.next_token import asking
from pages.parts.running import answer
from viz.components.text_xray import Other
from viz.next_token_words import xray as words


@dataclass(frozen=True)
class Beside:
    """What the second model makes of the text."""

    name: str
    trace: SurpriseTrace
    compared: Compared

    @property
    def packed(self) -> Other:
        """For the figure."""
        segments = self.compared.segments
        return Other(
            self.name,
            self.trace,
            [segment.tokens for segment in segments],
            [segment.bits for segment in segments],
            self.compared.bits,
            self.compared.bytes,
        )


def ask() -> str | None:
    """The second model, chosen in the current container; None for none."""
    if not st.toggle("Compare with a second model", key="compare", bind="query-params", help=words.COMPARE):
        return None
    return asking.model("model2", "Second model")


def beside(trace: SurpriseTrace, model: str) -> Beside | None:
    """What a second model makes of the same text; None if the visitor stopped it or hasn't agreed to a download.

    Raises:
        InputError: it can't be computed.
    """
    second = answer(Request("surprise", model, trace.source.text))
    if not isinstance(second, SurpriseTrace):
        return None
    return Beside(catalog.resolve(model).title, second, surprise_compare.compare(trace, second))
