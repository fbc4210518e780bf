"""How is a trace written to a file and read back?

One safetensors file holds it: the arrays as tensors, everything else as one JSON document in the file's header.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from models.traces.attention import AttentionTrace, InductionTrace
from models.traces.base import InputError, Source, Tokens
from models.traces.caching import CacheTimesTrace, CachingTrace, RereadTrace
from models.traces.changed import ChangedTrace, EachOffTrace
from models.traces.embeddings import (
    ContextTrace,
    CountingTrace,
    NeighbourTrace,
    PositionTrace,
    SentenceTrace,
    TableTrace,
)
from models.traces.forward import AttributionTrace, ForwardTrace, LensTrace
from models.traces.generation import BeamCheckTrace, BeamTrace, GenerationTrace, VariationTrace
from models.traces.generation_check import GenerationCheckTrace
from models.traces.interventions import PatchingTrace
from models.traces.norms_and_masks import NormalisedTrace, PaddedTrace, UnmaskedTrace
from models.traces.parameters import (
    MatricesTrace,
    MatrixTrace,
    NormsTrace,
    ParametersTrace,
    QuantisedTrace,
    WeightsTrace,
)
from models.traces.positions import RotatedTrace, ShuffledTrace, WayTrace
from models.traces.sampling import NextTokenTrace, SurpriseTrace, VocabularyTrace
from models.traces.stream import StreamTrace
from models.traces.tokenizers import Comparison, ComparisonRow
from models.traces.vectors import (
    Analogy,
    AnalogyAccuracy,
    JointProjection,
    MapTwin,
    Neighbours,
    OddOneOut,
    ProjectionTrace,
    Quality,
    Scale,
    WordMap,
)
from models.traces.weight_row import WeightRowTrace
from models.traces.window import WindowTrace

FORMAT = "orrery-trace-1"
NAMED = frozenset({"tensors", "differences"})  # fields that hold arrays by name

Trace = (
    AttentionTrace
    | InductionTrace
    | Comparison
    | ContextTrace
    | SentenceTrace
    | CountingTrace
    | NeighbourTrace
    | TableTrace
    | PositionTrace
    | Neighbours
    | Analogy
    | OddOneOut
    | Scale
    | AnalogyAccuracy
    | ProjectionTrace
    | JointProjection
    | WordMap
    | MapTwin
    | NextTokenTrace
    | VocabularyTrace
    | SurpriseTrace
    | GenerationTrace
    | BeamTrace
    | BeamCheckTrace
    | WindowTrace
    | ParametersTrace
    | QuantisedTrace
    | MatrixTrace
    | MatricesTrace
    | NormsTrace
    | WeightsTrace
    | VariationTrace
    | GenerationCheckTrace
    | ForwardTrace
    | LensTrace
    | AttributionTrace
    | StreamTrace
    | ChangedTrace
    | EachOffTrace
    | PatchingTrace
    | NormalisedTrace
    | UnmaskedTrace
    | PaddedTrace
    | CachingTrace
    | CacheTimesTrace
    | RereadTrace
    | WeightRowTrace
    | WayTrace
    | RotatedTrace
    | ShuffledTrace
)

TRACES: dict[str, type[Trace]] = {kind.name: kind for kind in get_args(Trace)}


def to_bytes(trace: Trace) -> bytes:
    """The trace as one safetensors file, the same bytes each time."""
    arrays: dict[str, NDArray[Any]] = {}
    plain: dict[str, Any] = {}
    for part in dataclasses.fields(trace):
        value = getattr(trace, part.name)
        if isinstance(value, np.ndarray):
            arrays[part.name] = np.ascontiguousarray(value)
        elif part.name in NAMED:
            arrays |= {f"{part.name}/{name}": np.asarray(array, order="C") for name, array in value.items()}
            plain[part.name] = list(value)  # a file has its arrays in an order of its own
        elif isinstance(value, Tokens):
            plain[part.name] = value.to_json()
        elif isinstance(value, Source | Quality):
            plain[part.name] = dataclasses.asdict(value)
        elif part.name == "rows":
            plain[part.name] = [[row.key, row.token_table.to_json()] for row in value]
        else:
            plain[part.name] = value
    header = {"format": FORMAT, "trace": trace.name, "values": json.dumps(plain)}
    blob = save_arrays(arrays, metadata=header)
    # The library writes the header in an order that changes from call to call.
    size = int.from_bytes(blob[:8], "little")
    ordered = json.dumps(json.loads(blob[8 : 8 + size]), sort_keys=True, separators=(",", ":")).encode()
    ordered += b" " * (-len(ordered) % 8)
    return len(ordered).to_bytes(8, "little") + ordered + blob[8 + size :]


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
        for table in {"token_table", "other_table"} & values.keys():
            values[table] = Tokens.from_json(values[table])
        if "rows" in values:
            values["rows"] = tuple(ComparisonRow(key, Tokens.from_json(table)) for key, table in values["rows"])
        plain = {name: _tuples(value) for name, value in values.items()}
        if plain.get("quality") is not None:
            plain["quality"] = Quality(**{name: _tuples(value) for name, value in plain["quality"].items()})
        arrays: dict[str, Any] = load_arrays(blob)
        for part in NAMED & plain.keys():
            plain[part] = {name: arrays.pop(f"{part}/{name}") for name in plain[part]}
        return kind(**plain, **arrays)
    except (SafetensorError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("This file is not a trace written by Orrery, or it is damaged; compute it again.") from error


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def size_of(trace: Trace) -> int:
    """Bytes that the trace's arrays hold in memory."""
    return sum(array.nbytes for array in arrays_of(trace))


def arrays_of(trace: Trace) -> list[NDArray[Any]]:
    """All arrays that a trace holds of its own, those of its tensors by name too."""
    values = [getattr(trace, part.name) for part in dataclasses.fields(trace)]
    values += [array for value in values if isinstance(value, dict) for array in value.values()]
    return [value for value in values if isinstance(value, np.ndarray)]
