"""How is a chosen model counted, without holding up the page?

A published configuration is ours, and counted here. Another is a stranger's: a model is built from it in a process with
limits of time and memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from models import background, configurations, parameter_formulas, parameters, parameters_apart
from models.parameter_formulas import Formula
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
    given = json.dumps(chosen.fields, sort_keys=True)

    def both() -> tuple[ParametersTrace, Formula | None]:
        if chosen.stranger:
            return parameters_apart.count(given)
        config = configurations.build(chosen.fields)
        return parameters.breakdown(config, name=chosen.key), parameter_formulas.count(config)

    key = ("parameters", given, chosen.key)
    work = background.QUICK.submit(key, both, "Building the model, without weights")
    found = page.wait(work, f"parameters {key}")
    return None if found is None else Counted(chosen, *found)
