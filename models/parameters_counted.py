"""What does counting a model both ways come to, and how does that travel?

From a process of its own (models/parameters_apart.py), and from a file that was computed ahead, for the first picture
of a page: neither needs torch or transformers where it is read.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from models import configurations, parameter_formulas, parameters, traces
from models.parameter_formulas import Formula, Term
from models.traces import ParametersTrace

STORED: Final = Path(__file__).parent / "stored" / "parameters"

Both = tuple[ParametersTrace, Formula | None]  # the tensors, and the formula where there is one


def count(fields: Mapping[str, Any], name: str = "") -> Both:
    """A configuration's model, counted both ways; `name` is what it is called.

    Raises:
        InputError: it can't be used.
    """
    config = configurations.build(fields)
    return parameters.breakdown(config, name=name), parameter_formulas.count(config)


def to_json(both: Both) -> str:
    """For `from_json`."""
    trace, formula = both
    found = {
        "trace": base64.b64encode(traces.to_bytes(trace)).decode(),
        "formula": None if formula is None else dataclasses.asdict(formula),
    }
    return json.dumps(found)


def from_json(text: str) -> Both:
    """What `to_json` wrote."""
    found = json.loads(text)
    trace, formula = traces.from_bytes(base64.b64decode(found["trace"])), found["formula"]
    if not isinstance(trace, ParametersTrace):
        raise TypeError(type(trace))
    if formula is not None:
        formula = Formula(formula["symbols"], tuple(Term(**term) for term in formula["terms"]))
    return trace, formula


def content_id(fields: Mapping[str, Any], name: str) -> str:
    """Identifies a configuration's count: 64 hexadecimal digits, its file's name if it is stored."""
    written = json.dumps((traces.FORMAT, ParametersTrace.name, name, fields), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def stored(fields: Mapping[str, Any], name: str) -> Both | None:
    """The count, if it was computed ahead."""
    return _stored(content_id(fields, name))


@functools.lru_cache(maxsize=8)
def _stored(content: str) -> Both | None:
    file = STORED / f"{content}.json"
    return from_json(file.read_text("utf-8")) if file.is_file() else None


def store(models: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the counts of the models that the page opens on, {name: fields}, in place of what was stored before."""
    STORED.mkdir(exist_ok=True)
    kept = set()
    for name, fields in models.items():
        path = STORED / f"{content_id(fields, name)}.json"
        path.write_text(to_json(count(fields, name)), "utf-8")
        kept.add(path)
        print(f"{path.name}  {path.stat().st_size / 1e3:7.1f} KB  parameters  {name}")  # noqa: T201
    for other in set(STORED.glob("*.json")) - kept:
        other.unlink()
