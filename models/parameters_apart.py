"""How is the model of a stranger's configuration counted? In a process with limits of time and memory.

A configuration can ask for sizes at which building the model takes hours, even without its weights.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Final

from models import apart, configurations, parameter_formulas, parameters, traces
from models.parameter_formulas import Formula, Term
from models.traces import InputError, ParametersTrace

SECONDS: Final = 30.0  # of which some go to importing what builds models


def count(given: str) -> tuple[ParametersTrace, Formula | None]:
    """The tensors of a configuration's model, and its formula; `given` is the text of a config.json.

    Raises:
        InputError: it can't be used, or counting takes too much time or memory.
    """
    try:
        answer = json.loads(apart.run(work, given.encode(), seconds=SECONDS))
    except apart.FailedApartError as error:
        raise InputError(
            "Building a model from this configuration takes too much time or memory; are its sizes real?"
        ) from error
    if "refused" in answer:
        raise InputError(answer["refused"])
    trace = traces.from_bytes(base64.b64decode(answer["trace"]))
    if not isinstance(trace, ParametersTrace):
        raise TypeError(type(trace))
    formula = answer["formula"]
    if formula is not None:
        formula = Formula(formula["symbols"], tuple(Term(**term) for term in formula["terms"]))
    return trace, formula


def work(given: bytes) -> bytes:
    """In the process of its own."""
    try:
        config = configurations.build(configurations.read(given.decode()))
        trace, formula = parameters.breakdown(config), parameter_formulas.count(config)
    except InputError as error:
        return json.dumps({"refused": str(error)}).encode()
    found = {
        "trace": base64.b64encode(traces.to_bytes(trace)).decode(),
        "formula": None if formula is None else dataclasses.asdict(formula),
    }
    return json.dumps(found).encode()
