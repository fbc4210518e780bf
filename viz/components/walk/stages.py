"""Which stages does a model's walk have, and what is each made of? Read from the names of a trace's own tensors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from viz.inside_words import walk_stages as said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.traces import ForwardTrace

RMS: Final = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma2"})  # families whose norms leave the mean alone
OF_KEYS: Final = ("attention.key", "attention.key_norm", "attention.key_rotated", "attention.value")  # of all tokens
_NOT_SHOWN: Final = frozenset({"rotation.sine", "attention.bias"})
_PARTS: Final = {
    "query": ("attention.query", "attention.query_norm", "attention.query_rotated"),
    "key": ("attention.key", "attention.key_norm", "attention.key_rotated"),
    "value": ("attention.value", "attention.mixed", "joined", "attention.output"),
    "mlp": ("mlp.norm", "mlp.gate", "mlp.up", "mlp.activation", "mlp.product", "mlp.output"),
    "logits": ("final.logits", "softmax", "next"),
    "position": ("embedding.positions", "embedding.segments", "rotation"),
    "weights": ("dot", "attention.scores", "attention.mask", "attention.weights"),
}


@dataclass(frozen=True)
class Stage:
    """One stage, as the browser reads it."""

    id: str
    where: str  # "before", "layer" or "after"
    kind: str  # how it is computed, and so how it is drawn
    inputs: tuple[str, ...]  # the tensors that it is computed from
    part: str  # whose colour it has
    title: str
    short: str
    why: str
    code: str


def stages(trace: ForwardTrace) -> list[Stage]:
    """All of them in their order; those of a layer once."""
    return [_stage(trace, name) for name in _names(trace)]


def _names(trace: ForwardTrace) -> Iterator[str]:
    yield from ("text", "ids")
    for name in trace.tensors:
        if name in _NOT_SHOWN:
            continue
        if name == "attention.scores":
            yield "dot"
        if name == "attention.output":
            yield "joined"
        yield "rotation" if name == "rotation.cosine" else name
    yield from ("softmax", "next") if "final.logits" in trace.tensors else ("out",)


def _stage(trace: ForwardTrace, name: str) -> Stage:
    head = name.partition(".")[0]
    if head in ("text", "ids", "embedding", "rotation"):
        where = "before"
    else:
        where = "after" if head in ("final", "softmax", "next", "out") else "layer"
    kind, inputs = _made(trace, name)
    part = next((part for part, names in _PARTS.items() if name in names), "residual")
    words = _words(trace, name)
    return Stage(name, where, kind, inputs, part, words.title, words.short, words.why, words.code)


def _first(trace: ForwardTrace, *names: str) -> str:
    """The first of these that the family has."""
    return next(name for name in names if name in trace.tensors)


def _made(trace: ForwardTrace, name: str) -> tuple[str, tuple[str, ...]]:
    """How a stage is computed, and from what."""
    tensors, norms = trace.tensors, trace.norms
    read = _first(trace, "attention.norm", "input")
    middle = {"parallel": "input", "after": "attention.norm_after"}.get(norms, "attention.residual")
    inner = _first(trace, "mlp.product", "mlp.activation")
    attention_wrote = "attention.norm_after" if norms == "around" else "attention.output"
    mlp_wrote = "mlp.norm_after" if norms == "around" else "mlp.output"
    added = ("input", "attention.output", "mlp.output") if norms == "parallel" else (middle, mlp_wrote)
    embedded = [part for part in ("tokens", "positions", "segments") if f"embedding.{part}" in tensors]
    entered = _first(trace, "embedding.norm", "embedding.sum", "embedding.tokens")
    left = "mlp.norm_after" if norms == "after" else "mlp.residual"
    made: dict[str, tuple[str, tuple[str, ...]]] = {
        "embedding.sum": ("add", tuple(f"embedding.{part}" for part in embedded)),
        "embedding.norm": ("norm", (_first(trace, "embedding.sum", "embedding.tokens"),)),
        "rotation": ("angles", ()),
        "input": ("input", (entered, left)),
        "attention.norm": ("norm", ("input",)),
        "attention.query_norm": ("norm", ("attention.query",)),
        "attention.key_norm": ("norm", ("attention.key",)),
        "attention.query_rotated": ("rotate", ("attention.query_norm" if _normed(trace) else "attention.query",)),
        "attention.key_rotated": ("rotate", ("attention.key_norm" if _normed(trace) else "attention.key",)),
        "dot": ("dot", (_query(trace), _key(trace))),
        "attention.scores": ("scale", ("dot",)),
        "attention.mask": ("mask", ("attention.scores",)),
        "attention.weights": ("softmax", ("attention.scores", "attention.mask")),
        "attention.mixed": ("mix", ("attention.weights", "attention.value")),
        "joined": ("join", ("attention.mixed",)),
        "attention.output": ("product", ("attention.mixed",)),
        "attention.norm_after": ("norm", ("attention.residual" if norms == "after" else "attention.output",)),
        "attention.residual": ("add", ("input", attention_wrote)),
        "mlp.norm": ("norm", (middle,)),
        "mlp.activation": ("activation", (_first(trace, "mlp.gate", "mlp.up"),)),
        "mlp.product": ("times", ("mlp.activation", "mlp.up")),
        "mlp.output": ("product", (inner,)),
        "mlp.norm_after": ("norm", ("mlp.residual" if norms == "after" else "mlp.output",)),
        "mlp.residual": ("add", added),
        "final.norm": ("norm", (left,)),
        "final.logits": ("product", (_final(trace, left),)),
        "softmax": ("shares", ("final.logits",)),
        "out": ("input", (entered, _final(trace, left))),
    }
    if name in ("attention.query", "attention.key", "attention.value"):
        return "product", (read,)
    if name in ("mlp.gate", "mlp.up"):
        return "product", ("mlp.norm" if "mlp.norm" in tensors else middle,)
    if name in ("embedding.tokens", "embedding.positions", "embedding.segments"):
        return "lookup", ()
    return made.get(name, (name, ()))


def _normed(trace: ForwardTrace) -> bool:
    return "attention.query_norm" in trace.tensors


def _query(trace: ForwardTrace) -> str:
    """The queries as they are multiplied."""
    return _first(trace, "attention.query_rotated", "attention.query_norm", "attention.query")


def _key(trace: ForwardTrace) -> str:
    return _first(trace, "attention.key_rotated", "attention.key_norm", "attention.key")


def multiplied(trace: ForwardTrace) -> tuple[str, str]:
    """The names of the queries and of the keys as they are multiplied."""
    return _query(trace), _key(trace)


def left(trace: ForwardTrace) -> NDArray[np.float32]:
    """[kept, dimension] what leaves the last layer, and the final norm where there is one."""
    name = _final(trace, "mlp.norm_after" if trace.norms == "after" else "mlp.residual")
    array = trace.tensors[name]
    return array if array.ndim == 2 else array[-1]


def _final(trace: ForwardTrace, left: str) -> str:
    return "final.norm" if "final.norm" in trace.tensors else left


def _words(trace: ForwardTrace, name: str) -> said.Said:
    """What is said of a stage, as this family does it."""
    words = said.STAGES[name]
    if name == "mlp.residual" and trace.norms == "parallel":
        return said.PARALLEL
    code = words.code
    if trace.norms == "after":
        code = said.AFTER.get(name, code)
        words = dataclasses.replace(words, why=said.AFTER_WHY.get(name, words.why))
    if name == "embedding.sum" and "embedding.segments" in trace.tensors:
        code = said.THREE
    if name == "mlp.activation" and "mlp.gate" not in trace.tensors:
        code = said.PLAIN_ACTIVATION
    if name == "attention.scores":
        code = said.BIASED if "attention.bias" in trace.tensors else said.CAPPED if trace.softcap else code
    if name == "final.logits" and trace.final_softcap:
        code = said.CAPPED_LOGITS
    return dataclasses.replace(words, code=code)
