"""How is a trace written to a file and read back?

One safetensors file holds it: the arrays as tensors, everything else as one JSON document in the file's header.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from models.traces.attention import AttentionTrace, InductionTrace
from models.traces.base import InputError, Source, Tokens
from models.traces.tokenizers import Comparison, ComparisonRow

FORMAT = "orrery-trace-1"

Trace = AttentionTrace | InductionTrace | Comparison

TRACES: dict[str, type[AttentionTrace] | type[InductionTrace] | type[Comparison]] = {
    kind.name: kind for kind in (AttentionTrace, InductionTrace, Comparison)
}


def to_bytes(trace: Trace) -> bytes:
    """The trace as one safetensors file."""
    arrays: dict[str, NDArray[Any]] = {}
    plain: dict[str, Any] = {}
    for part in dataclasses.fields(trace):
        value = getattr(trace, part.name)
        if isinstance(value, np.ndarray):
            arrays[part.name] = np.ascontiguousarray(value)
        elif isinstance(value, Tokens):
            plain[part.name] = value.to_json()
        elif isinstance(value, Source):
            plain[part.name] = dataclasses.asdict(value)
        elif part.name == "rows":
            plain[part.name] = [[row.key, row.token_table.to_json()] for row in value]
        else:
            plain[part.name] = value
    header = {"format": FORMAT, "trace": trace.name, "values": json.dumps(plain)}
    return save_arrays(arrays, metadata=header)


def from_bytes(blob: bytes) -> Trace:
    """The trace in a safetensors file that `to_bytes` wrote.

    Raises:
        InputError: the bytes are not such a file, or are damaged.
    """
    try:
        size = int.from_bytes(blob[:8], "little")
        header = json.loads(blob[8 : 8 + size])["__metadata__"]
        if header["format"] != FORMAT:
            raise InputError(f"This trace has the format {header['format']!r}; this version reads {FORMAT!r}.")
        values: dict[str, Any] = json.loads(header["values"])
        kind = TRACES[header["trace"]]
        values["source"] = Source(**values["source"])
        if "token_table" in values:
            values["token_table"] = Tokens.from_json(values["token_table"])
        if "rows" in values:
            values["rows"] = tuple(ComparisonRow(key, Tokens.from_json(table)) for key, table in values["rows"])
        return kind(**values, **load_arrays(blob))
    except (SafetensorError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("This file is not a trace written by Orrery, or it is damaged; compute it again.") from error


def size_of(trace: Trace) -> int:
    """Bytes that the trace's arrays hold in memory."""
    return sum(
        value.nbytes for part in dataclasses.fields(trace) if isinstance(value := getattr(trace, part.name), np.ndarray)
    )
