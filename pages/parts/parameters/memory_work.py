"""What do all figures of memory and compute start from, and how is it had without holding up the page?"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from models import background, configurations, costs, flops_counted
from models.flops_counted import Counted
from models.traces import ParametersTrace
from pages.parts.parameters.which import Chosen
from viz import page

if TYPE_CHECKING:
    from transformers import PreTrainedConfig


@dataclass(frozen=True)
class Case:
    """A model, and what it is to do."""

    chosen: Chosen
    trace: ParametersTrace
    config: PreTrainedConfig
    dtype: str  # one of costs.FORMATS
    context: int  # tokens
    texts: int  # at once

    @property
    def held(self) -> float:
        """Bytes of the weights."""
        return self.trace.total * costs.FORMATS[self.dtype]

    @functools.cached_property
    def kept(self) -> float:
        """Bytes of the cache. Raises as costs.cache."""
        return costs.number_bytes(self.dtype) * costs.cache_numbers(self.config, self.context, self.texts)

    @property
    def origin(self) -> dict[str, str]:
        """For the head of a file."""
        return {
            "model": self.chosen.title,
            "source": self.chosen.source,
            "format": self.dtype,
            "context": f"{self.context} tokens",
            "batch": f"{self.texts} texts",
        }


def dark() -> bool:
    """Whether the page is shown in the dark."""
    return bool(st.context.theme.type == "dark")


def configured(chosen: Chosen) -> PreTrainedConfig | None:
    """A counted model's configuration; None if the visitor stopped it.

    A stranger's is read here too: it was built within the limits of a process of its own when the model was counted.
    """
    given = json.dumps(chosen.fields, sort_keys=True)
    key = ("configuration", given)
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        work = background.QUICK.submit(key, lambda: configurations.build(chosen.fields), "Reading the configuration")
        return page.wait(work, f"configuration {given}")


def counted(case: Case, tokens: int) -> Counted | None:
    """What torch and transformers count when the model reads so many tokens at once; None if the visitor stopped it.

    Raises:
        InputError: it can't be counted.
    """
    given = json.dumps(case.chosen.fields, sort_keys=True)

    def count() -> Counted:
        if case.chosen.stranger:
            return flops_counted.reading_apart(json.dumps(case.chosen.fields), tokens)
        return flops_counted.reading(case.config, tokens)

    with st.container():
        work = background.QUICK.submit(("operations", given, tokens), count, "torch counts a pass without numbers")
        return page.wait(work, f"operations {tokens} {given}")
