"""How is the model of a stranger's configuration counted? In a process with limits of time and memory.

A configuration can ask for sizes at which building the model takes hours, even without its weights.
"""

from __future__ import annotations

import json
from typing import Final

from models import apart, configurations, parameters_counted
from models.parameters_counted import Both
from models.traces import InputError

SECONDS: Final = 60.0  # of which most go to importing what builds models, on a machine that is busy


def count(given: str) -> Both:
    """The tensors of a configuration's model, and its formula; `given` is the text of a config.json.

    Raises:
        InputError: it can't be used, or counting takes too much time or memory.
    """
    try:
        answer = apart.run(work, given.encode(), seconds=SECONDS).decode()
    except apart.FailedApartError as error:
        raise InputError(
            "Building a model from this configuration takes too much time or memory; are its sizes real?"
        ) from error
    refused = json.loads(answer).get("refused")
    if refused is not None:
        raise InputError(refused)
    return parameters_counted.from_json(answer)


def work(given: bytes) -> bytes:
    """In the process of its own."""
    try:
        return parameters_counted.to_json(parameters_counted.count(configurations.read(given.decode()))).encode()
    except InputError as error:
        return json.dumps({"refused": str(error)}).encode()
