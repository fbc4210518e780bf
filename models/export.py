"""How does a trace leave?

As CSV for a spreadsheet, JSON for a script, npz for NumPy; the trace's own file is `traces.to_bytes`. Every
weight is the float32 that the model gave, written in the fewest digits that read back as the same float32.
Every file says model, revision, text and versions.

    pandas.read_csv(file, comment="#", float_precision="round_trip")
    numpy.load(file)["weights"]                                          # [layer, head, query, key]
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.attention import MEASURES, measures
from models.traces import AttentionTrace, InductionTrace, InputError, Trace

COLUMNS: Final = ("layer", "head", "query", "key", "query_token", "key_token", "weight")


def csv(trace: AttentionTrace, layer: int, heads: Sequence[int] | None = None) -> bytes:
    r"""One line for each weight of one layer, in UTF-8, below lines with "#" that say where it comes from.

    What the mask hides from a query is left out: it has no weight, which is not a weight of 0.

    A text is written as JSON writes it: in quotes, with commas, semicolons and unprintable characters as \u
    escapes. So no cell begins with = + - or @, which spreadsheets take for a formula, whichever separator they
    split at, and `json.loads` of the cell gives the text back exactly.

    Raises:
        InputError: there is no such layer or head.
    """
    chosen = _heads(trace, layer, heads)
    weights = trace.weights[layer, chosen]
    queries, keys = np.nonzero(_seen(trace, layer))
    cells = ['"' + quoted(text).replace('"', '""') + '"' for text in trace.tokens]
    middles = [f"{query},{key},{cells[query]},{cells[key]}" for query, key in zip(queries, keys, strict=True)]
    origin = _origin(trace)
    versions = origin.pop("versions")
    lines = [f"# {name}: {quoted(value)}" for name, value in origin.items()]
    lines += [f"# version of {package}: {quoted(number)}" for package, number in versions.items()]
    lines.append(",".join(COLUMNS))
    for head, digits in zip(chosen, weights[:, queries, keys].astype(str), strict=True):
        lines += [f"{layer},{head},{middle},{weight}" for middle, weight in zip(middles, digits, strict=True)]
    return ("\n".join(lines) + "\n").encode()


def json_(trace: AttentionTrace, layer: int, heads: Sequence[int] | None = None) -> bytes:
    """One layer as a JSON document: `weights[head][query][key]`, null where the mask hides the key.

    Raises:
        InputError: there is no such layer or head.
    """
    chosen = _heads(trace, layer, heads)
    # The decimal of a float32, read as a double, is written in the same digits again.
    weights = trace.weights[layer, chosen].astype(str).astype(np.float64).astype(object)
    weights[:, ~_seen(trace, layer)] = None
    document = _origin(trace) | {
        "layer": layer,
        "heads": chosen,
        "causal": trace.causal,
        "window": int(trace.windows[layer]),
        "key_value_heads": trace.key_value_heads[chosen].tolist(),
        "tokens": _tokens(trace),
        "weights": weights.tolist(),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def npz(trace: AttentionTrace, induction: InductionTrace | None = None) -> bytes:
    """The whole trace as a compressed NumPy archive that loads without pickle.

    Arrays: weights [layer, head, query, key]; ids and tokens [token]; windows [layer]; key_value_heads [head];
    causal; measure_names [measure] and measures [measure, layer, head], where induction is NaN unless its scores
    are given; and `metadata`, a JSON text with model, revision, text, versions and all that a trace knows of
    each token.
    """
    archive = io.BytesIO()
    np.savez_compressed(
        archive,
        weights=trace.weights,
        ids=trace.token_table.ids,
        tokens=np.array(trace.tokens, dtype=np.str_),  # NumPy drops NULs at a text's end; metadata keeps them
        windows=trace.windows,
        key_value_heads=trace.key_value_heads,
        causal=np.array(trace.causal),
        measure_names=np.array([measure.key for measure in MEASURES]),
        measures=measures(trace, induction),
        metadata=np.array(json.dumps(_origin(trace) | {"tokens": _tokens(trace)})),
    )
    return archive.getvalue()


def filename(trace: Trace, extension: str) -> str:
    """A name that every system takes, the same for the same trace: orrery-attention-MODEL-ID.EXTENSION."""
    source = trace.source
    content = json.dumps([source.made_by, source.revision, source.text, source.pair])
    short = hashlib.sha256(content.encode()).hexdigest()[:8]
    model = re.sub(r"[^A-Za-z0-9._]+|\.{2,}", "-", source.model).strip("-.")[:60]
    kind = re.sub(r"[^a-z0-9]", "", extension.lower())
    return "-".join(part for part in ("orrery", trace.name, model, short) if part) + f".{kind}"


def _origin(trace: Trace) -> dict[str, Any]:
    """What computes the trace again."""
    source = trace.source
    return {
        "made by": "Orrery",
        "model": source.model,
        **({"off": source.off} if source.off else {}),
        "revision": source.revision,
        "text": source.text,
        "pair": source.pair,
        "dtype": source.dtype,
        "device": source.device,
        "versions": source.versions,
    }


def _tokens(trace: AttentionTrace) -> list[dict[str, Any]]:
    """Each token by itself; its bytes in hexadecimal."""
    columns = trace.token_table.to_json()
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _heads(trace: AttentionTrace, layer: int, heads: Sequence[int] | None) -> list[int]:
    """The heads that are asked for, all of them by default."""
    if not 0 <= layer < trace.layers:
        raise InputError(f"There is no layer {layer}; this model's layers are 0 to {trace.layers - 1}.")
    chosen = list(range(trace.heads) if heads is None else heads)
    if wrong := [head for head in chosen if not 0 <= head < trace.heads]:
        raise InputError(f"There is no head {wrong[0]}; this model's heads are 0 to {trace.heads - 1}.")
    return chosen


def _seen(trace: AttentionTrace, layer: int) -> NDArray[np.bool_]:
    """[query, key] what the mask lets through, and whatever has a weight: nothing computed is left out."""
    return trace.visible(layer) | (trace.weights[layer] != 0).any(axis=0)


def quoted(value: str | None) -> str:
    """A text as JSON in which nothing splits a cell or a line, in any program, and that has a UTF-8 form."""
    return "".join(
        letter if letter.isprintable() and letter not in ",;" else _escaped(letter)
        for letter in json.dumps(value, ensure_ascii=False)
    )


def _escaped(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if letter in ",;" else json.dumps(letter)[1:-1]
