"""How does one token's way through the model reach the browser, and what draws it there?

All that the stages need travels at once, so that stage, layer, head and dimension turn without a round trip. A number
travels as float16 times a power of two, which is chosen for each tensor of each layer so that its largest number is
just below 65,504: what is drawn differs from the model's own float32 by at most 0.05 %, or by a billionth of the
tensor's largest number. Sums that are shown as such (means, variances, q . k, the sums below softmax) are computed
here, from the float32 numbers and in float64.

    data = {"about": content id, "tokens": [of the window], "first": the first token's position, "count": of the text,
            "position": the chosen token's, "stages": [stages.Stage], "arrays": {name: {"shape", "powers", "data"}},
            "differences": {stage: [layer]}, "stats": {norm: [layer, (head,) (mean, variance)]}, "top": [token], ...}

What needs weights (the terms of a product) comes apart, in `viz/components/walk_row`, when the hand asks for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from viz import state
from viz.components import shared
from viz.components.walk import stages as staging

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from streamlit.components.v2.bidi_component import ComponentResult

    from models.traces import ForwardTrace

FOLDER: Final = Path(__file__).parent
ZOOMS: Final = ("layer", "machine", "head", "product")
LARGEST: Final = 15  # the power of two just below which the largest number of a tensor is brought
_BY_KEY: Final = ("attention.scores", "attention.weights")


def parameters(trace: ForwardTrace, stages: Sequence[staging.Stage]) -> dict[str, state.Kind]:
    """What a link may say, for `viz.state.read`."""
    widest = max(array.shape[-1] for array in trace.tensors.values())
    return {
        "stage": state.Choice(tuple(stage.id for stage in stages)),
        "layer": state.Whole(trace.layers),
        "head": state.Whole(trace.heads),
        "token": state.Whole(len(trace.token_table)),
        "dimension": state.Whole(max(widest, trace.tensors["input"].shape[-1])),
        "key": state.Whole(len(trace.token_table)),
        "zoom": state.Choice(ZOOMS),
    }


DEFAULTS: Final[dict[str, Any]] = {
    "stage": "attention.weights",  # a picture of the machine at work; "text" is where it begins
    "layer": 0,
    "head": 0,
    "token": None,  # the last
    "dimension": None,  # none is looked at
    "key": None,  # the one that the head looks at most
    "zoom": "layer",
}


def pack(
    trace: ForwardTrace,
    stages: Sequence[staging.Stage],
    *,
    about: str,
    window: tuple[int, int],
    top: Sequence[Mapping[str, Any]],
    sum_of_powers: float,
    factors: Mapping[str, Any],
    cut: Sequence[tuple[int, int, int]],
    title: str,
    facts: Sequence[str],
) -> bytes:
    """A walk as it travels.

    Args:
        trace: one position's.
        stages: of this trace, as `stages.stages` gives them.
        about: the trace's content id; comes back with what is asked.
        window: the first token shown, and the one behind the last.
        top: the most probable next tokens, {"id", "text", "logit", "p", "append": what the text becomes, or None}.
        sum_of_powers: of e^(logit - the largest), over the vocabulary; 0 where there are no logits.
        factors: {stage: [layer]} what it is multiplied by, as the visitor wants it; of "layer" what a layer adds.
        cut: (layer, head, key) where the token may not look, as the visitor wants it.
        title: the picture's name, for people.
        facts: the lines below a saved picture.
    """
    shown, position = slice(*window), int(trace.positions[0])
    arrays = {name: _packed(array) for name, array in _arrays(trace, shown, position, factors).items()}
    tokens = shared.tokens(trace.token_table)
    return shared.pack(
        {
            "about": about,
            "model": trace.source.model,
            "title": title,
            "facts": list(facts),
            "text": trace.source.text,
            "tokens": tokens[shown],
            "token": tokens[position],
            "first": window[0],
            "count": len(tokens),
            "position": position,
            "layers": trace.layers,
            "heads": trace.heads,
            "causal": trace.causal,
            "norms": trace.norms,
            "rms": trace.family in staging.RMS,
            "activation": trace.activation,
            "softcap": trace.softcap,
            "final_softcap": trace.final_softcap,
            "scales": trace.scales.tolist(),
            "windows": trace.windows.tolist(),
            "vocabulary": trace.tensors["final.logits"].shape[-1] if "final.logits" in trace.tensors else 0,
            "stages": [dataclasses.asdict(stage) for stage in stages],
            "arrays": arrays,
            "differences": {name: np.atleast_1d(each).tolist() for name, each in trace.differences.items()},
            "max_difference": trace.max_difference,
            "stats": _stats(trace, stages, position),
            "softmax": _softmax(trace, cut),
            "factors": dict(factors),
            "cut": [list(edge) for edge in cut],
            "top": list(top),
            "sum_of_powers": sum_of_powers,
        }
    )


def _arrays(
    trace: ForwardTrace, shown: slice, position: int, factors: Mapping[str, Any]
) -> dict[str, NDArray[np.floating[Any]]]:
    """What the stages are drawn from: the chosen token's vectors; of the shown tokens, keys and values."""
    found: dict[str, NDArray[np.floating[Any]]] = {}
    for name, array in trace.tensors.items():
        if name in staging.OF_KEYS:
            found[name] = array[:, position]
        elif name in _BY_KEY:
            found[name] = array[:, :, 0, shown]
        elif name == "attention.mask":
            found[name] = array[:, 0, shown]
        elif name == "attention.bias":
            found[name] = array[:, :, shown]
        elif name == "input":
            # Of the first layer: what enters another has left the one before, unless that layer's own part is scaled
            # behind its last norm.
            found[name] = array[:, 0] if trace.norms == "after" and factors else array[:1, 0]
        elif name.startswith("rotation."):
            found[name] = array[position, : array.shape[-1] // 2]
        elif name != "final.logits":
            found[name] = array[0] if array.ndim == 2 else array[:, 0]
    if "final.logits" not in trace.tensors:
        entered, left = trace.tensors["input"][-1, 0], staging.left(trace)[0]
        scaled = factors and trace.norms == "after"
        found["out"] = entered + (left - entered) * np.float32(factors["layer"][-1]) if scaled else left
    if "rotation.cosine" in trace.tensors and len(trace.token_table) > 1:
        half = slice(0, trace.tensors["rotation.cosine"].shape[-1] // 2)
        sine, cosine = trace.tensors["rotation.sine"][1, half], trace.tensors["rotation.cosine"][1, half]
        found["rotation.step"] = np.arctan2(sine, cosine)  # the angle from one position to the next
    query, key = (trace.tensors[name] for name in staging.multiplied(trace))
    found["keys"], found["values"] = key[:, shown], trace.tensors["attention.value"][:, shown]
    repeated = np.repeat(key[:, shown].astype(np.float64), trace.heads // key.shape[2], axis=2)
    found["dot"] = np.einsum("lhs,lths->lht", query[:, 0].astype(np.float64), repeated)
    return found


def _packed(array: NDArray[np.floating[Any]]) -> dict[str, Any]:
    """Float16 times a power of two for each layer (or for all of it, where it has one axis)."""
    rows = array.reshape(len(array) if array.ndim > 1 else 1, -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1, initial=0)
    powers = np.where(largest > 0, LARGEST - np.ceil(np.log2(np.where(largest > 0, largest, 1))), 0).astype(int)
    halves = (rows * np.exp2(powers)[:, None]).astype("<f2").view("<u2")
    return {"shape": list(array.shape), "powers": powers.tolist(), "data": shared.two_bytes(halves)}


def _stats(trace: ForwardTrace, stages: Sequence[staging.Stage], position: int) -> dict[str, Any]:
    """The mean and the variance (of an RMS norm: the mean of the squares) of what each norm reads."""
    found = {}
    for stage in stages:
        if stage.kind != "norm":
            continue
        (source,) = stage.inputs
        read = trace.tensors[source].astype(np.float64)
        read = read[:, position] if source == "attention.key" else read[..., 0, :] if read.ndim < 4 else read[:, 0]
        if stage.id == "final.norm" and read.ndim > 1:
            read = read[-1]
        mean = read.mean(-1)
        spread = (read**2).mean(-1) if trace.family in staging.RMS else read.var(-1)
        found[stage.id] = np.stack([mean, spread], -1).tolist()
    return found


def _softmax(trace: ForwardTrace, cut: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """The largest score that may be seen, and the sum of the powers, over all keys [layer, head]."""
    scores = trace.tensors["attention.scores"][:, :, 0].astype(np.float64)
    seen = trace.tensors["attention.mask"][:, :1] > 0  # [layer, 1, key]
    allowed = np.where(seen, scores, -np.inf)
    for edge in cut:
        allowed[edge] = -np.inf
    most = allowed.max(-1)
    return {"most": most.tolist(), "sum": np.exp(allowed - most[..., None]).sum(-1).tolist()}


def walk(
    packed: bytes, *, key: str, state: Mapping[str, Any], defaults: Mapping[str, Any], **answers: Any
) -> ComponentResult:
    """Show a walk in a Streamlit page.

    `.asked` is what the hand wants from the server: {"about", "token"}, or {"about", "stage", "layer", "row"} for the
    weights behind one number; `.appended` is a text that is one token longer.

    Args:
        packed: what `pack` made.
        key: its place in the page.
        state: what the link says, read by `viz.state.read(parameters(...), ...)`.
        defaults: `DEFAULTS`, with those of this model.
        answers: `on_asked_change` and `on_appended_change`.
    """
    return shared.figure(FOLDER, packed, key=key, state=state, defaults=defaults, **answers)
