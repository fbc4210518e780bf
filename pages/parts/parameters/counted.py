"""How is a chosen model counted, without holding up the page?

A published configuration is ours, and counted here, if that wasn't done ahead. Another is a stranger's: a model is
built from it in a process with limits of time and memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import streamlit as st

from models import background, parameters_apart, parameters_counted
from models.background import Work
from models.parameter_formulas import Formula
from models.parameters_counted import Both
from models.traces import ParametersTrace
from pages.parts.parameters.which import Chosen
from viz import page


@dataclass(frozen=True)
class Counted:
    """A model, counted both ways."""

    chosen: Chosen
    trace: ParametersTrace
    formula: Formula | None


def count(chosen: Chosen) -> Counted | None:
    """What it comes to; None if the visitor stopped it.

    Raises:
        InputError: the configuration can't be used.
    """
    with st.container():  # one in any case, so that what is drawn next keeps its place in the page
        found = known(chosen) or page.wait(submit(chosen), f"parameters {key(chosen)}")
        return found and Counted(chosen, *found)


def known(chosen: Chosen) -> Both | None:
    """The count, if it was computed ahead."""
    return None if chosen.stranger else parameters_counted.stored(chosen.fields, chosen.key)


def submit(chosen: Chosen) -> Work[Both]:
    """The counting, on its way; its result raises InputError where the configuration can't be used."""

    def both() -> Both:
        if chosen.stranger:
            return parameters_apart.count(json.dumps(chosen.fields))
        return parameters_counted.count(chosen.fields, chosen.key)

    return background.QUICK.submit(key(chosen), both, f"Building the model, without weights: {chosen.title}")


def key(chosen: Chosen) -> tuple[str, str, str]:
    """All that decides the count."""
    return "parameters", json.dumps(chosen.fields, sort_keys=True), chosen.key
