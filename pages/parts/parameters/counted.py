"""Which model is counted? A published one, or one whose config.json somebody pastes.

A published configuration is ours, and counted here. A pasted one is a stranger's: a model is built from it in a process
with limits of time and memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from models import background, configurations, parameter_formulas, parameters, parameters_apart
from models.parameter_formulas import Formula
from models.published import PUBLISHED
from models.traces import ParametersTrace
from viz import page
from viz.parameter_words import breakdown as words

USUAL: Final = "gpt2"
OWN: Final = "own"


@dataclass(frozen=True)
class Counted:
    """A model, counted both ways."""

    title: str
    source: str
    trace: ParametersTrace
    formula: Formula | None


def ask() -> tuple[str, dict[str, Any]]:
    """The name and the configuration of a model, chosen in the current container.

    Raises:
        InputError: what was pasted is no config.json.
    """
    named = {key: entry.title for key, entry in PUBLISHED.items()}
    key = page.choose("Model", (USUAL, *(key for key in named if key != USUAL), OWN), key="model", help=words.MODEL)
    if key != OWN:
        return key, PUBLISHED[key].fields
    return key, configurations.read(page.type_text("config.json", words.EXAMPLE, key="config", help=words.CONFIG))


def count(key: str, fields: dict[str, Any]) -> Counted | None:
    """What it comes to; None if the visitor stopped it.

    Raises:
        InputError: the configuration can't be used.
    """
    given = json.dumps(fields, sort_keys=True)
    if key == OWN:
        work = background.QUICK.submit(
            ("parameters", given), lambda: parameters_apart.count(given), "Building the model, without weights"
        )
    else:
        work = background.QUICK.submit(
            ("parameters", given), lambda: _both(fields, key), "Building the model, without weights"
        )
    found = page.wait(work, f"parameters {given}")
    if found is None:
        return None
    trace, formula = found
    if key == OWN:
        return Counted(f"A {trace.family} of your own", "the configuration that was pasted", trace, formula)
    return Counted(PUBLISHED[key].title, PUBLISHED[key].source, trace, formula)


def _both(fields: dict[str, Any], name: str) -> tuple[ParametersTrace, Formula | None]:
    return parameters.breakdown(fields, name=name), parameter_formulas.count(configurations.build(fields))
