"""What does the walk send to the browser: the pass, the names of the next tokens, and a row of weights when asked?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from models.engine import Request
from models.traces import ForwardTrace, InputError, VocabularyTrace, WeightRowTrace
from pages.parts.inside import walk_switched
from pages.parts.running import answer
from viz import page
from viz.components import walk as figure
from viz.components.walk import stages as staging
from viz.components.walk_row import walk_row

TOP: Final = 24  # next tokens that are named
NO_LETTERS: Final = re.compile(r"|.*<0x[0-9A-F]{2}>.*|<.*>", re.DOTALL)  # a part of a letter, or a sign of the model's


def packed(about: str, window: tuple[int, int], trace: ForwardTrace, stages: Sequence[staging.Stage]) -> bytes:
    """The walk as it travels."""
    spelled = answer(Request("vocabulary", trace.source.model)) if "final.logits" in trace.tensors else None
    texts = spelled if isinstance(spelled, VocabularyTrace) else None
    return _packed(about, window, texts is not None, trace, tuple(stages), texts)


@st.cache_resource(max_entries=16, show_spinner=False)
def _packed(
    about: str,
    window: tuple[int, int],
    named: bool,
    _trace: ForwardTrace,
    _stages: Sequence[staging.Stage],
    _spelled: VocabularyTrace | None,
) -> bytes:
    """The same; `about` identifies the arguments with an underscore."""
    trace, source = _trace, _trace.source
    top, sum_of_powers = _likeliest(trace, _spelled)
    token = trace.token_table.texts[int(trace.positions[0])]
    return figure.pack(
        trace,
        _stages,
        about=about,
        window=window,
        top=top,
        sum_of_powers=sum_of_powers,
        factors=walk_switched.factors(trace),
        cut=walk_switched.cut(trace),
        title=f"The way of “{token}” through {source.model}",
        facts=[
            source.text if len(source.text) <= 300 else f"{source.text[:300]}…",
            f"{source.made_by} · revision {source.revision[:12]} · computed in {source.dtype} on {source.device}",
        ],
    )


def _likeliest(trace: ForwardTrace, spelled: VocabularyTrace | None) -> tuple[list[dict[str, Any]], float]:
    """The tokens that come next most probably, the first of all first, and the sum below softmax."""
    if "final.logits" not in trace.tensors:
        return [], 0.0
    logits = trace.tensors["final.logits"][0].astype(np.float64)
    powers = np.exp(logits - logits.max())
    texts = spelled.texts if spelled is not None else ()
    last = int(trace.positions[0]) == len(trace.token_table) - 1
    found = []
    for token in np.argsort(-logits, kind="stable")[:TOP].tolist():
        text = texts[token] if token < len(texts) else ""
        writable = last and not NO_LETTERS.fullmatch(text)
        found.append(
            {
                "id": token,
                "text": text,
                "logit": float(logits[token]),
                "p": float(powers[token] / powers.sum()),
                "append": trace.source.text + text if writable else None,
            }
        )
    return found, float(powers.sum())


def hand_over_row(trace: ForwardTrace, about: str, asked: Mapping[str, Any]) -> None:
    """The weights behind the number that the hand has chosen, or the link."""
    stage, layer, row = str(asked.get("stage", "")), int(asked["layer"]), asked.get("dimension")
    made = {each.id: each for each in staging.stages(trace)}.get(stage)
    if row is None or made is None or made.kind not in ("product", "norm"):
        walk_row(None, key="walk row")
        return
    settings = (("stage", stage), ("layer", str(layer)), ("row", str(row)))
    try:
        found = answer(Request("weight row", trace.source.model, settings=settings))
    except InputError as error:
        st.warning(page.plain(str(error)))
        return
    if isinstance(found, WeightRowTrace):
        walk_row(_row(trace, about, made, found), key="walk row")


def _row(trace: ForwardTrace, about: str, stage: staging.Stage, found: WeightRowTrace) -> dict[str, Any]:
    """A row of weights, and the sum of its products with the trace's own numbers."""
    total = None
    if stage.kind == "product":
        total = float(_read(trace, stage, found.layer) @ found.weights.astype(np.float64)) + (found.bias or 0.0)
        if stage.id == "final.logits" and trace.final_softcap:
            total = trace.final_softcap * float(np.tanh(total / trace.final_softcap))
    return {
        "about": about,
        "stage": found.stage,
        "layer": found.layer,
        "row": found.row,
        "weights": [float(f"{weight:.6g}") for weight in found.weights.tolist()],
        "bias": found.bias,
        "epsilon": found.epsilon,
        "centred": found.centred,
        "sum": total,
        "own": _own(trace, found),
    }


def _read(trace: ForwardTrace, stage: staging.Stage, layer: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[input] what the stage's matrix is multiplied with."""
    (name,) = stage.inputs
    array = trace.tensors[name]
    rows = array if array.ndim == 2 else array[-1 if stage.where == "after" else layer]
    return rows[0].ravel().astype(np.float64)


def _own(trace: ForwardTrace, found: WeightRowTrace) -> float:
    """The model's own number, in full."""
    array = trace.tensors[found.stage]
    if array.ndim == 2:
        return float(array[0, found.row])
    whole = array.shape[1] == len(trace.token_table) and found.stage in staging.OF_KEYS
    return float(array[found.layer, int(trace.positions[0]) if whole else 0].ravel()[found.row])
